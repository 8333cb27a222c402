"""An execution of the workflow, started because of drift, and not again for a while.

Three things stand against a loop: nothing is started while an execution runs (which may wait for
its approval), nor within the pause after one that drift started; and the name of such an execution
holds the number of the pause since 1970, and Step Functions takes a name once, so two alarms at the
same moment start one.
"""

import datetime
from dataclasses import dataclass
from typing import Any, Final

NAME_PREFIX: Final = "drift-"
# The workflow's defaults decide.
_INPUT: Final = '{"started_by": "drift"}'


@dataclass(frozen=True)
class Retraining:
    """What became of it: `execution_arn` is None where nothing was started, and `note` says why."""

    execution_arn: str | None
    note: str


NOT_ASKED: Final = Retraining(None, "This alarm starts no retraining.")


def start_retraining(
    state_machine_arn: str, *, pause: datetime.timedelta, now: datetime.datetime, states: Any
) -> Retraining:
    """Start an execution unless one runs or drift started one within the pause.

    Args:
        state_machine_arn: the workflow's.
        pause: how long drift starts no second one; at least an hour.
        now: with its zone.
        states: a client of Step Functions.

    Raises:
        botocore.exceptions.ClientError: Step Functions refused.
    """
    blocking = _blocking(state_machine_arn, since=now - pause, states=states)
    if blocking is not None:
        return blocking
    number = int(now.timestamp() // pause.total_seconds())
    name = f"{NAME_PREFIX}{int(pause.total_seconds() // 3600)}h-{number}"
    try:
        started = states.start_execution(stateMachineArn=state_machine_arn, name=name, input=_INPUT)
    except states.exceptions.ExecutionAlreadyExists:
        return Retraining(None, f"Nothing was started: another alarm has just started {name}.")
    arn = str(started["executionArn"])
    return Retraining(arn, f"Retraining was started: {arn}")


def _blocking(
    state_machine_arn: str, *, since: datetime.datetime, states: Any
) -> Retraining | None:
    running = states.list_executions(
        stateMachineArn=state_machine_arn, statusFilter="RUNNING", maxResults=1
    )["executions"]
    if running:
        return Retraining(None, f"Nothing was started: {running[0]['name']} is still running.")
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=state_machine_arn)
    for execution in (item for page in pages for item in page["executions"]):
        # The newest come first.
        if execution["startDate"] < since:
            return None
        if execution["name"].startswith(NAME_PREFIX):
            return Retraining(
                None,
                f"Nothing was started: {execution['name']} was, at "
                f"{execution['startDate']:%Y-%m-%d %H:%M %Z}, and the pause is not over.",
            )
    return None
