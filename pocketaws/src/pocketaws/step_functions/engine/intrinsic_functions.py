"""What each intrinsic function makes of its arguments.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
"""

import base64
import binascii
import decimal
import hashlib
import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Self

from pocketaws.step_functions.engine.documents import is_number, json_text, same

_MAX_CHARACTERS: Final = 10_000
_MAX_ITEMS: Final = 1000
_MANY: Final = 1000
_PLACEHOLDER: Final = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|.)|\{\}|[{}]", re.DOTALL)
_ALGORITHMS: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}


class Template(str):
    r"""A literal text, which knows how it was written: `\{\}` is no placeholder."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, text: str, written: str) -> Self:
        """Make one of its text and of how it was written between the quotes."""
        made = super().__new__(cls, text)
        made.written = written
        return made


class Intrinsic(NamedTuple):
    """A function and how many arguments it takes."""

    function: Callable[..., Any]
    least: int
    most: int

    @property
    def in_words(self) -> str:
        """How many arguments, in words."""
        if self.most == self.least:
            return str(self.least)
        return f"at least {self.least}" if self.most == _MANY else f"{self.least} to {self.most}"


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string but is {json_text(value)}")
    if len(value) > _MAX_CHARACTERS:
        raise ValueError(f"{what} has {len(value)} characters; at most {_MAX_CHARACTERS} may be")
    return str(value)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"the first argument must be an array but is {json_text(value)}")
    return value


def _integer(value: Any) -> int:
    """Round as Java's Math.round does: halves up."""
    if not is_number(value):
        raise TypeError(f"the argument must be a number but is {json_text(value)}")
    return int(
        (decimal.Decimal(str(value)) + decimal.Decimal("0.5")).to_integral(decimal.ROUND_FLOOR)
    )


def _partition(array: Any, size: Any) -> list[Any]:
    items, count = _array(array), _integer(size)
    if count <= 0:
        raise ValueError(f"the chunk size must be positive but is {count}")
    return [items[start : start + count] for start in range(0, len(items), count)]


def _contains(array: Any, value: Any) -> bool:
    return any(same(item, value) for item in _array(array))


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, by = _integer(first), _integer(last), _integer(step)
    if by == 0:
        raise ValueError("the step must not be 0")
    numbers = range(start, end + (1 if by > 0 else -1), by)
    if len(numbers) > _MAX_ITEMS:
        raise ValueError(f"the array would have {len(numbers)} items; at most {_MAX_ITEMS} may be")
    return list(numbers)


def _get_item(array: Any, index: Any) -> Any:
    items, place = _array(array), _integer(index)
    if not 0 <= place < len(items):
        raise IndexError(f"the index {place} is out of bounds for an array of {len(items)} items")
    return items[place]


def _unique(array: Any) -> list[Any]:
    kept: dict[str, Any] = {}
    for item in _array(array):
        kept.setdefault(json.dumps(item, sort_keys=True), item)
    return list(kept.values())


def _encode(text: Any) -> str:
    return base64.b64encode(_text(text, "the argument").encode()).decode()


def _decode(text: Any) -> str:
    try:
        return base64.b64decode(_text(text, "the argument"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(f"the argument is no Base64 of a text: {error}") from error


def _hash(text: Any, algorithm: Any) -> str:
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"the algorithm is {algorithm!r}; there are {', '.join(_ALGORITHMS)}")
    plain = text if isinstance(text, str) else json_text(text)
    content = _text(plain, "the data").encode()
    return hashlib.new(_ALGORITHMS[algorithm], content, usedforsecurity=False).hexdigest()


def _merge(first: Any, second: Any, deep: Any) -> Any:
    if deep is not False:
        raise ValueError("the third argument must be false: only shallow merging is there")
    if not isinstance(first, dict) or not isinstance(second, dict):
        raise TypeError("the first two arguments must be objects")
    return {**first, **second}


def _string_to_json(text: Any) -> Any:
    plain = "" if text is None else _text_of_any_length(text)
    return json.loads(plain) if plain.strip() else None


def _text_of_any_length(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"the argument must be a string but is {json_text(value)}")
    return value


def _random(start: Any, end: Any, seed: Any = None) -> int:
    first, last = _integer(start), _integer(end)
    if first >= last:
        raise ValueError(f"the start {first} must be less than the end {last}")
    generator = random.Random(None if seed is None else _integer(seed))  # noqa: S311 - AWS's is none either
    return generator.randrange(first, last)


def _add(first: Any, second: Any) -> int:
    return _integer(first) + _integer(second)


def _split(text: Any, delimiters: Any) -> list[str]:
    whole, signs = _text(text, "the first argument"), _text(delimiters, "the delimiter")
    if not signs:
        return list(whole)
    return [part for part in re.split(f"[{re.escape(signs)}]", whole) if part]


def _format(template: Any, *values: Any) -> str:
    if not isinstance(template, str):
        raise TypeError(f"the template must be a string but is {json_text(template)}")
    written = template.written if isinstance(template, Template) else str(template)
    count = sum(found == "{}" for found in _PLACEHOLDER.findall(written))
    if count != len(values):
        raise ValueError(f"the template has {count} placeholders for {len(values)} arguments")
    left = iter(values)
    return _PLACEHOLDER.sub(lambda found: _filled(found[0], left), written)


def _filled(found: str, values: Any) -> str:
    if found == "{}":
        return _shown(next(values))
    if found.startswith("\\u"):
        return str(json.loads(f'"{found}"')) if len(found) > 1 + len("u") else "u"
    if found.startswith("\\"):
        return {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1])
    return found


def _shown(value: Any) -> str:
    """Return a value as Java writes it into a text: objects and arrays as its maps and lists."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    return json_text(value)


FUNCTIONS: Final[Mapping[str, Intrinsic]] = {
    "Array": Intrinsic(lambda *items: list(items), 0, _MANY),
    "ArrayPartition": Intrinsic(_partition, 2, 2),
    "ArrayContains": Intrinsic(_contains, 2, 2),
    "ArrayRange": Intrinsic(_range, 3, 3),
    "ArrayGetItem": Intrinsic(_get_item, 2, 2),
    "ArrayLength": Intrinsic(lambda array: len(_array(array)), 1, 1),
    "ArrayUnique": Intrinsic(_unique, 1, 1),
    "Base64Encode": Intrinsic(_encode, 1, 1),
    "Base64Decode": Intrinsic(_decode, 1, 1),
    "Hash": Intrinsic(_hash, 2, 2),
    "JsonMerge": Intrinsic(_merge, 3, 3),
    "StringToJson": Intrinsic(_string_to_json, 1, 1),
    "JsonToString": Intrinsic(json_text, 1, 1),
    "MathRandom": Intrinsic(_random, 2, 3),
    "MathAdd": Intrinsic(_add, 2, 2),
    "StringSplit": Intrinsic(_split, 2, 2),
    "UUID": Intrinsic(lambda: str(uuid.uuid4()), 0, 0),
    "Format": Intrinsic(_format, 1, _MANY),
}
