"""Endpoint configurations: what is refused, with a remedy, and what is told."""

from typing import Any

import pytest

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.endpoints.configs import EndpointConfig, accepted_config

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/one"
INSTANCE = {
    "VariantName": "AllTraffic",
    "ModelName": "mine",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 1.0,
}
SERVERLESS = {
    "VariantName": "AllTraffic",
    "ModelName": "mine",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": "s3://kept/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def accepted(**request: Any) -> EndpointConfig:
    return accepted_config(
        {"EndpointConfigName": "one", "ProductionVariants": [INSTANCE], **request},
        arn=ARN,
        has_model=lambda name: name == "mine",
    )


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"ProductionVariants": [INSTANCE, INSTANCE]}, "names 2 variants; the local runtime"),
        ({"ProductionVariants": [INSTANCE | SERVERLESS]}, "must have either InstanceType"),
        ({"ProductionVariants": [{"VariantName": "A", "ModelName": "mine"}]}, "must have either"),
        ({"ProductionVariants": [INSTANCE | {"ModelName": "Other"}]}, ':model/other".'),
        ({"AsyncInferenceConfig": {"OutputConfig": {}}}, "AsyncInferenceConfig is not served"),
        (
            {"ProductionVariants": [SERVERLESS], "DataCaptureConfig": CAPTURE},
            "not supported with serverless",
        ),
    ],
)
def test_what_cannot_be_served_is_refused(request_: dict[str, Any], told: str) -> None:
    with pytest.raises(ServiceError) as refused:
        accepted(**request_)

    assert refused.value.code == "ValidationException"
    assert told in str(refused.value)


def test_instances_and_weights_are_told_as_current_and_desired() -> None:
    config = accepted()

    summary = config.variant_summary("image", resolved=config.created)
    assert (summary["CurrentInstanceCount"], summary["DesiredInstanceCount"]) == (2, 2)
    assert (summary["CurrentWeight"], summary["DesiredWeight"]) == (1.0, 1.0)


def test_a_description_has_what_was_asked_for_without_tags() -> None:
    told = accepted(Tags=[{"Key": "a", "Value": "b"}], KmsKeyId="key").description()

    assert told["EndpointConfigArn"] == ARN
    assert told["KmsKeyId"] == "key"
    assert "Tags" not in told


def test_capture_is_told_by_its_state() -> None:
    stopped = accepted(DataCaptureConfig=CAPTURE | {"EnableCapture": False}).capture_summary()

    assert accepted().capture_summary() is None
    assert accepted(DataCaptureConfig=CAPTURE).capture_summary() == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 50,
        "DestinationS3Uri": "s3://kept/capture",
    }
    assert stopped is not None
    assert stopped["CaptureStatus"] == "Stopped"
