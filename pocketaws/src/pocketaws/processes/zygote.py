"""A process that imports what jobs need once, and forks a child for each of them.

Importing XGBoost takes seconds and its work a tenth of one, so the imports start while the
emulator does and are paid once. The parent holds the other end of a socket and writes a line of
JSON a request; when that end closes, for whatever reason, every child is killed, so a runtime that
is itself killed leaves nothing behind.

Requests: `{"id", "target", "arguments", "environment", "folders", "read_only", "log_path",
"subject", "sockets"}` start a child, see `pocketaws.processes.child`; `{"kill": id}` ends one;
`{"import": module}` imports one more module. `sockets` are names; as many descriptors travel with
the line. Answers: `{"id", "exit_code"}`, negative for a signal.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pocketaws.processes import child, descendants

_READ_BYTES = 65536
# As many as one message may carry: SCM_MAX_FD of the Linux kernel.
_MAX_SOCKETS = 253


def main(argv: list[str]) -> None:
    """Serve requests.

    Args:
        argv: the socket's descriptor; a folder to remove at the end, or ""; modules not to be
            found while importing, separated by commas; then the modules to import.
    """
    channel = socket.socket(fileno=int(argv[0]))
    cleanup_dir = Path(argv[1]) if argv[1] else None
    # Ctrl-C, what `timeout` sends, and a terminal's end reach the whole group; the parent decides
    # what they mean.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    descendants.adopt_orphans()
    _import(argv[3:], without=argv[2].split(",") if argv[2] else [])
    child.look_up()
    try:
        _Server(channel).serve()
    finally:
        if cleanup_dir is not None:
            shutil.rmtree(cleanup_dir, ignore_errors=True)
        # Nothing is left to finalise, and taking XGBoost's modules apart takes its time.
        os._exit(0)


def _import(modules: Sequence[str], *, without: Sequence[str] = ()) -> None:
    # Nothing of what is imported would be found to be of no use.
    gc.disable()
    for name in without:
        sys.modules[name] = None  # type: ignore[assignment] # what import takes for "not there"
    for module in modules:
        importlib.import_module(module)
    for name in without:
        del sys.modules[name]
    # Keeps the children from copying the pages that a collection would touch.
    gc.freeze()
    gc.enable()


class _Server:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._pids: dict[int, int] = {}
        self._unread = b""
        # In the order of the lines that they came with.
        self._sockets: list[int] = []

    def serve(self) -> None:
        """Loop until the parent's end of the socket is closed."""
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.settimeout(0)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        selector = selectors.DefaultSelector()
        selector.register(self._channel, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        try:
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if woken in ready:
                    woken.recv(_READ_BYTES)
                    self._reap()
                if self._channel in ready and not self._read():
                    return
        finally:
            for pid in self._pids.values():
                _kill(pid)
            descendants.end_orphans(())

    def _read(self) -> bool:
        received, sockets, *_ = socket.recv_fds(self._channel, _READ_BYTES, _MAX_SOCKETS)
        self._sockets += sockets
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self._handle(json.loads(line))
        return bool(received)

    def _handle(self, request: dict[str, Any]) -> None:
        if "import" in request:
            _import([request["import"]])
            return
        if "kill" in request:
            pid = self._pids.get(request["kill"])
            if pid is not None:
                _kill(pid)
            return
        passed = [self._sockets.pop(0) for _ in request["sockets"]]
        pid = os.fork()
        if pid == 0:
            self._channel.close()
            # Of requests that came with this one: who holds a socket hides that another has gone.
            for other in self._sockets:
                os.close(other)
            signal.set_wakeup_fd(-1)
            request["arguments"] |= dict(zip(request["sockets"], passed, strict=True))
            child.become(request)
        self._pids[request["id"]] = pid
        for descriptor in passed:
            os.close(descriptor)

    def _reap(self) -> None:
        for request_id, pid in list(self._pids.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._pids[request_id]
                descendants.kill_group(pid)
                descendants.end_orphans(self._pids.values())
                self._answer(request_id, os.waitstatus_to_exitcode(status))

    def _answer(self, request_id: int, exit_code: int) -> None:
        line = json.dumps({"id": request_id, "exit_code": exit_code}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            self._channel.sendall(line)


def _kill(pid: int) -> None:
    # The child itself, too: it may not have got as far as having a group.
    os.kill(pid, signal.SIGKILL)
    descendants.kill_group(pid)


if __name__ == "__main__":
    main(sys.argv[1:])
