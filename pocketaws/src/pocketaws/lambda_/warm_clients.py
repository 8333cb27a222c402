"""Imported into the process that handlers are forked from: boto3's descriptions of services, read.

Making a first client reads megabytes of JSON, most of a short handler's time. boto3's default
session keeps what was read, and a forked handler has it; region, credentials and endpoint are
looked up in the handler's own environment when it makes its clients.
"""

from typing import Any, ClassVar

import boto3
import botocore.client
from botocore.client import ClientCreator

from pocketaws import service_models

# With a call that has pages: where there are some, all of the service's are read.
_SERVICES = {
    "s3": "list_objects_v2",
    "ssm": "get_parameter_history",
    "sns": "list_topics",
    "sagemaker": "list_models",
}


class WarmCreator(ClientCreator):  # type: ignore[misc] # botocore has no types
    """Makes clients as botocore does, with one description and one set of methods a service.

    SageMaker has four hundred methods, and which errors a call may have is looked for in all of
    its shapes.
    """

    _models: ClassVar[dict[tuple[str, str | None], Any]] = {}
    _methods: ClassVar[dict[Any, dict[str, Any]]] = {}

    def _load_service_model(self, service_name: str, api_version: str | None = None) -> Any:
        key = (service_name, api_version)
        if key not in self._models:
            self._models[key] = super()._load_service_model(service_name, api_version)
        return self._models[key]

    def _create_methods(self, service_model: Any) -> dict[str, Any]:
        if service_model not in self._methods:
            self._methods[service_model] = super()._create_methods(service_model)
        # The class gets more, by what has been registered for it.
        return dict(self._methods[service_model])


botocore.client.ClientCreator = WarmCreator
with service_models.shared():
    for _service, _call in _SERVICES.items():
        _client = boto3.client(
            _service,
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106 - nothing is called
        )
        _client.can_paginate(_call)
        _client.meta.service_model.shape_for_error_code("")
