"""Task tokens: each is good for one answer, and for none once its task has ended."""

import base64
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from pocketaws.step_functions.engine.errors import StateError


class TokenClosedError(Exception):
    """The task of a token waits no more."""


class UnknownTokenError(Exception):
    """There was never such a token."""


@dataclass
class Ticket:
    """A task that waits for an answer.

    Attributes:
        token: by which it is answered.
        answered: set when it is.
        output: of the answer.
        error: of the answer, where it tells of a failure.
        beaten: when it gave its last sign of life, by the monotonic clock.
        closed: whether it waits no more.
    """

    token: str
    answered: threading.Event = field(default_factory=threading.Event)
    output: Any = None
    error: StateError | None = None
    beaten: float = field(default_factory=time.monotonic)
    closed: bool = False


class Tokens:
    """The tokens of all executions."""

    def __init__(self) -> None:
        self._tickets: dict[str, Ticket] = {}
        self._lock = threading.Lock()

    def new(self, machine_arn: str) -> Ticket:
        """Return a ticket with a token of its own.

        Args:
            machine_arn: of the state machine; the gate reads from the token whose task it is.
        """
        text = f"{uuid.uuid4()}{uuid.uuid4().hex} {machine_arn}"
        ticket = Ticket(base64.urlsafe_b64encode(text.encode()).decode())
        with self._lock:
            self._tickets[ticket.token] = ticket
        return ticket

    def close(self, ticket: Ticket) -> None:
        """Take no more answers."""
        with self._lock:
            ticket.closed = True

    def succeed(self, token: str, output: Any) -> None:
        """Answer with a task's output.

        Raises:
            UnknownTokenError: there was never such a token.
            TokenClosedError: it has had its answer, or its task has ended.
        """
        with self._lock:
            ticket = self._open(token)
            ticket.output, ticket.closed = output, True
        ticket.answered.set()

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """Answer with a task's failure; raises as `succeed` does."""
        with self._lock:
            ticket = self._open(token)
            ticket.error, ticket.closed = StateError(error, cause), True
        ticket.answered.set()

    def beat(self, token: str) -> None:
        """Tell that a task is still being done; raises as `succeed` does."""
        with self._lock:
            self._open(token).beaten = time.monotonic()

    def _open(self, token: str) -> Ticket:
        ticket = self._tickets.get(token)
        if ticket is None:
            raise UnknownTokenError(token)
        if ticket.closed:
            raise TokenClosedError(token)
        return ticket
