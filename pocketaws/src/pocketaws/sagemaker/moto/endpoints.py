"""SageMaker's endpoints: `endpoints.Endpoints` serves; moto's records answer lists and tags."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.models import FakeEndpoint, FakeEndpointConfig, sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.errors import ServiceError
from pocketaws.sagemaker.endpoints.endpoints import Endpoints
from pocketaws.sagemaker.endpoints.recorder import Recorder
from pocketaws.sagemaker.endpoints.state import EndpointState
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors

# What the resource has and CreateEndpoint has not.
_ONLY_OF_UPDATES: Final = (
    "RetainAllVariantProperties",
    "ExcludeRetainedVariantProperties",
    "RetainDeploymentConfig",
)
_NAME_LENGTH: Final = 63

Handler = Callable[[SageMakerResponse], ActionResult]


def changes(endpoints: Endpoints, recorder: Recorder) -> list[Change]:
    """Return what to change in moto's SageMaker."""
    # moto knows the instance types of some years ago; botocore's model knows today's.
    return [
        Change(FakeEndpointConfig, "validate_production_variants", lambda *_: None),
        Change(SageMakerResponse, "create_endpoint_config", _create_config(endpoints)),
        Change(SageMakerResponse, "describe_endpoint_config", _describe_config(endpoints)),
        Change(SageMakerResponse, "delete_endpoint_config", _delete_config(endpoints)),
        Change(SageMakerResponse, "create_endpoint", _create(endpoints, recorder)),
        Change(SageMakerResponse, "describe_endpoint", _describe(endpoints)),
        Change(SageMakerResponse, "update_endpoint", _update(endpoints), adds=True),
        Change(SageMakerResponse, "delete_endpoint", _delete(endpoints)),
        *_config_resource(endpoints),
        *_endpoint_resource(endpoints, recorder),
    ]


