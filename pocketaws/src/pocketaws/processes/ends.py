"""How a process has ended, in words."""

import signal


def end_of(exit_code: int) -> str:
    """Return what an exit code says, as the end of a sentence that begins with the process.

    Args:
        exit_code: negative for the number of a signal, as `subprocess` has it.
    """
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    if -exit_code == signal.SIGKILL:
        return f"was killed ({name}), which the system does, too, where memory is short"
    return f"was ended by {name}"


def container_end(exit_code: int) -> tuple[str, int]:
    """Return why a container has ended by a signal, if it has, and its code as Docker has it."""
    if exit_code >= 0:
        return "", exit_code
    return f"the container {end_of(exit_code)}", 128 - exit_code
