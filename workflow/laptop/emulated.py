"""What an execution needs of an emulated AWS, this process's or another one's."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pocketaws import Execution, Message


class Emulated(Protocol):
    """An emulated AWS; `pocketaws.LocalRuntime` says what its members are."""

    @property
    def region(self) -> str:
        """Of the emulated account."""

    @property
    def endpoint_url(self) -> str:
        """Of every emulated service."""

    @property
    def exported(self) -> Mapping[str, str]:
        """The environment in which a process reaches the emulated services."""

    def client(self, service: str) -> Any:
        """Return a boto3 client of an emulated service."""

    def messages(self) -> "Sequence[Message]":
        """Return the messages published so far, oldest first."""

    def start_execution(
        self, state_machine_arn: str, execution_input: Any, *, name: str | None = None
    ) -> str:
        """Start an execution and return its ARN."""

    def wait(
        self, execution_arn: str, *, on_event: Callable[[Mapping[str, Any]], None] | None = None
    ) -> "Execution":
        """Wait until an execution has ended, telling each event of its history once."""
