"""One block of rows: every row encoded, and put into the file that its own bytes decide.

A row's split is a keyed hash of its encoded text and of nothing else, unless `columns.py` says that
a column decides (`SPLIT`), or the classes of the rows too, see `levels.py`. So it does not depend
on file names, order, compression, line ends or the number of hosts; and identical rows always meet
in one split, so that no test row was trained on.
"""

from __future__ import annotations

import csv
import io
import sys
from array import array
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import compress
from typing import NamedTuple

from clean_lines import Lines, encode_lines, match_lines
from kinds import RowError, shown
from objects import Block
from rows import FIRST_CELLS, MAX_ROW_BYTES, UNLABELLED, encode_row
from table import IS_SPLIT_BY_LABEL, SPLIT

SPLITS = ("train", "validation", "test")
HASHES = 1 << 16  # Two bytes of a row's hash decide: shares are met to 1/65,536.
HASH_BYTES = blake2b().digest_size
MAX_KEYS = 65_536  # Of groups and times whose file is remembered.
# The row's own hash decides; below, N less, it decides the part alone, in the split N - 1.
BY_ROW = -1
# What an encoded row holds beside its commas and its end.
VALUES = bytes(byte for byte in range(256) if byte not in b",~\n")
MAY_BE_MISSING = any(column.may_be_missing for column in UNLABELLED if column.features)
MAX_PARTS = 100  # As many as the workflow allows instances, each of which reads a part of its own.


# The number of its line, why, and the line.
Rejected = tuple[int, RowError, bytes]


class Plan(NamedTuple):
    """What decides where a row goes. Shares are fractions of the rows, from 0 to below 1."""

    seed: int
    validation_share: float
    test_share: float
    parts: int


class Encoded(NamedTuple):
    """A block's rows as text and as a count for each file, split x parts + part, and the rest.

    The rejected rows are lines of CSV: object,line,reason,row. `missing` counts the rows that have
    no value, by column; `notes` are the block's. Where the split is by label, `texts` is one of all
    rows in their order, and `hashed` has the file of each by its hash; else nothing.
    """

    object_name: str
    texts: list[bytes]
    rows: list[int]
    rejected_csv: bytes
    rejected: Counter[str]
    examples: list[str]
    missing: Counter[str]
    notes: tuple[str, ...]
    hashed: array[int]


class Way(NamedTuple):
    """How clean lines are encoded, and missing values of encoded rows counted, by column."""

    match: Callable[[bytes], Lines]
    count_missing: Callable[[Sequence[bytes]], Counter[str]]


@lru_cache(maxsize=1)
def file_of_hashes(plan: Plan) -> array[int]:
    """Give each of the `HASHES` the index of a file, split x parts + part.

    The number of parts does not influence the split.
    """
    test_end = round(plan.test_share * HASHES)
    validation_end = test_end + round(plan.validation_share * HASHES)
    splits = [2] * test_end + [1] * (validation_end - test_end) + [0] * (HASHES - validation_end)
    files = (split * plan.parts + value % plan.parts for value, split in enumerate(splits))
    return array("H", files)  # Holds no references to count, so forked workers share its pages.


def encode_block(block: Block, plan: Plan, way: Way | None = None) -> Encoded:
    """Encode, split and count the rows of one block, by pattern if no other way is given."""
    match, count = way or BY_PATTERN
    lines = encode_lines(block.text, block.order, match)
    rejected: list[Rejected] = []
    if not all(lines.rows):
        lines, rejected = with_others(lines, block)
    files_of = files_of_rows(lines, plan)
    hashed = array("H", files_of if IS_SPLIT_BY_LABEL else ())
    files: list[list[bytes]] = [[] for _ in range(len(SPLITS) * plan.parts)]
    if IS_SPLIT_BY_LABEL:
        files[0] = lines.rows
    else:
        deque(map(list.append, map(files.__getitem__, files_of), lines.rows), maxlen=0)
    return Encoded(
        object_name=block.object_name,
        texts=[b"".join(rows) for rows in files],
        rows=[len(rows) for rows in files],
        rejected_csv=rejected_lines(block.object_name, rejected),
        rejected=Counter(error.kind for _, error, _ in rejected),
        examples=[f"{block.object_name} line {line}: {error}" for line, error, _ in rejected[:3]],
        missing=count(lines.rows) if MAY_BE_MISSING else Counter(),
        notes=tuple(f"{block.object_name}: {note}" for note in block.notes),
        hashed=hashed,
    )


