"""The look-up of the model in production, and the inputs of the job that compares it."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator

from tests.unit.modules import load

function = load("find_production_model")
find_production_model = function.production.find_production_model
NAME = "/abalone/model-name"
ARTIFACT_URI = "s3://bucket/training/old/output/model.tar.gz"
ANSWERS_URI = "s3://bucket/evaluation/old/known-answers.json"
EVENT = {
    "CandidateArtifactUri": "s3://bucket/training/new/output/model.tar.gz",
    "TrainUri": "s3://bucket/preprocessing/run/train/",
    "TestUri": "s3://bucket/preprocessing/run/test/",
    "JobScriptsUri": "s3://bucket/jobs/0123456789abcdef/",
    "EvaluationUri": "s3://bucket/evaluation/run/",
}


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.ParameterNotFound`."""


class FakeParameterStore:
    """One parameter at version 3, or none."""

    exceptions = SimpleNamespace(ParameterNotFound=NotThereError)

    def __init__(self, value: str | None) -> None:
        self.value = value

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        assert request == {"Name": NAME}
        if self.value is None:
            raise NotThereError
        return {"Parameter": {"Value": self.value, "Version": 3}}


class FakeSageMaker:
    """Models by name; any other name is answered with an error."""

    def __init__(self, code: str = "ValidationException", message: str = "", **models: Any) -> None:
        self.models = models
        self.error = {
            "Code": code,
            "Message": message or 'Could not find model "arn:aws:sagemaker:::model/gone".',
        }

    def describe_model(self, **request: Any) -> Any:
        if request["ModelName"] not in self.models:
            raise ClientError({"Error": self.error}, "DescribeModel")
        return self.models[request["ModelName"]]


