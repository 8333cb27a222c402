"""The message about an execution, published to a fake topic that refuses what SNS refuses."""

import json
import string
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.modules import load

function = load("send_message")
PUBLISH_SHAPE = Session().get_service_model("sns").operation_model("Publish").input_shape
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:abalone"
EXECUTION_ARN = "arn:aws:states:eu-west-1:123456789012:execution:abalone:run-7"
JUDGEMENT = {
    "mse": 4.8123456,
    "production_mse": 4.9,
    "reason": "mse 4.8123 is at most max_mse 6.0 and not worse than production's 4.9 by more …",
    "numbers": ["Numbers, on 627 rows that were not trained on:", "  mse of production      4.9"],
    "approval_reason": "approved by the gate alone",
}
PACKAGE_ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/abalone-0123/4"
JUDGED = {
    "gate": {"evaluation_uri": "s3://bucket/evaluation/run-7/"},
    "production": {"note": "Compared with old (version 3 of /abalone/model-name)"},
    "judgement": JUDGEMENT,
}
RECORDED = {
    "ModelName": "run-7-0a1b2c3d",
    "ParameterName": "/abalone/model-name",
    "ParameterVersion": 4,
    "Recorded": True,
    "Reason": None,
}
REASON = "mse 8.2 is above max_mse 6.0 and worse than production's 4.9 by more than 2 %"


class FakeTopic:
    """A topic that keeps what was published, if SNS would take it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.published: list[dict[str, Any]] = []
        self.refusal = refusal

    def publish(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        assert not ParamValidator().validate(request, PUBLISH_SHAPE).has_errors()
        assert 0 < len(request["Subject"]) < 100
        assert request["Subject"].isascii()
        assert request["Subject"].isprintable()
        assert len(request["Message"].encode()) < 256 * 1024
        self.published.append(request)
        return {"MessageId": "message-1"}


def send(kind: str, state: dict[str, Any], execution_arn: str = EXECUTION_ARN) -> Any:
    """Return what was published, and the function's answer."""
    topic = FakeTopic()
    event = {"Kind": kind, "ExecutionArn": execution_arn, "State": state}
    answer = function.app.send(
        event, topic_arn=TOPIC_ARN, reports_uri="s3://bucket/reports/", sns=topic
    )
    (published,) = topic.published
    return published, answer


def failed(key: str, error: str, cause: Any) -> dict[str, Any]:
    text = cause if isinstance(cause, str) else json.dumps(cause)
    return {"failures": {key: {"Error": error, "Cause": text}}}


@pytest.mark.parametrize("kind", ["released", "rejected", "refused", "failed"])
def test_every_message_says_which_rows_were_left_out(kind: str) -> None:
    told = "1 of 10 rows were left out (negative: 1); the first: a.csv line 7: negative"
    state = {
        **JUDGED,
        "processing_job": {"ExitMessage": told},
        "recorded": RECORDED,
        "refusal": {"Cause": "no"},
    }

    published, _ = send(kind, state)

    assert f"\nData: {told}\n" in published["Message"]


def test_a_release_is_told_with_its_name_and_its_numbers() -> None:
    package = {"ModelPackageArn": PACKAGE_ARN}

    published, answer = send("released", {**JUDGED, "recorded": RECORDED, "package": package})

    assert published["TopicArn"] == TOPIC_ARN
    assert published["Subject"] == "Model released: abalone, mse 4.8123 (production 4.9)"
    assert (
        published["Message"]
        == """\
abalone released a model.

Model: run-7-0a1b2c3d
Recorded in: /abalone/model-name, version 4
Model package: arn:aws:sagemaker:eu-west-1:123456789012:model-package/abalone-0123/4
Why: mse 4.8123 is at most max_mse 6.0 and not worse than production's 4.9 by more …
Approval: approved by the gate alone

Numbers, on 627 rows that were not trained on:
  mse of production      4.9
Compared with old (version 3 of /abalone/model-name)

Report: https://eu-west-1.console.aws.amazon.com/s3/object/bucket?region=eu-west-1&\
prefix=reports%2Frun-7%2Freport.html
Execution: run-7
https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/\
arn:aws:states:eu-west-1:123456789012:execution:abalone:run-7"""
    )
    assert published["MessageAttributes"]["kind"]["StringValue"] == "released"
    assert answer == {"message_id": "message-1", "error": None, "cause": None}


def test_the_first_release_has_no_production_model_to_compare_with() -> None:
    judgement = {**JUDGEMENT, "production_mse": None}

    published, _ = send("released", {"judgement": judgement, "recorded": RECORDED})

    assert published["Subject"] == "Model released: abalone, mse 4.8123"


