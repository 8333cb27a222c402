"""statistics.json of data quality: what the columns of a dataset look like.

Means and standard deviations are over the population, as in awslabs/deequ on GitHub
(`analyzers/catalyst/StatefulStdDevPop.scala`), which the image is built upon; so are the inferred
types (`analyzers/DataType.scala`), of which Boolean counts as String here, since the schema has no
such type. Beyond Deequ, exponents make a Fractional and "nan" is a missing value, because both are
what containers write.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-statistics.html
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pocketaws.sagemaker.monitor.monitor_dataset import Dataset
from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError
from pocketaws.sagemaker.monitor.monitor_sketch import C, Floats, K, Sketch, sketch_of

INTEGRAL: Final = "Integral"
FRACTIONAL: Final = "Fractional"
STRING: Final = "String"
UNKNOWN: Final = "Unknown"
# Not documented beyond "small cardinality"; Deequ's profiler lists up to this many.
MAX_LISTED_VALUES: Final = 120
BUCKET_COUNT: Final = 10

_INTEGRAL: Final = re.compile(r"[-+]?[0-9]+")
_FRACTIONAL: Final = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Numbers:
    """Of the values of a numerical column."""

    mean: float
    sum: float
    std_dev: float
    min: float
    max: float
    sketch: Sketch


@dataclass(frozen=True)
class Texts:
    """Of the values of a column of strings; `counts` is None where there are too many."""

    distinct_count: int
    counts: Mapping[str, int] | None


@dataclass(frozen=True)
class Feature:
    """Of one column; `numbers` for numerical ones, `texts` for the others."""

    name: str
    inferred_type: str
    num_present: int
    num_missing: int
    numbers: Numbers | None = None
    texts: Texts | None = None

    @property
    def completeness(self) -> float:
        """The share of values that are there, 0 to 1."""
        return self.num_present / (self.num_present + self.num_missing)


@dataclass(frozen=True)
class Statistics:
    """Of a dataset."""

    item_count: int
    features: tuple[Feature, ...]

    def feature(self, name: str) -> Feature | None:
        """Return the column of this name, or None."""
        return next((feature for feature in self.features if feature.name == name), None)


def statistics_of(dataset: Dataset) -> Statistics:
    """Describe every column."""
    features = map(_feature, dataset.names, dataset.columns)
    return Statistics(dataset.item_count, tuple(features))


def present(cells: Iterable[str]) -> list[str]:
    """Return the values that are not missing."""
    return [cell for cell in cells if cell and cell.lower() != "nan"]


def value_type(cell: str) -> str:
    """Return the type of one value: Integral, Fractional or String."""
    if _INTEGRAL.fullmatch(cell):
        kind = INTEGRAL
    elif _FRACTIONAL.fullmatch(cell):
        kind = FRACTIONAL
    else:
        return STRING
    return kind if math.isfinite(float(cell)) else STRING


def to_document(statistics: Statistics) -> dict[str, Any]:
    """Return statistics.json."""
    return {
        "version": 0.0,
        "dataset": {"item_count": statistics.item_count},
        "features": [_feature_document(feature) for feature in statistics.features],
    }


def from_document(document: Any) -> Statistics:
    """Read statistics.json.

    Raises:
        AnalysisError: it is not of data quality, or lacks a field that comparing needs.
    """
    try:
        features = tuple(map(_read_feature, document["features"]))
        return Statistics(int(document["dataset"]["item_count"]), features)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnalysisError(
            f"baseline_statistics: no statistics.json of data quality ({error!r}); "
            "give the one that a baselining job wrote"
        ) from error


def _feature(name: str, cells: Sequence[str]) -> Feature:
    values = present(cells)
    kinds = {value_type(value) for value in values}
    missing = len(cells) - len(values)
    if not values:
        return Feature(name, UNKNOWN, 0, missing, texts=Texts(0, {}))
    if STRING in kinds:
        return Feature(name, STRING, len(values), missing, texts=_texts(values))
    kind = FRACTIONAL if FRACTIONAL in kinds else INTEGRAL
    numbers = _numbers(np.array(values, dtype=np.float64))
    return Feature(name, kind, len(values), missing, numbers=numbers)


def _numbers(values: Floats) -> Numbers:
    return Numbers(
        mean=float(values.mean()),
        sum=float(values.sum()),
        std_dev=float(values.std()),
        min=float(values.min()),
        max=float(values.max()),
        sketch=sketch_of(values),
    )


def _texts(values: Sequence[str]) -> Texts:
    counts = Counter(values)
    listed = dict(counts.most_common()) if len(counts) <= MAX_LISTED_VALUES else None
    return Texts(len(counts), listed)


def _feature_document(feature: Feature) -> dict[str, Any]:
    common = {"num_present": feature.num_present, "num_missing": feature.num_missing}
    document: dict[str, Any] = {"name": feature.name, "inferred_type": feature.inferred_type}
    if feature.numbers is not None:
        return {**document, "numerical_statistics": _numbers_document(feature.numbers, common)}
    texts = feature.texts or Texts(0, {})
    statistics = {"common": common, "distinct_count": texts.distinct_count}
    if texts.counts is not None:
        buckets = [{"value": value, "count": count} for value, count in texts.counts.items()]
        statistics["distribution"] = {"categorical": {"buckets": buckets}}
    return {**document, "string_statistics": statistics}


def _numbers_document(numbers: Numbers, common: Mapping[str, int]) -> dict[str, Any]:
    sketch = {
        "parameters": {"c": C, "k": float(K)},
        "data": [list(level) for level in numbers.sketch.levels],
    }
    return {
        "common": common,
        "mean": numbers.mean,
        "sum": numbers.sum,
        "std_dev": numbers.std_dev,
        "min": numbers.min,
        "max": numbers.max,
        "distribution": {"kll": {"buckets": _buckets(numbers), "sketch": sketch}},
    }


def _buckets(numbers: Numbers) -> list[dict[str, float]]:
    """Split min to max into ten of equal width; a bound belongs to the bucket above it."""
    items, ranks = numbers.sketch.cumulative()
    width = (numbers.max - numbers.min) / BUCKET_COUNT
    bounds = [numbers.min + width * index for index in range(BUCKET_COUNT)] + [numbers.max]
    below = [_rank_below(bound, items, ranks) for bound in bounds[:-1]] + [float(ranks[-1])]
    return [
        {"lower_bound": bounds[index], "upper_bound": bounds[index + 1], "count": count}
        for index, count in enumerate(np.diff(below).tolist())
    ]


def _rank_below(bound: float, items: Floats, ranks: Floats) -> float:
    index = int(np.searchsorted(items, bound, side="left"))
    return float(ranks[index - 1]) if index else 0.0


def _read_feature(document: Mapping[str, Any]) -> Feature:
    numerical = document.get("numerical_statistics")
    common = (numerical or document["string_statistics"])["common"]
    counts = int(common["num_present"]), int(common["num_missing"])
    name, kind = str(document["name"]), str(document["inferred_type"])
    if numerical:
        return Feature(name, kind, *counts, numbers=_read_numbers(numerical))
    return Feature(name, kind, *counts, texts=_read_texts(document["string_statistics"]))


def _read_numbers(document: Mapping[str, Any]) -> Numbers:
    levels = document["distribution"]["kll"]["sketch"]["data"]
    return Numbers(
        mean=float(document["mean"]),
        sum=float(document["sum"]),
        std_dev=float(document["std_dev"]),
        min=float(document["min"]),
        max=float(document["max"]),
        sketch=Sketch(tuple(tuple(map(float, level)) for level in levels)),
    )


def _read_texts(document: Mapping[str, Any]) -> Texts:
    buckets = document.get("distribution", {}).get("categorical", {}).get("buckets")
    counts = None
    if buckets is not None:
        counts = {str(bucket["value"]): int(bucket["count"]) for bucket in buckets}
    return Texts(int(document["distinct_count"]), counts)
