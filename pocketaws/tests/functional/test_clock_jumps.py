"""The clock of the machine jumps while executions run: after a sleep, or set anew.

Only this process sees the jump, so nothing here has a process of its own.
"""

import datetime
import time

import pytest
import time_machine

from emulated import state_machines
from emulated.machines import machine
from emulated.state_machines import SDK, Machines
from pocketaws.runtime import LocalRuntime

PARAMETER = {"Name": "/clock", "Value": "1", "Type": "String", "Overwrite": True}


@pytest.fixture(scope="module")
def machines(runtime: LocalRuntime) -> Machines:
    return state_machines.of(runtime, "clock-jumps")


def calls_and_waits(seconds: int) -> dict[str, object]:
    def call(next_state: str) -> dict[str, object]:
        resource = SDK + "ssm:putParameter"
        more = {"TimeoutSeconds": 60, "ResultPath": None, "Next": next_state}
        return {"Type": "Task", "Resource": resource, "Parameters": PARAMETER, **more}

    return {
        **machine(
            A=call("B"),
            B={"Type": "Wait", "Seconds": seconds, "Next": "C"},
            C=call("D"),
            D={"Type": "Succeed"},
        ),
        "TimeoutSeconds": 120,
    }


@pytest.mark.parametrize("hours", [-30, -2, 2, 30])
def test_an_execution_ends_rightly_though_the_clock_jumps_while_it_waits(
    runtime: LocalRuntime, machines: Machines, hours: int
) -> None:
    step_functions = runtime.client("stepfunctions")
    arn = step_functions.start_execution(
        stateMachineArn=machines.create(calls_and_waits(1)), input="{}"
    )["executionArn"]
    begun = time.monotonic()
    moved = datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(hours=hours)

    with time_machine.travel(moved, tick=True):
        # Whoever asks has the same clock.
        execution = runtime.wait(arn)
        after = machines.run(calls_and_waits(0))
        listed = step_functions.get_execution_history(executionArn=arn)["events"]

    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    assert after.status == "SUCCEEDED", after.cause
    assert time.monotonic() - begun < 60
    assert [event["id"] for event in listed] == list(range(1, len(listed) + 1))


def test_a_wait_until_a_time_that_the_clock_has_left_behind_ends(
    runtime: LocalRuntime, machines: Machines
) -> None:
    until = {"Type": "Wait", "TimestampPath": "$.until", "End": True}
    arn = machines.create(machine(A=until))
    time_text = (datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(hours=1)).isoformat()

    with time_machine.travel(datetime.datetime.now(tz=datetime.UTC), tick=True) as traveller:
        traveller.shift(datetime.timedelta(hours=2))
        execution = runtime.run(arn, {"until": time_text.replace("+00:00", "Z")})

    assert execution.status == "SUCCEEDED"