@pytest.mark.parametrize(
    ("decision", "line"),
    [
        (
            {"decision": "Approved", "description": "looks right", "decided_by": "arn:…:ann"},
            "Approval: approved by arn:…:ann: looks right",
        ),
        ({"decision": "Approved", "description": None, "decided_by": None}, "Approval: approved"),
    ],
)
def test_a_release_that_a_person_approved_says_by_whom(decision: Any, line: str) -> None:
    state = {**JUDGED, "recorded": RECORDED, "decision": decision}

    published, _ = send("released", state)

    assert line in published["Message"].splitlines()


def test_a_refusal_is_told_and_ends_the_execution_with_the_persons_words() -> None:
    cause = "ann rejected version 4: the test rows are last year's"
    state = {**JUDGED, "package": {"ModelPackageArn": PACKAGE_ARN}, "refusal": {"Cause": cause}}

    published, answer = send("refused", state)

    assert published["Subject"] == "Model not approved: abalone, mse 4.8123 (production 4.9)"
    assert f"Model package: {PACKAGE_ARN}\nWhy: {cause}\n" in published["Message"]
    assert f"The gate: {JUDGEMENT['reason']}" in published["Message"]
    assert answer == {"message_id": "message-1", "error": "ModelRejected", "cause": cause}


def test_an_approval_that_nobody_gave_is_told_in_plain_words() -> None:
    state = {**JUDGED, "failures": {"wait_for_approval": {"Error": "States.Timeout"}}}

    published, _ = send("failed", state)

    assert "Why: nobody approved or rejected the model in the registry in time" in (
        published["Message"].splitlines()
    )


def test_a_model_that_a_newer_one_kept_from_being_recorded_is_told_as_that() -> None:
    reason = "/abalone/model-name keeps run-8 (version 5)"
    recorded = {**RECORDED, "Recorded": False, "Reason": reason}

    published, answer = send("released", {**JUDGED, "recorded": recorded})

    assert published["Subject"].startswith("Model not released, a newer one stays: abalone")
    assert f"Model: run-7-0a1b2c3d\nWhy: {reason}" in published["Message"]
    assert answer["error"] is None


def test_a_rejection_is_told_and_ends_the_execution_with_both_numbers() -> None:
    judgement = {**JUDGEMENT, "mse": 8.2, "reason": REASON}

    published, answer = send("rejected", {**JUDGED, "judgement": judgement})

    assert published["Subject"] == "Model rejected: abalone, mse 8.2 (production 4.9)"
    assert f"Why: {REASON}" in published["Message"]
    assert "Compared with old (version 3 of /abalone/model-name)" in published["Message"]
    assert answer == {"message_id": "message-1", "error": "ModelRejected", "cause": REASON}


def test_a_failed_job_is_told_in_its_own_words() -> None:
    description = {
        "ProcessingJobName": "run-7-0a1b2c3d",
        "ProcessingJobStatus": "Failed",
        "ExitMessage": "every row was rejected: column 3 is not a number",
        "FailureReason": "AlgorithmError: See job logs for more information",
        "Environment": {"TOKEN": "secret"},
    }
    state = failed("preprocess_data", "States.TaskFailed", description)

    published, answer = send("failed", state)

    assert published["Subject"] == "Execution failed: abalone, Preprocess data, States.TaskFailed"
    assert published["Message"].startswith(
        "An execution of abalone failed.\n\n"
        "State: Preprocess data\n"
        "Error: States.TaskFailed\n"
        "Why: every row was rejected: column 3 is not a number\n"
        "Job: run-7-0a1b2c3d\n"
    )
    assert "secret" not in published["Message"]
    assert answer["error"] == "JobFailed"
    assert answer["cause"] == "every row was rejected: column 3 is not a number"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            {"TrainingJobName": "job", "FailureReason": "CapacityError: no ml.m5"},
            "CapacityError: no ml.m5\nJob: job",
        ),
        (
            {"ProcessingJobName": "job", "FailureReason": "AlgorithmError: See job logs, code: 1"},
            "AlgorithmError: See job logs, code: 1\nJob: job",
        ),
        (
            {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxRuntimeExceeded"},
            "the job was stopped (MaxRuntimeExceeded)",
        ),
        (
            {"ProcessingJobName": "job", "ProcessingJobStatus": "Stopped", "ExitMessage": "row 7"},
            "row 7\nthe job was stopped (on request)\nJob: job",
        ),
        ({"TrainingJobName": "job", "TrainingJobStatus": "Failed"}, "the job's status is Failed"),
        ({"errorType": "States.TaskFailed", "errorMessage": "no rows"}, "no rows\n"),
        (
            {"errorType": "MalformedEvaluation", "errorMessage": "rows = 0", "stackTrace": ["x"]},
            "MalformedEvaluation: rows = 0\n",
        ),
        ({"errorMessage": "2026 Task timed out after 30 s"}, "2026 Task timed out after 30 s\n"),
        ({"Unknown": 1}, '{"Unknown": 1}'),
        ("The JSONPath '$.x' could not be found", "The JSONPath '$.x' could not be found"),
        ("[1, 2]", "[1, 2]"),
        ("[" * 20_000, "[" * 3_997 + "..."),
        ("", "no reason was given"),
    ],
)
def test_the_reason_is_found_in_every_kind_of_cause(cause: Any, words: str) -> None:
    published, answer = send("failed", failed("train_model", "States.TaskFailed", cause))

    reason = words.removesuffix("...").partition("\nJob: ")[0].rstrip("\n")
    assert f"\nWhy: {words}" in published["Message"]
    assert answer["cause"].startswith(reason)


