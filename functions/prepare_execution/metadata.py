"""Texts as the model registry keeps them beside a version."""

import unicodedata
from typing import Final

_METADATA_CHARACTERS: Final = 256


def metadata_text(text: str) -> str:
    """Return a text that the model registry takes as a metadata property.

    At most 256 letters, digits, spaces and a few signs; another character becomes an underscore.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
    """
    return "".join(
        char if unicodedata.category(char)[0] in "LNZ" or char in ".:/=+-@" else "_"
        for char in text[:_METADATA_CHARACTERS]
    )
