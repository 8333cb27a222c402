"""The model's metrics and baseline as the model registry takes them: where the files lie."""

from typing import Any, Final

_JSON: Final = "application/json"


def model_metrics(evaluation_uri: str) -> dict[str, Any]:
    """Return ModelMetrics of CreateModelPackage.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelMetrics.html
    """
    return {"ModelQuality": {"Statistics": _file(evaluation_uri, "evaluation.json")}}


def drift_check_baselines(evaluation_uri: str) -> dict[str, Any]:
    """Return DriftCheckBaselines of CreateModelPackage: what a monitor compares calls with.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DriftCheckBaselines.html
    """
    return {"ModelDataQuality": {"Statistics": _file(evaluation_uri, "baseline.json")}}


def _file(prefix: str, name: str) -> dict[str, str]:
    return {"ContentType": _JSON, "S3Uri": f"{prefix.rstrip('/')}/{name}"}
