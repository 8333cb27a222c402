"""`SPLIT = ByLabel()`: each class's share of every split, and which rows stay where they are."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.modules import load
from tests.unit.other_columns import jobs_of

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
SIZES = {"rare": 7, "few": 40, "many": 600}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("levels")
    jobs_of(folder, "Number('a'), Number('y')")
    (folder / "jobs" / "columns.py").write_text(
        "from kinds import ByLabel, Category, Ignored, Number\n"
        "PROBLEM = 'multiclass'\nLABEL = 'y'\nSPLIT = ByLabel()\n"
        "COLUMNS = (Number('a'), Category('y', ('rare', 'few', 'many', 'most')), Ignored('b'))\n"
    )
    return load("jobs", parent=folder)


def drawn_rows(sizes: dict[str, int], seed: int) -> list[str]:
    """Make different rows of classes of some sizes, in any order."""
    drawn = random.Random(seed)
    labels = [name for name, size in sizes.items() for _ in range(size)]
    drawn.shuffle(labels)
    return [f"{at}.{seed},{label}," for at, label in enumerate(labels)]


def splits_of(
    jobs: SimpleNamespace,
    folder: Path,
    rows: list[str],
    *,
    seed: int = 42,
) -> dict[str, str]:
    """Preprocess rows; return the split of each by its number."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    (folder / "in" / "rows.csv").write_text("".join(f"{row}\n" for row in rows))
    jobs.preprocess.run(
        jobs.preprocess.Job(
            input_dir=folder / "in",
            output_dir=folder / "out",
            plan=jobs.splitting.Plan(seed, 0.15, 0.15, 1),
            max_rejected_share=0,
            host="algo-1",
            hosts=1,
            workers=1,
            block_bytes=500,
        )
    )
    return read_splits(folder)


def read_splits(folder: Path) -> dict[str, str]:
    """Return the split of each row by its number."""
    return {
        line.partition(",")[2]: split
        for split in SHARES
        for path in (folder / "out" / split).iterdir()
        for line in path.read_text().splitlines()
    }


def test_each_class_has_its_share_of_every_split_to_less_than_a_row(
    jobs: SimpleNamespace, tmp_path: Path
) -> None:
    rows = drawn_rows(SIZES, seed=1)

    for seed in range(5):
        splits = splits_of(jobs, tmp_path, rows, seed=seed)

        held = Counter((row.split(",")[1], splits[row.split(",")[0]]) for row in rows)
        for name, size in SIZES.items():
            for split, share in SHARES.items():
                assert abs(held[name, split] - share * size) < 1
                assert held[name, split] >= 1


def test_rows_that_are_added_move_no_other(jobs: SimpleNamespace, tmp_path: Path) -> None:
    rows = drawn_rows(SIZES, seed=1)
    before = splits_of(jobs, tmp_path, rows)

    after = splits_of(jobs, tmp_path, [*rows, *drawn_rows({"rare": 50, "few": 3, "most": 9}, 2)])

    assert {row: after[row] for row in before} == before
    assert len(after) == len(before) + 62


def test_workers_and_parts_do_not_matter_and_the_seed_does(
    jobs: SimpleNamespace, tmp_path: Path
) -> None:
    rows = drawn_rows(SIZES, seed=1)
    splits = splits_of(jobs, tmp_path / "1", rows)

    # Large enough for several processes.
    folder = tmp_path / "2"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "rows.csv").write_text("".join(f"{row}{'x' * 8000}\n" for row in rows))
    (folder / "hosts.json").write_text(json.dumps({"current_host": "a", "hosts": ["a"]}))
    subprocess.run(
        [
            *(sys.executable, "-B", jobs.preprocess.__file__, "--parts", "3", "--workers", "2"),
            *("--input-dir", str(folder / "in"), "--output-dir", str(folder / "out")),
            *("--resource-config", str(folder / "hosts.json")),
            *("--message-path", str(folder / "message")),
        ],
        check=True,
    )
    assert (folder / "in" / "rows.csv").stat().st_size > jobs.preprocess.POOL_FROM_BYTES

    assert read_splits(folder) == splits
    assert splits_of(jobs, tmp_path / "3", rows, seed=43) != splits


def test_equal_rows_meet_in_one_split(jobs: SimpleNamespace, tmp_path: Path) -> None:
    rows = [row for row in drawn_rows(SIZES, seed=1) for _ in range(2)]
    folder = tmp_path / "twice"

    splits = splits_of(jobs, folder, rows)

    files = [
        path.read_text().splitlines() for split in SHARES for path in folder.glob(f"out/{split}/*")
    ]
    assert sum(map(len, files)) == 2 * len(splits) == sum(2 * len(set(file)) for file in files)


def test_of_a_class_of_many_rows_the_hash_decides_from_a_thousand_on(
    jobs: SimpleNamespace, tmp_path: Path
) -> None:
    rows = drawn_rows({"most": 3000, "rare": 20}, seed=1)

    splits = Counter(splits_of(jobs, tmp_path, rows).values())

    assert jobs.levels.LEVELLED < 3000
    for split, share in SHARES.items():
        assert abs(splits[split] - share * 3020) < 0.02 * 3020
