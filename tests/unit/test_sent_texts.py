"""What functions and jobs send, at its longest: within what each service takes.

A text is held to botocore's model of its member, and a message to what the emulator's gate, which
has SNS's published limits, says of the request.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
import regex
from botocore.session import Session

from pocketaws.gate import limits
from tests.unit.modules import load

NAME_OF_80: Final = "\u00fc" * 80
MACHINE: Final = "m" * 54
EXECUTION_ARN: Final = (
    f"arn:aws-us-gov:states:us-gov-west-1:123456789012:execution:{MACHINE}:{NAME_OF_80}"
)
GROUPS: Final = "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:model-package"
PACKAGE_ARN: Final = f"{GROUPS}/{MACHINE}-0a0a0a0a/123456789"
TOPIC_ARN: Final = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:" + "t" * 256
MODEL_NAME: Final = "b" * 47 + "-0a0a0a0a"
# Longer than anything that a service gives, with what subjects and descriptions may not hold.
HOSTILE: Final = "\u00fc\n\t\x00\U0001f642 " * 50_000
SHAPES: Final = Session()

read_evaluation, record = load("read_evaluation"), load("record_model_name").record
prepare, send_message = load("prepare_execution"), load("send_message")
close_execution, smoke_test = load("close_execution"), load("smoke_test")
answer_alarm, approval = load("answer_alarm"), load("approval")


def fits(service: str, shape_name: str, text: str) -> bool:
    """Tell whether botocore's model of a member takes a text."""
    shape = SHAPES.get_service_model(service).shape_for(shape_name)
    pattern = shape.metadata.get("pattern", ".*")
    taken = regex.fullmatch(pattern, text, regex.DOTALL) is not None
    return taken and shape.metadata["min"] <= len(text) <= shape.metadata["max"]


def refusals(subject: str, text: str, kind: str = "failed") -> list[Any]:
    """Return what SNS says against a message."""
    request = {
        "TopicArn": TOPIC_ARN,
        "Subject": subject,
        "Message": text,
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": kind}},
    }
    return list(limits.problems("sns", "Publish", request))


def judgement(not_compared: str) -> Mapping[str, Any]:
    metrics = {"mse": {"value": 1.23456789e149}, "rmse": {"value": 3.5e74}}
    metrics |= {"mae": {"value": 3.4e74}, "r2": {"value": -1.2345678e-149}}
    content = {
        "regression_metrics": metrics,
        "rows": 10**15,
        "production": None,
        "not_compared": not_compared,
    }
    evaluation = read_evaluation.evaluation.parse_evaluation(
        json.dumps(content).encode(), where="here"
    )
    bounds = read_evaluation.judgement.Limits(1.23456789e-12, 0.02, "refuse")
    return {
        "mse": evaluation.mse,
        "production_mse": None,
        "reason": read_evaluation.judgement.reason(evaluation, limits=bounds),
        "numbers": read_evaluation.words.numbers(evaluation, limits=bounds),
        "kept": evaluation.not_compared,
    }


def state(**more: Any) -> dict[str, Any]:
    failure = {"Error": HOSTILE, "Cause": HOSTILE}
    return {
        "judgement": judgement(HOSTILE),
        "failures": {"train_model": failure, HOSTILE: failure},
        "production": {"note": HOSTILE},
        "gate": {"evaluation_uri": HOSTILE},
        "package": {"ModelPackageArn": PACKAGE_ARN},
        "recorded": {"ModelName": HOSTILE, "ParameterName": HOSTILE, "ParameterVersion": 1},
        "refusal": {"Error": "ModelRejected", "Cause": HOSTILE},
        "decision": {"decided_by": HOSTILE, "description": HOSTILE},
        **more,
    }


def test_a_reason_is_kept_whole_at_its_limit_and_shows_its_cut_past_it() -> None:
    assert judgement("r" * 700)["kept"] == "r" * 700
    assert judgement("r" * 701)["kept"] == "r" * 697 + "..."
    assert judgement("two\nlines\x00 ")["kept"] == "two lines"


@pytest.mark.parametrize("why", ["r" * 700, HOSTILE])
def test_the_registrys_description_of_a_model_is_one_that_it_takes(why: str) -> None:
    reason = judgement(why)["reason"]

    assert fits("sagemaker", "EntityDescription", reason)
    # The remedy is at its end, and stays.
    assert "--fresh" in reason


def test_a_record_of_the_longest_names_fits_into_the_parameters_description() -> None:
    event = {
        "ModelName": MODEL_NAME,
        "ExecutionArn": EXECUTION_ARN,
        "ExecutionStartTime": "2026-11-29T08:00:00.123Z",
        "ModelPackageArn": PACKAGE_ARN,
        "Metrics": dict.fromkeys(("mse", "rmse", "mae", "r2", "rows"), -1.2345678901234567e-149),
    }
    description = record.record_from_event(event).description

    assert fits("ssm", "ParameterDescription", description)
    assert json.loads(description)["execution"] == EXECUTION_ARN
    assert record.record_from_version(MODEL_NAME, description) is not None


