"""What an endpoint serves, and how it is: read from SageMaker and CloudWatch, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.account.aws import call_or_none

IN_SERVICE: Final = "InService"
# DescribeAlarms takes as many names at once.
_ALARM_NAMES: Final = 100


@dataclass(frozen=True)
class Deployment:
    """An endpoint config and the models of its variants; None where it was deleted."""

    config_name: str
    model_names: Sequence[str] | None


@dataclass(frozen=True)
class Capture:
    """What is kept of the calls: percent of them, and the S3 URI where."""

    is_on: bool
    sampling_percentage: int
    destination_uri: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as it is now.

    Attributes:
        status: SageMaker's, such as InService or Updating.
        failure_reason: SageMaker's, of the last failure; None where there was none.
        serving: what answers the calls.
        pending: what an update in progress brings; None where there is none.
        hosting: each variant in words, such as "AllTraffic: 2 x ml.m5.large".
        capture: None where it was never asked for.
        rollback_alarm_names: the alarms that roll an update back.
    """

    name: str
    arn: str
    status: str
    failure_reason: str | None
    serving: Deployment
    pending: Deployment | None
    hosting: Sequence[str]
    capture: Capture | None
    rollback_alarm_names: Sequence[str]


@dataclass(frozen=True)
class Alarm:
    """An alarm with its state: OK, ALARM or INSUFFICIENT_DATA, and why."""

    name: str
    state: str
    reason: str
    description: str


def read_endpoint(name: str, *, sagemaker: Any) -> Endpoint | None:
    """Return the endpoint, None where there is none of the name."""
    described = call_or_none(sagemaker.describe_endpoint, EndpointName=name)
    if described is None:
        return None
    config_name = described["EndpointConfigName"]
    config = call_or_none(sagemaker.describe_endpoint_config, EndpointConfigName=config_name)
    pending = described.get("PendingDeploymentSummary", {}).get("EndpointConfigName")
    variants = _by_name(config or {})
    rollback = described.get("LastDeploymentConfig", {}).get("AutoRollbackConfiguration", {})
    return Endpoint(
        name=described["EndpointName"],
        arn=described["EndpointArn"],
        status=described["EndpointStatus"],
        failure_reason=described.get("FailureReason"),
        serving=Deployment(config_name, _model_names(config)),
        pending=_pending(pending, serving=config_name, sagemaker=sagemaker),
        hosting=[
            _hosting(variant, variants.get(variant["VariantName"], {}))
            for variant in described.get("ProductionVariants", [])
        ],
        capture=_capture(
            described.get("DataCaptureConfig"), (config or {}).get("DataCaptureConfig")
        ),
        rollback_alarm_names=[alarm["AlarmName"] for alarm in rollback.get("Alarms", [])],
    )


def endpoint_names(*, sagemaker: Any, at_most: int) -> list[str]:
    """Return the names of some endpoints of the account and region, the newest first."""
    listed = sagemaker.list_endpoints(
        SortBy="CreationTime", SortOrder="Descending", MaxResults=at_most
    )
    return [summary["EndpointName"] for summary in listed["Endpoints"]]


def read_alarms(names: Sequence[str], *, cloudwatch: Any) -> list[Alarm]:
    """Return the alarms that there are of the names, sorted by name."""
    wanted = sorted(set(names))
    items = []
    for start in range(0, len(wanted), _ALARM_NAMES):
        some = wanted[start : start + _ALARM_NAMES]
        items += cloudwatch.describe_alarms(AlarmNames=some)["MetricAlarms"]
    return [
        Alarm(
            name=item["AlarmName"],
            state=item["StateValue"],
            reason=item.get("StateReason", ""),
            description=item.get("AlarmDescription", ""),
        )
        for item in sorted(items, key=lambda item: str(item["AlarmName"]))
    ]


def _pending(config_name: str | None, *, serving: str, sagemaker: Any) -> Deployment | None:
    if config_name is None or config_name == serving:
        return None
    config = call_or_none(sagemaker.describe_endpoint_config, EndpointConfigName=config_name)
    return Deployment(config_name, _model_names(config))


def _model_names(config: Mapping[str, Any] | None) -> list[str] | None:
    if config is None:
        return None
    variants = config["ProductionVariants"]
    # In the order of the variants, each once; an inference component's variant has no model.
    return list(dict.fromkeys(variant.get("ModelName", "(none)") for variant in variants))


def _by_name(config: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {variant["VariantName"]: variant for variant in config.get("ProductionVariants", [])}


def _hosting(variant: Mapping[str, Any], configured: Mapping[str, Any]) -> str:
    serverless = variant.get("CurrentServerlessConfig") or configured.get("ServerlessConfig")
    if serverless:
        return (
            f"{variant['VariantName']}: serverless, {serverless['MemorySizeInMB']} MB, "
            f"at most {serverless.get('MaxConcurrency', '?')} calls at once"
        )
    current = variant.get("CurrentInstanceCount", configured.get("InitialInstanceCount", "?"))
    desired = variant.get("DesiredInstanceCount", current)
    wanted = f" ({desired} wanted)" if desired != current else ""
    instance_type = configured.get("InstanceType", "an unknown instance type")
    return f"{variant['VariantName']}: {current} x {instance_type}{wanted}"


def _capture(
    summary: Mapping[str, Any] | None, configured: Mapping[str, Any] | None
) -> Capture | None:
    if not summary:
        return None
    # The emulator does not give the current one.
    initial = (configured or {}).get("InitialSamplingPercentage", 0)
    percentage = summary.get("CurrentSamplingPercentage", initial)
    is_on = bool(summary.get("EnableCapture")) and summary.get("CaptureStatus") != "Stopped"
    return Capture(is_on, int(percentage), summary.get("DestinationS3Uri", ""))
