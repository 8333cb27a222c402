"""EventBridge: patterns are refused and matched as the service does."""

import json
from typing import Any, Final

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventPatternParser
from moto.events.responses import EventsHandler

from pocketaws.change import Change
from pocketaws.events.patterns import matching, rules

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
_FIELDS: Final = ("id", "account", "source", "time", "region", "resources", "detail-type")


def changes() -> list[Change]:
    """Return what to change in moto's EventBridge."""
    return [
        Change(EventPatternParser, "parse", _parsed),
        Change(EventPattern, "matches_event", _matched),
        Change(EventsHandler, "test_event_pattern", _tested),
    ]


def _parsed(self: EventPatternParser) -> dict[str, Any]:
    if not self.pattern:
        return {}
    return _read(self.pattern)


def _read(text: str) -> dict[str, Any]:
    try:
        return rules.read(text)
    except ValueError as error:
        raise InvalidEventPatternException(reason=str(error)) from error


def _matched(self: EventPattern, event: Any) -> bool:
    # An event as moto has it is one of JSON, but for the types of its texts.
    return matching.matches(self.get_pattern(), json.loads(json.dumps(event)))


def _tested(self: EventsHandler) -> str:
    pattern = _read(self._get_param("EventPattern"))
    try:
        event = json.loads(self._get_param("Event"))
    except ValueError as error:
        raise _invalid_event("Invalid JSON") from error
    missing = [name for name in _FIELDS if not isinstance(event, dict) or name not in event]
    if missing:
        raise _invalid_event(f"the fields {', '.join(missing)} are missing")
    return json.dumps({"Result": matching.matches(pattern, event)})


def _invalid_event(reason: str) -> ValidationException:
    return ValidationException(f"Parameter Event is not valid. Reason: {reason}")
