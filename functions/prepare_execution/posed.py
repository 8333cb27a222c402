"""The problem that the columns pose: jobs/problem.py says it, and `jobs/` is a link to the jobs."""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

REGRESSION: Final = "regression"
BINARY: Final = "binary"
MULTICLASS: Final = "multiclass"
JOBS_DIR: Final = Path(__file__).parent / "jobs"
_OF_CLASSES: Final = ("auc", "logloss", "accuracy", "f1", "average_precision")
# As functions/read_evaluation knows them; a test compares the two.
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    REGRESSION: ("mse", "rmse", "mae", "r2"),
    BINARY: _OF_CLASSES,
    MULTICLASS: _OF_CLASSES,
}
# What each is judged by where nothing is said, and the threshold of it that needs no knowledge of
# the table: the auc of a model that knows nothing. That of an error is in the label's unit.
DEFAULT_METRIC: Final[Mapping[str, str]] = {REGRESSION: "mse", BINARY: "auc", MULTICLASS: "auc"}
DEFAULT_THRESHOLD: Final[Mapping[str, float]] = {"auc": 0.5}
# What a threshold may be: above the first, up to the second.
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    **dict.fromkeys(("mse", "rmse", "mae", "logloss"), (0, 1e12)),
    **dict.fromkeys(("auc", "accuracy", "f1", "average_precision"), (0, 1)),
    "r2": (-1e12, 1),
}


@dataclass(frozen=True)
class Posed:
    """A kind of problem.

    Attributes:
        problem: one of the three.
        classes: how many its label has; 0 of a regression.
        is_weighted: whether each row has a weight behind its label.
        features: how many cells of an encoded row the model takes.
    """

    problem: str = REGRESSION
    classes: int = 0
    is_weighted: bool = False
    features: int = 0


def posed(jobs_dir: Path = JOBS_DIR) -> Posed:
    """Return what the columns of a folder of jobs pose.

    Raises:
        ColumnsError: see jobs/kinds.py.
    """
    if str(jobs_dir) not in sys.path:
        sys.path.append(str(jobs_dir))
    problem: Any = importlib.import_module("problem")
    rows: Any = importlib.import_module("rows")
    return Posed(problem.PROBLEM, len(problem.CLASSES), problem.IS_WEIGHTED, len(rows.FEATURES))
