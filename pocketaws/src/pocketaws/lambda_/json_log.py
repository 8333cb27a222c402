"""What Python's logging becomes in a function whose logs have the format JSON.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html#python-logging-advanced
https://github.com/aws/aws-lambda-python-runtime-interface-client (lambda_runtime_log_utils.py)
"""

import datetime
import json
import logging
import traceback
from typing import Any, Final

# Lambda's levels that Python calls otherwise.
_LEVELS: Final = {"TRACE": "DEBUG", "WARN": "WARNING", "FATAL": "CRITICAL"}
_STEP: Final = 10
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonForm(logging.Formatter):
    """An object for each record, with what `extra` gave it.

    Args:
        request_id: of the call.
    """

    def __init__(self, request_id: str) -> None:
        super().__init__()
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        members: dict[str, Any] = {
            "timestamp": _timestamp(record.created),
            "level": logging.getLevelName(min(record.levelno // _STEP * _STEP, logging.CRITICAL)),
            "message": record.getMessage(),
            "logger": record.name,
            **_exception(record),
            "requestId": self._request_id,
        }
        for name, value in vars(record).items():
            if name not in _OWN and value is not None:
                members.setdefault(name, value)
        return json.dumps(members, ensure_ascii=False)


def level_of(name: str) -> str:
    """Return Python's name of one of Lambda's levels."""
    return _LEVELS.get(name, name)


def error_line(described: dict[str, Any], *, now: datetime.datetime) -> str:
    """Return the line about an error that the handler raised.

    Args:
        described: the error document.
        now: in UTC.
    """
    begin = {"timestamp": f"{now:%Y-%m-%dT%H:%M:%S}", "log_level": "ERROR"}
    return json.dumps({**begin, **described}, ensure_ascii=False)


def _timestamp(created: float) -> str:
    time = datetime.datetime.fromtimestamp(created, tz=datetime.UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


def _exception(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    kind, error, trace = record.exc_info
    return {
        "stackTrace": traceback.format_tb(trace),
        "errorType": kind.__name__,
        "errorMessage": str(error),
        "location": f"{record.pathname}:{record.funcName}:{record.lineno}",
    }
