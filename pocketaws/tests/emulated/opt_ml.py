"""Folders laid out as /opt/ml, for training without the job around it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

CSV_CHANNEL = {
    "ContentType": "text/csv",
    "TrainingInputMode": "File",
    "S3DistributionType": "FullyReplicated",
}
HYPERPARAMETERS = {"num_round": "5", "objective": "reg:squarederror", "max_depth": "3"}
GENERATOR_SEED = 7


def rows(count: int, *, seed: int = GENERATOR_SEED) -> np.ndarray:
    """Return rows of label and three features; the label is about 3 times the first feature."""
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(count, 3))
    labels = 3 * features[:, 0] + 0.1 * generator.normal(size=count)
    return np.column_stack([labels, features])


def csv_text(table: np.ndarray, delimiter: str = ",") -> str:
    return "".join(delimiter.join(f"{cell:.5f}" for cell in row) + "\n" for row in table)


def lay_out(
    root: Path,
    files: Mapping[str, str],
    *,
    hyperparameters: Mapping[str, str] = HYPERPARAMETERS,
    channels: Mapping[str, Mapping[str, str]] | None = None,
    hosts: tuple[str, ...] = ("algo-1",),
    current_host: str = "algo-1",
) -> Path:
    """Write the input side of /opt/ml; `files` maps CHANNEL/PATH to text."""
    present = sorted({name.partition("/")[0] for name in files})
    config = {
        "hyperparameters.json": hyperparameters,
        "inputdataconfig.json": channels or dict.fromkeys(present, CSV_CHANNEL),
        "resourceconfig.json": {"current_host": current_host, "hosts": hosts},
    }
    for name, content in config.items():
        path = root / "input" / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    for name, text in files.items():
        path = root / "input" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def evaluation_lines(log: str) -> list[str]:
    return [line for line in log.splitlines() if re.match(r"\[\d+\]\t", line)]


def failure_of(root: Path) -> str:
    return (root / "output" / "failure").read_text(encoding="utf-8")
