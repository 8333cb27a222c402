"""The message about a failed test, in plain words."""

from collections.abc import Mapping
from typing import Any, Final

# SNS takes less than 100 characters: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_SUBJECT_MAXIMUM: Final = 99


def message_of(
    properties: Mapping[str, Any], reason: str, *, rolling_back: bool
) -> tuple[str, str]:
    """Return subject and text.

    Args:
        properties: of the custom resource.
        reason: why the test failed.
        rolling_back: whether the stack is on its way back already, so that this model stays.
    """
    endpoint_name, model_name = properties.get("EndpointName"), properties.get("ModelName")
    what_now = (
        "The stack is being rolled back, and the endpoint keeps this model: look at it now."
        if rolling_back
        else "The update of the stack fails, and CloudFormation brings the earlier model back. "
        "Until then the endpoint serves this one."
    )
    paragraphs = [
        f"The endpoint {endpoint_name} does not give the known answers of model {model_name}.",
        f"Why: {reason}",
        what_now,
    ]
    subject = f"Smoke test failed: {endpoint_name}"
    line = " ".join(subject.encode("ascii", "replace").decode().split())
    return line[:_SUBJECT_MAXIMUM], "\n\n".join(paragraphs)
