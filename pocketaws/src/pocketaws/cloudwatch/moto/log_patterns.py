"""CloudWatch Logs: events are filtered by patterns as AWS reads them."""

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException

from pocketaws.change import Change
from pocketaws.cloudwatch.log_patterns import PatternError, matcher


class EventFilter:
    """Takes the place of moto's, which knows single terms and phrases."""

    def __init__(self, pattern: str) -> None:
        try:
            self.matches = matcher(pattern or "")
        except PatternError as error:
            raise InvalidParameterException(
                constraint=f"Invalid filter pattern: {error}",
                parameter="filterPattern",
                value=pattern,
            ) from error


def changes() -> list[Change]:
    """Return what to change in moto's CloudWatch Logs."""
    return [Change(models, "EventMessageFilter", EventFilter)]
