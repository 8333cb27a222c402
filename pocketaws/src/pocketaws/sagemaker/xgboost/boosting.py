"""Boost a model as the XGBoost container does: its parameters, evaluations and early stopping.

Source: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/
algorithm_mode/train.py` and `callback.py`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xgboost as xgb

from pocketaws.sagemaker.xgboost.data import Matrices
from pocketaws.sagemaker.xgboost.log import TrainingError, brief, log_evaluation
from pocketaws.sagemaker.xgboost.metrics import (
    metric_function,
    printed_metrics,
    watched_metrics,
)
from pocketaws.sagemaker.xgboost.rules import MAXIMIZED_METRICS

# Settings of the job, which the container takes out before it hands the rest to XGBoost.
JOB_SETTINGS: Final = (
    *("num_round", "csv_weights", "early_stopping_rounds", "eval_metric", "updater"),
    *("save_model_on_termination", "_tuning_objective_metric", "use_dask_gpu_training"),
    *("_kfold", "_num_cv_round"),
)

Evaluations = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Boosting:
    """How models of one job are boosted.

    Attributes:
        settings: The hyperparameters, typed.
        matrices: The channels, which each round is evaluated on.
        is_master: Whether this host writes the model.
        host_count: Of the job.
    """

    settings: Mapping[str, Any]
    matrices: Matrices
    is_master: bool
    host_count: int

    def boost(self, matrix: xgb.DMatrix, evaluations: Evaluations | None = None) -> xgb.Booster:
        """Train on a matrix and print an evaluation per round.

        Args:
            matrix: The rows to train on.
            evaluations: Takes the metrics of each round, by channel and metric.

        Raises:
            TrainingError: XGBoost or a metric refuses.
        """
        native_metrics, own_metrics = printed_metrics(self.settings)
        channels = [(self.matrices.train, "train"), (self.matrices.validation, "validation")]
        try:
            return xgb.train(
                self._parameters(native_metrics),
                matrix,
                num_boost_round=self.settings["num_round"],
                evals=[(channel, name) for channel, name in channels if channel is not None],
                custom_metric=metric_function(own_metrics),
                callbacks=[self._callback()],
                evals_result=evaluations,
                verbose_eval=False,
            )
        except (xgb.core.XGBoostError, ValueError) as error:
            reason = f"XGB train call failed with exception:\n {brief(error)}"
            raise TrainingError(reason) from error

    def _parameters(self, metrics: Sequence[str]) -> dict[str, Any]:
        settings = self.settings
        parameters = {name: value for name, value in settings.items() if name not in JOB_SETTINGS}
        if self.host_count > 1:
            # Hosts have a machine each on SageMaker, but share the cores of this one.
            parameters.setdefault("nthread", max(1, (os.cpu_count() or 1) // self.host_count))
        if metrics:
            parameters["eval_metric"] = list(metrics)
        if "updater" in settings:
            parameters["updater"] = ",".join(settings["updater"])
        return parameters

    def _callback(self) -> "_InOrder":
        """Print each round, and stop early where the container would.

        It stops early only with a validation channel and a metric named by `eval_metric` or by the
        tuning job: `early_stopping_rounds` alone does nothing. The last metric counts.
        """
        monitor = xgb.callback.EvaluationMonitor(logger=log_evaluation)
        watched = watched_metrics(self.settings)
        rounds = self.settings.get("early_stopping_rounds")
        if not rounds or not watched or self.matrices.validation is None:
            return _InOrder(monitor)
        stopper = xgb.callback.EarlyStopping(
            rounds=rounds,
            data_name="validation",
            metric_name=watched[-1],
            maximize=watched[-1] in MAXIMIZED_METRICS,
            save_best=self.is_master,
        )
        return _InOrder(monitor, stopper)


class _InOrder(xgb.callback.TrainingCallback):  # type: ignore[misc]  # XGBoost has no types
    """Several callbacks as one.

    XGBoost keeps callbacks in a set and leaves out those after the first that stops, so whether
    the last round is printed, and counts as the final metric, would differ from run to run.
    """

    def __init__(self, *callbacks: xgb.callback.TrainingCallback) -> None:
        super().__init__()
        self._callbacks = callbacks

    def before_training(self, model: Any) -> Any:
        for callback in self._callbacks:
            model = callback.before_training(model)
        return model

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        stops = [callback.after_iteration(model, epoch, evals_log) for callback in self._callbacks]
        return any(stops)

    def after_training(self, model: Any) -> Any:
        for callback in self._callbacks:
            model = callback.after_training(model)
        return model
