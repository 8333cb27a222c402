"""The workflow's steps as a Metaflow flow: the peer that the benchmark of a local run names.

The work is that of `bench/bare.py`, cut where the workflow cuts it, and written the way Metaflow
asks for: data passes from step to step as artifacts, each step is a process of its own, and what
only some steps need is imported in those, so that the others start fast.
"""

# Metaflow ships no types, so its base class and its decorator are Any to mypy.
# mypy: disallow-subclassing-any=False, disallow-untyped-decorators=False

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from metaflow import FlowSpec, Parameter, step

COLUMNS = ("sex", "length", "diameter", "height", "whole", "shucked", "viscera", "shell", "rings")
TRAIN_SHARE = 0.70
VALIDATION_SHARE = 0.15


class AbaloneFlow(FlowSpec):
    """Prepare, preprocess, train, evaluate, create the model, record its name."""

    data_path = Parameter("data", help="headerless CSV file of abalone", required=True)
    output_dir = Parameter("output-dir", help="folder for the model and its record", required=True)
    max_mse = Parameter("max-mse", help="highest mean squared error to accept", default=6.0)

    @step
    def start(self) -> None:
        """Prepare: settle what the steps after this one are to use."""
        self.seed = 0
        self.rounds = 50
        self.hyperparameters = {
            "objective": "reg:squarederror",
            "max_depth": 5,
            "eta": 0.2,
            "gamma": 4,
            "min_child_weight": 6,
            "subsample": 0.7,
            "seed": self.seed,
        }
        self.next(self.preprocess)

    @step
    def preprocess(self) -> None:
        """Encode the sex as 0/1 columns; shuffle; cut into 70 % train, 15 % each of the others."""
        import numpy as np
        import pandas as pd

        abalone = pd.read_csv(self.data_path, header=None, names=list(COLUMNS))
        abalone = pd.get_dummies(abalone, columns=["sex"], dtype=float)
        order = np.random.default_rng(self.seed).permutation(len(abalone))
        train_end = int(TRAIN_SHARE * len(abalone))
        validation_end = int((TRAIN_SHARE + VALIDATION_SHARE) * len(abalone))
        self.train_rows = abalone.iloc[order[:train_end]]
        self.validation_rows = abalone.iloc[order[train_end:validation_end]]
        self.test_rows = abalone.iloc[order[validation_end:]]
        self.next(self.train)

    @step
    def train(self) -> None:
        """Train, watching the validation rows; keep the model as UBJSON."""
        import xgboost as xgb

        train, validation = (
            xgb.DMatrix(rows.drop(columns="rings"), label=rows["rings"])
            for rows in (self.train_rows, self.validation_rows)
        )
        model = xgb.train(
            self.hyperparameters,
            train,
            num_boost_round=self.rounds,
            evals=[(train, "train"), (validation, "validation")],
            verbose_eval=False,
        )
        self.model = bytes(model.save_raw("ubj"))
        self.next(self.evaluate)

    @step
    def evaluate(self) -> None:
        """Compute the MSE on the test rows; fail above `max_mse`."""
        import xgboost as xgb
        from sklearn.metrics import mean_squared_error

        test = xgb.DMatrix(self.test_rows.drop(columns="rings"))
        model = xgb.Booster(model_file=bytearray(self.model))
        self.mse = float(mean_squared_error(self.test_rows["rings"], model.predict(test)))
        print(f"MSE {self.mse:.4f}")
        if self.mse > self.max_mse:
            raise ValueError(f"MSE {self.mse:.4f} is above the threshold of {self.max_mse}")
        self.next(self.create_model)

    @step
    def create_model(self) -> None:
        """Write `model.tar.gz` with `xgboost-model` in it, as SageMaker keeps models."""
        output_dir = Path(self.output_dir)
        output_dir.mkdir(parents=True, exist_ok=True)
        model_path = output_dir / "xgboost-model"
        model_path.write_bytes(self.model)
        self.archive_path = str(output_dir / "model.tar.gz")
        with tarfile.open(self.archive_path, "w:gz") as archive:
            archive.add(model_path, arcname=model_path.name)
        self.next(self.end)

    @step
    def end(self) -> None:
        """Record which model is the accepted one."""
        record = {"archive": self.archive_path, "mse": self.mse}
        (Path(self.output_dir) / "model.json").write_text(json.dumps(record))


if __name__ == "__main__":
    AbaloneFlow()
