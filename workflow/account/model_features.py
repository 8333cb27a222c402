"""The features that an endpoint's models take, held to what is sent.

A row has no names: of one in another order the endpoint predicts all the same. What a model takes
stands in the known answers of its own evaluation, beside its artifact's prefix.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workflow.account import aws
from workflow.account.classes import Classes, classes_of
from workflow.account.endpoint import read_endpoint
from workflow.errors import UnknownFeaturesError, WorkflowError

# A model's name is its execution's base name, a hyphen and eight characters of its own.
_MODEL_NAME: Final = re.compile(r"(?P<base_name>[A-Za-z0-9-]+)-[0-9a-f]{8}")
_ARTIFACT_URI: Final = re.compile(r"s3://(?P<bucket>[^/]+)/.+")
# jobs/documents.py writes no larger one.
_MAXIMUM_BYTES: Final = 4_000_000


def check_names(names: Sequence[str], endpoint_name: str, *, clients: aws.Clients) -> Classes:
    """Refuse to send these features, in this order, to a model that takes others.

    Returns:
        What the endpoint's answers mean.

    Raises:
        UnknownFeaturesError: see there.
        WorkflowError: the model takes others.
    """
    served = _served(endpoint_name, clients=clients)
    for model_name, taken, _ in served:
        if list(taken) != list(names):
            raise WorkflowError(
                f"the endpoint {endpoint_name} serves {model_name}, which takes other features "
                f"than are encoded here: {_difference(taken, names)}; use the columns.py that it "
                "was trained with, or send rows of your own with --encoded"
            )
    return served[0][2]


def served_encoding(endpoint_name: str, *, clients: aws.Clients) -> Mapping[str, Any] | None:
    """Return how rows were encoded that the endpoint's models were trained on.

    Returns:
        As jobs/table.py describes it; None where the models' evaluations left nothing, or two
        models are served that differ in it.
    """
    try:
        items = [_answers(name, clients=clients) for name in _names(endpoint_name, clients=clients)]
    except UnknownFeaturesError:
        return None
    encodings = [document.get("encoding") for document in items]
    first = encodings[0]
    is_one = isinstance(first, Mapping) and all(encoding == first for encoding in encodings)
    return first if is_one else None


def served_classes(endpoint_name: str, *, clients: aws.Clients) -> Classes:
    """Return what the endpoint's answers mean; numbers where nothing says it."""
    try:
        return _served(endpoint_name, clients=clients)[0][2]
    except UnknownFeaturesError:
        return Classes()


def check_count(count: int, endpoint_name: str, *, clients: aws.Clients) -> Classes:
    """Refuse to send rows of so many features to a model that takes another number.

    Returns:
        What the endpoint's answers mean.

    Raises:
        UnknownFeaturesError: see there.
        WorkflowError: the model takes another number.
    """
    served = _served(endpoint_name, clients=clients)
    for model_name, taken, _ in served:
        if len(taken) != count:
            raise WorkflowError(
                f"the endpoint {endpoint_name} serves {model_name}, which takes {len(taken)} "
                f"features, and the rows have {count}: {', '.join(taken)}"
            )
    return served[0][2]


def _served(endpoint_name: str, *, clients: aws.Clients) -> list[tuple[str, list[str], Classes]]:
    """Return each model that answers calls, with what it takes and what it answers."""
    names = _names(endpoint_name, clients=clients)
    return [(name, *_taken(name, clients=clients)) for name in names]


def _names(endpoint_name: str, *, clients: aws.Clients) -> Sequence[str]:
    """Return the models that answer calls."""
    sagemaker = clients("sagemaker")
    with _readable():
        endpoint = read_endpoint(endpoint_name, sagemaker=sagemaker)
    if endpoint is None or not endpoint.serving.model_names:
        raise UnknownFeaturesError(f"no model of the endpoint {endpoint_name} can be found")
    return endpoint.serving.model_names


def _taken(model_name: str, *, clients: aws.Clients) -> tuple[list[str], Classes]:
    try:
        answers = _answers(model_name, clients=clients)
        return [str(column) for column in answers["columns"]], classes_of(answers)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise UnknownFeaturesError(f"the known answers of {model_name} name none") from error


def _answers(model_name: str, *, clients: aws.Clients) -> Mapping[str, Any]:
    """Return the known answers that the evaluation of a model left."""
    with _readable():
        model = aws.call_or_none(clients("sagemaker").describe_model, ModelName=model_name) or {}
    uri = model.get("PrimaryContainer", {}).get("ModelDataUrl", "")
    name, artifact = _MODEL_NAME.fullmatch(model_name), _ARTIFACT_URI.fullmatch(uri)
    if name is None or artifact is None:
        raise UnknownFeaturesError(f"the model {model_name} was not made by the workflow")
    key = f"evaluation/{name['base_name']}/known-answers.json"
    with _readable():
        answer = clients("s3").get_object(Bucket=artifact["bucket"], Key=key)
        content = answer["Body"].read(_MAXIMUM_BYTES)
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnknownFeaturesError(f"s3://{artifact['bucket']}/{key} names none") from error
    if not isinstance(document, dict):
        raise UnknownFeaturesError(f"s3://{artifact['bucket']}/{key} names none")
    return document


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn whatever AWS refuses into UnknownFeaturesError."""
    try:
        with aws.actionable_errors():
            yield
    except WorkflowError as error:
        raise UnknownFeaturesError(str(error)) from error


def _difference(taken: Sequence[str], sent: Sequence[str]) -> str:
    if len(taken) != len(sent):
        return f"it takes {len(taken)}, and {len(sent)} are encoded"
    place = next(at for at, name in enumerate(taken) if name != sent[at])
    return f"feature {place + 1} is {taken[place]!r}, and {sent[place]!r} is encoded"
