"""Compare building the definition with importing the SDK that builds it: the floor of its time."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from timing import alternate, table

REPOSITORY_DIR = Path(__file__).resolve().parent.parent
IMPORT = "import workflow.definition.sdk"
SDK_PYTHON = str(REPOSITORY_DIR / ".venv-definition" / "bin" / "python")


def main() -> None:
    """Time `python -m workflow build` against the import of its SDK alone."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--turns", type=int, default=7, help="turns, at least 7 to compare")
    parser.add_argument("--sdk-python", default=SDK_PYTHON, help="of the environment with the SDK")
    arguments = parser.parse_args()

    with TemporaryDirectory() as folder:
        definition_path = str(Path(folder) / "definition.asl.json")
        commands = {
            IMPORT: [arguments.sdk_python, "-c", IMPORT],
            "workflow build": [
                *(arguments.sdk_python, "-m", "workflow", "build"),
                *("--output", definition_path),
            ],
        }
        seconds = alternate(commands, arguments.turns, cwd=REPOSITORY_DIR)
    print(table(seconds, baseline=IMPORT))


if __name__ == "__main__":
    main()
