"""Texts of decimal numbers, read as arrays eight bytes at a time.

A cell of at most eight digits, with or without a sign and a point, is one word of eight bytes:
what it says is computed for all cells at once, within the words. It is an integer below 10^8,
divided by a power of ten, so the quotient is the double nearest to the decimal, as of `float`.
A longer cell, or one with an exponent, is given to `float` by itself.

Sources: D. Lemire, Quickly parsing eight digits, 2018 (the sum of the digits);
W. D. Clinger, How to read floating point numbers accurately, 1990 (why one division is exact).
"""

from __future__ import annotations

import re

import numpy as np
from moments import Floats
from numpy.typing import NDArray

COMMA, NEWLINE, MINUS, ZERO = b",\n-0"
WIDTH = 8
ZEROS = np.uint64(0x3030303030303030)
POINTS = np.uint64(0x2E2E2E2E2E2E2E2E)
ONES = np.uint64(0x0101010101010101)
HIGHS = np.uint64(0x8080808080808080)
UPPER = np.uint64(0xF0F0F0F0F0F0F0F0)
TO_TEN = np.uint64(0x0606060606060606)
# The byte that a point stands in, multiplied with this, has its distance from the end on top.
DISTANCES = np.uint64(0x0706050403020100)
BYTE = np.uint64(8)
PIECE_BYTES = 256 * 1024  # What a core has at hand.
POWERS = 10.0 ** np.arange(WIDTH)
OTHER = re.compile(rb"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|nan")

Words = NDArray[np.uint64]
Places = NDArray[np.int64]


def parse_decimals(text: bytes, columns: int) -> Floats | None:
    """Read whole lines of cells between commas.

    Args:
        text: lines, each with its newline; an empty cell and `nan` are missing.
        columns: how many cells a line has.

    Returns:
        A row for each line; None where one has another number of cells, or a cell is no number.
    """
    values = np.empty((text.count(b"\n"), columns))
    start = row = 0
    while start < len(text):
        end = text.find(b"\n", min(start + PIECE_BYTES, len(text) - 1)) + 1
        rows = parse_piece(text[start:end], columns)
        if rows is None:
            return None
        values[row : row + len(rows)] = rows
        start, row = end, row + len(rows)
    return values


def parse_piece(text: bytes, columns: int) -> Floats | None:
    """Read some lines, as `parse_decimals` does."""
    content = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((content == COMMA) | (content == NEWLINE))
    rows = text.count(b"\n")
    last = ends[columns - 1 :: columns]
    if len(ends) != rows * columns or not (content[last] == NEWLINE).all():
        return None
    starts = np.concatenate([[0], ends[:-1] + 1])
    values, is_plain = plain_numbers(text, starts, ends)
    for cell in np.flatnonzero(~is_plain).tolist():
        found = text[starts[cell] : ends[cell]]
        if found and not OTHER.fullmatch(found):
            return None
        try:
            values[cell] = float(found or b"nan")
        except ValueError:
            return None
    return values.reshape(rows, columns)


def plain_numbers(text: bytes, starts: Places, ends: Places) -> tuple[Floats, NDArray[np.bool_]]:
    """Read the cells that are digits with or without a sign and a point, eight bytes at most.

    Returns:
        A number for each cell, and whether the cell is such a one; of any other it means nothing.
    """
    widths = ends - starts
    words = words_before(text, ends)
    is_negative = np.frombuffer(text, np.uint8)[starts] == MINUS
    outside = (np.uint64(WIDTH) - np.minimum(widths, WIDTH).astype(np.uint64)) * BYTE
    # A shift by all 64 bits is not defined; no cell that is left has no width.
    outside = np.minimum(outside, np.uint64(56))
    # The first byte of a word is its lowest: what is before the cell becomes zeros.
    words = ((words >> outside) << outside) | (ZEROS & ((np.uint64(1) << outside) - np.uint64(1)))
    if is_negative.any():
        sign = np.uint64(MINUS ^ ZERO) << outside
        words = np.where(is_negative, words ^ sign, words)
    words, fraction, has_point = without_points(words)
    digits = words ^ ZEROS
    is_plain = ((digits + TO_TEN | digits) & UPPER) == 0
    is_plain &= (widths <= WIDTH) & (widths > has_point.astype(np.int64) + is_negative)
    values = summed(digits).astype(np.float64) / POWERS[fraction]
    return np.where(is_negative, -values, values), is_plain


def words_before(text: bytes, ends: Places) -> Words:
    """Return the eight bytes before each place; what would be before the text is zeros."""
    padded = b"0" * WIDTH + text
    # A word begins at every byte.
    words = np.ndarray((len(padded) - WIDTH + 1,), "<u8", buffer=padded, strides=(1,))
    found: Words = words[ends].astype(np.uint64, copy=False)
    return found


def without_points(words: Words) -> tuple[Words, NDArray[np.intp], NDArray[np.bool_]]:
    """Take the first point out of each word, and have a zero go before what stood before it.

    Returns:
        The words, how many bytes stand behind the point, and whether there is one.
    """
    # The lowest byte that was a point has its highest bit set, and is the first that has it.
    found = words ^ POINTS
    found = (found - ONES) & ~found & HIGHS
    point = (found & (~found + np.uint64(1))) >> np.uint64(7)
    before = point - np.uint64(1)
    moved = ((words & before) << BYTE) | (words & ~(before | (point * np.uint64(0xFF))))
    has_point = point != 0
    fraction = ((point * DISTANCES) >> np.uint64(56)).astype(np.intp)
    return np.where(has_point, moved | np.uint64(ZERO), words), fraction, has_point


def summed(digits: Words) -> Words:
    """Return the number that eight digits, a byte each and the first the lowest, stand for."""
    tens = (digits * np.uint64(10 * 2**8 + 1)) >> np.uint64(8)
    hundreds = ((tens & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(100 * 2**16 + 1)) >> np.uint64(
        16
    )
    pairs = hundreds & np.uint64(0x0000FFFF0000FFFF)
    return (pairs * np.uint64(10_000 * 2**32 + 1)) >> np.uint64(32)
