"""`workflow runs`: a table of the runs on this machine, or of executions in an account."""

import argparse
import sys
from typing import Final

from workflow.account import aws
from workflow.commands.record_arguments import add_places

DESCRIPTION: Final = (
    "List runs, the newest first: when, verdict, what the gate judged by, rows, duration, who "
    "started it, model, and what the input overrode. With --stack-name, a stack's executions in "
    "your account, or in the local runtime that AWS_ENDPOINT_URL leads to."
)
EXAMPLES: Final = """examples:
  python -m workflow runs
  python -m workflow runs --json
  python -m workflow runs --stack-name abalone-dev --limit 50
"""
_LIMIT: Final = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_places(parser)
    parser.add_argument(
        "--limit",
        type=_count,
        metavar="COUNT",
        help=f"so many of the newest (default: all; {_LIMIT} with --stack-name)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """Print the runs; return 0.

    Raises:
        WorkflowError: the account cannot be asked, or has no such stack.
    """
    from pocketaws import plain
    from workflow.laptop.run_folders import Listed, listed
    from workflow.report import rows

    if arguments.stack_name is None:
        found = listed(arguments.output_dir)
    else:
        from workflow.account.state_machines import state_machine_arn
        from workflow.report.in_account import rows_in_account

        clients, limit = aws.clients(arguments), arguments.limit or _LIMIT
        with aws.actionable_errors():
            machine_arn = state_machine_arn(
                arguments.stack_name, cloudformation=clients("cloudformation")
            )
            found = Listed(list(rows_in_account(machine_arn, limit, clients)), [])
    shown = found.rows[: arguments.limit]
    print(rows.as_json(shown) if arguments.json else plain(rows.as_table(shown)))
    for reason in found.left_out:
        print(plain(f"left out: {reason}"), file=sys.stderr)
    return 0


def _count(text: str) -> int:
    """Read a number of runs."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from 1")
    return int(text)
