"""EventBridge's side of a rule's targets: what they are told, and how often it is tried."""

import datetime
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from pocketaws.errors import ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.lambda_.invoker import Invoker

# Lambda runs an event again one minute and then two minutes after a failure; nothing is gained by
# waiting here. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
RETRY_WAITS_SECONDS: Final = (0.05, 0.1)
# A JSON string, or a variable outside of one.
_TEMPLATE_PARTS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[\w.-]+>')
_VARIABLE: Final = re.compile(r"<([\w.-]+)>")
_MISSING: Final = object()
_LOG: Final = logging.getLogger(__name__)

FindPath = Callable[[str, Any], list[Any]]


def event_for_targets(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as targets see it.

    Args:
        event: as the emulator holds it, its time perhaps in seconds since 1970.
    """
    fields = {key: value for key, value in event.items() if key != "ingestion-time"}
    if isinstance(fields["time"], str):
        return fields
    time = datetime.datetime.fromtimestamp(fields["time"], tz=datetime.UTC)
    return {**fields, "time": f"{time:%Y-%m-%dT%H:%M:%SZ}"}


def target_problems(target: Mapping[str, Any]) -> list[str]:
    """Return what EventBridge would refuse of a rule's target; empty when nothing is.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html

    Args:
        target: as PutTargets gets it.
    """
    problems = []
    if ":states:" in target["Arn"] and not target.get("RoleArn"):
        problems.append(f"RoleArn is required for target {target['Arn']}.")
    try:
        json.loads(target.get("Input", "{}"))
    except ValueError as error:
        problems.append(f"JSON syntax error in input for target {target['Id']}: {error}")
    return problems


def target_input(
    target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, find: FindPath
) -> str:
    """Return what a target is given: the event, or what its Input... property makes of it.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html

    Args:
        target: of a rule.
        event: as `event_for_targets` returns it.
        rule_arn: of the rule.
        find: finds the values of a JSONPath.

    Returns:
        JSON.
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = find(target["InputPath"], event)
        return json.dumps(found[0] if found else None)
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    values = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    for name, path in transformer.get("InputPathsMap", {}).items():
        found = find(path, event)
        if found:
            values[name] = found[0]
    return _filled(transformer["InputTemplate"], values)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Put values in the place of `<name>`: as text inside of a JSON string, else as JSON."""

    def inside(match: re.Match[str]) -> str:
        value = values.get(match[1], _MISSING)
        if value is _MISSING:
            return ""
        return json.dumps(value if isinstance(value, str) else json.dumps(value))[1:-1]

    def part(match: re.Match[str]) -> str:
        if match[0].startswith('"'):
            return _VARIABLE.sub(inside, match[0])
        return json.dumps(values.get(match[0][1:-1]))

    return _TEMPLATE_PARTS.sub(part, template)


class Deliveries:
    """Brings events to functions and state machines, each in a thread of its own.

    Args:
        invoker: calls functions, whose own policies say who may.
        roles: as which executions are started.
    """

    def __init__(self, invoker: Invoker, roles: AssumedRoles) -> None:
        self._invoker = invoker
        self._roles = roles
        self._threads: set[threading.Thread] = set()
        self._stopping = threading.Event()
        self._lock = threading.Lock()

    def deliver(self, target: Mapping[str, Any], payload: str, *, rule_arn: str) -> None:
        """Begin to bring a payload, in JSON, to a rule's target; failures are tried again twice."""
        with self._lock:
            if self._stopping.is_set():
                return
            thread = threading.Thread(
                target=self._bring,
                args=(target, payload, rule_arn),
                name="event delivery",
                daemon=True,
            )
            self._threads.add(thread)
            thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is on its way is not tried again."""
        with self._lock:
            self._stopping.set()

    def join(self, *, timeout_seconds: float) -> None:
        """Wait for what is on its way, after `stop`."""
        for thread in list(self._threads):
            thread.join(timeout_seconds)

    def _bring(self, target: Mapping[str, Any], payload: str, rule_arn: str) -> None:
        try:
            for wait_seconds in (*RETRY_WAITS_SECONDS, None):
                reason = self._attempt(target, payload, rule_arn)
                if reason is None:
                    return
                if wait_seconds is None or self._stopping.wait(wait_seconds):
                    break
            if not self._stopping.is_set():
                # Not the payload: it may hold what only the function may know.
                _LOG.warning("an event was given up: %s failed: %s", target["Arn"], reason)
        finally:
            self._threads.discard(threading.current_thread())

    def _attempt(self, target: Mapping[str, Any], payload: str, rule_arn: str) -> str | None:
        """Return None, or why the target failed."""
        try:
            if ":states:" in target["Arn"]:
                states = self._roles.client(target["RoleArn"], "stepfunctions", source_arn=rule_arn)
                states.start_execution(stateMachineArn=target["Arn"], input=payload)
                return None
            answer = self._invoker.invoke(target["Arn"], payload)
        except (BotoCoreError, ClientError, ServiceError) as error:
            return str(error)
        if not answer.failed:
            return None
        return str(json.loads(answer.payload).get("errorType", "an error"))
