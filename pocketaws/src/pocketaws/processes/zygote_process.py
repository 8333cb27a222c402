"""The parent's handle on a zygote: start children, wait for them, stop them."""

import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import LocalRuntimeError
from pocketaws.processes.ends import end_of

STOPPED_BY_SIGNAL: Final = -9
_STOP_SECONDS: Final = 5
# Where this package is found, installed or not.
_PACKAGES_DIR: Final = Path(__file__).parents[2]
_INHERITED: Final = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
)


@dataclass(frozen=True)
class Child:
    """A child that was asked for; `exit_code` is there when it has ended."""

    id: int
    exit_code: "Future[int]"


class Zygote:
    """A warmed process; see `pocketaws.processes.zygote`.

    Args:
        modules: imported there before the first child is forked.
        without: modules that cannot be imported meanwhile, though they are installed.
        log_path: where the zygote's own output goes, which is none unless something is wrong.
        environment: variables of the zygote itself; a child has its own only.
        cleanup_dir: removed by the zygote when this process is gone.
    """

    def __init__(
        self,
        modules: Sequence[str],
        *,
        log_path: Path,
        without: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        cleanup_dir: Path | None = None,
    ) -> None:
        self._channel, theirs = socket.socketpair()
        self._log_path = log_path
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[int]] = {}
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    # Without the current folder, whose modules are nobody's here.
                    "-P",
                    "-m",
                    "pocketaws.processes.zygote",
                    str(theirs.fileno()),
                    str(cleanup_dir or ""),
                    ",".join(without),
                    *modules,
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_zygote_environment() | dict(environment or {}),
            )
        theirs.close()
        self._reader = threading.Thread(target=self._read_answers, daemon=True)
        self._reader.start()

    def start_child(
        self,
        target: str,
        arguments: Mapping[str, Any],
        *,
        environment: Mapping[str, str],
        folders: Sequence[Path],
        log_path: Path,
        subject: str,
        read_only: Sequence[Path] = (),
        sockets: Mapping[str, socket.socket] | None = None,
    ) -> Child:
        """Fork a child that calls `target(**arguments)`.

        Args:
            target: "module:function"; the function's return value is the exit code.
            arguments: what JSON can carry.
            environment: all that the child's environment holds.
            folders: what the child may read and write; it starts in the first.
            log_path: takes the child's standard output and error.
            subject: how errors name the child.
            read_only: files and folders that the child may read only.
            sockets: further arguments, which the target gets as descriptors of its own.

        Raises:
            LocalRuntimeError: the zygote is gone.
        """
        child = Child(next(self._ids), Future())
        passed = dict(sockets or {})
        request = {
            "id": child.id,
            "target": target,
            "arguments": dict(arguments),
            "environment": dict(environment),
            "folders": [str(folder) for folder in folders],
            "read_only": [str(path) for path in read_only],
            "log_path": str(log_path),
            "subject": subject,
            "sockets": list(passed),
        }
        with self._lock:
            self._waiting[child.id] = child.exit_code
            self._send(request, list(passed.values()))
        return child

    def import_module(self, name: str) -> None:
        """Have the zygote import one more module before the next child; do not wait for it."""
        with self._lock:
            self._send({"import": name})

    def kill(self, child: Child) -> None:
        """End a child and all that it started; its exit code becomes `STOPPED_BY_SIGNAL`."""
        with self._lock:
            if not child.exit_code.done():
                self._send({"kill": child.id})

    def leave(self) -> None:
        """Have the zygote and every child end; do not wait for it."""
        with self._lock, contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End the zygote and every child."""
        self.leave()
        self._reader.join(_STOP_SECONDS)
        self._channel.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, request: Mapping[str, Any], sockets: Sequence[socket.socket] = ()) -> None:
        line = json.dumps(request).encode() + b"\n"
        try:
            if sockets:
                # They travel with the first byte; the rest of the line may come later.
                sent = socket.send_fds(self._channel, [line], [one.fileno() for one in sockets])
                line = line[sent:]
            self._channel.sendall(line)
        except OSError as error:
            raise self._gone() from error

    def _read_answers(self) -> None:
        try:
            with self._channel.makefile("rb") as answers:
                for line in answers:
                    answer = json.loads(line)
                    self._waiting.pop(answer["id"]).set_result(answer["exit_code"])
        except (OSError, ValueError):
            pass
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_exception(self._gone())

    def _gone(self) -> LocalRuntimeError:
        log = self._log_path.read_text(errors="replace") if self._log_path.exists() else ""
        last = log.strip().splitlines()[-1:]
        try:
            # Its end of the channel is closed a moment before it has ended.
            how = end_of(self._process.wait(_STOP_SECONDS))
        except subprocess.TimeoutExpired:
            how = "answers no more"
        text = f": {last[0]}" if last else ""
        return LocalRuntimeError(f"the process that runs jobs and functions {how}{text}")


def _zygote_environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | {
        "PYTHONPATH": str(_PACKAGES_DIR),
        # XGBoost's threads wait for each other asleep: spinning starves whatever else runs here.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
