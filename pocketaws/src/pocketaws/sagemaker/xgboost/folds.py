"""Cross validation (`_kfold`, `_num_cv_round`) as the XGBoost container does it.

A model for each fold, all of which are served together, and predictions of rows by models that have
not seen them. The container deals rows to folds by chance, differently in each run; here chance
begins from the hyperparameter `seed`, so that a run can be repeated.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/
algorithm_mode/train.py` (`train_job`) and `prediction_utils.py`; scikit-learn's KFold and
StratifiedKFold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.boosting import Boosting, Evaluations
from pocketaws.sagemaker.xgboost.log import TrainingError, log, log_evaluation

PREDICTIONS_FILE: Final = "predictions.csv"
_FAILED: Final = "XGB train call failed with exception:\n "
_LIKELY: Final = 0.5

Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Round:
    """What one round of cross validation gave: of each fold, and of each row."""

    boosters: list[xgb.Booster] = field(default_factory=list)
    evaluations: list[Evaluations] = field(default_factory=list)
    predicted: Values = field(default_factory=lambda: np.zeros(0))


def check_folds(settings: Mapping[str, Any]) -> None:
    """Refuse what cross validation of the container fails over.

    Raises:
        TrainingError: No objective tells whether labels are classes.
    """
    if "_kfold" in settings and not {"objective", "num_class"} & set(settings):
        raise TrainingError(
            f"{_FAILED}'NoneType' object has no attribute 'startswith'. "
            "_kfold needs the hyperparameter objective beside it"
        )


def cross_validate(boosting: Boosting, output_dir: Path) -> list[xgb.Booster]:
    """Train a model for each fold of each round, and write predictions.csv on the way.

    Args:
        boosting: Whose matrices hold the rows of both channels in one.
        output_dir: Takes a line for each row: label, mean prediction and, for classes, the class
            that most models predicted.

    Raises:
        TrainingError: There is no validation channel, or rows are too few.
    """
    matrices, settings = boosting.matrices, boosting.settings
    if matrices.both is None or matrices.validation is None:
        raise TrainingError(
            f"{_FAILED}'validation'. _kfold needs a validation channel, whose rows are dealt to "
            "folds with those of the train channel"
        )
    folds, count = settings["_kfold"], settings.get("_num_cv_round", 1)
    log(f"Run {count}-round of {folds}-fold cross validation with {matrices.both.num_row()} rows")
    labels, has_classes = matrices.both.get_label(), _has_classes(settings)
    generator = np.random.default_rng(abs(settings.get("seed", 0)))
    rounds = []
    for number in range(1, count + 1):
        dealt = _dealt(labels, folds, generator, has_classes=has_classes)
        rounds.append(_validated(boosting, matrices.both, dealt))
        log(f"The metrics of round {number} cross validation")
        _print_means(settings["num_round"], rounds[-1:])
    path = output_dir / PREDICTIONS_FILE
    _write_predictions(path, labels, [each.predicted for each in rounds], has_classes=has_classes)
    if count > 1:
        log(f"The overall metrics of {count}-round cross validation")
        _print_means(settings["num_round"], rounds)
    return [booster for each in rounds for booster in each.boosters]


def _has_classes(settings: Mapping[str, Any]) -> bool:
    return "num_class" in settings or str(settings["objective"]).startswith("binary:")


def _validated(boosting: Boosting, rows: xgb.DMatrix, dealt: NDArray[np.int64]) -> _Round:
    """Train on all folds but one, and predict that one, for each."""
    trained, predicted = _Round(), np.zeros(0)
    for fold in range(dealt.max() + 1):
        log(f"Train cross validation fold {fold + 1}")
        evaluations: Evaluations = {}
        booster = boosting.boost(rows.slice(np.flatnonzero(dealt != fold)), evaluations)
        held_out = np.flatnonzero(dealt == fold)
        seen = booster.predict(rows.slice(held_out))
        if not predicted.size:
            predicted = np.zeros((len(dealt), *seen.shape[1:]))
        predicted[held_out] = seen
        trained.boosters.append(booster)
        trained.evaluations.append(evaluations)
    return replace(trained, predicted=predicted)


def _dealt(
    labels: NDArray[np.float32], folds: int, generator: np.random.Generator, *, has_classes: bool
) -> NDArray[np.int64]:
    """Return the fold of each row, dealt by chance; classes are dealt to folds evenly.

    Raises:
        TrainingError: Rows are too few, or labels are no classes.
    """
    if not has_classes:
        _check_enough(folds, len(labels), "the number of samples", f": {len(labels)}")
        return generator.permutation(np.arange(len(labels)) % folds)
    if (labels != np.floor(labels)).any():
        raise TrainingError(
            f"{_FAILED}Supported target types are: ('binary', 'multiclass'). "
            "Got 'continuous' instead."
        )
    counts = np.unique(labels, return_counts=True)[1]
    _check_enough(folds, int(counts.max()), "the number of members in each class", "")
    # Dealing the sorted labels in turn gives each fold its share of each class.
    share = np.empty(len(labels), np.int64)
    share[np.argsort(labels, kind="stable")] = np.arange(len(labels)) % folds
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        share[members] = generator.permutation(share[members])
    return share


def _check_enough(folds: int, count: int, what: str, number: str) -> None:
    if folds > count:
        raise TrainingError(
            f"{_FAILED}n_splits={folds} cannot be greater than {what}{number}. "
            "Lower the hyperparameter _kfold or bring more rows"
        )


def _print_means(num_round: int, rounds: Sequence[_Round]) -> None:
    """Print the mean of the last evaluation of each fold, in the form of an evaluation."""
    evaluations = [one for each in rounds for one in each.evaluations]
    means = [
        f"{channel}-{metric}:{np.mean([one[channel][metric][-1] for one in evaluations]):.5f}"
        for metric in evaluations[0]["train"]
        for channel in ("train", "validation")
    ]
    log_evaluation("\t".join([f"[{num_round}]", *means]))


def _write_predictions(
    path: Path, labels: NDArray[np.float32], predicted: Sequence[Values], *, has_classes: bool
) -> None:
    """Write a line for each row: label, mean prediction and, of classes, the most frequent.

    A prediction of one number above 0.5 counts as class 1, of `multi:softmax`, too.
    """
    columns = [labels, np.mean([_likelihood(each) for each in predicted], axis=0)]
    if has_classes:
        columns.append(_most_frequent(np.array([_class(each) for each in predicted])))
    log(f"Storing predictions on validation set(s) in {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, np.column_stack(columns), delimiter=",", fmt="%f")


def _likelihood(predicted: Values) -> Values:
    likelihood: Values = predicted.max(axis=1) if predicted.ndim > 1 else predicted
    return likelihood


def _class(predicted: Values) -> Values:
    if predicted.ndim > 1:
        return cast("Values", np.argmax(predicted, axis=1).astype(np.float64))
    return (predicted > _LIKELY).astype(np.float64)


def _most_frequent(classes: Values) -> Values:
    """Return the most frequent class of each column, the least of several."""
    known = np.unique(classes)
    counts = np.array([(classes == one).sum(axis=0) for one in known])
    frequent: Values = known[counts.argmax(axis=0)]
    return frequent
