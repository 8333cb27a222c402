"""The model's metrics as the model registry takes them: where the files lie."""

from typing import Any, Final

_JSON: Final = "application/json"


def model_metrics(evaluation_uri: str, baseline_uri: str | None) -> dict[str, Any]:
    """Return ModelMetrics of CreateModelPackage; the data's quality only with a baseline.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html
    """
    quality = {"ModelQuality": {"Statistics": _file(evaluation_uri, "evaluation.json")}}
    if baseline_uri is None:
        return quality
    return {
        **quality,
        "ModelDataQuality": {
            "Statistics": _file(baseline_uri, "statistics.json"),
            "Constraints": _file(baseline_uri, "constraints.json"),
        },
    }


def _file(prefix: str, name: str) -> dict[str, str]:
    return {"ContentType": _JSON, "S3Uri": f"{prefix.rstrip('/')}/{name}"}
