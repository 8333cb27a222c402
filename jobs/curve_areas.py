"""What the order of the scores decides of one class against the others, in pure sums over cells.

    auc                 the probability that a row of the class scores above one of another, a tie
                        for one half; the influence is that of DeLong's structural components
    average_precision   the mean precision over the rows of the class, each at its own score

`class_metrics.py` says what an influence is. Here it is divided by what all rows weigh, so that a
row's weight times it, squared, adds to the variance. All rows of a cell that are of the class have
the same one, and so have those that are not.

What is below a score and what is above it are each summed from their own end, since a difference
would lose the digits of a small one. Segments are gone through twice: for the values, and for the
influences, which need them.

Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Comparing the Areas under Two or More
Correlated Receiver Operating Characteristic Curves, 1988.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from moments import Floats, Sum
from sorted_scores import Cells, Segment, SortedScores, whole


class Carried(NamedTuple):
    """What the other segments of a group weigh: others below, and those of the class and all above.

    `lower` sums, over the rows of the class below, one over what scores as high or higher, and
    `lower_held` the same times their precision.
    """

    below: float
    above_own: float
    above: float
    lower: float
    lower_held: float


class Ranked(NamedTuple):
    """Of each cell: what of the others it beats, what of the class beats it, and its precision."""

    beaten: Floats
    beaten_by: Floats
    at_least: Floats
    held: Floats


class Influence(NamedTuple):
    """Of each cell, how far a row of the class and another move a value, by their weight."""

    own: Floats
    others: Floats


@dataclass(frozen=True)
class Areas:
    """Both areas of a group, and what its influences are made of.

    Attributes:
        segments: of the group.
        carried: for each of these.
        own: what the rows of the class weigh.
        others: what the others do.
    """

    auc: float
    average_precision: float
    segments: list[Segment]
    carried: list[Carried]
    own: float
    others: float


def areas(scores: SortedScores) -> dict[int, Areas]:
    """Return the areas of each group that has rows of both kinds."""
    found = {}
    for group, segments in scores.by_group().items():
        own, others = whole(segments)
        if own > 0 and others > 0:
            found[group] = areas_of(scores, segments, own, others)
    return found


def areas_of(scores: SortedScores, segments: list[Segment], own: float, others: float) -> Areas:
    """Return the areas of a group."""
    auc, precision = Sum(), Sum()
    lower, lower_held = Sum(), Sum()
    carried = []
    for segment, (below, above_own, above) in zip(segments, beside(segments), strict=True):
        carried.append(Carried(below, above_own, above, lower.value, lower_held.value))
        cells = scores.read(segment)
        ranked = ranked_of(cells, carried[-1])
        auc.add(float((cells["own"] * ranked.beaten).sum()))
        precision.add(float((cells["own"] * ranked.held).sum()))
        inverse = cells["own"] / ranked.at_least
        lower.add(float(inverse.sum()))
        lower_held.add(float((inverse * ranked.held).sum()))
    return Areas(
        auc=auc.value / own / others,
        average_precision=precision.value / own,
        segments=segments,
        carried=carried,
        own=own,
        others=others,
    )


def beside(segments: list[Segment]) -> Iterator[tuple[float, float, float]]:
    """Yield, for each segment, what others are below it, and what of the class and of all above."""
    above: list[tuple[float, float]] = []
    own, others = Sum(), Sum()
    for segment in reversed(segments):
        above.append((own.value, own.value + others.value))
        own.add(segment.own)
        others.add(segment.others)
    below = Sum()
    for segment, (above_own, above_all) in zip(segments, reversed(above), strict=True):
        yield below.value, above_own, above_all
        below.add(segment.others)


def ranked_of(cells: Cells, carried: Carried) -> Ranked:
    """Rank the cells of a segment."""
    own, others = cells["own"], cells["others"]
    at_least = carried.above + from_above(own + others)
    # Rows without a weight may be the highest.
    at_least[at_least == 0] = 1.0
    own_at_least = carried.above_own + from_above(own)
    return Ranked(
        beaten=carried.below + np.cumsum(others) - others / 2,
        beaten_by=own_at_least - own / 2,
        at_least=at_least,
        held=own_at_least / at_least,
    )


def from_above(weights: Floats) -> Floats:
    """Sum up weights from the last on."""
    summed: Floats = np.cumsum(weights[::-1])[::-1]
    return summed


def influences(
    scores: SortedScores, found: Areas
) -> Iterator[tuple[Segment, Influence, Influence]]:
    """Yield the influences on both areas, auc's first, segment by segment."""
    for segment, carried in zip(found.segments, found.carried, strict=True):
        cells = scores.read(segment)
        ranked = ranked_of(cells, carried)
        inverse = cells["own"] / ranked.at_least
        added = carried.lower + np.cumsum(inverse)
        taken = carried.lower_held + np.cumsum(inverse * ranked.held)
        auc = Influence(
            own=(ranked.beaten / found.others - found.auc) / found.own,
            others=(ranked.beaten_by / found.own - found.auc) / found.others,
        )
        precision = Influence(
            own=(ranked.held + added - taken - found.average_precision) / found.own,
            others=-taken / found.own,
        )
        yield segment, auc, precision
