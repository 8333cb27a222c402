"""A script for the scikit-learn image: keeps the mean of the numbers that it is given.

Serving, it says how far from the mean the numbers are that it gets.
"""

import os
import re
from pathlib import Path


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.split(r"[\s,]+", text) if word]


def model_fn(model_dir: str) -> float:
    return float(Path(model_dir, "mean.txt").read_text())


def input_fn(body: str | bytes, content_type: str) -> list[float]:
    assert content_type.startswith("text/csv"), content_type
    return numbers(body if isinstance(body, str) else body.decode())


def predict_fn(given: list[float], mean: float) -> list[float]:
    return [number - mean for number in given]


if __name__ == "__main__":
    texts = [
        path.read_text()
        for path in Path(os.environ["SM_CHANNEL_TRAIN"]).rglob("*")
        if path.is_file()
    ]
    found = [number for text in texts for number in numbers(text)]
    Path(os.environ["SM_MODEL_DIR"], "mean.txt").write_text(str(sum(found) / len(found)))
