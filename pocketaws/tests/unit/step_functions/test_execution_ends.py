"""Executions that wait, are stopped, run out of time, and are redriven."""

import threading
import time
from typing import Any

import pytest

from emulated.machines import (
    FUNCTION,
    Account,
    alone,
    fail,
    kinds,
    machine,
    output,
    ran,
    started,
)
from emulated.waiting import eventually
from pocketaws.step_functions.engine.errors import StateError
from pocketaws.step_functions.engine.execution import EngineExecution
from pocketaws.step_functions.engine.frames import TaskCall
from pocketaws.step_functions.engine.tokens import TokenClosedError

WAITING = {"Type": "Task", "Resource": "arn:aws:states:::sqs:ask.waitForTaskToken"}
ASK = {"Parameters": {"token.$": "$$.Task.Token"}}


class Desk(Account):
    """Keeps the tokens that it is asked with."""

    def __init__(self, **handlers: Any) -> None:
        self.asked: list[str] = []
        self.came = threading.Event()
        super().__init__(ask=self._ask, **handlers)

    def _ask(self, parameters: Any) -> Any:
        self.asked.append(parameters["token"])
        self.came.set()
        return {"MessageId": "1"}

    def token(self) -> str:
        assert self.came.wait(10)
        self.came.clear()
        return self.asked[-1]


def ended(execution: EngineExecution) -> EngineExecution:
    assert execution.ended.wait(20)
    return execution


def test_a_task_waits_for_the_answer_to_its_token() -> None:
    desk = Desk()
    execution = started(alone(**WAITING, **ASK), {}, desk)
    desk.tokens.succeed(desk.token(), {"yes": 1})

    assert output(ended(execution)) == {"yes": 1}
    assert "TaskSubmitted" in kinds(execution)


def test_a_heartbeat_keeps_a_task_waiting_and_silence_ends_it() -> None:
    desk = Desk()
    execution = started(alone(**WAITING, **ASK, HeartbeatSeconds=3), {}, desk)
    token = desk.token()
    until = time.monotonic() + 3.5
    while time.monotonic() < until:
        time.sleep(0.05)
        desk.tokens.beat(token)
    assert execution.status == "RUNNING"

    assert ended(execution).error == "States.Timeout"
    assert "TaskTimedOut" in kinds(execution)
    with pytest.raises(TokenClosedError):
        desk.tokens.beat(token)


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_silence_is_caught_by_either_name(name: str) -> None:
    catch = [{"ErrorEquals": [name], "Next": "B"}]
    asks = {**WAITING, **ASK, "HeartbeatSeconds": 1, "Catch": catch, "Next": "B"}

    assert (
        output(ran(machine(A=asks, B={"Type": "Succeed"}), {}, Desk()))["Error"] == "States.Timeout"
    )


def test_an_answer_that_tells_of_a_failure_may_have_no_error() -> None:
    desk = Desk()
    execution = started(alone(**WAITING, **ASK), {}, desk)
    desk.tokens.fail(desk.token(), None, None)

    assert (ended(execution).status, execution.error, execution.cause) == ("FAILED", None, None)


def test_a_task_that_takes_too_long_times_out() -> None:
    released = threading.Event()
    account = Account(slow=lambda _: released.wait(10))
    execution = ran(alone(Type="Task", Resource=FUNCTION + "slow", TimeoutSeconds=1), {}, account)
    released.set()

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
    assert "LambdaFunctionTimedOut" in kinds(execution)


