"""What the handlers of SageMaker share: its errors, and how a model's container is checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.sagemaker.exceptions import SagemakerClientError

from pocketaws.errors import ServiceError
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.images import image_for, known_text


@contextmanager
def sagemaker_errors() -> Iterator[None]:
    """Answer a ServiceError as SageMaker answers it."""
    try:
        yield
    except ServiceError as error:
        raise SagemakerClientError(error.code, str(error)) from error


def check_container(member: str, container: dict[str, Any], s3: Any) -> None:
    """Refuse an image that is not stood for, and an artifact that is not there.

    Args:
        member: where the container stands in the request, such as "primaryContainer".
        container: with Image and perhaps ModelDataUrl.
        s3: a client of the emulator.

    Raises:
        ServiceError: with SageMaker's code.
    """
    image_uri = container.get("Image", "")
    if image_for(image_uri) is None:
        raise ServiceError(
            "ValidationException",
            f"Value {image_uri!r} at '{member}.image' is an image that the local runtime "
            f"does not stand for; it stands for {known_text()}",
        )
    artifact_uri = container.get("ModelDataUrl")
    if artifact_uri and not objects.object_exists(artifact_uri, s3=s3):
        raise ServiceError("ValidationException", f"Could not find model data at {artifact_uri}.")
