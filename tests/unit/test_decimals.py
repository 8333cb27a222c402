"""The numbers that jobs read of encoded rows, all at once, are those that Python reads."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tests.unit.modules import PROJECT_DIR, load

jobs = load("jobs", parent=PROJECT_DIR)
parse = jobs.decimals.parse_decimals


def number(choose: random.Random) -> str:
    """Return a number as people and programs write it, or nothing."""
    digits = "".join(choose.choices("0123456789", k=choose.randint(1, 18)))[
        : choose.choice((3, 9, 18))
    ]
    point = choose.randint(0, len(digits))
    forms = (digits, f"{digits[:point]}.{digits[point:]}", f"{digits}e{choose.randint(-20, 20)}")
    return choose.choice(("", "", "-", "+")) + choose.choice(forms)


def test_every_number_is_to_the_last_bit_the_one_that_python_reads() -> None:
    choose = random.Random(7)
    rows = [[number(choose) for _ in range(5)] for _ in range(20_000)]

    table = parse("".join(",".join(row) + "\n" for row in rows).encode(), 5)

    expected = np.array([[float(cell) for cell in row] for row in rows])
    assert table.view(np.int64).tolist() == expected.view(np.int64).tolist()


def test_an_empty_cell_and_nan_are_missing() -> None:
    table = parse(b",1,nan\n2,,-0\n", 3)

    assert np.isnan(table).tolist() == [[True, False, True], [False, True, False]]
    assert np.signbit(table[1, 2])


@pytest.mark.parametrize(
    "cell",
    ["-", ".", "-.", "1-2", "1.2.3", "--1", " 1", "1 ", "x", "1_0", "inf", "0x1", "/1", "1:"],
)
def test_what_is_no_number_is_not_read(cell: str) -> None:
    assert parse(f"1,{cell}\n".encode(), 2) is None


@pytest.mark.parametrize("text", ["1\n", "1,2,3\n1\n", "1,2\n\n", "1,2\n1,2,3\n", "1,2\r\n"])
def test_lines_of_another_number_of_cells_are_not_read(text: str) -> None:
    assert parse(text.encode(), 2) is None


def test_pieces_do_not_change_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"".join(b"%d,%d.5\n" % (row, row % 7) for row in range(1000))
    whole = parse(text, 2)

    monkeypatch.setattr(jobs.decimals, "PIECE_BYTES", 10)

    assert parse(text, 2).tolist() == whole.tolist()
