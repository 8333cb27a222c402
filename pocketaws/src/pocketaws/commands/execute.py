"""`execute`: one execution on a runtime that is up, shown as it goes."""

import argparse
import contextlib
import ipaddress
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pocketaws.commands import arguments as checked
from pocketaws.commands import outcome
from pocketaws.commands.env_file import read_env_file
from pocketaws.errors import ArgumentError
from pocketaws.exports import EXPORTS_PATH
from pocketaws.step_functions.following import Asked, follow, start
from pocketaws.terminal.display import display
from pocketaws.terminal.progress import Progress

SUMMARY: Final = "run one execution on a runtime that is up"
DESCRIPTION: Final = (
    "Start an execution of a state machine on the runtime that `pocketaws up` keeps up, show its "
    "states as they go, and exit with 0 only when it succeeded."
)
EXAMPLES: Final = """examples:
  python -m pocketaws execute my-machine
  python -m pocketaws execute my-machine --input '{"key": 1}' --result result.json
  python -m pocketaws execute my-machine --input @input.json
"""
_LOOK_SECONDS: Final = 0.2
_URL: Final = "AWS_ENDPOINT_URL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("state_machine", metavar="NAME-or-ARN", help="of the state machine")
    add_execution_arguments(parser)
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help=f"that `up` has written (default: {EXPORTS_PATH}, or what is exported already)",
    )


def add_execution_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says how an execution is started, and where its outcome goes."""
    parser.add_argument(
        "--input", default="{}", metavar="JSON-or-@FILE", help="the execution's (default: {})"
    )
    parser.add_argument("--name", help="the execution's (default: made by Step Functions)")
    parser.add_argument("--result", type=Path, metavar="FILE", help="write the outcome as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Run one execution; return 0 where it succeeded, else 1.

    Raises:
        PocketawsError: the arguments cannot be used, or nothing is up.
    """
    execution_input = checked.execution_input(arguments.input)
    result_path = checked.result_path(arguments.result)
    client = _client(arguments.env_file)
    with _refusals():
        arn = _arn(arguments.state_machine, client)
        execution_arn = start(client, arn, execution_input, name=arguments.name)
        progress = Progress()
        with display() as screen:
            screen.note(f"execution {execution_arn}")

            def on_event(event: Any) -> None:
                progress.add(event)
                screen.show(progress.states)

            execution = follow(
                Asked(client, execution_arn),
                on_event=on_event,
                pause=lambda: time.sleep(_LOOK_SECONDS),
            )
    return outcome.tell(execution, progress.states, result_path)


def _client(env_file: Path | None) -> Any:
    import boto3

    exported = _URL in os.environ and env_file is None
    variables = dict(os.environ) if exported else read_env_file(env_file or EXPORTS_PATH)
    url = variables.get(_URL, "")
    if not _is_loopback(url):
        raise ArgumentError(
            f"{_URL} = {url!r}: is no runtime on this machine; `execute` starts nothing in "
            "an account"
        )
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name=variables.get("AWS_REGION", checked.DEFAULT_REGION),
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
    )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _arn(name_or_arn: str, client: Any) -> str:
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    pages = client.get_paginator("list_state_machines").paginate()
    arns = {
        item["name"]: item["stateMachineArn"] for page in pages for item in page["stateMachines"]
    }
    if name_or_arn not in arns:
        raise ArgumentError(
            f"there is no state machine {name_or_arn!r}; "
            f"there is {', '.join(sorted(arns)) or 'none'}"
        )
    return str(arns[name_or_arn])


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Tell what Step Functions refuses, or that nothing is up, in a sentence."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        details = error.response["Error"]
        raise ArgumentError(f"{details['Code']}: {details['Message']}") from error
    except BotoCoreError as error:
        raise ArgumentError(f"{error}; is `python -m pocketaws up` still running?") from error
