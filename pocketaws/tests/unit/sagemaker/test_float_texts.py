"""Numbers written all at once have the text that each has by itself."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.float_texts import joined

COUNT = 20_000
Numbers = NDArray[np.float32]


def each_by_itself(numbers: NDArray[np.floating], end: str) -> bytes:
    return "".join(f"{number!r}{end}" for number in numbers.tolist()).encode()


def any_bits(generator: np.random.Generator) -> Numbers:
    """Return infinities, NaN and subnormals among numbers of every size."""
    return generator.integers(0, 2**32, COUNT, dtype=np.uint32).view(np.float32)


def of_usual_sizes(generator: np.random.Generator) -> Numbers:
    sizes = 10 ** generator.uniform(-6, 19, COUNT).astype(np.float32)
    return np.where(generator.uniform(size=COUNT) < 0.5, -sizes, sizes)


def probabilities(generator: np.random.Generator) -> Numbers:
    return generator.uniform(size=COUNT).astype(np.float32)


def whole(generator: np.random.Generator) -> Numbers:
    return generator.integers(-(10**6), 10**6, COUNT).astype(np.float32)


def few_decimals(generator: np.random.Generator) -> Numbers:
    wholes = generator.integers(-(10**6), 10**6, COUNT)
    return (wholes / 10 ** generator.integers(0, 9, COUNT)).astype(np.float32)


def binary_fractions(generator: np.random.Generator) -> Numbers:
    """Return numbers of few bits, half of a last digit among them."""
    wholes = generator.integers(-(2**12), 2**12, COUNT)
    return (wholes / 2.0 ** generator.integers(0, 24, COUNT)).astype(np.float32)


def beside_powers(generator: np.random.Generator) -> Numbers:
    """Return subnormals and all powers of two and ten, with their neighbours."""
    powers = np.concatenate([2.0 ** np.arange(-149, 128), 10.0 ** np.arange(-44, 39)])
    exact = powers.astype(np.float32)
    below, above = np.nextafter(exact, np.float32(0)), np.nextafter(exact, np.float32(np.inf))
    return generator.permutation(np.concatenate([exact, below, above]))


@pytest.mark.parametrize(
    "drawn",
    [
        *(any_bits, of_usual_sizes, probabilities, whole, few_decimals),
        *(binary_fractions, beside_powers),
    ],
)
def test_many_numbers_have_the_bytes_of_repr(
    drawn: Callable[[np.random.Generator], Numbers],
) -> None:
    numbers = drawn(np.random.default_rng(11))

    written = joined(numbers, b"\n")

    # Not compared as a whole: pytest would take minutes to show the difference.
    lines = zip(written.split(b"\n"), each_by_itself(numbers, "\n").split(b"\n"), strict=True)
    assert [pair for pair in lines if pair[0] != pair[1]] == []


def test_doubles_have_the_bytes_of_repr() -> None:
    bits = np.random.default_rng(12).integers(0, 2**64, 2000, dtype=np.uint64)
    numbers = bits.view(np.float64)

    assert joined(numbers, b"\n") == each_by_itself(numbers, "\n")


@pytest.mark.parametrize("rows", [1, 100, 1000])
def test_the_numbers_of_a_row_are_separated_as_asked(rows: int) -> None:
    classes = np.random.default_rng(13).uniform(size=(rows, 3)).astype(np.float32)

    written = joined(classes.ravel(), b",,\n")

    expected = [",".join(map(repr, row)) for row in classes.tolist()]
    assert written.decode().split("\n") == [*expected, ""]
