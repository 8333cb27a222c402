"""Endpoint configurations: what SageMaker refuses of them, and what it tells of them.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.jobs.jobs import now

_NOT_SERVED: Final = ("AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants")
# What DescribeEndpoint calls the numbers of a variant.
_STATED: Final = {
    "InitialVariantWeight": ("CurrentWeight", "DesiredWeight"),
    "InitialInstanceCount": ("CurrentInstanceCount", "DesiredInstanceCount"),
    "ServerlessConfig": ("CurrentServerlessConfig", "DesiredServerlessConfig"),
}


@dataclass(frozen=True)
class EndpointConfig:
    """A configuration that was accepted.

    Attributes:
        request: of CreateEndpointConfig.
    """

    arn: str
    request: Mapping[str, Any]
    created: datetime.datetime

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.request["EndpointConfigName"])

    @property
    def variant(self) -> Mapping[str, Any]:
        """The production variant, of which there is one."""
        variant: Mapping[str, Any] = self.request["ProductionVariants"][0]
        return variant

    def description(self) -> dict[str, Any]:
        """Return what DescribeEndpointConfig answers."""
        fields = {key: value for key, value in self.request.items() if key != "Tags"}
        return {**fields, "EndpointConfigArn": self.arn, "CreationTime": self.created}

    def variant_summary(self, image_uri: str, *, resolved: datetime.datetime) -> dict[str, Any]:
        """Return what DescribeEndpoint tells of the variant once it serves.

        Args:
            image_uri: of the model's container.
            resolved: when the image was looked up.
        """
        image = {
            "SpecifiedImage": image_uri,
            "ResolvedImage": image_uri,
            "ResolutionTime": resolved,
        }
        stated = {
            name: self.variant[field]
            for field, names in _STATED.items()
            if field in self.variant
            for name in names
        }
        return {"VariantName": self.variant["VariantName"], "DeployedImages": [image], **stated}

    def capture_summary(self) -> dict[str, Any] | None:
        """Return what DescribeEndpoint tells of data capture; None where nothing is said of it."""
        capture = self.request.get("DataCaptureConfig")
        if capture is None:
            return None
        enabled = bool(capture.get("EnableCapture"))
        summary = {
            "EnableCapture": enabled,
            "CaptureStatus": "Started" if enabled else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
        }
        return summary | {key: capture[key] for key in ("KmsKeyId",) if key in capture}


def accepted_config(
    request: Mapping[str, Any], *, arn: str, has_model: Callable[[str], bool]
) -> EndpointConfig:
    """Return the configuration that a request describes.

    Args:
        request: already held against botocore's model.
        arn: of the configuration.
        has_model: tells whether there is a model of a name.

    Raises:
        ServiceError: SageMaker refuses it, or the local runtime does not serve it.
    """
    for field in _NOT_SERVED:
        if request.get(field):
            raise _refused(f"{field} is not served locally; leave it out")
    variants = request.get("ProductionVariants", [])
    if len(variants) != 1:
        raise _refused(
            f"ProductionVariants names {len(variants)} variants; the local runtime serves one"
        )
    (variant,) = variants
    if ("InstanceType" in variant) == ("ServerlessConfig" in variant):
        raise _refused(
            f"variant {variant['VariantName']!r} must have either InstanceType, with "
            "InitialInstanceCount, or ServerlessConfig"
        )
    _check_capture(request)
    model_name = variant.get("ModelName", "")
    if not has_model(model_name):
        model_arn = arn.rpartition(":")[0] + f":model/{model_name.lower()}"
        raise _refused(f'Could not find model "{model_arn}".')
    return EndpointConfig(arn, request, now())


def _check_capture(request: Mapping[str, Any]) -> None:
    capture = request.get("DataCaptureConfig")
    if capture and "ServerlessConfig" in request["ProductionVariants"][0]:
        raise _refused("Data capture is not supported with serverless inference.")


def _refused(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)
