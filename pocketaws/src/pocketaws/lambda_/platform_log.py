"""What Lambda writes into a function's log about one call, in the format JSON.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html has the records, and
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html the levels.
"""

import datetime
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pocketaws.lambda_.function_log import LogEvent, Report

_LEVELS: Final = ("DEBUG", "INFO", "WARN")
_SUCCESS: Final = "success"
# Importance, kind and record.
_Line = tuple[str, str, dict[str, Any]]


def platform_events(
    of_call: Mapping[str, str],
    *,
    started: datetime.datetime,
    printed: Sequence[str],
    report: Report,
    level: str,
) -> tuple[LogEvent, ...]:
    """Return a call's events, oldest first.

    Args:
        of_call: `requestId` of the call and `version` of the function.
        started: when the call came.
        printed: the lines of the handler and of the runtime; all get the time of the call's end.
        report: the numbers of the last line.
        level: of Lambda's own lines; those of lesser ones are left out.
    """
    ended = started + datetime.timedelta(seconds=report.duration_seconds)
    least = _LEVELS.index(level)

    def kept(time: datetime.datetime, lines: Iterator[_Line]) -> list[LogEvent]:
        return [
            LogEvent(time, _text(time, kind, record))
            for importance, kind, record in lines
            if _LEVELS.index(importance) >= least
        ]

    start = iter([("INFO", "start", dict(of_call))])
    said = [LogEvent(ended, line) for line in printed]
    return (*kept(started, start), *said, *kept(ended, _ends(of_call["requestId"], report)))


def _ends(request_id: str, report: Report) -> Iterator[_Line]:
    status = report.status or ("error" if report.failed else _SUCCESS)
    how = {"status": status, **({"errorType": report.error_type} if report.error_type else {})}
    yield "DEBUG" if status == _SUCCESS else "WARN", "runtimeDone", {"requestId": request_id, **how}
    record = {"requestId": request_id, "metrics": _metrics(report), **how}
    yield "INFO" if status == _SUCCESS else "WARN", "report", record


def _text(time: datetime.datetime, kind: str, record: dict[str, Any]) -> str:
    stamp = f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
    line = {"time": stamp, "type": f"platform.{kind}", "record": record}
    return json.dumps(line, separators=(",", ":"))


def _metrics(report: Report) -> dict[str, float]:
    milliseconds = report.duration_seconds * 1000
    used = {} if report.used_memory_mb is None else {"maxMemoryUsedMB": report.used_memory_mb}
    return {
        "durationMs": round(milliseconds, 3),
        "billedDurationMs": math.ceil(milliseconds),
        "memorySizeMB": report.memory_mb,
        **used,
    }