def _create_config(endpoints: Endpoints) -> Handler:
    original = SageMakerResponse.create_endpoint_config

    def create_endpoint_config(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            config = endpoints.create_config(json.loads(self.body))
        original(self)
        return ActionResult({"EndpointConfigArn": config.arn})

    return create_endpoint_config


def _describe_config(endpoints: Endpoints) -> Handler:
    def describe_endpoint_config(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            config = endpoints.config(self._get_param("EndpointConfigName"))
        return ActionResult(config.description())

    return describe_endpoint_config


def _delete_config(endpoints: Endpoints) -> Handler:
    original = SageMakerResponse.delete_endpoint_config

    def delete_endpoint_config(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            endpoints.delete_config(self._get_param("EndpointConfigName"))
        original(self)
        return EmptyResult()

    return delete_endpoint_config


def _create(endpoints: Endpoints, recorder: Recorder) -> Handler:
    original = SageMakerResponse.create_endpoint

    def create_endpoint(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            endpoint = endpoints.create(json.loads(self.body))
        recorder.start()
        original(self)
        return ActionResult({"EndpointArn": endpoint.arn})

    return create_endpoint


def _describe(endpoints: Endpoints) -> Handler:
    def describe_endpoint(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            endpoint = endpoints.get(self._get_param("EndpointName"))
        return ActionResult(endpoint.description())

    return describe_endpoint


def _update(endpoints: Endpoints) -> Handler:
    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            endpoint = endpoints.update(json.loads(self.body))
        return ActionResult({"EndpointArn": endpoint.arn})

    return update_endpoint


def _delete(endpoints: Endpoints) -> Handler:
    original = SageMakerResponse.delete_endpoint

    def delete_endpoint(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            endpoints.delete(self._get_param("EndpointName"))
        original(self)
        return EmptyResult()

    return delete_endpoint


def _config_resource(endpoints: Endpoints) -> list[Change]:
    """Return how AWS::SageMaker::EndpointConfig is created and deleted.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-endpointconfig.html
    """

    def create(
        cls: type[FakeEndpointConfig],
        /,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> FakeEndpointConfig:
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(
                {
                    "EndpointConfigName": _fitting(resource_name),
                    **cloudformation_json["Properties"],
                },
                "sagemaker",
                "CreateEndpointConfig",
            )
            endpoints.create_config(request)
        return sagemaker_backends[account_id][region_name].create_endpoint_config(
            endpoint_config_name=request["EndpointConfigName"],
            production_variants=request["ProductionVariants"],
            data_capture_config=request.get("DataCaptureConfig"),
            async_inference_config={},
            kms_key_id=request.get("KmsKeyId"),
            tags=request.get("Tags", []),
        )

    def delete(self: FakeEndpointConfig, account_id: str, region_name: str) -> None:
        endpoints.delete_config(self.endpoint_config_name)
        backend = sagemaker_backends[account_id][region_name]
        backend.delete_endpoint_config(self.endpoint_config_name)

    return [
        Change(FakeEndpointConfig, "create_from_cloudformation_json", classmethod(create)),
        Change(FakeEndpointConfig, "delete", delete, adds=True),
    ]


def _endpoint_resource(endpoints: Endpoints, recorder: Recorder) -> list[Change]:
    """Return how AWS::SageMaker::Endpoint is created, updated and deleted; each waits for the end.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-endpoint.html
    """

    def create(
        cls: type[FakeEndpoint],
        /,
        resource_name: str,
        cloudformation_json: Mapping[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> FakeEndpoint:
        given = {"EndpointName": _fitting(resource_name), **cloudformation_json["Properties"]}
        for name in _ONLY_OF_UPDATES:
            given.pop(name, None)
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(given, "sagemaker", "CreateEndpoint")
            endpoints.create(request)
            recorder.start()
            _check_in_service(endpoints, request)
        return sagemaker_backends[account_id][region_name].create_endpoint(
            endpoint_name=request["EndpointName"],
            endpoint_config_name=request["EndpointConfigName"],
            tags=request.get("Tags", []),
        )

    def update(
        cls: type[FakeEndpoint],
        /,
        original_resource: FakeEndpoint,
        new_resource_name: str,  # noqa: ARG001 - the three are moto's
        cloudformation_json: Mapping[str, Any],
        account_id: str,  # noqa: ARG001
        region_name: str,  # noqa: ARG001
    ) -> FakeEndpoint:
        given = dict(cloudformation_json["Properties"])
        given.pop("Tags", None)
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(given, "sagemaker", "UpdateEndpoint")
            if not _serves(endpoints.get(request["EndpointName"]), request):
                endpoints.update(request)
                _check_updated(endpoints.wait(request["EndpointName"]), request)
        return original_resource

    def delete(self: FakeEndpoint, account_id: str, region_name: str) -> None:
        endpoints.wait(self.endpoint_name)
        endpoints.delete(self.endpoint_name)
        sagemaker_backends[account_id][region_name].delete_endpoint(self.endpoint_name)

    return [
        Change(FakeEndpoint, "create_from_cloudformation_json", classmethod(create)),
        Change(FakeEndpoint, "update_from_cloudformation_json", classmethod(update)),
        Change(FakeEndpoint, "delete", delete, adds=True),
    ]


def _check_in_service(endpoints: Endpoints, request: Mapping[str, Any]) -> None:
    """Wait for an endpoint that is created; one that fails is deleted, as by a stack's rollback."""
    endpoint = endpoints.wait(request["EndpointName"])
    if endpoint.status != "InService":
        reason = endpoint.failure_reason
        endpoints.delete(endpoint.name)
        raise ServiceError("NotStabilized", f"endpoint {endpoint.name}: {reason}")


def _check_updated(endpoint: EndpointState, request: Mapping[str, Any]) -> None:
    if endpoint.status != "InService" or not _serves(endpoint, request):
        raise ServiceError("NotStabilized", f"endpoint {endpoint.name}: {endpoint.failure_reason}")


def _serves(endpoint: EndpointState, request: Mapping[str, Any]) -> bool:
    """Tell whether an endpoint is what a request of UpdateEndpoint makes it."""
    wanted = (request["EndpointConfigName"], request.get("DeploymentConfig") or {})
    return (endpoint.config.name, endpoint.deployment_config) == wanted


def _fitting(name: str) -> str:
    """Return a generated name, without its beginning where it is too long."""
    return name[-_NAME_LENGTH:].lstrip("-")
