"""Whether this machine reaches itself, without which nothing here works."""

import socket
from typing import Final

from pocketaws.errors import LocalRuntimeError

# As clients call the emulated services, and as they call endpoints and functions.
_NAMES: Final = ("127.0.0.1", "localhost")
_SECONDS: Final = 5.0


def check_loopback(port: int) -> None:
    """Connect to a port that is served.

    Raises:
        LocalRuntimeError: it cannot be reached by each of the names, with what to do.
    """
    for name in _NAMES:
        try:
            socket.create_connection((name, port), timeout=_SECONDS).close()
        except OSError as error:
            raise LocalRuntimeError(
                f"this machine does not reach itself at {name}, port {port}: "
                f"{error.strerror or error}; the loopback interface has to be up, have the address "
                "127.0.0.1, and be what `localhost` stands for in /etc/hosts"
            ) from error
