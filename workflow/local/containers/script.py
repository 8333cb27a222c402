"""What a container does whose entrypoint is a Python script: run it as the main program."""

import runpy
import sys


def run(argv: list[str]) -> None:
    """Run `argv[0]` with the rest as its arguments, as `python3 SCRIPT ...` would."""
    sys.argv[:] = argv
    runpy.run_path(argv[0], run_name="__main__")
