"""What the console looks at: one deployed workflow and its endpoint, by clients of boto3."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class SentMessage(Protocol):
    """A message to a topic, as its subscribers get it."""

    @property
    def subject(self) -> str:
        """A line."""

    @property
    def text(self) -> str:
        """All of it."""


@dataclass(frozen=True)
class Watched:
    """A workflow.

    Attributes:
        clients: returns a client of boto3 by a service's name.
        state_machine_arn: of the workflow.
        parameter_name: of the recorded model.
        endpoint_name: as in endpoint.yaml; it need not be there yet.
        messages: returns every message so far, the oldest first.
        first_input: what the form for an execution holds at first.
        shown: returns a message's text as it is shown here, by the console's URL.
    """

    clients: Callable[[str], Any]
    state_machine_arn: str
    parameter_name: str
    endpoint_name: str
    messages: Callable[[], Sequence[SentMessage]]
    first_input: Mapping[str, Any] = field(default_factory=dict)
    shown: Callable[[str, str], str] = lambda text, _console_url: text
