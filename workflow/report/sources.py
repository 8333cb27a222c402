"""What reads the files and logs that a record is made of: in an account, or in a run's folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.account import job_logs, objects


@dataclass(frozen=True)
class Sources:
    """Three readers; each returns nothing where nothing is there, and raises nothing for that.

    Attributes:
        read_start: the first bytes of the object of a URI, at most as many as asked for.
        uris_under: the objects whose URIs begin with one.
        log_tail: the last lines of a job by its kind and name, at most as many as asked for.
    """

    read_start: Callable[[str, int], bytes | None]
    uris_under: Callable[[str], Sequence[str]]
    log_tail: Callable[[str, str, int], Sequence[str]]


def sources_in(clients: Callable[[str], Any]) -> Sources:
    """Return the readers for what clients reach: AWS, or an emulated one."""
    s3, logs = clients("s3"), clients("logs")
    return Sources(
        read_start=lambda uri, maximum: objects.read_start(uri, maximum, s3=s3),
        uris_under=lambda uri: objects.uris_under(uri, s3=s3),
        log_tail=lambda kind, name, lines: job_logs.log_tail(kind, name, lines, logs=logs),
    )
