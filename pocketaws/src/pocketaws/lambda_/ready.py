"""Processes that are ready for a call of a function before it comes."""

import datetime
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pocketaws.lambda_.function import Function

# A process waits for longer; its credentials last for longer still.
_READY_SECONDS: Final = 240


@dataclass(frozen=True)
class HandlerCall:
    """One call that is being made, or is going to be.

    Attributes:
        task_dir: the unpacked bundle.
        call_dir: what the handler may write to.
        started: when it came.
        request_id: empty where it has not come yet.
    """

    function: Function
    task_dir: Path
    call_dir: Path
    layers_dir: Path | None
    log_stream_name: str
    started: datetime.datetime
    request_id: str = ""
    client_context: Any = None

    @property
    def deadline_ms(self) -> int:
        """When its time is up, in milliseconds of the Unix clock."""
        return int((self.started.timestamp() + self.function.timeout_seconds) * 1000)


@dataclass(frozen=True)
class HandlerRun:
    """A process that makes a call."""

    exit_code: Future[int]
    kill: Callable[[], None]


@dataclass(frozen=True)
class ReadyProcess:
    """A process that has loaded a handler, or is about to, and waits for a call.

    Attributes:
        call: that is going to be made, as far as it is known.
        channel: by which the rest is told.
    """

    call: HandlerCall
    run: HandlerRun
    channel: socket.socket
    since: float = field(default_factory=time.monotonic)

    @property
    def is_usable(self) -> bool:
        """Whether it still waits, and will for a while."""
        return not self.run.exit_code.done() and time.monotonic() < self.since + _READY_SECONDS

    def called(self, context: Mapping[str, Any]) -> HandlerRun | None:
        """Have it make its call; None where it has ended since it was looked at."""
        try:
            with self.channel as channel:
                channel.sendall(f"{json.dumps(context)}\n".encode())
        except OSError:
            return None
        return self.run

    def end(self) -> None:
        """End it without a call."""
        self.channel.close()
        self.run.kill()
        shutil.rmtree(self.call.call_dir, ignore_errors=True)


class ReadyProcesses:
    """At most one a function."""

    def __init__(self) -> None:
        self._by_name: dict[str, ReadyProcess] = {}
        self._lock = threading.Lock()

    def has(self, function: Function) -> bool:
        """Tell whether one is ready for a function."""
        with self._lock:
            found = self._by_name.get(function.name)
        return found is not None and found.call.function == function and found.is_usable

    def put(self, function: Function, process: ReadyProcess) -> None:
        """Keep one, in place of what was kept."""
        with self._lock:
            before = self._by_name.get(function.name)
            self._by_name[function.name] = process
        if before is not None:
            before.end()

    def taken(self, function: Function) -> ReadyProcess | None:
        """Return the one of a function as it is now; None where there is none."""
        with self._lock:
            found = self._by_name.pop(function.name, None)
        if found is None or (found.call.function == function and found.is_usable):
            return found
        found.end()
        return None

    def end_all(self) -> None:
        """End all of them."""
        with self._lock:
            processes = list(self._by_name.values())
            self._by_name.clear()
        for process in processes:
            process.end()
