"""EventBridge: rules reach functions and state machines; nobody speaks for AWS."""

import copy
import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jsonpath_ng.ext.parser import parse
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.events.exceptions import ValidationException
from moto.events.models import EventBus, EventsBackend, Rule, events_backends
from moto.events.responses import EventsHandler

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.errors import ServiceError
from pocketaws.events.events import Deliveries, event_for_targets, target_input, target_problems
from pocketaws.events.moto import event_patterns
from pocketaws.iam.function_policy import lets_service_invoke

_SERVICE: Final = "events.amazonaws.com"
_OURS: Final = ("lambda", "states")
# What moto brings events to by itself.
_MOTOS_OWN: Final = ("logs", "sqs", "events")
_LOG: Final = logging.getLogger(__name__)


def changes(deliveries: Deliveries) -> list[Change]:
    """Return what to change in moto's EventBridge."""
    return [
        Change(Rule, "send_to_targets", _send_to_targets(deliveries)),
        Change(EventsHandler, "put_events", _checked_put_events()),
        Change(EventsBackend, "put_targets", _checked_put_targets()),
        Change(Rule, "create_from_cloudformation_json", _checked_resource()),
        Change(EventBus, "__init__", _bus_of_many_threads()),
        *event_patterns.changes(),
    ]


def raise_event(
    detail_type: str,
    detail: Mapping[str, Any],
    *,
    source: str,
    resource_arn: str,
    region: str | None = None,
) -> None:
    """Put an event of a service of AWS on the default bus of the resource's region.

    Args:
        detail_type: such as "Object Created".
        detail: of the event.
        source: such as "aws.s3".
        resource_arn: of what it is about.
        region: where the ARN names none, as a bucket's.
    """
    region = region or resource_arn.split(":")[3]
    event = {
        "Source": source,
        "DetailType": detail_type,
        "Resources": [resource_arn],
        "Detail": json.dumps(detail),
    }
    events_backends[DEFAULT_ACCOUNT_ID][region].put_events([event])


class _BusRules(OrderedDict[str, Rule]):
    """The rules of a bus, which may change while an event is held against them."""

    def values(self) -> list[Rule]:  # type: ignore[override]
        return list(super().values())


def _bus_of_many_threads() -> Callable[..., None]:
    original = EventBus.__init__

    def init(self: EventBus, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self.rules = _BusRules(self.rules)

    return init


def _send_to_targets(deliveries: Deliveries) -> Callable[..., None]:
    original = Rule.send_to_targets

    def send_to_targets(self: Rule, original_event: Any, *more: Any, **named: Any) -> None:
        # moto heeds no state, and lets a rule that has only a schedule match every event.
        if self.state == "DISABLED" or self.event_pattern.dump() is None:
            return
        if not self.event_pattern.matches_event(original_event):
            return
        told = event_for_targets(original_event)
        for target in self.targets:
            service = _service(target["Arn"])
            if service in _MOTOS_OWN:
                rest = copy.copy(self)
                rest.targets = [target]
                original(rest, original_event, *more, **named)
            elif service not in _OURS:
                _LOG.warning("rule %s: events are not brought to %s here", self.arn, target["Arn"])
            elif _may_reach(self, target["Arn"]):
                payload = target_input(target, told, rule_arn=self.arn, find=_find)
                deliveries.deliver(target, payload, rule_arn=self.arn)

    return send_to_targets


def _service(arn: str) -> str:
    parts = arn.split(":")
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - arn:partition:service:...


def _may_reach(rule: Rule, target_arn: str) -> bool:
    """Tell whether a function's policy lets the rule call it, and log where it does not."""
    if ":lambda:" not in target_arn:
        return True
    try:
        function = get_lambda_backend(rule.account_id, rule.region_name).get_function(target_arn)
    except Exception:
        # The call fails with Lambda's own words.
        return True
    statements: Sequence[Mapping[str, Any]] = function.policy.statements
    if lets_service_invoke(statements, service=_SERVICE, source_arn=rule.arn):
        return True
    _LOG.warning(
        "rule %s may not call %s: the function's policy must allow lambda:InvokeFunction for %s; "
        "give the template an AWS::Lambda::Permission",
        rule.arn,
        target_arn,
        _SERVICE,
    )
    return False


def _find(path: str, event: Any) -> list[Any]:
    return [match.value for match in parse(path).find(event)]


def _checked_put_events() -> Callable[[EventsHandler], str]:
    def put_events(self: EventsHandler) -> str:
        entries = self._get_param("Entries")
        fine = [entry for entry in entries if not str(entry.get("Source")).startswith("aws.")]
        answers = iter(self.events_backend.put_events(fine))
        items = [next(answers) if entry in fine else dict(_NOT_AUTHORIZED) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in items)
        return json.dumps({"FailedEntryCount": failed, "Entries": items})

    return put_events


def _checked_put_targets() -> Callable[..., None]:
    original = EventsBackend.put_targets

    def put_targets(
        self: EventsBackend,
        name: str,
        event_bus_arn: str | None,
        targets: list[dict[str, Any]],
    ) -> None:
        problems = _problems(targets)
        if problems:
            raise ValidationException(problems)
        original(self, name=name, event_bus_arn=event_bus_arn, targets=targets)

    return put_targets


def _checked_resource() -> Any:
    original = Rule.create_from_cloudformation_json.__func__

    def create(
        cls: type[Rule],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> Rule:
        # Before there is a rule that the stack would leave behind.
        problems = _problems(cloudformation_json["Properties"].get("Targets", []))
        with resource_errors("AWS::Events::Rule"):
            if problems:
                raise ServiceError("ValidationException", problems)
        return original(cls, resource_name, cloudformation_json, *more, **named)

    return classmethod(create)


def _problems(targets: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(problem for target in targets for problem in target_problems(target))


_NOT_AUTHORIZED: Final = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}
