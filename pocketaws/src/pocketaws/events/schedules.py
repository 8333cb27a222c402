"""EventBridge Scheduler: what it refuses, and one call of what a schedule calls.

Nothing here looks at the clock, which is `clock.py`'s.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import datetime
import json
import re
import uuid
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.events.targets import KNOWN, deliver, service_of
from pocketaws.gate.schedule_expressions import at_is_one, cron_problems, rate_is_one
from pocketaws.iam.assumed_roles import AssumedRoles

# Targets whose input has to be JSON.
_JSON_SERVICES: Final = ("events", "lambda", "states")
# What a target is given where the schedule says nothing.
_NO_INPUT: Final = "{}"
_KEYWORD: Final = re.compile(r"<aws\.scheduler\.([a-z-]+)>")


@dataclass(frozen=True)
class Start:
    """What a schedule calls.

    Attributes:
        target_arn: such as that of a state machine.
        text: its input, with Scheduler's keywords replaced.
        role_arn: in whose name Scheduler calls it.
    """

    target_arn: str
    text: str
    role_arn: str


def schedule_problems(request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what EventBridge Scheduler refuses beyond the model of the call.

    Args:
        request: of CreateSchedule or UpdateSchedule.
    """
    expression = request["ScheduleExpression"]
    wrong = _expression_problem(expression)
    if wrong:
        yield (
            f"Invalid Schedule Expression {expression}{wrong}; give rate(7 days), cron(0 3 ? * MON "
            "*), of whose two days one is a question mark, or at(2027-01-31T03:00:00)"
        )
    zone = request.get("ScheduleExpressionTimezone") or "UTC"
    if zone not in zoneinfo.available_timezones():
        yield f"Invalid Schedule Expression Timezone {zone}; give a name such as Europe/Berlin"
    target = request["Target"]
    if target["Arn"].split(":")[2] in _JSON_SERVICES:
        try:
            json.loads(target.get("Input", _NO_INPUT))
        except ValueError as error:
            yield f"The input of target {target['Arn']} is no JSON: {error}"


def _expression_problem(expression: str) -> str:
    if expression.startswith("cron("):
        problems = list(cron_problems(expression))
        return f": {'; '.join(problems)}" if problems else ""
    known = rate_is_one(expression, plural_matters=False) or at_is_one(expression)
    return "" if known else ": no such expression"


def start_of(schedule: Mapping[str, Any], *, now: datetime.datetime, attempt: int = 1) -> Start:
    """Return what a schedule calls.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html

    Args:
        schedule: as GetSchedule answers.
        now: the time that it was scheduled for, or what stands for it.
        attempt: from 1 on.

    Raises:
        LocalRuntimeError: it is disabled, or its target is none of `targets.KNOWN`.
    """
    name, target = schedule["Name"], schedule["Target"]
    if schedule["State"] != "ENABLED":
        raise LocalRuntimeError(
            f"schedule {name!r} is {schedule['State']} and would not fire; enable it first"
        )
    if service_of(target["Arn"]) not in KNOWN:
        raise LocalRuntimeError(
            f"schedule {name!r} has the target {target['Arn']}; the local runtime fires schedules "
            "of state machines, functions, queues and topics only"
        )
    values = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": f"{now.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": uuid.uuid4().hex[:16],
        "attempt-number": str(attempt),
    }
    text = _KEYWORD.sub(
        lambda match: values.get(match[1], match[0]), target.get("Input", _NO_INPUT)
    )
    return Start(target["Arn"], text, target["RoleArn"])


def fire(name: str, *, group_name: str, client: Callable[[str], Any], roles: AssumedRoles) -> str:
    """Call what a schedule calls, once and now.

    Args:
        name: of the schedule.
        group_name: of its group.
        client: returns a client of an emulated service, as the account's administrator.
        roles: those that EventBridge Scheduler assumes.

    Returns:
        The ARN of the execution that was started; empty for a target that is no state machine.

    Raises:
        LocalRuntimeError: there is no such schedule, it does not fire, or its target refuses.
    """
    try:
        schedule = client("scheduler").get_schedule(Name=name, GroupName=group_name)
        now = datetime.datetime.now(tz=datetime.UTC)
        return fire_schedule(schedule, due=now, attempt=1, client=client, roles=roles)
    except (ClientError, ServiceError) as error:
        message = _message(error)
        raise LocalRuntimeError(
            f"schedule {name!r} of the group {group_name!r} started nothing: {message}"
        ) from error


def fire_schedule(
    schedule: Mapping[str, Any],
    *,
    due: datetime.datetime,
    attempt: int,
    client: Callable[[str], Any],
    roles: AssumedRoles,
) -> str:
    """Call what a schedule calls, once; see `fire`.

    Args:
        schedule: as GetSchedule answers.
        due: when it was to be called.
        attempt: from 1 on.
        client: as `fire` takes it.
        roles: likewise.

    Raises:
        LocalRuntimeError: it is disabled, or calls what is not called here.
        botocore.exceptions.ClientError: the target refused.
        ServiceError: the role cannot be assumed.
    """
    start = start_of(schedule, now=due, attempt=attempt)
    group_arn = schedule["Arn"].replace(":schedule/", ":schedule-group/").rpartition("/")[0]
    queue_url = ""
    if service_of(start.target_arn) == "sqs":
        queue_name = start.target_arn.rpartition(":")[2]
        queue_url = client("sqs").get_queue_url(QueueName=queue_name)["QueueUrl"]
    return deliver(
        start.target_arn,
        start.text,
        client_of=lambda service: roles.client(start.role_arn, service, source_arn=group_arn),
        queue_url=queue_url,
    )


def _message(error: ClientError | ServiceError) -> str:
    if isinstance(error, ServiceError):
        return str(error)
    return str(error.response["Error"].get("Message", error))
