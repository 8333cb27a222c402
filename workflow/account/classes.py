"""What an answer of the endpoint says of a row: a number, or a class and its probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_TWO: Final = 2
_HALF: Final = 0.5


@dataclass(frozen=True)
class Classes:
    """The classes of a model, in the order of its answers; none of a regression.

    The threshold is the probability from which on a row counts as of the second of two classes.
    """

    names: Sequence[str] = ()
    threshold: float = _HALF

    @property
    def numbers(self) -> int:
        """How many numbers an answer has for a row."""
        return len(self.names) if len(self.names) > _TWO else 1

    def as_text(self, prediction: str) -> str:
        """Return a prediction for people: the number, or the class and its probability."""
        if not self.names:
            return prediction
        probabilities = self._probabilities(prediction)
        said = self._said(probabilities)
        return f"{self.names[said]},{probabilities[said]:.6g}"

    def as_fields(self, prediction: str) -> dict[str, Any]:
        """Return a prediction for scripts, of a class with the `probabilities` of all by name."""
        if not self.names:
            return {"prediction": float(prediction)}
        probabilities = self._probabilities(prediction)
        return {
            "prediction": self.names[self._said(probabilities)],
            "probabilities": dict(zip(self.names, probabilities, strict=True)),
        }

    def _probabilities(self, prediction: str) -> list[float]:
        values = [float(field) for field in prediction.split(",")]
        return [1 - values[0], values[0]] if len(self.names) == _TWO else values

    def _said(self, probabilities: Sequence[float]) -> int:
        if len(self.names) == _TWO:
            return int(probabilities[1] >= self.threshold)
        return max(range(len(probabilities)), key=probabilities.__getitem__)


def classes_of(answers: Any) -> Classes:
    """Return the classes that a model's known answers tell."""
    names, told = answers.get("classes") or [], answers.get("threshold") or {}
    return Classes([str(name) for name in names], float(told.get("value", _HALF)))