def test_a_timeout_has_no_cause_and_is_put_in_words() -> None:
    published, answer = send("failed", {"failures": {"train_model": {"Error": "States.Timeout"}}})

    assert "Why: it took longer than the state's time limit" in published["Message"]
    assert answer["error"] == "TaskTimedOut"
    assert answer["cause"] == "it took longer than the state's time limit"


def test_a_failure_after_the_judgement_is_told_with_the_numbers() -> None:
    state = {**JUDGED, **failed("create_model", "SageMaker.ResourceLimitExceededException", "full")}

    published, _ = send("failed", state)

    assert "mse of production      4.9" in published["Message"]


def test_every_failed_state_is_told_and_the_first_ends_the_execution() -> None:
    state = {"failures": {"one": {"Error": "A", "Cause": "a"}, "two": {"Error": "B"}}}

    published, answer = send("failed", state)

    assert "State: One\nError: A\nWhy: a\n\nState: Two\nError: B\n" in published["Message"]
    assert (answer["error"], answer["cause"]) == ("A", "a")


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"failures": None},
        {"failures": {}},
        {"failures": {"x": None}},
        {"failures": {"x": {"Error": None, "Cause": None}}},
        {"failures": {"x": {}}, "judgement": {"mse": "4.8"}, "production": 7, "gate": []},
    ],
)
def test_a_failure_is_told_whatever_the_state_holds(state: dict[str, Any]) -> None:
    published, answer = send("failed", state)

    assert published["Subject"].startswith("Execution failed: abalone, ")
    assert answer["error"] == "ExecutionFailed"
    assert isinstance(answer["cause"], str)


def test_what_is_too_long_is_cut() -> None:
    state = failed("train_model", "E" * 1_000, "ä" * 100_000)

    published, answer = send("failed", state)

    assert published["Subject"].endswith("...")
    assert len(answer["error"]) == 256
    assert answer["cause"] == "ä" * 31_997 + "..."


@given(st.text(), st.text(), st.text())
def test_no_text_makes_a_message_that_sns_refuses(key: str, error: str, cause: str) -> None:
    published, answer = send("failed", {"failures": {key: {"Error": error, "Cause": cause}}})

    text = published["Message"]
    assert all(char.isprintable() or char in "\n\t" for char in text)
    assert cause in answer["cause"]


@given(
    st.recursive(
        st.none() | st.floats() | st.text(),
        lambda inner: st.dictionaries(
            st.sampled_from(["ExitMessage", "FailureReason", "errorMessage", "TrainingJobName"]),
            inner,
        ),
    )
)
def test_a_cause_of_any_json_is_told(cause: Any) -> None:
    _, answer = send("failed", failed("train_model", "States.TaskFailed", json.dumps(cause)))

    assert answer["cause"]


