"""What to test, as CloudFormation or a person asks for it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """One test; `tolerance` counts absolutely and as a share, whichever allows more.

    `feature_names` are what callers send, in their order; None where nothing is known of them.
    """

    endpoint_name: str
    model_name: str
    tolerance: float
    feature_names: tuple[str, ...] | None


def settings_of(properties: Mapping[str, Any]) -> Settings:
    """Return the settings that the properties of the custom resource hold.

    CloudFormation makes a text of every number.

    Raises:
        ValueError: a property is missing or cannot be used; the text names it.
    """
    return Settings(
        endpoint_name=_name(properties, "EndpointName", "the endpoint to call"),
        model_name=_name(properties, "ModelName", "the model that it serves"),
        tolerance=_tolerance(properties.get("Tolerance")),
        feature_names=_feature_names(properties.get("FeatureNames")),
    )


def _name(properties: Mapping[str, Any], field: str, what: str) -> str:
    value = properties.get(field)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{field} must be the name of {what}, got {value!r}")
    return value


def _feature_names(value: Any) -> tuple[str, ...] | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - one kind of error for all fields
            f"FeatureNames must be names divided by commas, such as 'length,sex_M', got {value!r}"
        )
    return tuple(name.strip() for name in value.split(","))


def _tolerance(value: Any) -> float:
    try:
        tolerance = float(value)
    except (TypeError, ValueError):
        tolerance = math.nan
    # NaN is not within any bounds.
    if isinstance(value, bool) or not 0 <= tolerance <= 1:
        raise ValueError(f"Tolerance must be a number from 0 to 1, such as 0.001, got {value!r}")
    return tolerance
