"""Checks of single values: each returns the value as it will be used, or says what is wrong.

A checker takes what JSON gave (or the text of an environment variable, already parsed) and raises
`FieldError` whose text completes the sentence "FIELD = VALUE: ...".
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

Checker = Callable[[Any], Any]

_S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^?#\x00-\x1f]+")
_URI_MAXIMUM = 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_KEY_MAXIMUM_BYTES = 1024
_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+")
_HYPERPARAMETER_MAXIMUM = 2500
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
_TAG_CHARACTER = re.compile(r"[^\S\t-\r\x1c-\x1f\x85]|[\w.:/=+\-@]")
_TAG_KEY_MAXIMUM, _TAG_VALUE_MAXIMUM = 128, 256
# 50 a resource; Step Functions adds one of its own to each job.
_TAGS_MAXIMUM = 40
_SHOWN_CHARACTERS = 40


class FieldError(ValueError):
    """A value cannot be used; the text says why and what to do."""


def integer(minimum: int, maximum: int, unit: str = "") -> Checker:
    """Return a checker for whole numbers from `minimum` to `maximum`, both included."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise FieldError(f"must be a whole number{unit and ' of ' + unit}, without quotes")
        if not minimum <= value <= maximum:
            raise FieldError(f"must be from {minimum} to {maximum}{unit and ' ' + unit}")
        return value

    return check


def share(*, minimum: float, maximum: float) -> Checker:
    """Return a checker for fractions from `minimum` to `maximum`, both included."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError("must be a number, without quotes, such as 0.15 for 15 %")
        if not minimum <= value <= maximum:
            raise FieldError(f"must be from {minimum} to {maximum}, such as 0.15 for 15 %")
        return float(value)

    return check


def number(*, above: float, maximum: float) -> Checker:
    """Return a checker for numbers above one and up to another."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError("must be a number, without quotes")
        if not above < value <= maximum:
            raise FieldError(f"must be above {above} and at most {maximum:g}")
        return float(value)

    return check


def boolean(value: Any) -> bool:
    """Check for true or false."""
    if not isinstance(value, bool):
        raise FieldError("must be true or false, without quotes")
    return value


def instance_type(value: Any) -> str:
    """Check for the form of a SageMaker instance type; SageMaker knows which exist."""
    if not isinstance(value, str) or not _INSTANCE_TYPE.fullmatch(value):
        raise FieldError("must be a SageMaker instance type, such as 'ml.m5.xlarge'")
    return value


def s3_uri(value: Any) -> str:
    """Check for an S3 URI with a bucket and a key or prefix."""
    if not isinstance(value, str) or not _S3_URI.fullmatch(value):
        raise FieldError("must be the S3 URI of an object or a prefix, such as 's3://bucket/raw/'")
    if len(value) > _URI_MAXIMUM:
        raise FieldError(
            f"has {len(value)} characters, and SageMaker takes at most {_URI_MAXIMUM}; name a "
            "shorter prefix"
        )
    key_bytes = len(value.removeprefix("s3://").partition("/")[2].encode(errors="surrogatepass"))
    if key_bytes > _KEY_MAXIMUM_BYTES:
        raise FieldError(
            f"has a key of {key_bytes} bytes, and S3 takes at most {_KEY_MAXIMUM_BYTES}; name a "
            "shorter prefix"
        )
    return value


def s3_uri_or_none(value: Any) -> str:
    """Check for such a URI, or for an empty text, which says that there is none."""
    return "" if value == "" else s3_uri(value)


def tags(value: Any) -> dict[str, str]:
    """Check for an object of tags, of the characters and lengths that SageMaker takes."""
    if not isinstance(value, dict):
        raise FieldError('must be an object of texts, such as {"team": "pricing"}')
    if len(value) > _TAGS_MAXIMUM:
        raise FieldError(f"holds {len(value)} tags; at most {_TAGS_MAXIMUM} fit")
    for key, text in value.items():
        _check_tag(key, text)
    return dict(value)


def _check_tag(key: str, text: Any) -> None:
    shown = f"tag {key[:_SHOWN_CHARACTERS]!r}"
    if not isinstance(text, str):
        raise FieldError(f"{shown} must be a text; put {str(text)[:_SHOWN_CHARACTERS]} in quotes")
    if key.lower().startswith("aws:"):
        raise FieldError(f"{shown} must not start with 'aws:', which is reserved")
    if not 1 <= len(key) <= _TAG_KEY_MAXIMUM or len(text) > _TAG_VALUE_MAXIMUM:
        raise FieldError(
            f"{shown} is too long or empty; a key has 1 to {_TAG_KEY_MAXIMUM} characters, "
            f"a value up to {_TAG_VALUE_MAXIMUM}"
        )
    if not all(_TAG_CHARACTER.fullmatch(character) for character in key + text):
        raise FieldError(f"{shown} may hold letters, digits, spaces and _ . : / = + - @ only")


def number_text(value: Any) -> str:
    """Return a number, or a text that is one, as SageMaker's text of it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise FieldError("must be a number")
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise FieldError("must be a number in plain digits")
    try:
        parsed = float(value)
    except (ValueError, OverflowError):
        raise FieldError("must be a number, and not a huge one") from None
    if isinstance(value, str) and len(value) > _HYPERPARAMETER_MAXIMUM:
        raise FieldError(f"must have at most {_HYPERPARAMETER_MAXIMUM} characters")
    if not math.isfinite(parsed):
        raise FieldError("must be a finite number")
    return value.strip() if isinstance(value, str) else repr(value)


def one_of(choices: Sequence[str]) -> Checker:
    """Return a checker for one of a few texts."""

    def check(value: Any) -> str:
        if value not in choices:
            raise FieldError(f"must be one of {', '.join(choices)}")
        return str(value)

    return check
