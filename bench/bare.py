"""Train and judge the abalone model in one plain process: the yardstick of the benchmarks.

What a person would write who needed the model once and no workflow: no job, no container contract
and no state between steps. Whatever `python -m workflow run` takes beyond this is its overhead.
"""

from __future__ import annotations

import argparse
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import mean_squared_error

COLUMNS = ("sex", "length", "diameter", "height", "whole", "shucked", "viscera", "shell", "rings")
HYPERPARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 5,
    "eta": 0.2,
    "gamma": 4,
    "min_child_weight": 6,
    "subsample": 0.7,
}
ROUNDS = 50
TRAIN_SHARE = 0.70
VALIDATION_SHARE = 0.15


def read_abalone(path: Path) -> pd.DataFrame:
    """Read the headerless file, with the sex as three 0/1 columns."""
    abalone = pd.read_csv(path, header=None, names=list(COLUMNS))
    return pd.get_dummies(abalone, columns=["sex"], dtype=float)


def split(abalone: pd.DataFrame, seed: int) -> tuple[xgb.DMatrix, xgb.DMatrix, xgb.DMatrix]:
    """Shuffle the rows, then cut them into 70 % train, 15 % validation and 15 % test."""
    order = np.random.default_rng(seed).permutation(len(abalone))
    train_end = int(TRAIN_SHARE * len(abalone))
    validation_end = int((TRAIN_SHARE + VALIDATION_SHARE) * len(abalone))
    train, validation, test = (
        xgb.DMatrix(part.drop(columns="rings"), label=part["rings"])
        for part in (
            abalone.iloc[order[:train_end]],
            abalone.iloc[order[train_end:validation_end]],
            abalone.iloc[order[validation_end:]],
        )
    )
    return train, validation, test


def fit(train: xgb.DMatrix, validation: xgb.DMatrix, seed: int) -> xgb.Booster:
    """Train with the hyperparameters of the project, watching the validation rows."""
    return xgb.train(
        {**HYPERPARAMETERS, "seed": seed},
        train,
        num_boost_round=ROUNDS,
        evals=[(train, "train"), (validation, "validation")],
        verbose_eval=False,
    )


def save(model: xgb.Booster, output_dir: Path) -> None:
    """Write `model.tar.gz` with `xgboost-model` (UBJSON) in it, as SageMaker keeps models."""
    output_dir.mkdir(parents=True, exist_ok=True)
    model_path = output_dir / "xgboost-model"
    model_path.write_bytes(model.save_raw("ubj"))
    with tarfile.open(output_dir / "model.tar.gz", "w:gz") as archive:
        archive.add(model_path, arcname=model_path.name)


def main() -> None:
    """Read, split, train, evaluate, save; print one line with the MSE on the test rows."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    train, validation, test = split(read_abalone(arguments.data), arguments.seed)
    model = fit(train, validation, arguments.seed)
    mse = mean_squared_error(test.get_label(), model.predict(test))
    save(model, arguments.output_dir)
    print(f"MSE {mse:.4f}")


if __name__ == "__main__":
    main()
