"""Refuse ways of bringing data that SageMaker has and the local runtime has not.

Doing them in another way in silence would give a job other data than on AWS.
"""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.errors import ServiceError

# What a field may hold here; a field that is not given is fine.
_CHANNEL: Final = {"CompressionType": ("None",), "RecordWrapperType": ("None",)}
_S3_SOURCE: Final = {
    "S3DataType": ("S3Prefix",),
    "S3InputMode": ("File",),
    "S3CompressionType": ("None",),
    "S3DataDistributionType": ("FullyReplicated", "ShardedByS3Key"),
}


def check_channels(request: Mapping[str, Any]) -> None:
    """Refuse what a training job's channels ask for in vain."""
    for number, channel in enumerate(request.get("InputDataConfig", []), 1):
        path = f"inputDataConfig.{number}.member"
        _check_fields(channel, _CHANNEL, path)
        _check_has(channel["DataSource"], "S3DataSource", f"{path}.dataSource")
        _check_fields(channel["DataSource"]["S3DataSource"], _S3_SOURCE, path)
    for name in ("InstanceCount", "InstanceType"):
        _check_has(request.get("ResourceConfig", {}), name, "resourceConfig")


def check_processing(request: Mapping[str, Any]) -> None:
    """Refuse what a processing job's inputs and outputs ask for in vain."""
    for number, item in enumerate(request.get("ProcessingInputs", []), 1):
        path = f"processingInputs.{number}.member"
        _check_has(item, "S3Input", path)
        _check_has(item["S3Input"], "LocalPath", f"{path}.s3Input")
        _check_fields(item["S3Input"], _S3_SOURCE, path)
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for number, item in enumerate(outputs, 1):
        path = f"processingOutputConfig.outputs.{number}.member"
        _check_has(item, "S3Output", path)
        _check_has(item["S3Output"], "LocalPath", f"{path}.s3Output")


def _check_fields(
    given: Mapping[str, Any], supported: Mapping[str, tuple[str, ...]], path: str
) -> None:
    for name, values in supported.items():
        if given.get(name, values[0]) not in values:
            raise ServiceError(
                "ValidationException",
                f"Value {given[name]!r} at '{path}' for {name} is not run locally; "
                f"use {' or '.join(values)}",
            )


def _check_has(given: Mapping[str, Any], name: str, path: str) -> None:
    if name not in given:
        raise ServiceError(
            "ValidationException",
            f"'{path}' has {', '.join(given) or 'nothing'}; the local runtime needs {name}",
        )
