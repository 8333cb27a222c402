"""The processing job of an execution, with the inputs and variables that SageMaker gives it.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pocketaws.sagemaker.monitor.definitions import Definition, MonitoringType

_BASELINES: Final[Mapping[str, tuple[str, str]]] = {
    # The input's name, the variable that names its file, and its folder, by the resource.
    "ConstraintsResource": ("constraints", "/opt/ml/processing/baseline/constraints"),
    "StatisticsResource": ("statistics", "/opt/ml/processing/baseline/stats"),
}
_CAPTURED: Final = {
    "sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}
}
_MERGED: Final = {"sagemakerMergeJson": {"captureIndexNames": ["endpointOutput"]}}


@dataclass(frozen=True)
class Source:
    """What an execution looks at.

    Attributes:
        uri: prefix of the endpoint's captured, or merged, data.
        paths: below it, with data.
        start: the first moment.
        end: the moment after the last.
    """

    uri: str
    paths: Sequence[str]
    start: datetime
    end: datetime


def report_uri(definition: Definition, schedule_name: str, end: datetime) -> str:
    """Return the prefix of an execution's reports: OUTPUT/ENDPOINT/SCHEDULE/yyyy/mm/dd/hh.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-results.html
    """
    endpoint_name = definition.endpoint_input["EndpointName"]
    base = definition.output["S3Uri"].rstrip("/")
    return f"{base}/{endpoint_name}/{schedule_name}/{end:%Y/%m/%d/%H}"


def processing_request(
    definition: Definition, source: Source, *, schedule_name: str
) -> dict[str, Any]:
    """Return the CreateProcessingJob request of an execution."""
    output = {**definition.output, "S3Uri": report_uri(definition, schedule_name, source.end)}
    output.setdefault("S3UploadMode", "EndOfJob")
    output_config: dict[str, Any] = {"Outputs": [{"OutputName": "result", "S3Output": output}]}
    key = definition.request[f"{definition.kind.value}JobOutputConfig"].get("KmsKeyId")
    if key:
        output_config["KmsKeyId"] = key
    request = {
        "ProcessingJobName": f"model-monitoring-{source.end:%Y%m%d%H%M}-{uuid.uuid4().hex[:24]}",
        "ProcessingInputs": [*_data_inputs(definition, source), *_baseline_inputs(definition)],
        "ProcessingOutputConfig": output_config,
        "ProcessingResources": definition.request["JobResources"],
        "AppSpecification": {"ImageUri": definition.app["ImageUri"]},
        "Environment": _environment(definition, source, schedule_name),
    }
    for name in ("RoleArn", "StoppingCondition", "NetworkConfig"):
        if name in definition.request:
            request[name] = definition.request[name]
    return request


def _data_inputs(definition: Definition, source: Source) -> Iterator[dict[str, Any]]:
    folder = f"{_data_dir(definition)}/{definition.endpoint_input['EndpointName']}"
    distribution = definition.endpoint_input.get("S3DataDistributionType", "FullyReplicated")
    for number, path in enumerate(source.paths, 1):
        yield _input(
            f"endpoint_input_{number}", f"{source.uri}/{path}", f"{folder}/{path}", distribution
        )


def _baseline_inputs(definition: Definition) -> Iterator[dict[str, Any]]:
    for resource, (name, folder) in _BASELINES.items():
        uri = definition.baseline_uri(resource)
        if uri is not None:
            yield _input(name, uri, folder, "FullyReplicated")


def _input(name: str, uri: str, folder: str, distribution: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": folder,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": distribution,
            "S3CompressionType": "None",
        },
    }


def _environment(definition: Definition, source: Source, schedule_name: str) -> dict[str, str]:
    baselines = {
        f"baseline_{name}": f"{folder}/{name}.json"
        for resource, (name, folder) in _BASELINES.items()
        if definition.baseline_uri(resource) is not None
    }
    return {
        # What the definition says first, so that it cannot say where the data is.
        "publish_cloudwatch_metrics": "Disabled",
        **definition.app.get("Environment", {}),
        **_analysis(definition),
        **baselines,
        "dataset_source": _data_dir(definition),
        "output_path": str(definition.output["LocalPath"]),
        "start_time": _time(source.start),
        "end_time": _time(source.end),
        "sagemaker_endpoint_name": str(definition.endpoint_input["EndpointName"]),
        "sagemaker_monitoring_schedule_name": schedule_name,
    }


def _analysis(definition: Definition) -> dict[str, str]:
    if definition.kind is MonitoringType.DATA_QUALITY:
        return {"dataset_format": json.dumps(_CAPTURED)}
    return {
        "dataset_format": json.dumps(_MERGED),
        "analysis_type": "MODEL_QUALITY",
        "problem_type": str(definition.app["ProblemType"]),
        "inference_attribute": str(definition.endpoint_input["InferenceAttribute"]),
    }


def _data_dir(definition: Definition) -> str:
    return str(definition.endpoint_input["LocalPath"]).rstrip("/")


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"