@pytest.mark.parametrize(
    ("partition", "region", "start"),
    [
        ("aws", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/states/"),
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/states/"),
        ("aws-us-gov", "us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/st"),
        ("aws-iso", "us-iso-east-1", "arn:aws-iso:states:us-iso-east-1:"),
    ],
)
def test_the_link_leads_to_the_partitions_console(partition: str, region: str, start: str) -> None:
    arn = f"arn:{partition}:states:{region}:123456789012:execution:abalone:run 7 é"

    published, _ = send("failed", {}, arn)

    link = published["Message"].splitlines()[-1]
    assert link.startswith(start)
    assert link.endswith(("run%207%20%C3%A9", "run 7 é"))


def test_a_name_that_is_not_ascii_still_makes_a_subject() -> None:
    arn = EXECUTION_ARN.replace("abalone", "olé\n" * 20)

    published, _ = send("failed", {}, arn)

    assert published["Subject"].startswith("Execution failed: ol? ol?")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Kind": "done"}, "Kind must be one of released, rejected, refused, failed, got 'done'"),
        ({"Kind": None}, "Kind must be one of"),
        ({"Kind": ["failed"]}, "Kind must be one of"),
        ({"State": None}, "State must be the execution's state, an object, not NoneType"),
        ({"ExecutionArn": None}, "ExecutionArn must be the execution's ARN"),
        ({"ExecutionArn": "run-7"}, "ExecutionArn must be the execution's ARN"),
        ({"ExecutionArn": TOPIC_ARN}, "ExecutionArn must be the execution's ARN"),
        ({"Kind": "released"}, r"State\.recorded must be the output of record_model_name"),
        ({"Kind": "refused"}, r"State\.refusal must be the error that the approval ended with"),
        ({"Kind": "rejected", "State": {}}, r"State\.judgement must be the output of read_eval"),
        (
            {"Kind": "rejected", "State": {"judgement": {**JUDGEMENT, "mse": None}}},
            r"State\.judgement must be the output of read_eval",
        ),
    ],
)
def test_an_event_that_cannot_be_told_is_refused(change: dict[str, Any], problem: str) -> None:
    event = {"Kind": "failed", "ExecutionArn": EXECUTION_ARN, "State": JUDGED, **change}
    topic = FakeTopic()

    with pytest.raises(ValueError, match=f"^{problem}"):
        function.app.send(event, topic_arn=TOPIC_ARN, reports_uri="s3://bucket/reports/", sns=topic)

    assert topic.published == []


def test_a_topic_that_refuses_fails_the_state() -> None:
    refusal = ClientError({"Error": {"Code": "AuthorizationError", "Message": "no"}}, "Publish")
    event = {"Kind": "failed", "ExecutionArn": EXECUTION_ARN, "State": {}}

    with pytest.raises(ClientError, match="AuthorizationError"):
        function.app.send(
            event, topic_arn=TOPIC_ARN, reports_uri="s3://bucket/reports/", sns=FakeTopic(refusal)
        )


def test_characters_that_print_are_kept() -> None:
    published, _ = send("failed", failed("train_model", "E", string.printable[:95]))

    assert string.printable[:94] in published["Message"]


@pytest.mark.parametrize(
    "tuning", [None, {}, {"best": {"hyperparameters": {}, "job_name": "none"}}]
)
def test_of_what_was_not_tuned_nothing_is_told(tuning: Any) -> None:
    assert function.tuned.tuned_lines({"tuning": tuning}) == []


def test_what_was_tuned_is_told_with_its_metric_and_its_job() -> None:
    best = {
        "hyperparameters": {"max_depth": "7", "eta": "0.31"},
        "job_name": "tune-1",
        "metric": "validation:rmse",
        "value": 2.1,
    }

    (line,) = function.tuned.tuned_lines({"tuning": {"best": best}})

    assert line == "Tuned: eta 0.31, max_depth 7; the best by validation:rmse (2.1) of tune-1"


BATCH = {"is_wanted": True, "input_data_uri": "s3://b/rows/", "predictions_uri": "s3://b/p/"}


def test_predictions_are_told_with_the_rows_that_are_not_among_them() -> None:
    left_out = {"ExitMessage": "1 of 4 rows were left out"}

    told = function.batch.batch_lines({"batch": BATCH, "batch_job": left_out})

    assert told == ["Predictions: s3://b/p/, for s3://b/rows/", "Batch: 1 of 4 rows were left out"]
    assert function.batch.batch_lines({"batch": {"is_wanted": False}}) == []


def test_a_batch_that_failed_is_told_in_the_message_about_the_release() -> None:
    caught = {"Error": "States.TaskFailed", "Cause": json.dumps({"ExitMessage": "no rows"})}
    state = {**JUDGED, "recorded": RECORDED, "batch": BATCH, "failures": {"encode_batch": caught}}
    event = {"Kind": "released", "ExecutionArn": EXECUTION_ARN, "State": state}

    message = function.compose.compose(event, reports_uri="s3://b/reports/")

    assert message.subject.startswith("Model released, without its predictions: abalone")
    assert "Batch: s3://b/rows/ was not predicted for, see below" in message.text
    assert "State: Encode batch\nError: States.TaskFailed\nWhy: no rows" in message.text
    assert (message.error, message.cause) == (None, None)


def test_a_batch_is_left_alone_where_a_newer_model_stays() -> None:
    recorded = {**RECORDED, "Recorded": False, "Reason": "run-8 is newer"}
    state = {**JUDGED, "recorded": recorded, "batch": BATCH}
    event = {"Kind": "released", "ExecutionArn": EXECUTION_ARN, "State": state}

    text = function.compose.compose(event, reports_uri="s3://b/reports/").text

    assert "s3://b/rows/ was not predicted for, since another model is the released one" in text
