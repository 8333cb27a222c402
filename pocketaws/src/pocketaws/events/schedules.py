"""EventBridge Scheduler: what it refuses, and one start of what a schedule starts.

Nothing here looks at the clock: a schedule is fired by whoever wants it fired.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import datetime
import json
import re
import uuid
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.gate.schedule_expressions import at_is_one, cron_problems, rate_is_one
from pocketaws.iam.assumed_roles import AssumedRoles

_STATE_MACHINE: Final = re.compile(r"arn:[\w-]+:states:[^:]+:[^:]+:stateMachine:.+")
# Targets whose input has to be JSON.
_JSON_SERVICES: Final = ("events", "lambda", "states")
# What a state machine is given where the schedule says nothing.
_NO_INPUT: Final = "{}"
_KEYWORD: Final = re.compile(r"<aws\.scheduler\.([a-z-]+)>")


@dataclass(frozen=True)
class Start:
    """What a schedule starts.

    Attributes:
        state_machine_arn: the target.
        execution_input: JSON, with Scheduler's keywords replaced.
        role_arn: in whose name Scheduler starts it.
    """

    state_machine_arn: str
    execution_input: str
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


def start_of(schedule: Mapping[str, Any], *, now: datetime.datetime) -> Start:
    """Return what a schedule starts at its first attempt.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html

    Args:
        schedule: as GetSchedule answers.
        now: stands for the time that it was scheduled for.

    Raises:
        LocalRuntimeError: it is disabled, or its target is no state machine.
    """
    name, target = schedule["Name"], schedule["Target"]
    if schedule["State"] != "ENABLED":
        raise LocalRuntimeError(
            f"schedule {name!r} is {schedule['State']} and would not fire; enable it first"
        )
    if not _STATE_MACHINE.fullmatch(target["Arn"]):
        raise LocalRuntimeError(
            f"schedule {name!r} has the target {target['Arn']}; the local runtime fires schedules "
            "of state machines (arn:PARTITION:states:...:stateMachine:...) only"
        )
    values = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": f"{now.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": uuid.uuid4().hex[:16],
        "attempt-number": "1",
    }
    execution_input = _KEYWORD.sub(
        lambda match: values.get(match[1], match[0]), target.get("Input", _NO_INPUT)
    )
    return Start(target["Arn"], execution_input, target["RoleArn"])


def fire(name: str, *, group_name: str, scheduler: Any, roles: AssumedRoles) -> str:
    """Start what a schedule starts, once, and return the ARN of the execution.

    Raises:
        LocalRuntimeError: there is no such schedule, it does not fire, or Step Functions refuses.
    """
    try:
        schedule = scheduler.get_schedule(Name=name, GroupName=group_name)
        start = start_of(schedule, now=datetime.datetime.now(tz=datetime.UTC))
        group_arn = schedule["Arn"].replace(":schedule/", ":schedule-group/").rpartition("/")[0]
        states = roles.client(start.role_arn, "stepfunctions", source_arn=group_arn)
        started = states.start_execution(
            stateMachineArn=start.state_machine_arn, input=start.execution_input
        )
    except (ClientError, ServiceError) as error:
        message = _message(error)
        raise LocalRuntimeError(
            f"schedule {name!r} of the group {group_name!r} started nothing: {message}"
        ) from error
    return str(started["executionArn"])


def _message(error: ClientError | ServiceError) -> str:
    if isinstance(error, ServiceError):
        return str(error)
    return str(error.response["Error"].get("Message", error))
