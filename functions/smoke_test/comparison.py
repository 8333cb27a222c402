"""The endpoint's predictions held against the known answers."""

import math
from collections.abc import Sequence
from typing import Final

from known_answers import KnownAnswers

_SHOWN: Final = 5


class SmokeTestFailed(RuntimeError):  # noqa: N818 - it is the error's name in the console
    """The endpoint does not give the known answers; the text says which row, expected and got."""


def compare(
    known: KnownAnswers, predictions: Sequence[tuple[float, ...]], *, tolerance: float
) -> None:
    """Raise SmokeTestFailed unless every prediction is the known one.

    Args:
        known: rows and what the model predicted for them when it was evaluated.
        predictions: the endpoint's, in the same order.
        tolerance: how far they may be apart, absolutely or as a share of the larger.
    """
    if len(predictions) != len(known.rows):
        raise SmokeTestFailed(
            f"the endpoint gave {len(predictions)} predictions for {len(known.rows)} rows"
        )
    wrong = [
        f"row {number}: expected {_shown(row.predicted)}, got {_shown(prediction)}"
        for number, (row, prediction) in enumerate(zip(known.rows, predictions, strict=True), 1)
        if not all(
            math.isclose(expected, found, rel_tol=tolerance, abs_tol=tolerance)
            for expected, found in zip(row.predicted, prediction, strict=True)
        )
    ]
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise SmokeTestFailed(
            f"{len(wrong)} of {len(known.rows)} predictions are further than {tolerance:g} from "
            f"{known.uri}: {'; '.join(wrong[:_SHOWN])}{more}"
        )


def _shown(prediction: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.7g}" for value in prediction)
