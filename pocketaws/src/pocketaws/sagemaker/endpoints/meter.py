"""How often a serving container was called, how it answered and how long it took.

Each of its processes counts for itself in a small file of the container's folder, which is memory
to it; whoever wants to know adds the files up. So a call costs no lock and no message, and calls
that reach the container without passing the emulator count, too.
"""

import mmap
import struct
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

_LAYOUT: Final = struct.Struct("=4Q")
_PATTERN: Final = "meter-*"


@dataclass(frozen=True)
class Count:
    """Calls of /invocations so far.

    Attributes:
        client_errors: how many were answered with 4XX.
        server_errors: how many were answered with 5XX.
        microseconds: that the container took for all of them together.
    """

    invocations: int = 0
    client_errors: int = 0
    server_errors: int = 0
    microseconds: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.invocations + other.invocations,
            self.client_errors + other.client_errors,
            self.server_errors + other.server_errors,
            self.microseconds + other.microseconds,
        )

    def __sub__(self, other: "Count") -> "Count":
        return Count(
            self.invocations - other.invocations,
            self.client_errors - other.client_errors,
            self.server_errors - other.server_errors,
            self.microseconds - other.microseconds,
        )


class Meter:
    """Counts the calls of one process.

    Args:
        folder: the container's.
        number: of the process, in which no other one of the container is.
    """

    def __init__(self, folder: Path, number: int) -> None:
        path = folder / _PATTERN.replace("*", str(number))
        path.write_bytes(bytes(_LAYOUT.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _LAYOUT.size)
        self._total = Count()

    def count(self, status: int, microseconds: int) -> None:
        """Count one call by the status of its answer."""
        total = self._total = self._total + Count(
            invocations=1,
            client_errors=HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR,
            server_errors=status >= HTTPStatus.INTERNAL_SERVER_ERROR,
            microseconds=microseconds,
        )
        _LAYOUT.pack_into(
            self._memory,
            0,
            total.invocations,
            total.client_errors,
            total.server_errors,
            total.microseconds,
        )


def read_count(folder: Path) -> Count:
    """Return what all processes of a container have counted."""
    total = Count()
    for path in folder.glob(_PATTERN):
        content = path.read_bytes()
        # A process that is just starting has made its file and not filled it.
        if len(content) == _LAYOUT.size:
            total += Count(*_LAYOUT.unpack(content))
    return total
