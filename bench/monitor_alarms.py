"""How often the monitor alarms without drift, and how soon it finds a shift: `monitor_alarms.py`.

Prints the table of docs/endpoint.md. Baselines of 2,924 rows, as many as the sample's training
split, are drawn with eight features and the predictions, and windows of the same distribution, or
with one column of numbers shifted, are judged by the monitor's own code with its default limits.
Columns are independent, which is the worst case: nine chances of a false alarm. Of a window only
the counts matter, so those are drawn, by the true shares of the bins.
"""

from __future__ import annotations

import argparse
import importlib
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))

# Of jobs/, which no package holds.
baselines, captures, window_report = map(
    importlib.import_module, ("baseline", "captures", "window_report")
)

ROWS = 2924
NUMBERS = 7
SEXES = np.array([0.31, 0.32, 0.37])
WINDOWS = (50, 500, 50_000)
SHIFTS = (0.0, 0.2, 0.5, 1.0)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--baselines", type=int, default=200, help="drawn (default: 200)")
    parser.add_argument("--windows", type=int, default=50, help="of each (default: 50)")
    arguments = parser.parse_args()
    made = np.random.default_rng(16)
    drawn = [draw_baseline(made) for _ in range(arguments.baselines)]
    print(f"| rows a window | {' | '.join(map(heading, SHIFTS))} |")
    print("|---|" + "---|" * len(SHIFTS))
    for rows in WINDOWS:
        cells = []
        for shift in SHIFTS:
            windows = arguments.windows if not shift else max(arguments.windows // 10, 1)
            found = [
                alarms(expected, rows, shift, made) for expected in drawn for _ in range(windows)
            ]
            cells.append(cell(sum(found), len(found), is_false=not shift))
        print(f"| {rows:,} | {' | '.join(cells)} |")
    return 0


def heading(shift: float) -> str:
    """Name a column of the table."""
    return f"shift of {shift:g} sd: windows to the alarm" if shift else "false alarms, no drift"


def cell(found: int, windows: int, *, is_false: bool) -> str:
    """Say how many windows alarmed, or how many it takes until one does, on average."""
    if is_false:
        return f"{found} of {windows:,}"
    return "-" if not found else f"{windows / found:.1f} ({100 * found / windows:.0f} %)"


def draw_baseline(made: np.random.Generator) -> Any:
    """Draw training rows and predictions, and return what baseline.json says of them."""
    names = [f"x{index}" for index in range(NUMBERS)]
    return captures.Expected(
        {
            "columns": [*names, "a", "b", "c"],
            "features": [
                *(number(name, made.normal(size=ROWS)) for name in names),
                {
                    "name": "sex",
                    "kind": "category",
                    "rows": ROWS,
                    "missing": 0,
                    "columns": ["a", "b", "c"],
                    "counts": dict(zip("abc", made.multinomial(ROWS, SEXES).tolist(), strict=True)),
                },
            ],
            "predictions": number("y", made.normal(size=612)),
        }
    )


def number(name: str, values: np.ndarray) -> dict[str, Any]:
    """Return a column of a baseline."""
    statistics = baselines.NumberStatistics(name, baselines.quantile_edges(values))
    statistics.add(values)
    document: dict[str, Any] = statistics.document()
    return document


def alarms(expected: Any, rows: int, shift: float, made: np.random.Generator) -> bool:
    """Draw a window whose first column is shifted, and tell whether anything moved."""
    calls = captures.Calls.none(expected)
    calls.captures = calls.rows = rows
    for index, counts in enumerate([*calls.numbers, calls.predictions]):
        fill(counts, rows, shift if index == 0 else 0.0, made)
    (category,) = calls.categories
    category.counts = made.multinomial(rows, SEXES).tolist()
    report = window_report.draw_window(calls, expected, window_report.Limits())
    return bool(report["drifted"])


def fill(counts: Any, rows: int, shift: float, made: np.random.Generator) -> None:
    """Draw the counts of a normal column, in its bins and outside of the baseline's range."""
    low, high = counts.bounds
    edges = np.array([low, *counts.edges, high])
    below = np.array([0.0, *(normal(edge - shift) for edge in edges), 1.0])
    drawn = made.multinomial(rows, np.maximum(np.diff(below), 0.0))
    counts.outside = int(drawn[0] + drawn[-1])
    joined = drawn[1:-1].copy()
    joined[0] += drawn[0]
    joined[-1] += drawn[-1]
    counts.counts = joined.tolist()
    counts.total = shift * rows
    counts.minimum, counts.maximum = float(low), float(high)


def normal(x: float) -> float:
    """Return the standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


if __name__ == "__main__":
    sys.exit(main())
