"""The history of an execution: its events, each with the one that it follows.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

import pickle
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.step_functions.engine.documents import now

_SHARED_DETAILS: Final = {"StateEntered": "stateEntered", "StateExited": "stateExited"}
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_EVENTS: Final = 25_000
WHOLE: Final = {"truncated": False}

Event = dict[str, Any]


@dataclass
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

    def __init__(self, observe: Callable[[Event], None]) -> None:
        self._observe = observe
        self._events: list[Event] = []
        self._packed = b""
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
            self._unpack()
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
        with self._lock:
            return _unpacked(self._packed) if self._packed else self._events[:]

    def pack(self) -> None:
        """Keep the events in a tenth of their room, until they are read or there are more.

        Each state's input and output is a text of thousands of characters, much like the last.
        """
        with self._lock:
            if self._events:
                self._packed, self._events = zlib.compress(pickle.dumps(self._events)), []

    def _unpack(self) -> None:
        if self._packed:
            self._events, self._packed = _unpacked(self._packed), b""


def _unpacked(packed: bytes) -> list[Event]:
    events: list[Event] = pickle.loads(zlib.decompress(packed))  # noqa: S301 - what `pack` has made
    return events


def details_key(kind: str) -> str:
    """Return under which name an event of a kind has its details."""
    for ending, name in _SHARED_DETAILS.items():
        if kind.endswith(ending):
            return f"{name}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
