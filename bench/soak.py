"""Load a runtime and meet its commands with faults, and show what held: `make soak`.

Loopback only, and bounded: a gigabyte on disk. The long form takes half an hour on a machine of two
cores, the short one a minute and a half.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from soak_commands import Place
from soak_kills import KINDS, killed_children, killed_mains
from soak_load import soaked
from soak_poor import NAMES, poor_runs
from soak_rows import Row, all_held, line
from soak_serve import SERVING, killed_serves, killed_while_serving
from soak_switches import switched
from soak_workflows import whole_workflows

PARTS = ("load", "workflows", "switches", "kills", "serve", "poor")
_SHORT_KINDS = ["processing job"]
_SHORT_NAMES = ["read-only state folder", "temporary folder of 256 kB"]


def rows(parts: list[str], *, short: bool, seed: int) -> Iterator[Row]:
    """Yield what each of some parts of `PARTS` has seen."""
    if "load" in parts:
        sizes = (100, 20, 64) if short else (200, 50, 1024)
        yield from soaked(executions=sizes[0], at_once=sizes[1], upload_mb=sizes[2])
    if "workflows" in parts and not short:
        yield from whole_workflows(executions=200)
    if "switches" in parts:
        yield from switched(seconds=3 if short else 60, connections=8)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        place = Place(Path(folder)).make()
        if "kills" in parts:
            yield from killed_mains(place, 2 if short else 20, seed)
            yield from killed_children(place, _SHORT_KINDS if short else list(KINDS), seed)
        if {"serve", "poor"} & set(parts) and not place.keeps_a_model():
            place.ran(place.run_arguments())
        if "serve" in parts:
            yield from killed_serves(place, 1 if short else 10, seed)
            for kind in SERVING:
                yield killed_while_serving(place, kind)
        if "poor" in parts:
            yield from poor_runs(place, _SHORT_NAMES if short else list(NAMES))


def main() -> None:
    """Print the table; exit with 1 where something did not hold."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument("--short", action="store_true", help="less of each")
    parser.add_argument("--seed", type=int, default=13, help="of the moments of kills")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    seen = []
    for row in rows(arguments.parts or list(PARTS), short=arguments.short, seed=arguments.seed):
        print(line(row), flush=True)
        seen.append(row)
    sys.exit(0 if all_held(seen) else 1)


if __name__ == "__main__":
    main()
