"""Texts that lie in a larger one, taken and looked up many at once, with NumPy.

A text is as many numbers as it has eights of bytes, so a table finds what stands for thousands of
texts without a step in Python for each; only one that it has not seen before is encoded by itself.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

WORD = 8
MIN_BITS, MAX_BITS = 8, 16  # Of the number of a slot; two texts of a hash stand side by side.
FACTORS = [np.uint64(0x9E3779B97F4A7C15 * odd % (1 << 64)) for odd in range(1, 50, 2)]
MAX_TEXT = WORD * len(FACTORS)  # Bytes.
MAX_ENCODED = 65_536  # From so many on a table is begun anew, so that memory does not grow.
NONE, UNKNOWN = 0, 1  # Places of a text that has not come yet, and of one that stands for nothing.

Places = NDArray[np.intp]
Bytes = NDArray[np.uint8]
Words = list[NDArray[np.uint64]]


def masks(width: int) -> Bytes:
    """Return for each number of bytes, up to a width, what keeps so many and no more of them."""
    is_kept = np.arange(width) < np.arange(width + 1)[:, None]
    return np.where(is_kept, np.uint8(255), np.uint8(0))


WORD_MASKS = masks(WORD).view(np.uint64).ravel()


def words_of(padded: bytes, begins: Places, lengths: Places, words: int) -> Words:
    """Return so many words of each text, with zeros behind it.

    Args:
        padded: holds the texts, and `MAX_TEXT` bytes more.
        begins: where they begin.
        lengths: theirs.
        words: how many.
    """
    # A word begins at every byte.
    every = np.ndarray((len(padded) - MAX_TEXT,), np.uint64, padded, strides=(1,))
    found = [every[begins] & WORD_MASKS[np.minimum(lengths, WORD)]]
    for at in range(WORD, WORD * words, WORD):
        every = np.ndarray((len(padded) - MAX_TEXT,), np.uint64, padded, at, strides=(1,))
        found.append(every[begins] & WORD_MASKS[np.clip(lengths - at, 0, WORD)])
    return found


def rows_of(padded: bytes, begins: Places, lengths: Places) -> Bytes:
    """Return each text as a row of bytes, with zeros behind it; the longest fits into `padded`."""
    width = max(int(lengths.max()), 1)
    every = np.ndarray((len(padded) - width + 1,), f"V{width}", padded, strides=(1,))
    kept = masks(width).view(f"V{width}")[lengths, 0]
    rows: Bytes = every[begins].view(np.uint8) & kept.view(np.uint8)
    return rows.reshape(-1, width)


class Table:
    """What stands for texts.

    Args:
        encode: Returns what stands for a text, without a zero in it; None for no text of these.
        longest: Bytes from which on a text is none; at most `MAX_TEXT`.
    """

    def __init__(self, encode: Callable[[bytes], bytes | None], longest: int = MAX_TEXT) -> None:
        self.encode, self.longest = encode, longest
        self.begin(1, MIN_BITS)

    def begin(self, words: int, bits: int) -> None:
        """Forget every text, and take those of so many words into two to the so many slots."""
        self.bits, self.taken = bits, 0
        self.keys: Words = [np.zeros(1 << bits, np.uint64) for _ in range(words)]
        self.found = np.zeros(1 << bits, np.intp)
        self.places: dict[bytes | None, int] = {None: UNKNOWN}
        self.encoded = [b"", b""]
        self.rows, self.written = np.zeros(0, "V1"), 0

    def look_up(self, padded: bytes, begins: Places, ends: Places) -> Places:
        """Return for each text its place in `encoded`, `UNKNOWN` for what is none.

        Places are good until the next call, before which the table may begin anew.

        Args:
            padded: holds the texts, and `MAX_TEXT` bytes more.
            begins: where they begin.
            ends: the bytes behind them.
        """
        lengths = ends - begins
        is_long = lengths > self.longest
        lengths[is_long] = 0
        words = max(-(-int(lengths.max()) // WORD), len(self.keys))
        if words > len(self.keys) or len(self.encoded) > MAX_ENCODED:
            self.begin(words, self.bits)
        elif self.bits < MAX_BITS and self.taken > 1 << self.bits >> 2:
            self.begin(words, self.bits + 2)
        keys = words_of(padded, begins, lengths, words)
        mixed = np.zeros(len(begins), np.uint64)
        for key, factor in zip(keys, FACTORS, strict=False):
            mixed += key * factor
        slots = (mixed >> np.uint64(64 - self.bits)).astype(np.int64)
        found = self.seen(slots, keys)
        found[is_long] = UNKNOWN
        left = np.flatnonzero(found == NONE)
        if len(left):
            slots, keys = slots[left] ^ 1, [key[left] for key in keys]
            found[left] = self.seen(slots, keys)
            new = np.flatnonzero(found[left] == NONE)
            left = left[new]
            spans = zip(begins[left].tolist(), lengths[left].tolist(), strict=True)
            found[left] = [self.place_of(padded[at : at + length]) for at, length in spans]
            self.remember(slots[new], [key[new] for key in keys], found[left])
        return found

    def seen(self, slots: Places, keys: Words) -> Places:
        """Return the places of the texts that stand in their slots, `NONE` for others."""
        found: Places = self.found[slots]
        for known, key in zip(self.keys, keys, strict=True):
            found *= known[slots] == key
        return found

    def place_of(self, text: bytes) -> int:
        """Encode a text."""
        encoded = self.encode(text)
        place = self.places.setdefault(encoded, len(self.encoded))
        if encoded is not None and place == len(self.encoded):
            self.encoded.append(encoded)
        return place

    def remember(self, slots: Places, keys: Words, found: Places) -> None:
        """Put texts into their second slots, or into the first where that is free."""
        self.taken += len(slots)
        slots = slots ^ (self.found[slots ^ 1] == NONE)
        self.found[slots] = found
        for known, key in zip(self.keys, keys, strict=True):
            known[slots] = key

    def rows_at(self, places: Places) -> Bytes:
        """Return what stands at places as rows of bytes, with zeros behind it."""
        width = max([self.rows.itemsize, *map(len, self.encoded[self.written :])])
        if width > self.rows.itemsize or len(self.encoded) > len(self.rows):
            self.rows, self.written = np.zeros(2 * len(self.encoded), f"V{width}"), 0
        if self.written < len(self.encoded):
            new = np.array(self.encoded[self.written :], f"S{width}")
            self.rows[self.written : len(self.encoded)] = new.view(f"V{width}")
            self.written = len(self.encoded)
        return self.rows[places].view(np.uint8).reshape(-1, width)

    def texts_at(self, places: Places) -> list[bytes]:
        """Return what stands at places."""
        return list(map(self.encoded.__getitem__, places.tolist()))
