"""Whether comparing a candidate with the production model means something, and if not, why not.

Numbers come out of a comparison in any case. They mean nothing where the production model is of a
newer XGBoost than the one that reads it (since 3.1 `base_score` is stored as a vector, which 3.0
reads as 0.5 without a word), or where it takes other features than the test rows have, or the same
in another order, which its file does not say. So the features are read from the known answers that
the model's own evaluation left.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from container import JobError
from models import Model, load_model
from problem import CLASSES

HALF = 0.5
ANSWERS = "known-answers.json"
SHOWN = 5


def load_production(folder: Path, answers_dir: Path | None, features: Sequence[str]) -> Model:
    """Read the production model.

    Args:
        folder: Where its `model.tar.gz` lies.
        answers_dir: Where the known answers of its evaluation lie, if there are any.
        features: What the test rows hold, in their order.

    Raises:
        JobError: The model cannot be read, or comparing with it would mean nothing.
    """
    answers = read_answers(answers_dir)
    taken = answers["columns"]
    if taken != [*features]:
        raise JobError(
            f"the production model was trained on other rows: {difference(taken, features)}"
        )
    classes = answers.get("classes", [])
    if classes != [*CLASSES]:
        raise JobError(
            "the production model was trained for another problem: "
            f"its classes are {named(classes) or 'none'}, and now {named(CLASSES) or 'none'}"
        )
    model = load_model("production", folder, len(features))
    # Training from CSV leaves none; where there are some, they say what the columns mean.
    names = model.booster.feature_names
    if names and names != [*features]:
        raise JobError(f"the production model names other features: {difference(names, features)}")
    return model


def read_answers(answers_dir: Path | None) -> dict[str, Any]:
    """Return the known answers of the production model, whose `columns` are its features.

    Raises:
        JobError: Nothing says which they are.
    """
    unknown = "nothing says which features the production model takes, in which order"
    if answers_dir is None:
        raise JobError(f"{unknown}: its evaluation left no {ANSWERS}")
    try:
        answers: dict[str, Any] = json.loads((answers_dir / ANSWERS).read_bytes())
        columns = answers["columns"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise JobError(f"{unknown}: its {ANSWERS} cannot be read: {error!r}") from error
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise JobError(f"{unknown}: `columns` of its {ANSWERS} are no list of names")
    return answers


def production_threshold(answers_dir: Path | None) -> float:
    """Return the threshold that the production model was released with; one half where none is.

    Raises:
        JobError: Its known answers cannot be read.
    """
    told = read_answers(answers_dir).get("threshold")
    value = told.get("value") if isinstance(told, dict) else None
    return float(value) if isinstance(value, float) else HALF


def difference(taken: Sequence[str], features: Sequence[str]) -> str:
    """Return in words how the features of a model differ from those of the rows."""
    lacking = [name for name in taken if name not in features]
    more = [name for name in features if name not in taken]
    items = [
        *([f"they had {named(lacking)}, which the test rows lack"] if lacking else []),
        *([f"they lacked {named(more)}, which the test rows have"] if more else []),
    ]
    if items:
        return " and ".join(items)
    if len(taken) != len(features):
        return f"they had {len(taken)} features, the test rows have {len(features)}"
    place = next(at for at, name in enumerate(taken) if name != features[at])
    return f"the order was another, feature {place + 1} was {taken[place]} and is {features[place]}"


def named(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
