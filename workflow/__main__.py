"""The command line: `python -m workflow COMMAND`, or `workflow COMMAND` once installed."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from workflow.commands import SUMMARIES

_DISTRIBUTION = "sagemaker-workflow"
_NO_TERMINAL = 80


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 only where it did what was asked."""
    arguments = _parsed(sys.argv[1:] if argv is None else argv)
    from pocketaws import in_order

    return in_order(lambda: _run(arguments))


def run_and_leave() -> NoReturn:
    """Run one command, or show its help, and leave at once."""
    try:
        exit_code = main()
    except SystemExit as ended:
        # argparse's, after a help or a usage; what has been shown is flushed as at any end.
        if not isinstance(ended.code, int) or not _flushed():
            raise
        os._exit(ended.code)
    from pocketaws import leave

    leave(exit_code)


def _flushed() -> bool:
    """Write what is left of the output; return whether it could be."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        return False
    return True


def _run(arguments: argparse.Namespace) -> int:
    from pocketaws import PocketawsError, plain, shown
    from workflow.errors import WorkflowError

    told = (WorkflowError, PocketawsError)
    try:
        _finish_a_change()
        return shown(lambda: int(arguments.run_command(arguments)), told=told)
    except told as error:
        print(plain(f"error: {error}"), file=sys.stderr)
        return 1


def _finish_a_change() -> None:
    """Carry out what a command that was killed had begun to change in the project's files."""
    from workflow.project import CHANGING_NAME, PROJECT_DIR

    if not (PROJECT_DIR / CHANGING_NAME).is_file():
        return
    from workflow.starting.changing import finish

    finish(PROJECT_DIR)


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    # No option stands before the command but those that end at once.
    named = next((item for item in argv if item in SUMMARIES), None)
    parser = _parser(named, others=named is None or argv[0] != named)
    arguments, left = parser.parse_known_args(argv)
    if left:
        import shlex

        given = [item for item in left if not item.startswith("-")]
        takes_data = given and "data" in arguments
        remedy = f"; rows are given with --data {shlex.quote(given[0])}" if takes_data else ""
        arguments.command_parser.error(f"unrecognized arguments: {shlex.join(left)}{remedy}")
    # Help has ended by now, and needs none of it.
    from pocketaws import empty_argument

    empty = empty_argument(argv)
    if empty is not None:
        arguments.command_parser.error(empty)
    return arguments


class _Version(argparse.Action):
    """Print the installed version, which takes a moment to look up, and end."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        import platform
        from importlib.metadata import version

        print(f"{parser.prog} {version(_DISTRIBUTION)}, Python {platform.python_version()}")
        parser.exit()


class _Help(argparse.RawDescriptionHelpFormatter):
    """Lay help out by the terminal's width, without shutil, which takes a tenth of the time."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=width() - 2)


def width() -> int:
    """Return what `shutil.get_terminal_size` does."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _NO_TERMINAL
    except (AttributeError, ValueError, OSError):
        return _NO_TERMINAL


def _parser(named: str | None, *, others: bool) -> argparse.ArgumentParser:
    """Return a parser that knows the options of one command, and of the others at most the names.

    Args:
        named: the command.
        others: whether the others can be shown.
    """
    parser = argparse.ArgumentParser(
        prog="workflow",
        description="Train, judge, release and watch a SageMaker model with Step Functions.",
        formatter_class=_Help,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    # Told the name, argparse need not lay a usage out for it.
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=parser.prog)
    for name, summary in SUMMARIES.items():
        if name == named:
            command = commands.add_parser(name, help=summary, formatter_class=_Help)
            module = importlib.import_module(f"workflow.commands.{name}")
            command.description, command.epilog = module.DESCRIPTION, module.EXAMPLES
            module.add_arguments(command)
            command.set_defaults(run_command=module.run, command_parser=command)
        elif others:
            commands.add_parser(name, help=summary, add_help=False, formatter_class=_Help)
    return parser


if __name__ == "__main__":
    run_and_leave()
