"""Numbers placed along an axis, and the round ones that it is labelled with."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_STEPS: Final = (1, 2, 5, 10)
_WANTED_TICKS: Final = 5
_LEAST_RANGE, _LEAST_SHARE = 1e-12, 1e-6


@dataclass(frozen=True)
class Scale:
    """Maps `low`..`high` to `start`..`end` (in the drawing's units), with labelled `ticks`."""

    low: float
    high: float
    start: float
    end: float
    ticks: Sequence[float]

    def at(self, value: float) -> float:
        """Return where a value lies, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def scale_of(values: Iterable[float], start: float, end: float) -> Scale:
    """Return a scale that holds all values (at least one) and begins and ends at round numbers."""
    listed = list(values)
    low, high = min(listed), max(listed)
    if high - low <= max(_LEAST_RANGE, _LEAST_SHARE * max(abs(low), abs(high))):
        # Too narrow to be divided into ticks that differ.
        margin = max(0.5, _LEAST_SHARE * abs(low))
        low, high = low - margin, high + margin
    step = _round_step((high - low) / _WANTED_TICKS)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = [index * step for index in range(first, last + 1)]
    return Scale(ticks[0], ticks[-1], start, end, ticks)


def _round_step(step: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in _STEPS if power * factor >= step * (1 - 1e-9))
