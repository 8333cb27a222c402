"""Print what was measured beside what it is to be: the end of `make bench`.

`python bench/targets.py FIGURES` reads what the benchmarks left there with `--json FIGURES`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from figures import Figure, read


@dataclass(frozen=True)
class Target:
    """A line of the table.

    Attributes:
        figure: its name, as a benchmark gives it.
        measure: what is divided by what, in words.
        bound: what the median may be at most.
        is_least: whether it must be at least that instead.
        asked_by: what has it measured, where `make bench` alone does not.
    """

    figure: str
    measure: str
    bound: float
    is_least: bool = False
    asked_by: str = ""

    def holds(self, value: float) -> bool:
        """Tell whether a median is as it is to be."""
        return value >= self.bound if self.is_least else value <= self.bound

    @property
    def told(self) -> str:
        """The bound, in words."""
        return f"{'at least' if self.is_least else 'at most'} {self.bound:g}"


TARGETS: Final = (
    Target("run / bare.py", "`workflow run` / bare.py, s", 2.0),
    Target("Metaflow / run", "Metaflow / `workflow run`, s", 1.5, is_least=True),
    Target("run / before", "`workflow run` / the build before, s", 0.6, asked_by="BEFORE=path"),
    Target("second / first", "second `workflow run` in a row / first, s", 0.5),
    Target("large time", "4.18 M rows: `workflow run` / bare.py, s", 1.25),
    Target("large memory", "4.18 M rows: `workflow run` / bare.py, peak MB", 0.5),
    Target("huge time", "41.8 M rows / 4.18 M rows, s", 11, asked_by="LARGE=1"),
    Target(
        "huge memory",
        "41.8 M rows / 4.18 M rows, peak MB but the training's",
        1.1,
        asked_by="LARGE=1",
    ),
    Target("serve", "10,000 rows served / parsed and predicted, s", 1.2),
    Target("help of run", "`workflow run --help` / `python -c pass`, s of CPU", 1.5),
    Target("help of any", "any command's --help / `python -c pass`, s of CPU", 1.5),
    Target("at once", "4 executions at once / in a row, two cores, s", 0.6),
)


def rows(figures: Mapping[str, Figure]) -> list[tuple[str, str, str, str]]:
    """Return measure, measured, target, and held or missed, a line a target."""
    lines = []
    for target in TARGETS:
        figure = figures.get(target.figure, Figure())
        if not figure.values:
            reason = f"{target.asked_by} measures it" if target.asked_by else "its benchmark failed"
            lines.append((target.measure, "not measured", target.told, reason))
            continue
        middle = median(figure.values)
        turns = "1 turn" if len(figure.values) == 1 else f"{len(figure.values)} turns"
        spread = f"{min(figure.values):.2f}..{max(figure.values):.2f}"
        note = f"; {figure.note}" if figure.note else ""
        lines.append(
            (
                target.measure,
                f"{middle:.2f} ({spread}, {turns}{note})",
                target.told,
                "held" if target.holds(middle) else "missed",
            )
        )
    return lines


def laid_out(lines: list[tuple[str, str, str, str]]) -> str:
    """Return the table as Markdown, its columns in line."""
    head = ("measure", "median (min..max)", "target", "")
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    table = [head, tuple("-" * width for width in widths), *lines]
    return "\n".join(
        f"| {' | '.join(f'{cell:<{width}}' for cell, width in zip(line, widths, strict=True))} |"
        for line in table
    )


def main() -> None:
    """Print the table; exit with 1 where a benchmark left nothing that it should have."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("figures", type=Path)
    figures = read(parser.parse_args().figures)
    print(laid_out(rows(figures)))
    missing = [
        target.figure for target in TARGETS if not target.asked_by and target.figure not in figures
    ]
    sys.exit(f"not measured: {', '.join(missing)}" if missing else 0)


if __name__ == "__main__":
    main()
