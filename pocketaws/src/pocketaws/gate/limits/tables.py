"""DynamoDB.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what DynamoDB refuses."""
    name = request.get("TableName")
    if operation == "CreateTable" and name is not None and not _NAME.fullmatch(name):
        yield (
            "ValidationException",
            (
                f"TableName {name!r} must be at least 3 characters long and at most 255 characters "
                "long, of letters, digits and the symbols _.-"
            ),
        )
