"""The history of an execution: its events, each with the one that it follows.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.shelf import Shelved
from pocketaws.step_functions.engine.documents import now

_SHARED_DETAILS: Final = {"StateEntered": "stateEntered", "StateExited": "stateExited"}
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_EVENTS: Final = 25_000
WHOLE: Final = {"truncated": False}

Event = dict[str, Any]


@dataclass(slots=True)
class Pointer:
    """Where in the history a branch stands.

    Attributes:
        source: the event that the next one follows.
    """

    source: int = 0

    def branched(self) -> "Pointer":
        """Return where a branch begins that starts here."""
        return Pointer(self.source)

    def joined(self, others: list["Pointer"]) -> None:
        """Go on after branches that have ended."""
        self.source = max([self.source, *(other.source for other in others)])


class History:
    """The events of one execution, oldest first.

    Args:
        observe: told of each event once it stands there.
    """

    __slots__ = ("_events", "_lock", "_observe", "_shelved")

    def __init__(self, observe: Callable[[Event], None]) -> None:
        self._observe = observe
        self._events: list[Event] = []
        self._shelved: Shelved | None = None
        self._lock = threading.Lock()

    def add(
        self,
        pointer: Pointer,
        kind: str,
        details: Mapping[str, Any] | None = None,
        *,
        moves: bool = True,
    ) -> int:
        """Write an event and return its number.

        Args:
            pointer: of the branch that it happens in.
            kind: such as "TaskScheduled".
            details: of the event; None where its kind has none.
            moves: whether the branch's next event follows this one.
        """
        with self._lock:
            self._take_back()
            number = len(self._events) + 1
            event = {
                "timestamp": now(),
                "type": kind,
                "id": number,
                "previousEventId": pointer.source,
            }
            if details is not None:
                event[details_key(kind)] = dict(details)
            self._events.append(event)
            if moves:
                pointer.source = number
        self._observe(event)
        return number

    @property
    def events(self) -> list[Event]:
        """The events so far."""
        return self.after(0)

    def after(self, number: int) -> list[Event]:
        """Return the events after the one of that number, 0 for all."""
        with self._lock:
            events = self._events if self._shelved is None else self._read(self._shelved)
            return events[number:]

    def shelve(self) -> None:
        """Have the events out of memory until there are more; they are read from the file."""
        with self._lock:
            if self._events:
                self._shelved, self._events = Shelved(self._events), []

    def _take_back(self) -> None:
        if self._shelved is not None:
            self._events, self._shelved = self._read(self._shelved), None

    @staticmethod
    def _read(shelved: Shelved) -> list[Event]:
        events: list[Event] = shelved.read()
        return events


def details_key(kind: str) -> str:
    """Return under which name an event of a kind has its details."""
    for ending, name in _SHARED_DETAILS.items():
        if kind.endswith(ending):
            return f"{name}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
