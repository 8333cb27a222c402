"""What is found in a definition, and where.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
"""

from dataclasses import dataclass, field
from typing import Any, Final

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"
SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
TARGET: Final = "MISSING_TRANSITION_TARGET"


@dataclass(frozen=True)
class Diagnostic:
    """One thing that is found.

    Attributes:
        severity: ERROR or WARNING.
        code: of the service's list.
        location: in the definition, such as "/States/Train/Next".
    """

    severity: str
    code: str
    message: str
    location: str = ""

    def text(self) -> str:
        """Return it as CreateStateMachine tells it."""
        return f"{self.code}: {self.message}" + (f" at {self.location}" if self.location else "")

    def as_json(self) -> dict[str, str]:
        """Return it as ValidateStateMachineDefinition tells it."""
        fields = {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "location": self.location,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class DefinitionPlace:
    """A place in a definition that is being checked.

    Attributes:
        location: of it.
        found: gets what is found.
    """

    location: str = ""
    found: list[Diagnostic] = field(default_factory=list)

    def at(self, *keys: Any) -> "DefinitionPlace":
        """Return a place below."""
        below = "".join(f"[{key}]" if isinstance(key, int) else f"/{key}" for key in keys)
        return DefinitionPlace(self.location + below, self.found)

    def error(self, message: str, code: str = SCHEMA) -> None:
        """Note what the service refuses."""
        self.found.append(Diagnostic(ERROR, code, message, self.location))

    def warn(self, message: str, code: str) -> None:
        """Note what is probably not meant."""
        self.found.append(Diagnostic(WARNING, code, message, self.location))
