"""What a benchmark hands to `bench/targets.py`: ratios by name, a value a turn, in a JSON file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measurement.

    Attributes:
        values: a ratio a turn.
        note: what else a reader of the table should know.
    """

    values: Sequence[float] = field(default_factory=list)
    note: str = ""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the file, `json`."""
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="add the ratios that have targets to this file"
    )


def keep(path: Path | None, figures: Mapping[str, Figure]) -> None:
    """Add figures to a file, beside those of other benchmarks, or do nothing without one."""
    if path is None:
        return
    kept = {**read(path), **figures}
    told = {name: asdict(figure) for name, figure in kept.items()}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Figure]:
    """Return the figures of a file; none where it is not there."""
    if not path.exists():
        return {}
    told = json.loads(path.read_text(encoding="utf-8"))
    return {name: Figure(**fields) for name, fields in told.items()}
