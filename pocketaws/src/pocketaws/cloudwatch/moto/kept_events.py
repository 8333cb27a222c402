"""The events of a log stream, which nobody reads most of the time, in a fraction of their room."""

import pickle
import threading
import zlib
from collections.abc import Iterator, Sequence
from typing import Final, Self

from moto.logs.models import LogEvent, LogStream

from pocketaws.change import Change

_OPEN: Final = 32


class KeptEvents:
    """Takes the place of a stream's list of events: packed, and unpacked for each reader."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._open: list[LogEvent] = []
        self._count = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __iadd__(self, events: Sequence[LogEvent]) -> Self:
        """Put events at the end: those that come together, such as a job's, are packed at once."""
        with self._lock:
            self._open += events
            self._count += len(events)
            if len(events) > 1 or len(self._open) >= _OPEN:
                fields = [vars(event) for event in self._open]
                self._packed.append(zlib.compress(pickle.dumps(fields)))
                self._open = []
        return self

    def __iter__(self) -> Iterator[LogEvent]:
        """Yield the events that are there now, in the order of their coming."""
        with self._lock:
            packed, still_open = self._packed[:], self._open[:]
        for part in packed:
            for fields in pickle.loads(zlib.decompress(part)):  # noqa: S301 - packed above
                event = LogEvent.__new__(LogEvent)
                vars(event).update(fields)
                yield event
        yield from still_open


def changes() -> list[Change]:
    """Return what to change in moto's CloudWatch Logs."""
    original = LogStream.__init__

    def init(self: LogStream, *given: object, **named: object) -> None:
        original(self, *given, **named)
        self.events = KeptEvents()

    return [Change(LogStream, "__init__", init)]
