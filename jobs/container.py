"""What every job has in common as the main program of a SageMaker Processing container.

It is told its hosts in a file, is stopped by SIGTERM, and tells why it failed in a file too.
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

MAX_MESSAGE_BYTES = 1024  # ExitMessage of DescribeProcessingJob holds no more.

STOPPED = "stopped by a signal before the end; the output is not complete"

TOLD_ERRORS = ("ColumnsError",)  # Their texts are sentences by themselves.


class JobError(Exception):
    """The job cannot succeed; the text says what was wrong and what to do."""


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose errors are reported like every other error of the job."""

    def error(self, message: str) -> NoReturn:
        """Raise JobError instead of leaving with exit code 2."""
        raise JobError(f"{message}; see --help")


def read_hosts(path: Path) -> tuple[str, int]:
    """Return this host's name and the number of hosts from SageMaker's resourceconfig.json.

    Raises:
        JobError: The file cannot be read or does not name this host among the hosts.
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        host, hosts = config["current_host"], config["hosts"]
        is_named = host in hosts and re.fullmatch(r"[A-Za-z0-9.-]+", host) is not None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JobError(f"--resource-config {path} cannot be read: {error!r}") from error
    if not is_named:
        raise JobError(f"--resource-config {path}: {host!r} is not one of the hosts {hosts}")
    return host, len(hosts)


def count_cores() -> int:
    """Count the cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fail(message: str, argv: Sequence[str]) -> int:
    """Write the message to stderr and, cut to what SageMaker keeps, to `--message-path`.

    The path is looked up here, because the arguments themselves may be what is wrong.

    Returns:
        The exit code of a failure.
    """
    sys.stderr.buffer.write(message.encode(errors="backslashreplace") + b"\n")
    leave_message(message, argv)
    return 1


def leave_message(message: str, argv: Sequence[str]) -> None:
    """Write the message, cut to what SageMaker keeps, to `--message-path` if it can be.

    SageMaker tells it as the job's ExitMessage, of a job that succeeded, too.
    """
    text = message.encode(errors="backslashreplace")
    parser = ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--message-path", type=Path, required=True)
    with suppress(JobError, OSError):  # The log has the message already.
        path = parser.parse_known_args(argv)[0].message_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text[:MAX_MESSAGE_BYTES].decode(errors="ignore"), encoding="utf-8")


def tell_unexpected(failed: str, argv: Sequence[str]) -> None:
    """Have an exception that nothing catches end the process with its words in `--message-path`.

    An import's, too, such as that of columns.py, where the job could say nothing itself; the
    traceback stands in the log.

    Args:
        failed: what the message begins with.
        argv: of the job.
    """

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        name = "" if kind.__name__ in TOLD_ERRORS else f"{kind.__name__}: "
        fail(f"{failed}: {name}{error}", argv)

    sys.excepthook = tell


def raise_interrupt(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    """Treat SIGTERM, by which SageMaker stops a job, like an interrupt from the keyboard."""
    raise KeyboardInterrupt


def leave_on_sigterm(message: str, argv: Sequence[str]) -> None:
    """Have SIGTERM, by which SageMaker stops a job, tell `message` and end the process at once.

    An exception would have to pass through a pool of processes, which can be in the middle of
    starting them and then waits for ever; the workers end by themselves when this process does.
    """

    def leave(_signal_number: int, _frame: FrameType | None) -> NoReturn:
        exit_code = fail(message, argv)
        sys.stderr.flush()
        os._exit(exit_code)

    signal.signal(signal.SIGTERM, leave)
