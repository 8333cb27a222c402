"""constraints.json of data quality: what a dataset must hold to, suggested and read.

The suggested `monitoring_config` is what the image writes: 1.0 for both thresholds of content,
where the documentation says 0.1.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError
from pocketaws.sagemaker.monitor.monitor_statistics import Feature, Statistics

# The SDK writes the first, the documentation shows the second.
_OVERRIDES: Final = ("monitoring_config_overrides", "monitoringConfigOverrides")
_SWITCHES: Final[Mapping[Any, bool]] = {"Enabled": True, "Disabled": False}
_METHODS: Final = ("Simple", "Robust", "linf_simple", "linf_robust")
_DISTRIBUTION: Final = "distribution_constraints"


@dataclass(frozen=True)
class MonitoringConfig:
    """What is checked, and how strictly.

    Attributes:
        evaluate_constraints: whether anything is.
        emit_metrics: whether CloudWatch metrics are written, where the job publishes them.
        datatype_check_threshold: the share of values, 0 to 1, that must be of the inferred type.
        domain_content_threshold: the share of values that must be in the domain.
        perform_comparison: whether distributions are compared.
        comparison_threshold: a greater distance is drift, 0 to 1.
        comparison_method: Robust or Simple; see `monitor_drift`.
        categorical_comparison_threshold: the same for strings; None for the same number.
        categorical_drift_method: LInfinity, or ChiSquared, which `monitor_drift` refuses.
    """

    evaluate_constraints: bool = True
    emit_metrics: bool = True
    datatype_check_threshold: float = 1.0
    domain_content_threshold: float = 1.0
    perform_comparison: bool = True
    comparison_threshold: float = 0.1
    comparison_method: str = "Robust"
    categorical_comparison_threshold: float | None = 0.1
    categorical_drift_method: str = "LInfinity"

    @property
    def robust(self) -> bool:
        """Whether distances are corrected for small samples."""
        return self.comparison_method in ("Robust", "linf_robust")


@dataclass(frozen=True)
class FeatureConstraints:
    """Of one column.

    Attributes:
        name: of the column.
        inferred_type: see `monitor_statistics`.
        completeness: the share of values that must be there, 0 to 1.
        is_non_negative: of a numerical column. It is written and not checked: the image's
            documented checks have none for it.
        domain: the values of a column of strings, None where any may occur.
        overrides: this column's own part of `monitoring_config`, as it stands in the file.
    """

    name: str
    inferred_type: str
    completeness: float
    is_non_negative: bool | None = None
    domain: tuple[str, ...] | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Constraints:
    """Of a dataset."""

    features: tuple[FeatureConstraints, ...]
    config: MonitoringConfig = MonitoringConfig()

    def config_of(self, feature: FeatureConstraints) -> MonitoringConfig:
        """Return the configuration with the column's overrides.

        Raises:
            AnalysisError: an override is wrong.
        """
        return read_config(feature.overrides, self.config)


def suggest(statistics: Statistics) -> Constraints:
    """Suggest what later data must hold to, from a baseline."""
    return Constraints(tuple(map(_suggested, statistics.features)))


def to_document(constraints: Constraints) -> dict[str, Any]:
    """Return constraints.json."""
    return {
        "version": 0.0,
        "features": [_feature_document(feature) for feature in constraints.features],
        "monitoring_config": _config_document(constraints.config),
    }


def from_document(document: Any) -> Constraints:
    """Read constraints.json, which people edit.

    Raises:
        AnalysisError: a field is missing, unknown or wrong.
    """
    try:
        features = tuple(map(_read_feature, document["features"]))
        written = document.get("monitoring_config", {})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnalysisError(
            f"baseline_constraints: no constraints.json of data quality ({error!r}); "
            "give the one that a baselining job wrote"
        ) from error
    return Constraints(features, read_config(written, MonitoringConfig()))


def read_config(document: Mapping[str, Any], base: MonitoringConfig) -> MonitoringConfig:
    """Return a configuration with what a document sets.

    Raises:
        AnalysisError: it sets an unknown field, or one to a wrong value.
    """
    flat = {name: value for name, value in document.items() if name != _DISTRIBUTION}
    flat.update(document.get(_DISTRIBUTION, {}))
    known = asdict(base)
    for name in flat:
        if name not in known:
            raise AnalysisError(
                f"baseline_constraints: monitoring_config has no field {name!r}; "
                f"it has: {', '.join(known)}"
            )
    # Where a document names one threshold only, strings follow it.
    if "comparison_threshold" in flat:
        flat.setdefault("categorical_comparison_threshold", None)
    return replace(base, **{name: _setting(name, value) for name, value in flat.items()})


def _setting(name: str, value: Any) -> Any:
    if name.endswith("_threshold"):
        return _threshold(name, value)
    if name == "comparison_method":
        return _chosen(name, value, _METHODS)
    if name == "categorical_drift_method":
        return _chosen(name, value, ("LInfinity", "ChiSquared"))
    if value not in _SWITCHES:
        raise AnalysisError(f"baseline_constraints: {name}={value!r}: give Enabled or Disabled")
    return _SWITCHES[value]


def _threshold(name: str, value: Any) -> float | None:
    if value is None and name == "categorical_comparison_threshold":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise AnalysisError(f"baseline_constraints: {name}={value!r}: give a number from 0 to 1")
    return float(value)


def _chosen(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise AnalysisError(
            f"baseline_constraints: {name}={value!r}: give one of {', '.join(choices)}"
        )
    return str(value)


def _suggested(feature: Feature) -> FeatureConstraints:
    counts = feature.texts.counts if feature.texts else None
    return FeatureConstraints(
        name=feature.name,
        inferred_type=feature.inferred_type,
        completeness=feature.completeness,
        is_non_negative=feature.numbers.min >= 0 if feature.numbers else None,
        domain=tuple(sorted(counts)) if counts else None,
    )


def _feature_document(feature: FeatureConstraints) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": feature.name,
        "inferred_type": feature.inferred_type,
        "completeness": feature.completeness,
    }
    if feature.is_non_negative is not None:
        document["num_constraints"] = {"is_non_negative": feature.is_non_negative}
    if feature.domain is not None:
        document["string_constraints"] = {"domains": list(feature.domain)}
    if feature.overrides:
        document[_OVERRIDES[0]] = dict(feature.overrides)
    return document


def _config_document(config: MonitoringConfig) -> dict[str, Any]:
    threshold = config.categorical_comparison_threshold
    distribution = {
        "perform_comparison": _switch(on=config.perform_comparison),
        "comparison_threshold": config.comparison_threshold,
        "comparison_method": config.comparison_method,
        "categorical_comparison_threshold": threshold,
        "categorical_drift_method": config.categorical_drift_method,
    }
    return {
        "evaluate_constraints": _switch(on=config.evaluate_constraints),
        "emit_metrics": _switch(on=config.emit_metrics),
        "datatype_check_threshold": config.datatype_check_threshold,
        "domain_content_threshold": config.domain_content_threshold,
        _DISTRIBUTION: {name: value for name, value in distribution.items() if value is not None},
    }


def _switch(*, on: bool) -> str:
    return "Enabled" if on else "Disabled"


def _read_feature(document: Mapping[str, Any]) -> FeatureConstraints:
    domain = document.get("string_constraints", {}).get("domains")
    overrides = (document[name] for name in _OVERRIDES if document.get(name))
    return FeatureConstraints(
        name=str(document["name"]),
        inferred_type=str(document["inferred_type"]),
        completeness=float(document["completeness"]),
        is_non_negative=document.get("num_constraints", {}).get("is_non_negative"),
        domain=None if domain is None else tuple(map(str, domain)),
        overrides=dict(next(overrides, {})),
    )
