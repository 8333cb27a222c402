"""Preprocess the Abalone data as most examples do: pandas, a ColumnTransformer, and `to_csv`.

The peer of `bench/preprocess.py`. It follows AWS's SageMaker abalone example: the whole data set is
read into one frame, imputed, scaled and one-hot encoded, shuffled, split 70/15/15 and written.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMERIC = [
    "length",
    "diameter",
    "height",
    "whole_weight",
    "shucked_weight",
    "viscera_weight",
    "shell_weight",
]
COLUMNS = ["sex", *NUMERIC, "rings"]


def build_transformer() -> ColumnTransformer:
    """Impute and scale the numbers; impute and one-hot encode the sex."""
    numeric = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    sex = Pipeline(
        [
            ("impute", SimpleImputer(strategy="constant", fill_value="missing")),
            ("encode", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    return ColumnTransformer([("numeric", numeric, NUMERIC), ("sex", sex, ["sex"])])


def main() -> None:
    """Read every CSV file of `--input-dir` and write three under `--output-dir`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input-dir", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    arguments = parser.parse_args()

    paths = sorted(arguments.input_dir.glob("*.csv"))
    frame = pd.concat([pd.read_csv(path, header=None, names=COLUMNS) for path in paths])
    rings = frame.pop("rings").to_numpy().reshape(len(frame), 1)
    rows = np.concatenate((rings, build_transformer().fit_transform(frame)), axis=1)
    np.random.default_rng(42).shuffle(rows)
    splits = np.split(rows, [int(0.7 * len(rows)), int(0.85 * len(rows))])
    for name, split in zip(("train", "validation", "test"), splits, strict=True):
        (arguments.output_dir / name).mkdir(parents=True, exist_ok=True)
        path = arguments.output_dir / name / f"{name}.csv"
        pd.DataFrame(split).to_csv(path, header=False, index=False)


if __name__ == "__main__":
    main()
