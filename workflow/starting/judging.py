"""How well a quick model does, and the simplest answer beside it: what a gate can ask for.

The rows go through the project's own preprocessing, as a process of its own, so its `columns.py` is
tried as well; the model is XGBoost's with the workflow's own hyperparameters.
"""

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.errors import InputDataError

_ROUNDS: Final = 50
_HYPERPARAMETERS: Final = {
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.7,
    "nthread": 2,
}


@dataclass(frozen=True)
class Quick:
    """What was measured on the test rows.

    Attributes:
        metric: its name: `mse`, `auc` of two classes, `accuracy` or `f1` of more.
        baseline: of the mean, or of the most frequent class.
        model: of the quick model.
        rows: of the test split.
    """

    metric: str
    baseline: float
    model: float
    rows: int


def judge(
    jobs_dir: Path, data_path: Path, problem: str, *, is_weighted: bool = False, metric: str = ""
) -> Quick:
    """Preprocess a file, train, and measure.

    Args:
        jobs_dir: with the `columns.py` that the file is read by.
        data_path: the file.
        problem: `regression`, `binary` or `multiclass`.
        is_weighted: whether the columns give each row a weight; only training heeds it here.
        metric: of more than two classes `accuracy`, which it is if left out, or `f1`.

    Raises:
        InputDataError: preprocessing fails, with its words.
    """
    with tempfile.TemporaryDirectory(prefix="workflow-new-") as name:
        folder = Path(name)
        _preprocess(jobs_dir, data_path, folder)
        return _measure(folder / "output", problem, first=1 + is_weighted, metric=metric)


def _preprocess(jobs_dir: Path, data_path: Path, folder: Path) -> None:
    (folder / "input").mkdir()
    (folder / "input" / data_path.name).symlink_to(data_path.resolve())
    hosts_path, message_path = folder / "hosts.json", folder / "message"
    hosts_path.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"]}))
    command = [
        *(sys.executable, "-B", str(jobs_dir / "preprocess.py"), "--parts", "1"),
        *("--input-dir", str(folder / "input"), "--output-dir", str(folder / "output")),
        *("--resource-config", str(hosts_path), "--message-path", str(message_path)),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if ended.returncode:
        told = message_path.read_text() if message_path.exists() else ended.stderr
        raise InputDataError(f"{data_path}: the proposed columns do not fit: {told}")


def import_beside() -> None:
    """Import what measures in a thread, while the table is read and preprocessed."""
    # XGBoost's threads sleep where they wait, as OpenMP reads when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    threading.Thread(target=_import_xgboost, daemon=True).start()


def _import_xgboost() -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module("xgboost")


def _measure(output_dir: Path, problem: str, *, first: int, metric: str) -> Quick:
    # Slow to import, and only here needed.
    import numpy as np
    import xgboost as xgb

    def table(split: str) -> Any:
        lines = [
            ",".join(cell or "nan" for cell in line.split(","))
            for path in sorted((output_dir / split).glob("part-*"))
            for line in path.read_text().splitlines()
        ]
        return np.loadtxt(lines, delimiter=",", ndmin=2)

    train, test = table("train"), table("test")
    labels, truth = train[:, 0], test[:, 0]
    classes = int(max(labels.max(), truth.max())) + 1
    trained = xgb.train(
        {**_HYPERPARAMETERS, **_objective(problem, classes)},
        xgb.DMatrix(train[:, first:], labels, weight=train[:, 1] if first > 1 else None),
        _ROUNDS,
    )
    predicted = trained.predict(xgb.DMatrix(test[:, first:]))
    if problem == "regression":
        baseline = float(((truth - labels.mean()) ** 2).mean())
        return Quick("mse", baseline, float(((truth - predicted) ** 2).mean()), len(truth))
    if problem == "binary":
        return Quick("auc", 0.5, _auc(truth, predicted), len(truth))
    most = np.full(len(truth), np.bincount(labels.astype(int)).argmax())
    if metric == "f1":
        return Quick(metric, _f1(truth, most), _f1(truth, predicted), len(truth))
    return Quick(
        "accuracy", float((truth == most).mean()), float((truth == predicted).mean()), len(truth)
    )


def _objective(problem: str, classes: int) -> dict[str, Any]:
    if problem == "regression":
        return {"objective": "reg:squarederror"}
    of_classes = {"gamma": 0, "min_child_weight": 1}
    if problem == "binary":
        return {"objective": "binary:logistic", **of_classes}
    return {"objective": "multi:softmax", "num_class": max(classes, 2), **of_classes}


def _f1(truth: Any, said: Any) -> float:
    """Return the mean over the classes of the harmonic mean of precision and recall."""
    import numpy as np

    present = np.union1d(truth, said)
    counts = [(truth == one, said == one) for one in present]
    return float(np.mean([2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in counts]))


def _auc(truth: Any, scores: Any) -> float:
    """Return the share of pairs of both classes in which the looked-for one scores higher."""
    from scipy.stats import rankdata

    positive = truth == 1
    count, others = int(positive.sum()), int((~positive).sum())
    if not count or not others:
        return 0.5
    ranks = float(rankdata(scores)[positive].sum())
    return (ranks - count * (count + 1) / 2) / (count * others)