@pytest.mark.parametrize("failure", [StateError("Oops", "too late"), OSError("too late")])
def test_what_fails_after_its_state_timed_out_is_told(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    timed_out = threading.Event()

    def slow(_: Any) -> Any:
        timed_out.wait(10)
        raise failure

    execution = ran(
        alone(Type="Task", Resource=FUNCTION + "slow", TimeoutSeconds=1), {}, Account(slow=slow)
    )
    timed_out.set()

    assert execution.error == "States.Timeout"
    eventually(lambda: bool(caplog.messages))
    (told,) = caplog.messages
    assert told.startswith("state 'A' timed out, and then what it had asked for failed: ")
    assert told.endswith("too late")


def test_a_job_that_is_stopped_since_its_state_timed_out_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stopped = threading.Event()

    class Jobs(Account):
        def wait_for_job(self, call: TaskCall, answer: Any, ended: threading.Event) -> Any:
            assert ended.wait(10)
            stopped.set()
            raise StateError("States.TaskFailed", "Stopped")

    resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    execution = ran(
        alone(Type="Task", Resource=resource, TimeoutSeconds=1), {}, Jobs(createTrainingJob=dict)
    )

    assert execution.error == "States.Timeout"
    assert stopped.wait(10)
    assert caplog.messages == []


def test_a_stopped_execution_is_aborted_with_what_was_told() -> None:
    execution = started(alone(Type="Wait", Seconds=60))
    execution.stop("Enough", "by Ann")

    assert (execution.status, execution.error, execution.cause) == ("ABORTED", "Enough", "by Ann")
    last = execution.history.events[-1]
    assert last["type"] == "ExecutionAborted"
    assert last["executionAbortedEventDetails"] == {"error": "Enough", "cause": "by Ann"}
    assert last["previousEventId"] == 0


def test_an_execution_that_is_stopped_without_a_word_tells_nothing() -> None:
    execution = started(alone(Type="Wait", Seconds=60))
    execution.stop()

    assert execution.history.events[-1]["executionAbortedEventDetails"] == {}
    assert (execution.error, execution.cause) == (None, None)


def test_stopping_what_has_ended_changes_nothing() -> None:
    execution = ran(alone(Type="Pass"))
    stop_date = execution.stop_date
    execution.stop("late")

    assert (execution.status, execution.stop_date) == ("SUCCEEDED", stop_date)


def test_a_stopped_task_closes_its_token() -> None:
    desk = Desk()
    execution = started(alone(**WAITING, **ASK), {}, desk)
    token = desk.token()
    execution.stop()

    with pytest.raises(TokenClosedError):
        desk.tokens.succeed(token, 1)


def test_an_execution_that_takes_too_long_times_out_and_nothing_is_caught() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    inner = machine(I={"Type": "Wait", "Seconds": 60, "End": True})
    states = machine(
        A={"Type": "Parallel", "Branches": [inner], "Catch": catch, "Next": "B"},
        B={"Type": "Succeed"},
    )
    execution = ran({**states, "TimeoutSeconds": 1})

    assert execution.status == "TIMED_OUT"
    assert kinds(execution)[-1] == "ExecutionTimedOut"


def test_a_branch_that_fails_ends_the_others() -> None:
    begun = time.monotonic()
    waits = machine(W={"Type": "Wait", "Seconds": 60, "End": True})
    fails = machine(F={"Type": "Fail", "Error": "Oops"})
    execution = ran(alone(Type="Parallel", Branches=[waits, fails]))

    assert execution.error == "Oops"
    assert "WaitStateAborted" in kinds(execution)
    assert time.monotonic() - begun < 10


def test_items_that_have_not_begun_are_not_begun_after_a_failure() -> None:
    account = Account(broken=fail("Oops"))
    inner = machine(I={"Type": "Task", "Resource": FUNCTION + "broken", "End": True})
    execution = ran(alone(Type="Map", MaxConcurrency=1, ItemProcessor=inner), [1, 2, 3], account)

    assert kinds(execution).count("MapIterationStarted") == 1


class Moody(Account):
    """A function that fails until it is told not to."""

    def __init__(self) -> None:
        self.works = False
        self.seen: list[Any] = []
        super().__init__(moody=self._moody)

    def _moody(self, event: Any) -> Any:
        self.seen.append(event)
        return event if self.works else fail("Moody")(event)


MOODY = {"Type": "Task", "Resource": FUNCTION + "moody"}


def redriven(execution: EngineExecution, account: Moody) -> EngineExecution:
    account.works = True
    execution.redrive()
    return ended(execution)


def test_a_redriven_execution_goes_on_at_the_state_that_failed() -> None:
    account = Moody()
    definition = machine(
        A={"Type": "Pass", "Assign": {"v": 7}, "Next": "B"},
        B={**MOODY, "Parameters": {"v.$": "$v", "r.$": "$$.Execution.RedriveCount"}, "End": True},
    )
    execution = ran(definition, {}, account)
    assert execution.status == "FAILED"

    assert output(redriven(execution, account)) == {"v": 7, "r": 1}
    assert (execution.redrive_count, execution.error) == (1, None)
    assert kinds(execution).count("PassStateEntered") == 1
    assert kinds(execution).count("TaskStateEntered") == 1
    begun_again = kinds(execution).index("ExecutionRedriven")
    assert kinds(execution)[begun_again - 1] == "ExecutionFailed"
    assert kinds(execution)[begun_again + 1] == "LambdaFunctionScheduled"


def test_retries_begin_anew_in_a_redriven_execution() -> None:
    account = Moody()
    retry = [{"ErrorEquals": ["Moody"], "MaxAttempts": 1}]
    task = {**MOODY, "Parameters": {"n.$": "$$.State.RetryCount"}, "Retry": retry}
    execution = ran(alone(**task), {}, account)

    assert output(redriven(execution, account)) == {"n": 0}
    assert account.seen == [{"n": 0}, {"n": 1}, {"n": 0}]


def test_only_the_branches_that_failed_are_run_again() -> None:
    account = Moody()
    done = machine(D={"Type": "Pass", "Result": "kept", "End": True})
    execution = ran(
        alone(Type="Parallel", Branches=[done, machine(M={**MOODY, "End": True})]), 1, account
    )

    assert output(redriven(execution, account)) == ["kept", 1]
    assert kinds(execution).count("PassStateEntered") == 1
    assert kinds(execution).count("ParallelStateStarted") == 2


def test_only_the_items_that_failed_are_run_again() -> None:
    account = Moody()
    account.works = True
    inner = machine(
        I={**MOODY, "Next": "J"}, J={"Type": "Task", "Resource": FUNCTION + "picky", "End": True}
    )

    def picky(event: Any) -> Any:
        return event if event != 2 or len(account.seen) > 2 else fail("Picky")(event)

    account._handlers["picky"] = picky
    execution = ran(alone(Type="Map", MaxConcurrency=1, ItemProcessor=inner), [1, 2, 3], account)
    assert (execution.error, account.seen) == ("Picky", [1, 2])
    account.seen.append("again")
    execution.redrive()

    assert output(ended(execution)) == [1, 2, 3]
    assert account.seen == [1, 2, "again", 3]


def test_a_stopped_execution_can_be_redriven_and_one_that_succeeded_cannot() -> None:
    desk = Desk()
    execution = started(alone(**WAITING, **ASK), {}, desk)
    desk.token()
    execution.stop()
    assert execution.why_not_redrivable() is None
    execution.redrive()
    desk.tokens.succeed(desk.token(), "done")

    assert output(ended(execution)) == "done"
    assert execution.why_not_redrivable() == "Execution is SUCCEEDED and cannot be redriven"


def test_a_worker_takes_the_task_of_an_activity() -> None:
    account = Account()
    arn = "arn:aws:states:us-east-1:123456789012:activity:sort"
    execution = started(alone(Type="Task", Resource=arn), {"n": 1}, account)
    offer = account.activities.take(arn, "Ann", seconds=10)
    assert offer is not None
    assert offer.input == '{"n":1}'
    account.tokens.succeed(offer.ticket.token, "sorted")

    assert output(ended(execution)) == "sorted"
    assert kinds(execution)[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert execution.history.events[3]["activityStartedEventDetails"] == {"workerName": "Ann"}


def test_the_children_of_a_distributed_map_see_no_variable_from_outside() -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    inner = machine(I={"Type": "Pass", "Parameters": {"v.$": "$v"}, "End": True})
    mapped = {
        "Type": "Map",
        "ItemsPath": "$.rows",
        "ItemSelector": {"from.$": "$v"},
        "ItemProcessor": {**inner, "ProcessorConfig": config},
        "End": True,
    }
    first = {"Type": "Pass", "Assign": {"v": 1}, "Next": "Each"}

    execution = ran(machine(First=first, Each=mapped), {"rows": [1]})

    assert (execution.status, execution.error) == (
        "FAILED",
        "States.ExceedToleratedFailureThreshold",
    )
