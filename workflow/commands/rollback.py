"""`workflow rollback`: make an earlier recorded model the recorded one again.

Only the parameter is written. The endpoint belongs to its own stack, which reads the parameter at
its next deployment.
"""

import argparse
import sys
from typing import TYPE_CHECKING, Final

from workflow.account import aws
from workflow.commands import SUMMARIES
from workflow.errors import WorkflowError

if TYPE_CHECKING:
    from workflow.account.rollback import RollbackPlan

DESCRIPTION: Final = aws.described(SUMMARIES["rollback"])
EXAMPLES: Final = """examples:
  workflow rollback --dry-run
  workflow rollback --stack-name abalone-prod
  workflow rollback --to nightly-1a2b3c4d-0f1e2d3c --yes
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    aws.add_stack_name(parser)
    parser.add_argument(
        "--to",
        metavar="MODEL_NAME",
        help="a model that was recorded once (default: the one before the recorded one)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan and write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    aws.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Plan, ask and write; return 0 where the plan was shown or done, 1 where the answer was no.

    Raises:
        WorkflowError: there is nothing to go back to, or AWS refused.
    """
    import datetime

    from pocketaws import plain
    from workflow.account.model_history import parameter_name, read_history
    from workflow.account.rollback import check_model, plan_rollback, plan_text, write

    clients = aws.clients(arguments)
    name = parameter_name(aws.stack_name(arguments))
    with aws.actionable_errors():
        versions = read_history(name, ssm=clients("ssm"))
        now = datetime.datetime.now(datetime.UTC)
        plan = plan_rollback(versions, name=name, to=arguments.to, now=now)
        check_model(plan.to.model_name, sagemaker=clients("sagemaker"), s3=clients("s3"))
    print(plain(plan_text(plan)))
    if arguments.dry_run:
        print("\nnothing was written (--dry-run)")
        return 0
    if not (arguments.yes or _confirmed(plan)):
        print("nothing was written")
        return 1
    with aws.actionable_errors():
        number = write(plan, ssm=clients("ssm"))
    print(_closing(plan, number))
    return 0


def _confirmed(plan: "RollbackPlan") -> bool:
    from workflow.answers import answer_in

    if not sys.stdin.isatty():
        raise WorkflowError(
            "nothing was written: there is no terminal to ask in; look at the plan above and give "
            "--yes"
        )
    # Ctrl-D ends the input and is a no.
    print(f"\nrecord {plan.to.model_name} again? type yes or no: ", end="", flush=True)
    return answer_in(sys.stdin.readline()) is True


def _closing(plan: "RollbackPlan", number: int) -> str:
    return (
        f"\n{plan.parameter_name} holds {plan.to.model_name} (version {number})\n"
        "the endpoint changes when its stack is deployed again: "
        "`sam deploy --config-env staging`, or production"
    )
