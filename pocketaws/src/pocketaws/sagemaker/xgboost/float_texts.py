"""Write many numbers of 32 bits as `repr` writes them, in steps for all at once.

A number of 32 bits is m * 2**e with a whole m below 2**24. Multiplied by a power of ten it is a
fraction of 64-bit integers, so its digits, and whether they read back as the same number, are found
without rounding. As many digits are taken as `repr` takes: the fewest that read back as this
number. What this leaves out, `repr` itself writes: zero, powers of two (whose neighbours are not
equally near), ties, and what is below a thousandth or very large.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_Integers = NDArray[np.uint64]
_Characters = NDArray[np.uint8]

# Of fewer numbers `repr` of each is quicker.
_MANY: Final = 512
# Any so many digits are those of one number, and any number has its own 17 digits.
_FEWEST, _MOST = 15, 17
_MANTISSA_BITS: Final = 24
# A double's neighbours are 2**-29 of the last of the 24 bits away; half of that reads back as it.
_HALF_GAP_BITS: Final = np.uint64(30)
_ONE, _TEN = np.uint64(1), np.uint64(10)
# 10**-4 times 10**18 has more digits than 64 bits hold.
_LEAST, _LARGEST = -3, 15
_POWERS_OF_TEN: Final = 10.0 ** np.arange(_LEAST, _LARGEST + 1)
_POWERS_OF_FIVE: Final = np.array([5**k for k in range(_FEWEST - _LEAST)], np.uint64)
# "0000" to "9999", the four characters side by side in an integer.
_ZERO, _POINT, _MINUS = b"0.-"
_QUADS: Final = (
    (np.indices((10, 10, 10, 10), np.uint8).reshape(4, -1).T + np.uint8(_ZERO))
    .copy(order="C")
    .view(np.uint32)
    .ravel()
)
# The fraction of a power of two.
_HALF: Final = np.float32(0.5)
# The longest of `repr`, as -2.2250738585072014e-308.
_WIDTH: Final = 24


def joined(numbers: NDArray[np.floating], ends: bytes) -> bytes:
    """Return `repr` of each number as a double, and after each the next byte of `ends`, in turn.

    Args:
        numbers: of one dimension, as many as a multiple of the length of `ends`.
        ends: such as two commas and a line feed for rows of three.
    """
    if numbers.dtype != np.float32 or len(numbers) < _MANY:
        row = "".join(f"%r{end}" for end in ends.decode())
        return (row * (len(numbers) // len(ends)) % tuple(numbers.tolist())).encode()
    room = np.zeros((len(numbers), _WIDTH + 1), np.uint8)
    left = _write(numbers, room)
    if len(left):
        texts = np.array([repr(number) for number in numbers[left].tolist()], f"S{_WIDTH}")
        room[left, :_WIDTH] = texts.view(np.uint8).reshape(-1, _WIDTH)
    room[:, _WIDTH] = np.tile(np.frombuffer(ends, np.uint8), len(numbers) // len(ends))
    return room.tobytes().translate(None, b"\0")


def _write(numbers: NDArray[np.float32], room: _Characters) -> NDArray[np.intp]:
    """Write what can be written here, unused room being 0; return the places of the others."""
    sizes = np.abs(numbers)
    fractions, exponents = np.frexp(sizes)
    is_here = (sizes > _POWERS_OF_TEN[0]) & (sizes < _POWERS_OF_TEN[-1]) & (fractions != _HALF)
    if not is_here.all():
        sizes, fractions, exponents = (
            np.where(is_here, each, 1) for each in (sizes, fractions, exponents)
        )
    # Digits before the point; of 0.00123 it is -2.
    points = np.searchsorted(_POWERS_OF_TEN, sizes, side="right") + _LEAST
    digits, is_tie = _digits(fractions, exponents, points)
    texts = _characters(digits)
    signs = np.where(np.signbit(numbers), np.uint8(_MINUS), np.uint8(0))
    for point in np.flatnonzero(np.bincount(points - _LEAST)) + _LEAST:
        rows = np.flatnonzero(points == point)
        room[rows, :_WIDTH] = _placed(signs[rows], texts[rows], int(point))
    return np.flatnonzero(~is_here | is_tie)


def _digits(
    fractions: NDArray[np.float32], exponents: NDArray[np.int32], points: NDArray[np.intp]
) -> tuple[_Integers, NDArray[np.bool_]]:
    """Return 17 digits of each number, the last ones 0 where fewer do, and which are ties.

    Args:
        fractions: of 0.5 or more, and below 1.
        exponents: a number is its fraction times 2 to its exponent.
        points: how many digits are before the point.
    """
    powers = _FEWEST - points
    fives = _POWERS_OF_FIVE.take(powers)
    product = (fractions * 2.0**_MANTISSA_BITS).astype(np.uint64) * fives
    shift = _MANTISSA_BITS - exponents - powers
    right = np.maximum(shift, 0).astype(np.uint64)
    unit = _ONE << right
    whole = product << np.maximum(-shift, 0).astype(np.uint64) >> right
    rest = product & (unit - _ONE)
    by_15, reads_back_15, _ = _rounded(whole, rest, unit, fives)
    whole, rest = _next_digit(whole, rest, right)
    by_16, reads_back_16, is_tie_16 = _rounded(whole, rest, unit, fives * _TEN)
    whole, rest = _next_digit(whole, rest, right)
    by_17, _, is_tie_17 = _rounded(whole, rest, unit, fives)
    digits = np.where(reads_back_16, by_16 * _TEN, by_17)
    digits = np.where(reads_back_15, by_15 * _TEN * _TEN, digits)
    return digits, np.where(reads_back_16, is_tie_16, is_tie_17)


def _rounded(
    whole: _Integers, rest: _Integers, unit: _Integers, half_gap: _Integers
) -> tuple[_Integers, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whole + rest / unit, rounded; whether that reads back; and whether it is a tie.

    It reads back if it is nearer than `half_gap` * 2**-30 / unit.
    """
    twice = rest + rest
    is_up = twice > unit
    distance = np.where(is_up, unit - rest, rest) << _HALF_GAP_BITS
    return whole + is_up, distance < half_gap, twice == unit