def with_others(lines: Lines, block: Block) -> tuple[Lines, list[Rejected]]:
    """Encode the lines that are not clean, one by one, and leave out blank and rejected ones."""
    rows, keys = lines.rows, lines.keys
    rejected: list[Rejected] = []
    for place, row in enumerate(rows):
        if row:
            continue
        try:
            found = encode_row(lines.others[place], block.order)
        except RowError as error:
            line = lines.others[place]
            rejected.append((block.first_line + place, error.with_traceback(None), line))
            continue
        if found and keys is not None:
            keys[place], _, found = found.partition(b"\t")
        rows[place] = found or b""
    kept = None if keys is None else list(compress(keys, rows))
    return Lines(list(filter(None, rows)), [], kept), rejected


def files_of_rows(lines: Lines, plan: Plan) -> Sequence[int]:
    """Return the index of the file of every row.

    The hash is a cryptographic one: rows differ in a few digits, and another seed has to give an
    unrelated split. CRC-32 is three times as fast but linear, so it would relate the splits. The
    key, always 16 bytes long, stands before the row: as good as BLAKE2's own `key=`, and faster
    from Python.
    """
    key = blake2b(str(plan.seed).encode(), digest_size=16).digest()
    if lines.keys is None:
        return list(map(file_of_hashes(plan).__getitem__, places_of_rows(lines.rows, key)))
    files = list(map(files_of_keys(plan, key).__getitem__, lines.keys))
    if min(files, default=0) < 0:
        return [
            file_by_row(row, file, plan, key) if file < 0 else file
            for row, file in zip(lines.rows, files, strict=True)
        ]
    return files


class FilesOfKeys(dict[bytes, int]):
    """The file of all rows whose split a column decides in the same way, by what decides.

    An index, or `BY_ROW` and below where the rows go to several files. Nothing decides nothing, so
    the row itself does.

    Args:
        plan: the shares do not matter where times decide.
        key: of the hash.
    """

    def __init__(self, plan: Plan, key: bytes) -> None:
        super().__init__()
        self.plan, self.key = plan, key

    def __missing__(self, of_split: bytes) -> int:
        """Find the file, and remember it."""
        split = SPLIT.split_of(of_split.decode()) if SPLIT and of_split else None
        if split is not None:
            file = BY_ROW - 1 - split
        elif of_split:
            file = file_of_hashes(self.plan)[place_of(of_split, self.key)]
        else:
            file = BY_ROW
        if len(self) < MAX_KEYS:
            self[of_split] = file
        return file


@lru_cache(maxsize=1)
def files_of_keys(plan: Plan, key: bytes) -> FilesOfKeys:
    """Return the files, which the blocks of a plan share."""
    return FilesOfKeys(plan, key)


def file_by_row(row: bytes, of_key: int, plan: Plan, key: bytes) -> int:
    """Return the file of a row, where `FilesOfKeys` leave it to the row."""
    place = place_of(row, key)
    if of_key == BY_ROW:
        return file_of_hashes(plan)[place]
    return (BY_ROW - 1 - of_key) * plan.parts + place % plan.parts


def place_of(text: bytes, key: bytes) -> int:
    """Return the two bytes of a text's hash that decide."""
    text_hash = blake2b(key + text).digest()
    return text_hash[0] << 8 | text_hash[1]


def places_of_rows(rows: Sequence[bytes], key: bytes) -> array[int]:
    """Return `place_of` of every row; the bytes are taken of all hashes at once."""
    hashes = b"".join([blake2b(key + row).digest() for row in rows])
    decisive = bytearray(2 * len(rows))
    decisive[::2], decisive[1::2] = hashes[::HASH_BYTES], hashes[1::HASH_BYTES]
    places = array("H", bytes(decisive))
    if sys.byteorder == "little":
        places.byteswap()
    return places


def count_missing(rows: Sequence[bytes]) -> Counter[str]:
    """Count the encoded rows without a value of each column.

    Rows that lack the same are few kinds: what is left of one without its values says which.
    """
    lacking = [row for row in rows if b",," in row or row.endswith(b",nan\n")]
    text = b"".join(lacking).replace(b",nan\n", b",~\n")
    # Twice, since the second of two empty cells has its comma taken by the first.
    text = text.replace(b",,", b",~,").replace(b",,", b",~,")
    missing: Counter[str] = Counter()
    for kind, count in Counter(text.translate(None, VALUES).split(b"\n")[:-1]).items():
        cells = kind.split(b",")
        for name, place in FIRST_CELLS.items():
            missing[name] += count * (cells[place] == b"~")
    return +missing


BY_PATTERN = Way(match_lines, count_missing)


def rejected_lines(name: str, rejected: Sequence[Rejected]) -> bytes:
    """Format rejected rows as CSV; one that is too long is cut, and what is not UTF-8 escaped.

    So is NUL, because Python's csv module before 3.11 cannot read it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, error, line in rejected:
        row = line.rstrip(b"\r").decode(errors="backslashreplace").replace("\0", "\\x00")
        shown_row = row if len(line) <= MAX_ROW_BYTES else shown(row)
        writer.writerow([name, number, str(error), shown_row])
    return buffer.getvalue().encode()
