"""A trained model as SageMaker keeps it, `xgboost-model` inside `model.tar.gz`: read it, ask it."""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import xgboost as xgb
from container import JobError
from numpy.typing import NDArray
from problem import BINARY, CLASSES, MULTICLASS, PROBLEM

ARCHIVE = "model.tar.gz"
MEMBER = "xgboost-model"
MODEL_STARTS = (b"{", b"binf")  # JSON and UBJSON; the binary form of older images.
# `"version": [3, 2, 0]` is the last key of a model. UBJSON writes a number with its type before it.
JSON_VERSION = re.compile(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]\s*\}\s*$')
UBJSON_VERSION = re.compile(rb"version\[#L\x00{7}\x03[iU](.)[iU](.)[iU](.)\}$", re.DOTALL)
MAX_CURVE_POINTS = 50


@dataclass(frozen=True)
class Model:
    """A booster, what it is called in messages, and the boosting rounds that the endpoint uses.

    The endpoint predicts up to the best round where training recorded one, else with all of them.
    """

    name: str
    booster: Any
    rounds: int


def load_model(name: str, folder: Path, features: int) -> Model:
    """Read the model in a folder.

    Args:
        name: What to call the model in messages.
        folder: Where `model.tar.gz` lies.
        features: How many features it has to take.

    Raises:
        JobError: There is no such model, it cannot be read, it is of a newer XGBoost than this
            one, or it takes other features.
    """
    path = folder / ARCHIVE
    content = read_member(name, path)
    not_a_model = f"{MEMBER} in the {name} model's {path} is not a model of XGBoost"
    if not content.startswith(MODEL_STARTS):
        # XGBoost would take what follows for a length, and ask for gigabytes.
        raise JobError(f"{not_a_model}, as Booster.save_model writes it")
    refuse_newer(name, content)
    try:
        booster = xgb.Booster(model_file=bytearray(content))
        taken = booster.num_features()
        all_rounds = booster.num_boosted_rounds()
    except (xgb.core.XGBoostError, ValueError) as error:
        raise JobError(f"{not_a_model} {xgb.__version__}: {brief(error)}") from error
    if taken != features:
        raise JobError(
            f"the {name} model takes {taken} features, but the test rows have {features}; "
            "evaluate it on rows that are encoded as those it was trained on"
        )
    best = booster.attr("best_iteration")
    rounds = all_rounds if best is None else min(int(best) + 1, all_rounds)
    return Model(name, booster, rounds)


def refuse_newer(name: str, content: bytes) -> None:
    """Refuse a model of a newer XGBoost, which may be read without an error and predict otherwise.

    Raises:
        JobError: The model says that a newer one wrote it.
    """
    wrote, here = written_by(content), version_of(xgb.__version__)
    if wrote > here:
        raise JobError(
            f"the {name} model was written by XGBoost {shown_version(wrote)}, which "
            f"{shown_version(here)} reads wrongly without an error; evaluate it with an image that "
            "is at least as new"
        )


def written_by(content: bytes) -> tuple[int, ...]:
    """Return the version of XGBoost that a model names at its end; none where it names none."""
    match = UBJSON_VERSION.search(content) or JSON_VERSION.search(content)
    if match is None:
        return ()
    if match.re is JSON_VERSION:
        return tuple(map(int, match.groups()))
    return tuple(int.from_bytes(number, "big") for number in match.groups())


def version_of(text: str) -> tuple[int, ...]:
    """Return the numbers of a version such as 3.2.0 or 3.2.0-rc1."""
    return tuple(map(int, re.findall(r"[0-9]+", text)[:3]))


def shown_version(version: Sequence[int]) -> str:
    """Return a version as text."""
    return ".".join(map(str, version))


