"""A resource that an update changes in place."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Returns a client of an emulated service by botocore's name.
MakeClient = Callable[[str], Any]


@dataclass(frozen=True)
class Changed:
    """What a resource was, and what it shall be.

    Attributes:
        resource_type: such as "AWS::SNS::Topic".
        physical_id: what a Ref gives.
        arn: of the resource; "" where it has none.
        before: its properties as they are.
        after: as they shall be.
    """

    resource_type: str
    physical_id: str
    arn: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def differs(self, *names: str) -> bool:
        """Tell whether one of some properties has changed."""
        return any(self.before.get(name) != self.after.get(name) for name in names)


def text(value: Any) -> str:
    """Return a property as the text that a call takes it for."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def is_true(value: Any) -> bool:
    """Tell whether a property is true; CloudFormation takes "true" for it."""
    return text(value).lower() == "true"
