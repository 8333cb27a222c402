"""What the expressions of a state can see."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

MISSING: Final = object()


@dataclass(frozen=True)
class ExpressionScope:
    """What the expressions of a state can see.

    Attributes:
        input: of the state.
        context: the context object.
        variables: by name.
        result: of the work, once it is there.
        error_output: of the failure that is being caught.
    """

    input: Any
    context: Mapping[str, Any]
    variables: Mapping[str, Any]
    result: Any = MISSING
    error_output: Any = MISSING

    def having(self, **changes: Any) -> Self:
        """Return a scope that sees something else, too."""
        return replace(self, **changes)