def _next_digit(whole: _Integers, rest: _Integers, right: _Integers) -> tuple[_Integers, _Integers]:
    tenfold = rest * _TEN
    carried = tenfold >> right
    return whole * _TEN + carried, tenfold - (carried << right)


def _characters(digits: _Integers) -> _Characters:
    """Return the 17 characters of each number."""
    quads = np.empty((len(digits), 5), np.uint32)
    for column in range(4, -1, -1):
        digits, quad = np.divmod(digits, np.uint64(10_000))
        quads[:, column] = _QUADS[quad]
    return quads.view(np.uint8)[:, -_MOST:]


def _placed(signs: _Characters, texts: _Characters, point: int) -> _Characters:
    """Return the characters of numbers with signs and point, and 0 where there are none.

    `point` is how many digits are before it; negative, how many zeros are after it.
    """
    before = max(point, 1)
    leading = np.full((len(texts), before - point), _ZERO, np.uint8)
    texts = np.concatenate([leading, texts], axis=1)
    _blank_last_zeros(texts, keep=before + 1)
    room = np.zeros((len(texts), _WIDTH), np.uint8)
    room[:, 0] = signs
    room[:, 1 : 1 + before] = texts[:, :before]
    room[:, 1 + before] = _POINT
    room[:, 2 + before : 2 + texts.shape[1]] = texts[:, before:]
    return room


def _blank_last_zeros(texts: _Characters, *, keep: int) -> None:
    rows = np.flatnonzero(texts[:, -1] == _ZERO)
    for column in range(texts.shape[1] - 1, keep - 1, -1):
        texts[rows, column] = 0
        rows = rows[texts[rows, column - 1] == _ZERO]
