"""Model Monitor's job definitions: what a schedule runs, checked as SageMaker checks it.

Data quality, and model quality of a regression, of an endpoint. What the image's stand-in does not
do is refused here, so that nobody waits for an execution to hear of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.images import image_for, known_text
from pocketaws.sagemaker.jobs.jobs import now

_SCRIPTS: Final = ("RecordPreprocessorSourceUri", "PostAnalyticsProcessorSourceUri")


class MonitoringType(StrEnum):
    """A kind of monitoring; the value is the word that SageMaker's fields start with."""

    DATA_QUALITY = "DataQuality"
    MODEL_QUALITY = "ModelQuality"

    @property
    def arn_type(self) -> str:
        """The word in the ARN of a definition."""
        return f"{self.value.removesuffix('Quality').lower()}-quality-job-definition"


@dataclass(frozen=True)
class Definition:
    """A job definition, with a name or inside of a schedule.

    Attributes:
        name: None where it has none of its own.
        request: of the Create call; an inner definition is brought to the same form.
    """

    kind: MonitoringType
    name: str | None
    arn: str
    request: Mapping[str, Any]
    created: datetime = field(default_factory=now)

    @property
    def app(self) -> Mapping[str, Any]:
        """Image, environment and, of model quality, the kind of problem."""
        return self._part("AppSpecification")

    @property
    def endpoint_input(self) -> Mapping[str, Any]:
        """Which endpoint's captured data is looked at."""
        found: Mapping[str, Any] = self._part("JobInput")["EndpointInput"]
        return found

    @property
    def ground_truth_uri(self) -> str:
        """Of model quality: the prefix under which the truth is put."""
        return str(self._part("JobInput")["GroundTruthS3Input"]["S3Uri"])

    @property
    def role_arn(self) -> str:
        """As which jobs run."""
        return str(self.request["RoleArn"])

    @property
    def output(self) -> Mapping[str, Any]:
        """The one S3Output of the reports."""
        found: Mapping[str, Any] = self._part("JobOutputConfig")["MonitoringOutputs"][0]["S3Output"]
        return found

    def baseline_uri(self, resource: str) -> str | None:
        """Return the S3 URI of "ConstraintsResource" or "StatisticsResource", if it has one."""
        config = self.request.get(f"{self.kind.value}BaselineConfig") or {}
        uri = config.get(resource, {}).get("S3Uri")
        return None if uri is None else str(uri)

    def description(self) -> dict[str, Any]:
        """Return what the Describe call answers."""
        told = {key: value for key, value in self.request.items() if key != "Tags"}
        return {
            **told,
            "JobDefinitionName": self.name,
            "JobDefinitionArn": self.arn,
            "CreationTime": self.created,
        }

    def summary(self) -> dict[str, Any]:
        """Return what the List call answers."""
        return {
            "MonitoringJobDefinitionName": self.name,
            "MonitoringJobDefinitionArn": self.arn,
            "CreationTime": self.created,
            "EndpointName": self.endpoint_input["EndpointName"],
        }

    def _part(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.request[f"{self.kind.value}{name}"]
        return found


def inner_request(definition: Mapping[str, Any], kind: MonitoringType) -> dict[str, Any]:
    """Bring the MonitoringJobDefinition of a schedule to the form of a Create call."""
    word = kind.value
    app = {**definition["MonitoringAppSpecification"]}
    if "Environment" in definition:
        app["Environment"] = definition["Environment"]
    request = {
        f"{word}AppSpecification": app,
        f"{word}JobInput": definition["MonitoringInputs"][0],
        f"{word}JobOutputConfig": definition["MonitoringOutputConfig"],
        f"{word}BaselineConfig": definition.get("BaselineConfig"),
        "JobResources": definition["MonitoringResources"],
    }
    shared = {name: definition.get(name) for name in _SHARED}
    return {key: value for key, value in (request | shared).items() if value is not None}


_SHARED: Final = ("NetworkConfig", "RoleArn", "StoppingCondition")


def check(kind: MonitoringType, request: Mapping[str, Any]) -> None:
    """Refuse a definition that SageMaker would refuse, or that is not run locally.

    Args:
        kind: of monitoring.
        request: of the Create call, already held against botocore's model.

    Raises:
        ServiceError: with SageMaker's code.
    """
    app = request[f"{kind.value}AppSpecification"]
    image = image_for(app["ImageUri"])
    if image is None or not image.has_entrypoint:
        raise _refusal(
            f"Value {app['ImageUri']!r} at '{_member(kind, 'AppSpecification')}.imageUri' is no "
            "image of Model Monitor that the local runtime stands for; it stands for "
            f"{known_text()}"
        )
    for name in (*_SCRIPTS, "ContainerEntrypoint", "ContainerArguments"):
        if app.get(name):
            raise _refusal(
                f"Value {app[name]!r} at '{_member(kind, 'AppSpecification')}' for {name} is not "
                "run locally; leave it out"
            )
    job_input = request[f"{kind.value}JobInput"]
    if "EndpointInput" not in job_input:
        raise _refusal(
            f"'{_member(kind, 'JobInput')}' has {', '.join(job_input) or 'nothing'}; the local "
            "runtime needs EndpointInput"
        )
    baseline = request.get(f"{kind.value}BaselineConfig") or {}
    if "BaseliningJobName" in baseline:
        raise _refusal(
            f"Value {baseline['BaseliningJobName']!r} at '{_member(kind, 'BaselineConfig')}"
            ".baseliningJobName' is not followed locally; give ConstraintsResource and "
            "StatisticsResource"
        )
    if kind is MonitoringType.MODEL_QUALITY:
        _check_model_quality(request)


def _check_model_quality(request: Mapping[str, Any]) -> None:
    problem = request["ModelQualityAppSpecification"].get("ProblemType")
    if problem != "Regression":
        raise _refusal(
            f"Value {problem!r} at 'modelQualityAppSpecification.problemType' is not run locally; "
            "give Regression"
        )
    endpoint_input = request["ModelQualityJobInput"]["EndpointInput"]
    if "InferenceAttribute" not in endpoint_input:
        raise _refusal(
            "'modelQualityJobInput.endpointInput' lacks InferenceAttribute; give the index or "
            "name of the prediction, such as '0'"
        )


def _member(kind: MonitoringType, name: str) -> str:
    return f"{kind.value[0].lower()}{kind.value[1:]}{name}"


def _refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)
