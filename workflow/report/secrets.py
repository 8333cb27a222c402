"""What must not be shown of an execution: task tokens, keys of links, passwords."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

LEFT_OUT: Final = "(left out)"
_SECRET_NAMES: Final = re.compile(
    r"token|secret|passw(or)?d|credential|authorization|private_?key|api_?key|access_?key",
    re.IGNORECASE,
)
# Of a URL: what signs it, and what opens the approval page.
_IN_URLS: Final = re.compile(
    r"([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|key|token|sig)=)[^&\s\"'<>]+",
    re.IGNORECASE,
)
_IN_TEXTS: Final = re.compile(
    r"((?:token|secret|passw(?:or)?d|authorization|api_?key|access_?key)[\w-]*"
    r"[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]+",
    re.IGNORECASE,
)
_TOKEN_CHARACTERS: Final = 16
_NOISE: Final = ("SdkHttpMetadata", "SdkResponseMetadata")
# A text without any of these words needs no second look; in lower case.
_SUSPECT_WORDS: Final = (
    *("token", "secret", "passw", "credential", "authorization", "signature", "x-amz-"),
    *("private", "api_key", "apikey", "access_key", "accesskey", "?key=", "&key=", "sig="),
    *map(str.lower, _NOISE),
)


class Redaction:
    """Leaves out of values and texts what must not be shown.

    Args:
        texts: all of the execution's JSON texts; every long value under a name such as TaskToken
            is left out wherever else it stands, too.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        found = {
            secret for text in set(texts) if _is_suspect(text) for secret in _secrets(parsed(text))
        }
        self._known = sorted(found, key=len, reverse=True)
        # The output of a state is the input of the next, and both are asked for.
        self._values: dict[str | None, Any] = {None: None}

    def json(self, text: str | None) -> Any:
        """Return the value of a JSON text without its secrets."""
        if text not in self._values:
            value = parsed(text)
            self._values[text] = self.value(value) if text and self._may_hold(text) else value
        return self._values[text]

    def value(self, value: Any) -> Any:
        """Return a JSON value without its secrets, and without the SDK's notes on its calls."""
        if isinstance(value, Mapping):
            return {
                name: LEFT_OUT if _is_secret(name, item) else self.value(item)
                for name, item in value.items()
                if name not in _NOISE
            }
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        for known in self._known:
            text = text.replace(known, LEFT_OUT)
        if not _is_suspect(text):
            return text
        return _IN_TEXTS.sub(rf"\1{LEFT_OUT}", _IN_URLS.sub(rf"\1{LEFT_OUT}", text))

    def _may_hold(self, text: str) -> bool:
        return _is_suspect(text) or any(known in text for known in self._known)


def parsed(text: str | None) -> Any:
    """Return the JSON value of a text, or the text where it is none."""
    try:
        return json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return text


def _is_suspect(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in _SUSPECT_WORDS)


def _is_secret(name: str, value: Any) -> bool:
    return isinstance(value, str) and _SECRET_NAMES.search(name) is not None


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if _is_secret(name, item) and len(item) >= _TOKEN_CHARACTERS:
                yield item
            yield from _secrets(item)
    elif isinstance(value, list):
        for item in value:
            yield from _secrets(item)
