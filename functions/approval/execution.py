"""An execution by its ARN: its names, and where the console shows it."""

import urllib.parse
from dataclasses import dataclass
from typing import Any, Final

from console import CONSOLE_HOSTS

# arn:PARTITION:states:REGION:ACCOUNT:execution:STATE_MACHINE:EXECUTION
_PARTS: Final = 8


@dataclass(frozen=True)
class Execution:
    """An execution of a standard state machine."""

    arn: str
    partition: str
    region: str
    state_machine_name: str
    name: str

    @property
    def console_url(self) -> str | None:
        """The page of the execution in the console; None where the console's host is not known."""
        host = CONSOLE_HOSTS.get(self.partition)
        if host is None:
            return None
        return (
            f"https://{self.region}.{host}/states/home?region={self.region}"
            f"#/v2/executions/details/{urllib.parse.quote(self.arn, safe=':')}"
        )


def parse_execution(execution_arn: Any) -> Execution:
    """Return the execution of an ARN, or raise ValueError where it is not one."""
    parts = execution_arn.split(":") if isinstance(execution_arn, str) else []
    if len(parts) != _PARTS or parts[2] != "states" or parts[5] != "execution" or not all(parts):
        raise ValueError(
            f"ExecutionArn must be the execution's ARN, $$.Execution.Id, got {execution_arn!r}"
        )
    return Execution(execution_arn, parts[1], parts[3], parts[6], parts[7])
