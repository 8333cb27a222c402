"""How likely differences are by chance; the functions of scipy's that the monitor needs.

In the standard library alone, since the same code compares small windows in a Lambda function,
whose runtime has no scipy. Tests hold each against scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_TERMS = 100
_TINY = 1e-300
_PRECISION = 1e-15
# Where both of Kolmogorov's series need the same few terms.
_SERIES_MEET = 1.18


def kolmogorov_p(statistic: float, rows: float, other_rows: float) -> float:
    """Return the asymptotic p-value of a two-sample Kolmogorov-Smirnov statistic.

    The limit's distribution at (sqrt(n) + 0.12 + 0.11 / sqrt(n)) D with n = rows * other_rows /
    (rows + other_rows), which M. A. Stephens found close from n = 4 on: Use of the
    Kolmogorov-Smirnov, Cramer-von Mises and Related Statistics Without Extensive Tables, 1970. With
    ties the true p-value is lower still.

    Returns:
        1 where a sample is empty.
    """
    if rows <= 0 or other_rows <= 0:
        return 1.0
    root = math.sqrt(rows * other_rows / (rows + other_rows))
    return kolmogorov_survival((root + 0.12 + 0.11 / root) * statistic)


def kolmogorov_survival(x: float) -> float:
    """Return P(K > x) for Kolmogorov's limit distribution, of which both series are known.

    N. Smirnov, Table for Estimating the Goodness of Fit of Empirical Distributions, 1948.
    """
    if x <= 0:
        return 1.0
    if x < _SERIES_MEET:
        base = math.exp(-(math.pi**2) / (8 * x * x))
        series = sum(base ** ((2 * k - 1) ** 2) for k in range(1, 8))
        return max(0.0, 1 - math.sqrt(2 * math.pi) / x * series)
    terms = [math.exp(-2 * (k * x) ** 2) for k in range(1, 8)]
    return 2 * (sum(terms[::2]) - sum(terms[1::2]))


def chi_squared_p(statistic: float, freedom: int) -> float:
    """Return P(X > statistic) of a chi-squared variable; 1 without a degree of freedom."""
    if freedom < 1 or statistic <= 0:
        return 1.0
    return upper_gamma(freedom / 2, statistic / 2)


def upper_gamma(shape: float, x: float) -> float:
    """Return the regularized upper incomplete gamma function Q(shape, x).

    By its series below shape + 1 and Lentz's continued fraction above, as NIST's Digital Library of
    Mathematical Functions has them: https://dlmf.nist.gov/8.11.E4 and https://dlmf.nist.gov/8.9.E2
    """
    scale = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while term > total * _PRECISION:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - scale * total)
    b = x + 1 - shape
    c, d = 1 / _TINY, 1 / b
    fraction = d
    for n in range(1, 50 * _TERMS):
        factor = -n * (n - shape)
        b += 2
        d = 1 / (factor * d + b or _TINY)
        c = factor / c + b or _TINY
        fraction *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return scale * fraction


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return the p-values after Benjamini and Hochberg's step-up procedure, in the same order.

    Y. Benjamini, Y. Hochberg, Controlling the False Discovery Rate, 1995: what is below a level
    after it holds, on average, at most that share of false discoveries.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    found = [1.0] * len(p_values)
    lowest = 1.0
    for place, index in enumerate(order):
        lowest = min(lowest, p_values[index] * len(p_values) / (len(p_values) - place))
        found[index] = lowest
    return found
