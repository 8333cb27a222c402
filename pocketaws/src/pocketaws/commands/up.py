"""`up`: keep the emulated AWS up, with a template deployed where one is given."""

import argparse
import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pocketaws.commands import arguments as checked
from pocketaws.commands.env_file import write_env_file
from pocketaws.commands.held import held
from pocketaws.commands.stacks import DeploymentPlan, started
from pocketaws.errors import ArgumentError
from pocketaws.exports import EXPORTS_PATH, taken_back
from pocketaws.terminal.display import lines

SUMMARY: Final = "keep the emulated AWS up, and deploy a template to it"
DESCRIPTION: Final = (
    "Start an emulated AWS on loopback, deploy a SAM or CloudFormation template where one is "
    "given, say what to export, and stay up until Ctrl-C or SIGTERM."
)
EXAMPLES: Final = """examples:
  python -m pocketaws up
  python -m pocketaws up template.yaml --parameter Stage=test
  source .pocketaws/local.env && aws stepfunctions list-state-machines
"""
_LAST_PORT: Final = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("template", nargs="?", type=Path, metavar="TEMPLATE", help="what to deploy")
    checked.add_stack_arguments(parser)
    parser.add_argument(
        "--port", type=int, default=0, help="of the emulated services (default: a free one)"
    )
    parser.add_argument(
        "--env-file",
        type=Path,
        default=EXPORTS_PATH,
        metavar="FILE",
        help=f"takes what to export, for whoever calls it (default: {EXPORTS_PATH})",
    )


def run(arguments: argparse.Namespace) -> int:
    """Stay up until interrupted, by SIGINT or SIGTERM.

    Raises:
        PocketawsError: the arguments cannot be used, another runtime holds the file to export, or
            the template cannot be deployed.
    """
    if not 0 <= arguments.port <= _LAST_PORT:
        raise ArgumentError(
            f"--port {arguments.port}: must be 0 to {_LAST_PORT}; 0 takes a free one"
        )
    template = None if arguments.template is None else checked.template_path(arguments.template)
    plan = DeploymentPlan(
        template,
        checked.stack_name(arguments.stack_name, template or Path()),
        checked.parameters(arguments.parameter),
        checked.region(arguments.region),
        arguments.port,
    )
    screen = lines()
    with (
        held(arguments.env_file),
        taken_back(arguments.env_file),
        _asked_to_end() as ended,
        started(plan, screen) as (runtime, _),
    ):
        exports = write_env_file(arguments.env_file, runtime.exported)
        screen.note(f"reach it after `source {arguments.env_file}`, or with")
        for line in exports:
            screen.note(f"  {line}")
        screen.note("up; Ctrl-C stops it")
        ended.wait()
        screen.note("stopping")
    return 0


@contextlib.contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Yield what both signals that ask for an end set, once everything is up.

    Before that they raise, so that what has been started is stopped at once.
    """
    ended = threading.Event()

    def end(_number: int, _frame: object) -> None:
        if ended.is_set():
            raise KeyboardInterrupt
        ended.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