def test_a_description_at_the_limit_is_recorded_and_one_character_more_is_refused() -> None:
    event = {
        "ModelName": MODEL_NAME,
        "ExecutionArn": EXECUTION_ARN,
        "ExecutionStartTime": "2026-11-29T08:00:00.123Z",
        "ModelPackageArn": PACKAGE_ARN,
    }
    room = 1024 - len(record.record_from_event({**event, "Metrics": {"": 1}}).description)

    fitting = record.record_from_event({**event, "Metrics": {"m" * room: 1}})
    assert len(fitting.description) == 1024
    with pytest.raises(ValueError, match="of 1025 characters and Parameter Store takes 1024"):
        record.record_from_event({**event, "Metrics": {"m" * (room + 1): 1}})


@pytest.mark.parametrize("kind", ["released", "rejected", "refused", "failed"])
def test_the_message_about_an_execution_is_one_that_sns_takes(kind: str) -> None:
    event = {"Kind": kind, "ExecutionArn": EXECUTION_ARN, "State": state()}
    message = send_message.compose.compose(event, reports_uri="s3://bucket/reports/")

    assert refusals(message.subject, message.text, kind) == []
    assert message.error is None or fits("stepfunctions", "SensitiveError", message.error)
    assert message.cause is None or fits("stepfunctions", "SensitiveCause", message.cause)


def test_the_message_about_an_execution_that_was_cut_short_is_one_that_sns_takes() -> None:
    ending = close_execution.ending.Ending(EXECUTION_ARN, "FAILED", HOSTILE[:256], HOSTILE, None)
    subject, text = close_execution.message.compose(
        ending, [PACKAGE_ARN] * 5, reports_uri="s3://bucket/reports/"
    )

    assert refusals(subject, text) == []


def test_the_message_about_a_failed_smoke_test_is_one_that_sns_takes() -> None:
    properties = {"EndpointName": "e" * 63, "ModelName": MODEL_NAME}
    subject, text = smoke_test.message.message_of(properties, HOSTILE[:1000], rolling_back=True)

    assert refusals(subject, text) == []


def test_the_message_about_an_alarm_is_one_that_sns_takes() -> None:
    arn = "arn:aws-us-gov:cloudwatch:us-gov-west-1:123456789012:alarm:" + "a" * 255
    alarm = answer_alarm.alarm.Alarm(arn, "a" * 255, HOSTILE[:1024], HOSTILE)
    subject, text = answer_alarm.message.message_of(alarm, answer_alarm.retraining.NOT_ASKED)

    assert refusals(subject, text) == []


def test_the_question_to_a_person_is_one_that_sns_takes() -> None:
    question = approval.question.parse_question(
        {
            "TaskToken": "t" * 2048,
            "ExecutionArn": EXECUTION_ARN,
            "ModelPackageArn": PACKAGE_ARN,
            "ModelName": MODEL_NAME,
            "Reason": HOSTILE,
            "ApprovalReason": HOSTILE,
            "Numbers": [HOSTILE] * 8,
            "Compared": HOSTILE,
            "EvaluationUri": "s3://bucket/evaluation/run/",
            "TimeoutSeconds": 1,
        }
    )
    message = approval.message.compose(
        question, link_url="https://p/?key=k", reports_uri="s3://b/r/", expires_at=1
    )

    assert refusals(message.subject, message.text, "approval") == []


def test_a_comment_at_its_limit_makes_a_description_that_the_registry_takes() -> None:
    decision = approval.form.Decision("Approved", "\u00fc" * approval.form.COMMENT_MAXIMUM)

    assert fits("sagemaker", "ApprovalDescription", decision.description)


def test_the_prepared_execution_at_its_largest_leaves_room_for_what_jobs_tell_of_themselves() -> (
    None
):
    tags = {f"{number:03}".ljust(128, "\u00fc"): "\u00fc" * 256 for number in range(40)}
    fields = prepare.execution_input.Settings.__dataclass_fields__
    values: dict[str, Any] = dict.fromkeys(fields, 1)
    hyperparameters = dict.fromkeys(prepare.hyperparameters.CHECKERS, "9" * 2500)
    tuning = {
        "ranges": {name: [1e-30, 1e30] for name in prepare.tuning.CONTINUOUS},
        "max_jobs": 750,
        "max_parallel_jobs": 100,
        "strategy": "Bayesian",
        "early_stopping": False,
    }
    posed = {"problem": "regression", "gate_metric": "mse", "tuning": tuning}
    uris = dict.fromkeys(("input_data_uri", "batch_data_uri"), "s3://bucket/".ljust(1024, "k"))
    texts = {**uris, "approval": "automatic_if_better"}
    settings = prepare.execution_input.Settings(
        **{**values, **texts, **posed, "tags": tags, "hyperparameters": hyperparameters}
    )
    prepared = prepare.prepared.prepare(
        settings,
        execution_arn=EXECUTION_ARN,
        execution_name=NAME_OF_80,
        start_time="2026-11-29T08:00:00.123Z",
        bucket_name="b" * 63,
        experiment_name=MACHINE,
        input_data_version="v" * 256,
        git_commit="c" * 64,
    )

    # Of 262,144, and a job's description repeats tags and hyperparameters.
    assert len(json.dumps(prepared, ensure_ascii=False).encode()) < 131_072
