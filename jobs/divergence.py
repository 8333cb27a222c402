"""How far two samples of a column are apart, from their counts in the same bins or categories."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Of expected counts, below which chi-squared's distribution is no good guide: W. G. Cochran, Some
# Methods for Strengthening the Common chi-squared Tests, 1954.
MIN_EXPECTED = 5


def stability_index(counts: Sequence[float], other: Sequence[float]) -> float:
    """Return the population stability index: the sum of (q - p) ln(q / p) over the bins.

    It is the symmetric divergence of S. Kullback and R. A. Leibler (On Information and
    Sufficiency, 1951), by this name in N. Siddiqi, Credit Risk Scorecards, 2006, where 0.1 and 0.25
    are the bounds of a small and of a large shift. Half a row is added to every bin, so that an
    empty one has a logarithm.
    """
    total, other_total = sum(counts) + len(counts) / 2, sum(other) + len(other) / 2
    index = 0.0
    for count, other_count in zip(counts, other, strict=True):
        p, q = (count + 0.5) / total, (other_count + 0.5) / other_total
        index += (q - p) * math.log(q / p)
    return index


def kolmogorov_distance(counts: Sequence[float], other: Sequence[float]) -> float:
    """Return the greatest difference of the two distribution functions at the bins' ends.

    It is the two-sample Kolmogorov-Smirnov statistic but for what happens inside a bin: that can
    add no more than the lesser of the two samples' shares in it. 0 where a sample is empty.
    """
    total, other_total = sum(counts), sum(other)
    if not total or not other_total:
        return 0.0
    below = other_below = 0.0
    distance = 0.0
    for count, other_count in zip(counts, other, strict=True):
        below += count
        other_below += other_count
        distance = max(distance, abs(below / total - other_below / other_total))
    return distance


def chi_squared(counts: Sequence[float], other: Sequence[float]) -> tuple[float, int]:
    """Return K. Pearson's statistic of homogeneity (1900) and its degrees of freedom.

    Categories of which either sample expects fewer than `MIN_EXPECTED` rows count as one.
    """
    counts, other = pooled(counts, other)
    total, other_total = sum(counts), sum(other)
    if len(counts) < 2 or not total or not other_total:  # noqa: PLR2004 - one is no difference
        return 0.0, 0
    statistic = 0.0
    for count, other_count in zip(counts, other, strict=True):
        share = (count + other_count) / (total + other_total)
        statistic += (count - share * total) ** 2 / (share * total)
        statistic += (other_count - share * other_total) ** 2 / (share * other_total)
    return statistic, len(counts) - 1


def pooled(counts: Sequence[float], other: Sequence[float]) -> tuple[list[float], list[float]]:
    """Join the rarest categories until every expected count is large enough."""
    rows = sum(counts) + sum(other)
    pairs = sorted(zip(counts, other, strict=True), key=sum)
    pairs = [pair for pair in pairs if sum(pair)]
    needed = MIN_EXPECTED * rows / max(min(sum(counts), sum(other)), 1e-9)
    while len(pairs) > 1 and sum(pairs[0]) < needed:
        first, second, *others = pairs
        pairs = sorted([(first[0] + second[0], first[1] + second[1]), *others], key=sum)
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def jensen_shannon(counts: Sequence[float], other: Sequence[float]) -> float:
    """Return the Jensen-Shannon distance to base 2, from 0 to 1; 0 where a sample is empty.

    J. Lin, Divergence Measures Based on the Shannon Entropy, 1991; its root is a metric.
    """
    total, other_total = sum(counts), sum(other)
    if not total or not other_total:
        return 0.0
    divergence = 0.0
    for count, other_count in zip(counts, other, strict=True):
        p, q = count / total, other_count / other_total
        middle = (p + q) / 2
        divergence += sum(x * math.log2(x / middle) / 2 for x in (p, q) if x)
    return math.sqrt(max(divergence, 0.0))


def grouped(
    counts: Sequence[int], other: Sequence[int], groups: int
) -> tuple[list[int], list[int], list[int]]:
    """Join neighbouring bins until each holds about one of `groups` equal shares of `counts`.

    Returns:
        The joined counts, the others', and the last bin of each group.
    """
    share = sum(counts) / groups
    found: list[list[int]] = []
    held = other_held = 0
    for index, (count, other_count) in enumerate(zip(counts, other, strict=True)):
        held += count
        other_held += other_count
        if held >= share:
            found.append([held, other_held, index])
            held = other_held = 0
    # What is left at the upper end is a group of its own where it came to half of one.
    if found and held < share / 2:
        found[-1] = [found[-1][0] + held, found[-1][1] + other_held, len(counts) - 1]
    elif held or other_held:
        found.append([held, other_held, len(counts) - 1])
    return [one[0] for one in found], [one[1] for one in found], [one[2] for one in found]
