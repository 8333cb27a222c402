"""constraint_violations.json of data quality: where a dataset does not hold to its baseline.

The checks are the six that are documented. The texts of the type check, and of the columns' checks
from "Number of columns" on, are the image's as published reports show them; the others say the same
in its manner.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html

What fits a type is not documented. Here an integer fits Fractional, and anything fits String.
Columns that are known by position only are not compared where their number is not the baseline's:
nobody knows which one is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.sagemaker.monitor.monitor_constraints import (
    Constraints,
    FeatureConstraints,
    MonitoringConfig,
)
from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_drift import distance
from pocketaws.sagemaker.monitor.monitor_statistics import (
    FRACTIONAL,
    INTEGRAL,
    Feature,
    Statistics,
    present,
    value_type,
)

_FITTING: Final = {INTEGRAL: (INTEGRAL,), FRACTIONAL: (INTEGRAL, FRACTIONAL)}


@dataclass(frozen=True)
class Violation:
    """One line of the report; the fields are the file's."""

    feature_name: str
    constraint_check_type: str
    description: str


@dataclass(frozen=True)
class Column:
    """A column that is compared: what it holds now, and what it should."""

    cells: tuple[str, ...]
    current: Feature
    constraints: FeatureConstraints
    baseline: Feature | None
    config: MonitoringConfig


@dataclass(frozen=True)
class Comparison:
    """Of a dataset with its baseline.

    Attributes:
        violations: in the order of the columns.
        distances: of the distributions, by column, where they were compared.
    """

    violations: tuple[Violation, ...] = ()
    distances: dict[str, float] = field(default_factory=dict)


def compare(
    dataset: Dataset, current: Statistics, constraints: Constraints, baseline: Statistics | None
) -> Comparison:
    """Check a dataset.

    Args:
        dataset: named after the baseline; see `Dataset.named_after`.
        current: its statistics.
        constraints: the baseline's.
        baseline: its statistics; without them nothing is compared with `baseline_drift_check`.
    """
    if not constraints.config.evaluate_constraints:
        return Comparison()
    violations = list(_column_violations(dataset, constraints))
    distances: dict[str, float] = {}
    for column in _columns(dataset, current, constraints, baseline):
        drift = _drift(column)
        if drift is not None:
            distances[column.current.name] = drift
        violations.extend(_violations(column, drift))
    return Comparison(tuple(violations), distances)


def to_document(violations: tuple[Violation, ...]) -> dict[str, Any]:
    """Return constraint_violations.json."""
    return {"violations": [vars(violation) for violation in violations]}


def _column_violations(dataset: Dataset, constraints: Constraints) -> Iterator[Violation]:
    expected = [feature.name for feature in constraints.features]
    counts = (
        f"Number of columns in current dataset: {len(dataset.names)}, "
        f"Number of columns in baseline constraints: {len(expected)}"
    )
    for word, names, others in (
        ("missing", expected, dataset.names),
        ("extra", dataset.names, expected),
    ):
        if set(names) - set(others) and not _renamed(dataset, names, others):
            text = f"There are {word} columns in current dataset. {counts}"
            yield Violation(f"{word.capitalize()} columns", f"{word}_column_check", text)


def _renamed(dataset: Dataset, names: Any, others: Any) -> bool:
    """Tell whether columns by position are not fewer, so that only their names differ."""
    return dataset.positional and len(names) <= len(others)


def _columns(
    dataset: Dataset, current: Statistics, constraints: Constraints, baseline: Statistics | None
) -> Iterator[Column]:
    if dataset.positional and len(dataset.names) != len(constraints.features):
        return
    by_name = {feature.name: feature for feature in constraints.features}
    for cells, feature in zip(dataset.columns, current.features, strict=True):
        expected = by_name.get(feature.name)
        config = constraints.config_of(expected) if expected else constraints.config
        if expected and config.evaluate_constraints:
            before = baseline.feature(feature.name) if baseline else None
            yield Column(cells, feature, expected, before, config)


def _violations(column: Column, drift: float | None) -> Iterator[Violation]:
    name = column.current.name
    for check_type, text in (
        ("data_type_check", _type_text(column)),
        ("completeness_check", _completeness_text(column)),
        ("baseline_drift_check", _drift_text(column, drift)),
        ("categorical_values_check", _domain_text(column)),
    ):
        if text:
            yield Violation(name, check_type, text)


def _type_text(column: Column) -> str | None:
    expected, threshold = column.constraints.inferred_type, column.config.datatype_check_threshold
    values = present(column.cells)
    if expected not in _FITTING or not values:
        return None
    share = sum(value_type(value) in _FITTING[expected] for value in values) / len(values)
    if share >= threshold:
        return None
    return (
        f"Data type match requirement is not met. Expected data type: {expected}, Expected match: "
        f"{threshold * 100}%. Observed: Only {share * 100}% of data is {expected}."
    )


def _completeness_text(column: Column) -> str | None:
    expected, observed = column.constraints.completeness, column.current.completeness
    if observed >= expected:
        return None
    return (
        f"Data completeness requirement is not met. Expected completeness: {expected * 100}%. "
        f"Observed: Only {observed * 100}% of data is complete."
    )


def _drift(column: Column) -> float | None:
    if column.baseline is None or not column.config.perform_comparison:
        return None
    return distance(column.current, column.baseline, column.config)


def _drift_text(column: Column, drift: float | None) -> str | None:
    threshold = column.config.comparison_threshold
    own = column.config.categorical_comparison_threshold
    if column.current.numbers is None and own is not None:
        threshold = own
    if drift is None or drift <= threshold:
        return None
    return f"Baseline drift distance: {drift} exceeds threshold: {threshold}"


def _domain_text(column: Column) -> str | None:
    domain, threshold = column.constraints.domain, column.config.domain_content_threshold
    values = present(column.cells)
    if domain is None or not values:
        return None
    known = set(domain)
    share = sum(value in known for value in values) / len(values)
    if share >= threshold:
        return None
    return (
        f"Value match requirement is not met. Expected match: {threshold * 100}%. "
        f"Observed: Only {share * 100}% of data is in the domain of the baseline."
    )
