"""The resource types that CloudFormation has in some region."""

import functools
import json
from pathlib import Path
from typing import Final

# By the part before the last `::`. Written by the tests' `emulated.known_types`.
PATH: Final = Path(__file__).with_name("known_types.json")
# Those of others, private ones and modules are an account's own.
_OWN: Final = "AWS::"


def is_known(resource_type: str) -> bool:
    """Tell whether CloudFormation may have a type; of those that are not AWS's it may."""
    if not resource_type.startswith(_OWN) or resource_type.endswith("::MODULE"):
        return True
    space, _, name = resource_type.rpartition("::")
    return name in _known().get(space, ())


@functools.cache
def _known() -> dict[str, list[str]]:
    return dict(json.loads(PATH.read_text(encoding="utf-8")))
