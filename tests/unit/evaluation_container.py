"""A container's folders with models and rows, as an evaluation job finds them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
ONE_HOT = np.eye(3, dtype=int)


def make_table(rows: int, seed: int = 1) -> np.ndarray:
    """Make rows of rings, seven numbers with four decimals, and one of three sexes."""
    made = np.random.default_rng(seed)
    numbers = made.random((rows, 7)).round(4)
    noise = made.normal(0, 1.5, rows)
    rings = np.clip((6 + 12 * numbers[:, 0] * numbers[:, 3] + noise).round(), 1, 29)
    return np.column_stack([rings, numbers, ONE_HOT[made.integers(0, 3, rows)]])


def as_csv(table: np.ndarray) -> str:
    """Write rows as `preprocess.py` does."""
    lines = (
        ",".join([f"{row[0]:.0f}", *(f"{x:g}" for x in row[1:8]), *(f"{x:.0f}" for x in row[8:])])
        for row in table
    )
    return "".join(line + "\n" for line in lines)


def train(rounds: int = 12, features: int = 10, **parameters: Any) -> xgb.Booster:
    """Train a small booster on other rows than the tests score."""
    table = make_table(400, seed=2)
    matrix = xgb.DMatrix(table[:, 1 : 1 + features], table[:, 0])
    return xgb.train({"nthread": 1, **parameters}, matrix, rounds)


TABLE = make_table(300)
CANDIDATE = train()


@dataclass(frozen=True)
class Container:
    """A temporary folder in the place of `/opt/ml`."""

    root: Path

    @property
    def test_dir(self) -> Path:
        return self.root / "input" / "test"

    @property
    def evaluation(self) -> dict[str, Any]:
        return self.read("evaluation.json")

    @property
    def report(self) -> dict[str, Any]:
        return self.read("report.json")

    @property
    def message(self) -> str:
        return (self.root / "deep" / "message").read_text(encoding="utf-8")

    def read(self, name: str) -> dict[str, Any]:
        """Read an output file as strictly as JSON's standard asks."""
        text = (self.root / "output" / name).read_text(encoding="utf-8")
        content: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
        return content

    def put_rows(self, text: str, name: str = "part-algo-1-0.csv") -> None:
        path = self.test_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def put_archive(self, kind: str, **members: bytes) -> None:
        """Write a model.tar.gz; `_` in a name stands for `-`."""
        folder = self.root / "input" / kind
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
            for name, content in members.items():
                member = tarfile.TarInfo(name.replace("_", "-"))
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

    def put_answers(self, *columns: str) -> None:
        """Write what says which features the production model takes; by default the rows'."""
        folder = self.root / "input" / "production-answers"
        folder.mkdir(parents=True, exist_ok=True)
        answers = {"columns": list(columns or jobs.rows.FEATURES)}
        (folder / "known-answers.json").write_text(json.dumps(answers))

    def put_model(self, booster: xgb.Booster, kind: str = "candidate") -> None:
        self.put_archive(kind, xgboost_model=bytes(booster.save_raw("ubj")))
        if kind == "production":
            self.put_answers()

    def argv(self, *more: str) -> list[str]:
        """Return the arguments; of the production model only if it is there."""
        flags = {
            "--test-dir": self.test_dir,
            "--candidate-dir": self.root / "input" / "candidate",
            "--output-dir": self.root / "output",
            "--message-path": self.root / "deep" / "message",
        }
        if (self.root / "input" / "production").exists():
            flags["--production-dir"] = self.root / "input" / "production"
        if (self.root / "input" / "production-answers").exists():
            flags["--production-answers-dir"] = self.root / "input" / "production-answers"
        return [*(str(part) for flag in flags.items() for part in flag), *more]

    def run(self, *more: str) -> int:
        """Run the script's main function and return the exit code."""
        code: int = jobs.evaluate.main(self.argv(*more))
        return code

    def start(self, *more: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
        """Run the script as a process of its own."""
        return subprocess.run(
            [python, "-EsB", str(PROJECT_DIR / "jobs" / "evaluate.py"), *self.argv(*more)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def predictions(booster: xgb.Booster, table: np.ndarray = TABLE, rounds: int = 0) -> np.ndarray:
    """Predict without anything of ours."""
    matrix = xgb.DMatrix(table[:, 1:].astype(np.float32))
    predicted: np.ndarray = booster.predict(matrix, iteration_range=(0, rounds))
    return predicted.astype(np.float64)
