"""How far two distributions are apart, as awslabs/deequ measures it, on which the image is built.

`Simple` is the greatest absolute difference of the cumulative distributions, for strings of the
shares. `Robust` takes off what two samples of one distribution may differ by, so that small samples
do not cry wolf: `max(0, simple - 1.8 * sqrt((n + m) / (n * m)))`, where 1.8 is the two-sample
Kolmogorov-Smirnov test's c(alpha) for alpha = 0.003.
Source: awslabs/deequ on GitHub, `analyzers/Distance.scala` (`linf_simple`, `linf_robust`). That the
image calls it with this constant is not published; AWS says that the formula "is based on the
Two-sample Kolmogorov-Smirnov test".
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from pocketaws.sagemaker.monitor.monitor_constraints import MonitoringConfig
from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError
from pocketaws.sagemaker.monitor.monitor_sketch import Floats, Sketch
from pocketaws.sagemaker.monitor.monitor_statistics import Feature

C_ALPHA: Final = 1.8


def distance(current: Feature, baseline: Feature, config: MonitoringConfig) -> float | None:
    """Return the distance of two columns, 0 to 1, or None where they cannot be compared.

    Raises:
        AnalysisError: the method for strings is not reproduced.
    """
    if current.numbers and baseline.numbers:
        return numerical_distance(
            current.numbers.sketch, baseline.numbers.sketch, robust=config.robust
        )
    counts = [feature.texts.counts if feature.texts else None for feature in (current, baseline)]
    if not counts[0] or not counts[1]:
        return None
    if config.categorical_drift_method != "LInfinity":
        raise AnalysisError(
            f"categorical_drift_method={config.categorical_drift_method!r} is not reproduced "
            "locally; give LInfinity"
        )
    return categorical_distance(counts[0], counts[1], robust=config.robust)


def numerical_distance(current: Sketch, baseline: Sketch, *, robust: bool) -> float:
    """Return the L-infinity distance of the cumulative distributions of two sketches."""
    (items, ranks), (baseline_items, baseline_ranks) = current.cumulative(), baseline.cumulative()
    at = np.union1d(items, baseline_items)
    differences = _shares(at, items, ranks) - _shares(at, baseline_items, baseline_ranks)
    simple = float(np.abs(differences).max())
    return _corrected(simple, current.count, baseline.count) if robust else simple


def categorical_distance(
    current: Mapping[str, int], baseline: Mapping[str, int], *, robust: bool
) -> float:
    """Return the greatest difference of the shares of any value."""
    count, baseline_count = sum(current.values()), sum(baseline.values())
    simple = max(
        abs(current.get(value, 0) / count - baseline.get(value, 0) / baseline_count)
        for value in {*current, *baseline}
    )
    return _corrected(simple, count, baseline_count) if robust else simple


def _shares(at: Floats, items: Floats, ranks: Floats) -> Floats:
    """Return the share of values that are at most each of `at`."""
    index = np.searchsorted(items, at, side="right")
    shares: Floats = np.concatenate([[0.0], ranks])[index] / ranks[-1]
    return shares


def _corrected(simple: float, n: int, m: int) -> float:
    return max(0.0, simple - C_ALPHA * math.sqrt((n + m) / (n * m)))
