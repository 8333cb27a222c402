"""SageMaker's tags: of what there is, each key once, and at most fifty.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html
"""

import json
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.errors import ServiceError
from pocketaws.sagemaker.listing import page_of
from pocketaws.sagemaker.moto.lists import answer_page
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors

_MOST: Final = 50


def changes() -> list[Change]:
    """Return what to change in moto's SageMaker."""
    return [
        Change(SageMakerResponse, "add_tags", _add),
        Change(SageMakerResponse, "delete_tags", _delete),
        Change(SageMakerResponse, "list_tags", _list),
    ]


def _add(self: SageMakerResponse) -> ActionResult:
    request = json.loads(self.body)
    with sagemaker_errors():
        resource = _tagged(self, request["ResourceArn"])
        before = {tag["Key"]: tag for tag in resource.tags or []}
        after = before | {tag["Key"]: tag for tag in request["Tags"]}
        if len(after) > _MOST:
            raise ServiceError(
                "ResourceLimitExceeded",
                f"{request['ResourceArn']} would have {len(after)} tags; the limit is {_MOST}",
            )
    resource.tags = list(after.values())
    return ActionResult({"Tags": resource.tags})


def _delete(self: SageMakerResponse) -> ActionResult:
    request = json.loads(self.body)
    with sagemaker_errors():
        resource = _tagged(self, request["ResourceArn"])
    resource.tags = [tag for tag in resource.tags or [] if tag["Key"] not in request["TagKeys"]]
    return EmptyResult()


def _list(self: SageMakerResponse) -> ActionResult:
    request = json.loads(self.body)
    with sagemaker_errors():
        resource = _tagged(self, request["ResourceArn"])
        tags, token = page_of(resource.tags or [], {"MaxResults": _MOST, **request})
    return answer_page({"Tags": tags}, token)


def _tagged(response: SageMakerResponse, arn: str) -> Any:
    """Return moto's record of what has an ARN, in which names are in small letters.

    Raises:
        ServiceError: there is none.
    """
    backend = response.sagemaker_backend
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    records: dict[str, Any] = getattr(backend, _RECORDS.get(kind, ""), {})
    for known, record in records.items():
        if known.lower() == name.lower():
            return record
    if kind not in _RECORDS:
        resource = backend._get_resource_from_arn(arn)
        if resource is not None:
            return resource
    raise ServiceError("ValidationException", f"Could not find resource {arn}.")


_RECORDS: Final = {
    "endpoint": "endpoints",
    "endpoint-config": "endpoint_configs",
    "experiment": "experiments",
    "experiment-trial": "trials",
    "experiment-trial-component": "trial_components",
    "hyper-parameter-tuning-job": "hyper_parameter_tuning_jobs",
    "model": "_models",
    "model-package-group": "model_package_groups",
    "processing-job": "processing_jobs",
    "training-job": "training_jobs",
    "transform-job": "transform_jobs",
}
