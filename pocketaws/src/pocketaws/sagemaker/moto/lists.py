"""SageMaker's List calls of what is no job: every filter, the order and pages, as of jobs.

moto's answer with all that there is, in one order, or heed some of what is asked.
"""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.model import ListShape, StructureShape
from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.sagemaker.endpoints.endpoints import Endpoints
from pocketaws.sagemaker.listing import listed
from pocketaws.sagemaker.moto import experiments
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors
from pocketaws.service_models import operation_model

Handler = Callable[[SageMakerResponse], ActionResult]
_Described = Callable[[SageMakerResponse, Mapping[str, Any]], Iterable[Mapping[str, Any]]]


def changes(endpoints: Endpoints) -> list[Change]:
    """Return what to change in moto's SageMaker.

    Args:
        endpoints: those that serve.
    """
    lists: Mapping[str, tuple[str, str, _Described]] = {
        "list_models": ("ListModels", "Model", _models),
        "list_endpoint_configs": ("ListEndpointConfigs", "EndpointConfig", _configs),
        "list_endpoints": (
            "ListEndpoints",
            "Endpoint",
            lambda *_: (endpoint.description() for endpoint in endpoints.all()),
        ),
        "list_experiments": ("ListExperiments", "Experiment", experiments.all_experiments),
        "list_trials": ("ListTrials", "Trial", experiments.trials_of),
        "list_trial_components": (
            "ListTrialComponents",
            "TrialComponent",
            experiments.components_of,
        ),
    }
    return [
        Change(SageMakerResponse, name, listing(operation, word, described))
        for name, (operation, word, described) in lists.items()
    ]


def listing(operation: str, word: str, described: _Described) -> Handler:
    """Return what answers a List call.

    Args:
        operation: such as "ListModels".
        word: that the members of a description start with, such as "Model".
        described: returns what the call looks through, as it is described.
    """
    member, summary = summaries(operation)

    def answer(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body or "{}")
        with sagemaker_errors():
            found = [_with_zones(one) for one in described(self, request)]
            page, token = listed(found, request, operation=operation, word=word, summary=summary)
        return answer_page({member: page}, token)

    return answer


def answer_page(answer: dict[str, Any], token: str | None) -> ActionResult:
    """Return a page with the token of the next, where there is one."""
    return ActionResult(answer if token is None else {**answer, "NextToken": token})


def summaries(operation: str, member: str = "") -> tuple[str, StructureShape]:
    """Return the member of a List call's answer that holds the page, and the shape of each."""
    model = operation_model("sagemaker", operation)
    assert model is not None, "SageMaker has the call"  # noqa: S101
    members = model.output_shape.members
    name = member or next(key for key, shape in members.items() if isinstance(shape, ListShape))
    summary = members[name].member
    assert isinstance(summary, StructureShape), "each of them is a record"  # noqa: S101
    return name, summary


def _models(response: SageMakerResponse, _: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (model.response_object for model in response.sagemaker_backend._models.values())


def _configs(response: SageMakerResponse, _: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (one.summary() for one in response.sagemaker_backend.endpoint_configs.values())


def _with_zones(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description whose times have a zone: moto's are UTC without saying so."""
    return {
        name: value.replace(tzinfo=datetime.UTC)
        if isinstance(value, datetime.datetime) and value.tzinfo is None
        else value
        for name, value in described.items()
    }
