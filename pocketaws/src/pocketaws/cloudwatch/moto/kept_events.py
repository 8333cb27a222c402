"""The events of a log stream, which nobody reads most of the time, out of memory."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import Final, Self

from moto.logs.models import LogEvent, LogStream

from pocketaws.change import Change
from pocketaws.shelf import Shelved

# So many events at least become one document.
_TOGETHER: Final = 32


class KeptEvents:
    """Takes the place of a stream's list of events: shelved, and read for each reader."""

    __slots__ = ("_count", "_few", "_lock", "_many", "_open_count")

    def __init__(self) -> None:
        self._many: tuple[Shelved, ...] = ()
        # What came last, a document for each time: together too few for one.
        self._few: tuple[Shelved, ...] = ()
        self._count = self._open_count = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def __iadd__(self, events: Sequence[LogEvent]) -> Self:
        """Put events at the end."""
        with self._lock:
            self._few = (*self._few, Shelved([vars(event) for event in events]))
            self._open_count += len(events)
            self._count += len(events)
            if self._open_count >= _TOGETHER:
                self._many = (*self._many, _joined(self._few))
                self._few, self._open_count = (), 0
        return self

    def __iter__(self) -> Iterator[LogEvent]:
        """Yield the events that are there now, in the order of their coming."""
        with self._lock:
            documents = (*self._many, *self._few)
        for fields in itertools.chain.from_iterable(one.read() for one in documents):
            event = LogEvent.__new__(LogEvent)
            vars(event).update(fields)
            yield event


def _joined(few: Sequence[Shelved]) -> Shelved:
    if len(few) == 1:
        return few[0]
    return Shelved(list(itertools.chain.from_iterable(one.read() for one in few)))


def changes() -> list[Change]:
    """Return what to change in moto's CloudWatch Logs."""
    original = LogStream.__init__

    def init(self: LogStream, *given: object, **named: object) -> None:
        original(self, *given, **named)
        self.events = KeptEvents()

    return [
        Change(LogStream, "__init__", init),
        # It is as long as all else of a stream together.
        Change(LogStream, "arn", property(_arn, lambda *_: None), adds=True),
    ]


def _arn(stream: LogStream) -> str:
    return f"{stream.log_group.arn}:log-stream:{stream.log_stream_name}"
