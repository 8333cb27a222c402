"""The JSONata language: texts between `{%` and `%}` are expressions.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import functools
import hashlib
import json
import random
import threading
import uuid
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from pocketaws.step_functions.engine.errors import QUERY, StateError
from pocketaws.step_functions.engine.scopes import MISSING, ExpressionScope

_OPEN: Final = "{%"
_CLOSE: Final = "%}"
_MAX_ITEMS: Final = 1_000_000
_ALGORITHMS: Final = {
    "MD5": "md5",
    "SHA-1": "sha1",
    "SHA-256": "sha256",
    "SHA-384": "sha384",
    "SHA-512": "sha512",
}
# The library's functions keep in the class which expression is being evaluated.
_EVALUATING: Final = threading.RLock()


@functools.cache
def _library() -> SimpleNamespace:
    """Import what evaluates: most definitions have no such expression."""
    from jsonata import Jsonata
    from jsonata.jexception import JException
    from jsonata.utils import Utils

    return SimpleNamespace(Jsonata=Jsonata, JException=JException, NULL_VALUE=Utils.NULL_VALUE)


def is_expression(value: Any) -> bool:
    """Tell whether a value is an expression."""
    return isinstance(value, str) and value.startswith(_OPEN) and value.endswith(_CLOSE)


def syntax_problem(text: str) -> str | None:
    """Return what is wrong with an expression, or None."""
    try:
        _compiled(text)
    except _library().JException as error:
        return str(error)
    except IndexError:
        # The library reads past the end of a comment, or of a text, that is not closed.
        return "Unexpected end of expression"
    return None


def filled(template: Any, scope: ExpressionScope, *, field: str) -> Any:
    """Return a template with the values of its expressions.

    Args:
        template: of a field.
        scope: what the expressions can see.
        field: where it stands, for errors.

    Raises:
        StateError: `States.QueryEvaluationError`.
    """
    if isinstance(template, dict):
        return {key: filled(item, scope, field=f"{field}/{key}") for key, item in template.items()}
    if isinstance(template, list):
        return [
            filled(item, scope, field=f"{field}[{place}]") for place, item in enumerate(template)
        ]
    return evaluated(template, scope, field=field) if is_expression(template) else template


def evaluated(text: str, scope: ExpressionScope, *, field: str) -> Any:
    """Return the value of an expression.

    Raises:
        StateError: `States.QueryEvaluationError`: it fails, or it is undefined.
    """
    shown = f"The JSONata expression '{_inner(text)}' specified for the field '{field}'"
    try:
        with _EVALUATING:
            value = _plain(_compiled(text).evaluate(None, _bindings(scope)))
    except RecursionError as error:
        raise StateError(QUERY, f"{shown} recurses too deeply.", location=field) from error
    except Exception as error:
        raise StateError(
            QUERY, f"{shown} threw an error. {_error_text(error)}", location=field
        ) from error
    if value is MISSING:
        raise StateError(QUERY, f"{shown} returned nothing (undefined).", location=field)
    return value


def _inner(text: str) -> str:
    return text.removeprefix(_OPEN).removesuffix(_CLOSE).strip()


def _error_text(error: Exception) -> str:
    code = getattr(error, "error", None)
    return f"{code}: {error}" if code else str(error)


@functools.lru_cache(maxsize=2048)
def _compiled(text: str) -> Any:
    # The library reads a character past a comment.
    expression = _library().Jsonata(_inner(text) + " ")
    if expression.errors:
        raise expression.errors[0]
    # Null must stay apart from undefined.
    expression.output_convert_nulls = False
    for name, function in _FUNCTIONS.items():
        expression.register_lambda(name, function)
    return expression


def _bindings(scope: ExpressionScope) -> dict[str, Any]:
    states = {"input": scope.input, "context": scope.context}
    if scope.result is not MISSING:
        states["result"] = scope.result
    if scope.error_output is not MISSING:
        states["errorOutput"] = scope.error_output
    seen: dict[str, Any] = {**scope.variables, "states": states}
    return {name: _given(value) for name, value in seen.items()}


def _given(value: Any) -> Any:
    """Return a value for the library, whose null is an object of its own."""
    if value is None:
        return _library().NULL_VALUE
    if isinstance(value, Mapping):
        return {key: _given(item) for key, item in value.items()}
    return [_given(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return the library's value as JSON has it; a function is none.

    Raises:
        TypeError: it is, or holds, a function.
    """
    if value is None:
        return MISSING
    if value is _library().NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | int | float):
        return value
    raise TypeError("the result is a function, which is no JSON value")


def _partition(array: Any, size: Any) -> Any:
    items = array if isinstance(array, list) else [array]
    count = int(size)
    if count <= 0:
        raise ValueError("the second argument of $partition must be positive")
    return [items[start : start + count] for start in range(0, len(items), count)]


def _range(start: Any, end: Any, step: Any) -> Any:
    if not step:
        raise ValueError("the step of $range must not be 0")
    count = int((end - start) / step) + 1
    if count > _MAX_ITEMS:
        raise ValueError(f"$range would have {count} items")
    return [start + step * place for place in range(max(0, count))]


def _hash(text: Any, algorithm: Any) -> str:
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"$hash knows {', '.join(_ALGORITHMS)}, not {algorithm!r}")
    plain = text if isinstance(text, str) else json.dumps(_plain(text), separators=(",", ":"))
    return hashlib.new(_ALGORITHMS[algorithm], plain.encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any = None) -> float:
    return random.Random(seed).random()  # noqa: S311 - AWS's is none for secrets either


def _parse(text: Any) -> Any:
    if not isinstance(text, str):
        raise TypeError("the argument of $parse must be a string")
    return _given(json.loads(text))


def _uuid() -> str:
    return str(uuid.uuid4())


def _no_eval(*_: Any) -> Any:
    raise ValueError("$eval is not supported; use $parse")


# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
_FUNCTIONS: Final = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": _uuid,
    "parse": _parse,
    "eval": _no_eval,
}
