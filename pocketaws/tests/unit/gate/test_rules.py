"""Requests are held against botocore's model of the call, in AWS's words."""

from typing import Any

import botocore.session
import pytest

from pocketaws import service_models
from pocketaws.gate import rules
from pocketaws.gate.rules import request_problems, unknown_fields
from pocketaws.service_models import operation_model

TRAINING: dict[str, Any] = {
    "TrainingJobName": "job-1",
    "RoleArn": "arn:aws:iam::123456789012:role/job",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
}


def problems_of(**changes: Any) -> list[str]:
    return request_problems("sagemaker", "CreateTrainingJob", {**TRAINING, **changes})


def test_a_sound_request_has_no_problems() -> None:
    assert problems_of() == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"TrainingJobName": None}, "Value null at 'trainingJobName' failed"),
        ({"TrainingJobName": ""}, "regular expression pattern"),
        ({"TrainingJobName": "a" * 64}, "length less than or equal to 63"),
        ({"TrainingJobName": "-a"}, "Value '-a' at 'trainingJobName' failed"),
        ({"TrainingJobName": True}, "expected string"),
        ({"Colour": 1}, "Unknown field 'colour'; known are TrainingJobName, "),
        ({"RoleArn": "role"}, "'roleArn'"),
        ({"ResourceConfig": []}, "'resourceConfig' has the wrong type: expected structure"),
        (
            {"ResourceConfig": {"InstanceCount": -1}},
            (
                "Value -1 at 'resourceConfig.instanceCount' failed to satisfy constraint: "
                "Member must have value greater than or equal to 0"
            ),
        ),
        ({"ResourceConfig": {"InstanceCount": True}}, "expected integer"),
        ({"ResourceConfig": {"InstanceCount": 1.5}}, "expected integer"),
        ({"ResourceConfig": {"InstanceType": "ml.x"}}, "Member must satisfy enum value set: [ml."),
        ({"HyperParameters": {"a": 1}}, "'hyperParameters.a' has the wrong type"),
        ({"HyperParameters": {"a": "b" * 2501}}, "length less than or equal to 2500"),
        ({"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a"}]}, "'tags.2.member.value'"),
        ({"InputDataConfig": [{"ChannelName": "a b", "DataSource": {}}]}, "'inputDataConfig.1."),
    ],
)
def test_a_problem_names_the_member_and_the_rule(changes: dict[str, Any], told: str) -> None:
    problems = problems_of(**changes)

    assert any(told in problem for problem in problems), problems


def test_every_problem_is_told() -> None:
    assert len(request_problems("sagemaker", "CreateTrainingJob", {})) == 3


def test_a_body_that_is_no_object_is_a_problem() -> None:
    (problem,) = request_problems("sagemaker", "CreateTrainingJob", [])

    assert "expected structure" in problem


def test_a_field_given_as_null_is_as_if_left_out() -> None:
    assert problems_of(Tags=None, HyperParameters=None) == []


def test_a_call_that_the_service_has_not_is_left_to_the_emulator() -> None:
    assert request_problems("sagemaker", "CreateNothing", {"a": 1}) == []


def shape() -> Any:
    model = operation_model("sagemaker", "CreateTrainingJob")
    assert model is not None
    return model.input_shape


@pytest.mark.parametrize(
    ("parameters", "unknown"),
    [
        ({"TrainingJobName.$": "$.name", "HyperParameters": {"any": "key"}}, []),
        ({"TrainingJob": "x"}, ["/TrainingJob"]),
        ({"ResourceConfig": {"Count": 1, "InstanceType": "x"}}, ["/ResourceConfig/Count"]),
        ({"Tags": [{"Key": "a"}, {"Name.$": "$.b"}]}, ["/Tags[1]/Name.$"]),
        ({"ResourceConfig.$": {"Count": 1}}, []),
        ({"ResourceConfig": "$.config"}, []),
    ],
)
def test_fields_that_a_shape_has_not_are_found(
    parameters: dict[str, Any], unknown: list[str]
) -> None:
    assert list(unknown_fields(parameters, shape())) == unknown


def test_sessions_share_one_reader_within_the_context_only() -> None:
    before = botocore.session.create_loader
    with service_models.shared():
        first, second = (botocore.session.Session() for _ in range(2))
        loaders = [session.get_component("data_loader") for session in (first, second)]

    assert loaders == [service_models.data_loader()] * 2
    assert botocore.session.create_loader is before


@pytest.mark.parametrize(
    ("name", "java_name"),
    [
        ("ModelPackageArn", "ModelPackageArn"),
        ("SupportedResponseMIMETypes", "SupportedResponseMIMETypes"),
        ("SSEKMSKeyId", "SsekmsKeyId"),
        ("DBInstanceClass", "DbInstanceClass"),
        ("ACL", "Acl"),
        ("stateMachineArn", "StateMachineArn"),
        ("S3Key", "S3Key"),
        ("NULL", "Nul"),
        ("BOOL", "Bool"),
        ("SS", "Ss"),
    ],
)
def test_a_member_has_its_name_of_the_sdk_for_java(name: str, java_name: str) -> None:
    assert rules.java_name(name) == java_name
