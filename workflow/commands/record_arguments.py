"""How a command is told of which run it wants the record."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workflow.account import aws
from workflow.errors import OutputError

if TYPE_CHECKING:
    from workflow.report.record import Record

_EXECUTION: Final = ":execution:"


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where runs are: on this machine, or in an account."""
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("runs"),
        metavar="FOLDER",
        help="has the folders of the runs on this machine (default: runs)",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="look in your account, at the executions of this stack of template.yaml",
    )
    aws.add_arguments(parser)


def record_named(name: str, arguments: argparse.Namespace) -> "Record":
    """Return the record of a run by its folder, its name or its execution's ARN.

    Raises:
        WorkflowError: there is no such run, or the account cannot be asked.
    """
    from workflow.laptop import run_folders

    if arguments.stack_name is None and _EXECUTION not in name:
        folder = Path(name)
        is_path = run_folders.has_record(folder)
        return run_folders.read_record(folder if is_path else arguments.output_dir / name)
    return _in_account(name, arguments)


def write_page(path: Path, page: str) -> None:
    """Write the page that --output names.

    Raises:
        OutputError: it cannot be written.
    """
    from pocketaws import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page)
    except OSError as error:
        raise OutputError(f"--output {path}: cannot be written: {error}") from error


def _in_account(name: str, arguments: argparse.Namespace) -> "Record":
    from workflow.account import executions
    from workflow.account.state_machines import state_machine_arn
    from workflow.report.in_account import record_in_account

    clients = aws.clients(arguments)
    with aws.actionable_errors():
        if _EXECUTION in name:
            return record_in_account(name, clients)
        machine_arn = state_machine_arn(
            arguments.stack_name, cloudformation=clients("cloudformation")
        )
        return record_in_account(executions.arn_of(name, machine_arn), clients)