class FakeS3:
    """A bucket with a few keys."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        assert (request["Bucket"], request["MaxKeys"]) == ("bucket", 1)
        found = [key for key in self.keys if key.startswith(request["Prefix"])]
        return {"Contents": [{"Key": key} for key in found[:1]]} if found else {"KeyCount": 0}


def find(value: str | None, *keys: str, **fake: Any) -> Any:
    ssm, sagemaker = FakeParameterStore(value), FakeSageMaker(**fake)
    return find_production_model(
        NAME, bucket_name="bucket", ssm=ssm, sagemaker=sagemaker, s3=FakeS3(*keys)
    )


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("evaluation/run-1a2b3c4d/known-answers.json", True),
        ("evaluation/run-1a2b3c4d/report.json", False),
        ("evaluation/run-1a2b3c4/known-answers.json", False),
    ],
)
def test_the_known_answers_of_the_models_own_evaluation_are_looked_for(
    key: str, found: bool
) -> None:
    model = {"PrimaryContainer": {"ModelDataUrl": ARTIFACT_URI}}

    production = find("run-1a2b3c4d-0f1e2d3c", key, **{"run-1a2b3c4d-0f1e2d3c": model})

    assert production.answers_uri == (f"s3://bucket/{key}" if found else None)


def test_the_recorded_models_artifact_is_found() -> None:
    production = find("old", old={"PrimaryContainer": {"ModelDataUrl": ARTIFACT_URI}})

    assert production.model_name == "old"
    assert production.parameter_version == 3
    assert production.artifact_uri == ARTIFACT_URI
    assert production.note == "Compared with old (version 3 of /abalone/model-name)"


def test_without_the_parameter_there_is_no_production_model() -> None:
    production = find(None)

    assert (production.model_name, production.parameter_version) == (None, None)
    assert production.artifact_uri is None
    assert production.note == "Compared with no model: /abalone/model-name does not exist yet"


def test_a_recorded_model_that_is_gone_counts_as_none_and_is_noted() -> None:
    production = find("gone")

    assert (production.model_name, production.parameter_version) == (None, 3)
    assert production.artifact_uri is None
    assert production.note == (
        "Compared with no model: gone (version 3 of /abalone/model-name) was deleted from SageMaker"
    )


def test_a_recorded_model_of_a_stack_that_is_gone_counts_as_none_and_is_noted() -> None:
    elsewhere = "s3://bucket-of-before/training/old/output/model.tar.gz"

    production = find("old", old={"PrimaryContainer": {"ModelDataUrl": elsewhere}})

    assert (production.model_name, production.parameter_version) == (None, 3)
    assert production.artifact_uri is None
    assert production.note == (
        "Compared with no model: the artifact of old (version 3 of /abalone/model-name) is not in "
        f"this stack's bucket but at {elsewhere}"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ThrottlingException", "Rate exceeded"),
        ("AccessDeniedException", "not authorized to perform sagemaker:DescribeModel"),
        ("ValidationException", "1 validation error detected: Value at 'modelName' failed"),
    ],
)
def test_any_other_refusal_fails_the_state(code: str, message: str) -> None:
    with pytest.raises(ClientError, match=code):
        find("gone", code=code, message=message)


@pytest.mark.parametrize(
    "model",
    [{}, {"PrimaryContainer": {"ModelPackageName": "p"}}, {"Containers": [{"ModelDataUrl": "s3"}]}],
    ids=["empty", "package", "several-containers"],
)
def test_a_model_without_an_artifact_of_its_own_is_refused(model: dict[str, Any]) -> None:
    with pytest.raises(
        function.production.UnusableProductionModel, match=r"^model 'old' \(version 3 of"
    ):
        find("old", old=model)


@pytest.mark.parametrize("production_uri", [ARTIFACT_URI, None])
def test_sagemaker_takes_the_inputs_and_the_arguments(production_uri: str | None) -> None:
    request = {
        "ProcessingJobName": "job",
        "RoleArn": "arn:aws:iam::123456789012:role/job",
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 30,
            }
        },
        "AppSpecification": {
            "ImageUri": "image",
            "ContainerArguments": function.job_inputs.arguments(
                with_production=True, with_answers=True
            ),
        },
        "ProcessingInputs": function.job_inputs.inputs(
            EVENT, production_artifact_uri=production_uri, production_answers_uri=ANSWERS_URI
        ),
    }
    operation = Session().get_service_model("sagemaker").operation_model("CreateProcessingJob")

    report = ParamValidator().validate(request, operation.input_shape)

    assert report.generate_report() == ""


def test_every_input_has_a_folder_of_its_name() -> None:
    inputs = function.job_inputs.inputs(
        EVENT, production_artifact_uri=ARTIFACT_URI, production_answers_uri=ANSWERS_URI
    )

    assert {item["InputName"]: item["S3Input"]["S3Uri"] for item in inputs} == {
        "code": EVENT["JobScriptsUri"],
        "train": EVENT["TrainUri"],
        "test": EVENT["TestUri"],
        "candidate": EVENT["CandidateArtifactUri"],
        "production": ARTIFACT_URI,
        "production-answers": ANSWERS_URI,
    }
    assert inputs[4]["S3Input"] == {
        "S3Uri": ARTIFACT_URI,
        "LocalPath": "/opt/ml/processing/input/production",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
    }


def test_the_arguments_name_the_production_models_folder_only_where_there_is_one() -> None:
    without = function.job_inputs.arguments(with_production=False, with_answers=False)
    with_production = function.job_inputs.arguments(with_production=True, with_answers=True)

    assert without == [
        *("--train-dir", "/opt/ml/processing/input/train"),
        *("--test-dir", "/opt/ml/processing/input/test"),
        *("--candidate-dir", "/opt/ml/processing/input/candidate"),
        *("--output-dir", "/opt/ml/processing/output/evaluation"),
        *("--sample-size", "500"),
        *("--message-path", "/opt/ml/output/message"),
    ]
    assert with_production == [
        *without[:6],
        *("--production-dir", "/opt/ml/processing/input/production"),
        *("--production-answers-dir", "/opt/ml/processing/input/production-answers"),
        *without[6:],
    ]


@pytest.mark.parametrize(("value", "count"), [("old", 5), ("gone", 4), (None, 4)])
def test_the_answer_compares_with_the_production_model_where_there_is_one(
    value: str | None, count: int
) -> None:
    sagemaker = FakeSageMaker(old={"PrimaryContainer": {"ModelDataUrl": ARTIFACT_URI}})

    answer = function.app.comparison(
        EVENT, parameter_name=NAME, ssm=FakeParameterStore(value), sagemaker=sagemaker, s3=FakeS3()
    )

    assert answer.keys() == {"model_name", "parameter_version", "note", "inputs", "arguments"}
    assert len(answer["inputs"]) == count
    assert ("--production-dir" in answer["arguments"]) is (count == 5)


@pytest.mark.parametrize("value", [None, "", 7, "bucket/key", "s3://bucket", "https://a/b"])
@pytest.mark.parametrize("field", EVENT)
def test_an_event_without_its_five_uris_is_refused_before_anything_is_called(
    field: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PARAMETER_NAME", NAME)

    with pytest.raises(ValueError, match=f"^{field} must be the S3 URI"):
        function.app.lambda_handler({**EVENT, field: value}, None)
