"""Compare building the definition with importing the SDK that builds it: the floor of its time."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import alternate, table

REPOSITORY_DIR = Path(__file__).resolve().parent.parent
IMPORT = "import stepfunctions"


def main() -> None:
    """Time `python -m workflow build` against the import of its SDK alone."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pairs", type=int, default=7, help="turns, at least 7 to compare")
    arguments = parser.parse_args()

    with TemporaryDirectory() as folder:
        definition_path = str(Path(folder) / "definition.asl.json")
        commands = {
            IMPORT: [sys.executable, "-c", IMPORT],
            "workflow build": [
                *(sys.executable, "-m", "workflow", "build"),
                *("--output", definition_path),
            ],
        }
        seconds = alternate(commands, arguments.pairs, cwd=REPOSITORY_DIR)
    print(table(seconds, baseline=IMPORT))


if __name__ == "__main__":
    main()
