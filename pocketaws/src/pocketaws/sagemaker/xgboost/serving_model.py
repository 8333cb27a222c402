"""The model that is served: load it as the container does, and predict.

Source: aws/sagemaker-xgboost-container on GitHub,
`src/sagemaker_xgboost_container/algorithm_mode/serve_utils.py` (`get_loaded_booster`, `predict`).
One thing is left out: a pickled model is not unpickled, since that would run what it holds.
"""

import contextlib
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.log import brief
from pocketaws.sagemaker.xgboost.serving_payload import Features

# Of this the rows can be predicted without a DMatrix, in half the time; dart's last digits differ.
_IN_PLACE: Final = "gbtree"

Predictions = NDArray[np.float32]


class UnreadableModelError(ValueError):
    """The folder holds no model that can be loaded."""


class PredictionError(ValueError):
    """The rows do not fit the model."""


@dataclass(frozen=True)
class Model:
    """A loaded model.

    Attributes:
        objective: such as "reg:squarederror".
        class_count: of a multi-class objective; 0 for others.
        is_in_place: whether rows are predicted as they are, without a DMatrix.
        others: with which its predictions are averaged, as of the folds of cross validation.
    """

    booster: xgb.Booster
    feature_count: int
    objective: str
    class_count: int
    is_in_place: bool
    others: tuple["Model", ...] = ()

    def predict(self, features: Features) -> Predictions:
        """Return what `Booster.predict` returns for a DMatrix of the rows.

        Fewer columns than features leave the last ones missing, as in the container, which checks
        the number only of pickled models; XGBoost itself refuses more.

        Raises:
            PredictionError: there are more columns than the model has features.
        """
        columns = features.shape[1]
        if columns > self.feature_count:
            raise PredictionError(
                "Check failed: learner_model_param_.num_feature >= p_fmat->Info().num_col_ "
                f"({self.feature_count} vs. {columns}) : Number of columns does not match number "
                "of features in booster."
            )
        try:
            predictions = self._predicted(features)
        except (xgb.core.XGBoostError, ValueError) as error:
            raise PredictionError(brief(error)) from error
        if not self.others:
            return predictions
        ensemble = [predictions, *(other.predict(features) for other in self.others)]
        averaged: Predictions = np.mean(ensemble, axis=0)
        return averaged

    def warm_up(self) -> None:
        """Predict once, so that no caller waits for what XGBoost sets up at the first prediction.

        Only in a process that serves and does nothing else: pandas cannot be imported afterwards.
        """
        # XGBoost imports it, if it finds it, to ask whether rows are a frame of it; they never are.
        sys.modules.setdefault("pandas", None)  # type: ignore[arg-type] # import takes it for "absent"
        # What a model cannot do it says to whoever asks.
        with contextlib.suppress(PredictionError):
            self.predict(np.full((1, self.feature_count), np.nan, dtype=np.float32))

    def _predicted(self, features: Features) -> Predictions:
        if isinstance(features, np.ndarray) and self.is_in_place:
            predictions = self.booster.inplace_predict(
                _padded(features, self.feature_count), validate_features=False
            )
        else:
            matrix = xgb.DMatrix(features, nthread=1)
            predictions = self.booster.predict(matrix, validate_features=False)
        return np.asarray(predictions)


def load_model(model_dir: Path) -> Model:
    """Load every file of a model's folder, whatever its name; the first tells the objective.

    Raises:
        ModelError: there is none, or XGBoost cannot load one.
    """
    first, *others = [_loaded(path) for path in _model_paths(model_dir)]
    return replace(first, others=tuple(others))


def _loaded(model_path: Path) -> Model:
    try:
        booster = xgb.Booster(model_file=_content(model_path))
        # As the container: a request has one core, and others are served meanwhile.
        booster.set_param("nthread", 1)
        config: dict[str, Any] = json.loads(booster.save_config())["learner"]
    except (OSError, ValueError, xgb.core.XGBoostError) as error:
        raise UnreadableModelError(
            f"Model at {model_path.name} cannot be loaded:\n{brief(error)}"
        ) from error
    return Model(
        booster=booster,
        feature_count=booster.num_features(),
        objective=config["objective"]["name"],
        class_count=int(config["learner_model_param"]["num_class"]),
        is_in_place=config["gradient_booster"]["name"] == _IN_PLACE,
    )


def _model_paths(model_dir: Path) -> list[Path]:
    try:
        paths = sorted(path for path in model_dir.iterdir() if path.is_file())
    except OSError as error:
        raise UnreadableModelError(
            f"the model's folder cannot be read: {error.strerror}"
        ) from error
    visible = [path for path in paths if not path.name.startswith(".")]
    if not visible:
        raise UnreadableModelError(
            "the model's folder must hold a model, as model.tar.gz of a training job does, and it "
            "holds none"
        )
    return visible


def _content(model_path: Path) -> bytearray:
    content = bytearray(model_path.read_bytes())
    if not content:
        # XGBoost 3.2.0 ends the process over an empty buffer; of an empty file it says this.
        raise ValueError("Check failed: str.size() >= 2 (0 vs. 2) : Invalid model format")
    return content


def _padded(table: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    if table.shape[1] == columns:
        return table
    padded = np.full((len(table), columns), np.nan, dtype=np.float32)
    padded[:, : table.shape[1]] = table
    return padded
