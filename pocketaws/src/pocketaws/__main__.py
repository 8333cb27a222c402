"""The command line: `python -m pocketaws COMMAND`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from pocketaws.commands import execute, run, up, validate
from pocketaws.errors import PocketawsError
from pocketaws.terminal.plain import plain
from pocketaws.terminal.standard_output import shown

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 only where it did what was asked."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        return shown(lambda: int(arguments.run_command(arguments)), told=(PocketawsError,))
    except PocketawsError as error:
        print(plain(f"error: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was started has been stopped", file=sys.stderr)
        return _INTERRUPTED


def run_and_leave() -> NoReturn:
    """Run one command and leave at once, without taking thousands of modules apart."""
    exit_code = main()
    for stream in (sys.stdout, sys.stderr):
        # None where it was closed from the start.
        if stream is not None:
            stream.flush()
    os._exit(exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pocketaws",
        description="An embedded AWS for deployed Step Functions workflows: real SageMaker jobs "
        "and Lambda functions on this machine, no Docker, no account.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (up, execute, run, validate):
        command = commands.add_parser(
            module.__name__.rpartition(".")[2],
            help=module.SUMMARY,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(run_command=module.run)
    return parser


def _on_terminate(signal_number: int, _frame: object) -> NoReturn:
    # As an exception, so that what was started is stopped on the way out.
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    run_and_leave()