def read_member(name: str, path: Path) -> bytes:
    """Return the bytes of the one member that is needed; nothing is extracted to disk.

    Raises:
        JobError: The archive is missing, damaged or without that member.
    """
    if not path.is_file():
        raise JobError(f"there is no {ARCHIVE} of the {name} model: {path} does not exist")
    try:
        with tarfile.open(path, "r:gz") as archive:
            members = [m for m in archive if PurePosixPath(m.name) == PurePosixPath(MEMBER)]
            # The last of a name is what extracting would leave. A link could point anywhere.
            file = archive.extractfile(members[-1]) if members and members[-1].isfile() else None
            content = file.read() if file else None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise JobError(
            f"the {name} model's {path} is no intact gzipped tar archive: {brief(error)}"
        ) from error
    if not content:
        raise JobError(
            f"the {name} model's {path} holds no file {MEMBER} with content; "
            "only models of the built-in XGBoost can be evaluated"
        )
    return content


def predict(
    model: Model, features: NDArray[np.float32], rounds: Sequence[int]
) -> NDArray[np.float32]:
    """Predict every row after each of the given numbers of rounds.

    XGBoost goes on from the predictions it cached for the same matrix, so numbers in rising order
    cost hardly more than the last alone.

    Returns:
        One line of predictions for each of `rounds`; a prediction of more than two classes is a
        probability for each of them.

    Raises:
        JobError: The model does not give one finite number per row, or not the probabilities of the
            classes.
    """
    matrix = xgb.DMatrix(features)
    predict_rows = model.booster.predict
    try:
        lines = [
            predict_rows(matrix, iteration_range=(0, end), validate_features=False)
            for end in rounds
        ]
    except xgb.core.XGBoostError as error:
        raise JobError(f"the {model.name} model cannot predict: {brief(error)}") from error
    predicted = np.asarray(lines, dtype=np.float32)
    numbers = (len(CLASSES),) if PROBLEM == MULTICLASS else ()
    if predicted.shape != (len(rounds), len(features), *numbers):
        raise JobError(
            f"the {model.name} model gives several numbers per row; a regression gives one"
            if PROBLEM != MULTICLASS
            else f"the {model.name} model does not give a number for each of {len(CLASSES)} classes"
        )
    if not np.isfinite(predicted).all():
        raise JobError(f"the {model.name} model predicts NaN or infinity; train it anew")
    if PROBLEM in (BINARY, MULTICLASS) and not ((predicted >= 0) & (predicted <= 1)).all():
        raise JobError(
            f"the {model.name} model predicts numbers that are no probabilities; it was trained "
            "for another problem"
        )
    return predicted


def curve_rounds(model: Model) -> list[int]:
    """Return the numbers of rounds to draw a learning curve at; the last is all that are used.

    A linear booster keeps only its last round.
    """
    if is_linear(model) or model.rounds <= 1:
        return [model.rounds]
    # All of a chunk's are held at once, for each class.
    most = MAX_CURVE_POINTS if PROBLEM != MULTICLASS else max(200 // len(CLASSES), 2)
    points = min(model.rounds, MAX_CURVE_POINTS, most)
    evenly_spaced = np.linspace(1, model.rounds, points).round().astype(int)
    return [int(end) for end in evenly_spaced]


def feature_importance(model: Model, names: Sequence[str]) -> dict[str, float]:
    """Return each feature's mean gain per split, 0 if no tree splits on it.

    A linear booster has no splits, hence no importances.
    """
    if is_linear(model):
        return {}
    gains = model.booster.get_score(importance_type="gain")
    keys = model.booster.feature_names or [f"f{index}" for index in range(len(names))]
    return {name: float(gains.get(keys[index], 0.0)) for index, name in enumerate(names)}


def is_linear(model: Model) -> bool:
    """Tell whether the model is made of one linear function and not of trees."""
    config = json.loads(model.booster.save_config())
    return bool(config["learner"]["gradient_booster"]["name"] == "gblinear")


def brief(error: Exception) -> str:
    """Return an error's first line; XGBoost puts a time and a place before, a stack trace after."""
    first_line = (str(error).strip() or repr(error)).splitlines()[0]
    return re.sub(r"^\[[0-9:]+\] \S+: ", "", first_line)
