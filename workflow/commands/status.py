"""`workflow status`: say what is recorded, what is served, and where they differ."""

import argparse
from typing import Final

from workflow.account import aws
from workflow.commands import SUMMARIES

DESCRIPTION: Final = aws.described(SUMMARIES["status"])
EXAMPLES: Final = """examples:
  workflow status
  workflow status --stack-name abalone-prod --endpoint-name abalone-production
  workflow status --json
"""
DIFFERS: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    aws.add_stack_name(parser)
    aws.add_endpoint_name(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    aws.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the status; return 0 where all agrees, 3 where something differs.

    Raises:
        WorkflowError: AWS cannot be reached, or refused.
    """
    import json

    from pocketaws import plain
    from workflow.account.model_history import parameter_name
    from workflow.account.release_state import differences, read_state
    from workflow.account.status_report import as_json, as_text

    clients = aws.clients(arguments)
    with aws.actionable_errors():
        state = read_state(
            parameter_name(aws.stack_name(arguments)),
            aws.endpoint_name(arguments),
            clients=clients,
        )
    told = differences(state)
    print(
        json.dumps(as_json(state, told), indent=2)
        if arguments.json
        else plain(as_text(state, told))
    )
    return DIFFERS if told else 0
