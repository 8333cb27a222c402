"""What Lambda writes into a function's log about one call, in the format Text.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html has the lines, and
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html the streams.
"""

import datetime
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

# What a caller who asks for the log's tail gets of it.
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
_TAIL_BYTES: Final = 4096


class LogEvent(NamedTuple):
    """A line of a log, and when it was written."""

    time: datetime.datetime
    message: str


@dataclass(frozen=True)
class Logging:
    """The form of a function's log.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html

    Attributes:
        is_json: whether Lambda's own lines, and Python's logging, are objects.
        level: of the handler's lines; less important ones are left out. Of JSON only.
        system_level: of Lambda's own lines, likewise.
    """

    is_json: bool = False
    level: str = "INFO"
    system_level: str = "INFO"

    def environment(self) -> dict[str, str]:
        """Return what tells it to Lambda's runtimes."""
        if not self.is_json:
            return {}
        return {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": self.level}


TEXT: Final = Logging()


@dataclass(frozen=True)
class Report:
    """What the last line of a call's log tells.

    Attributes:
        duration_seconds: from the call to its end.
        memory_mb: that the function may use.
        used_memory_mb: the most that it used, or None where its process was ended.
        status: how it ended where its process ended before it had a result: timeout or error.
        error_type: of such an error.
        failed: whether it ended with an error, the handler's own too.
    """

    duration_seconds: float
    memory_mb: int
    used_memory_mb: int | None
    status: str = ""
    error_type: str = ""
    failed: bool = False


def default_group_name(function_name: str) -> str:
    """Return the log group of a function whose configuration names none."""
    return f"/aws/lambda/{function_name}"


def stream_name(
    function_name: str, version: str, *, log_group_name: str, time: datetime.datetime
) -> str:
    """Return the name of a new execution environment's stream.

    In a group of the function's own choice, which others may share, the function's name is in it.
    """
    own = "" if log_group_name == default_group_name(function_name) else function_name
    return f"{time:%Y/%m/%d}/{own}[{version}]{uuid.uuid4().hex}"


def call_events(
    request_id: str,
    version: str,
    *,
    started: datetime.datetime,
    printed: Sequence[str],
    report: Report,
) -> tuple[LogEvent, ...]:
    """Return a call's events, oldest first.

    Args:
        request_id: of the call.
        version: of the function, such as $LATEST.
        started: when the call came.
        printed: the lines of the handler and of the runtime; all get the time of the call's end.
        report: the numbers of the last line.
    """
    ended = started + datetime.timedelta(seconds=report.duration_seconds)
    lines = [*printed, f"END RequestId: {request_id}", _report_line(request_id, report)]
    start = LogEvent(started, f"START RequestId: {request_id} Version: {version}")
    return (start, *(LogEvent(ended, line) for line in lines))


def tail(events: Sequence[LogEvent]) -> str:
    """Return the end of a call's log, in one text."""
    text = "".join(f"{event.message}\n" for event in events)
    return text.encode()[-_TAIL_BYTES:].decode(errors="ignore")


def _report_line(request_id: str, report: Report) -> str:
    milliseconds = report.duration_seconds * 1000
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {milliseconds:.2f} ms",
        f"Billed Duration: {math.ceil(milliseconds)} ms",
        f"Memory Size: {report.memory_mb} MB",
    ]
    if report.used_memory_mb is not None:
        fields.append(f"Max Memory Used: {report.used_memory_mb} MB")
    if report.status:
        fields.append(f"Status: {report.status}")
    if report.error_type:
        fields.append(f"Error Type: {report.error_type}")
    ended = "" if report.status else "\t"
    return "\t".join(fields) + ended
