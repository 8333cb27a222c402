"""Each class's share of every split, where `columns.py` splits by label.

A hash gives a class of 20 rows anything from none to six of its rows to a split of 15 %. Here a row
goes where its hash says, unless its class then had a whole row more in that split than its share,
or another split is a whole row behind; that one gets it. So of n rows of a class every split has
its share of n to less than one row, whatever n is.

A row's split depends on the rows of its class before it, in the order of objects and lines, and on
none behind it: rows that are added at the end, in objects whose names sort last, move no other.
Equal rows meet in one split. Each host keeps the shares of its own rows. From `LEVELLED` rows of a
class on the hash alone decides, which by then is about right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from splitting import SPLITS, Encoded, Plan

LEVELLED = 1000
KEY_BYTES = 16


class Levels:
    """The rows of each class so far, by split."""

    def __init__(self, plan: Plan) -> None:
        """Begin without rows."""
        self.parts = plan.parts
        kept = 1 - plan.validation_share - plan.test_share
        self.shares = (kept, plan.validation_share, plan.test_share)
        self.counts: dict[bytes, list[int]] = defaultdict(lambda: [0] * len(SPLITS))
        self.splits: dict[bytes, int] = {}

    def place(self, encoded: Encoded) -> Encoded:
        """Return a block with its rows in the texts of their files."""
        files: list[list[bytes]] = [[] for _ in range(len(SPLITS) * self.parts)]
        rows = b"".join(encoded.texts).splitlines(keepends=True)
        for row, file in zip(rows, encoded.hashed, strict=True):
            hashed, part = divmod(file, self.parts)
            files[self.split_of(row, hashed) * self.parts + part].append(row)
        texts = [b"".join(rows) for rows in files]
        return encoded._replace(texts=texts, rows=[len(rows) for rows in files])

    def split_of(self, row: bytes, hashed: int) -> int:
        """Return the split of the next row.

        Args:
            row: encoded, its class first.
            hashed: the split that its hash says.
        """
        key = blake2b(row, digest_size=KEY_BYTES).digest()
        known = self.splits.get(key)
        if known is not None:
            return known
        counts = self.counts[row.partition(b",")[0]]
        rows = sum(counts) + 1
        if rows > LEVELLED:
            return hashed
        due = [share * rows - count for share, count in zip(self.shares, counts, strict=True)]
        most = max(due)
        split = hashed if due[hashed] > 0 and most < 1 else due.index(most)
        counts[split] += 1
        self.splits[key] = split
        return split


def levelled(blocks: Iterable[Encoded], plan: Plan) -> Iterator[Encoded]:
    """Yield each block with its rows in the texts of their files."""
    levels = Levels(plan)
    return map(levels.place, blocks)
