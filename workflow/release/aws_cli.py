"""Stand in for the AWS CLI in a Commands action, where this machine has none.

Of `aws SERVICE OPERATION --option text … --query EXPRESSION --output text|json`, with options that
are texts. Every other form ends with an error, so that nothing is answered by half.
"""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import boto3
import jmespath  # type: ignore[import-untyped] # boto3 needs it, so it is there
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from pocketaws import PocketawsError
from workflow.errors import WorkflowError

_PROJECT_DIR: Final = Path(__file__).parents[2]
_FAILED: Final = 254
_REFUSED: Final = 252


def put_into(folder: Path) -> None:
    """Write a program called `aws` into a folder."""
    program = folder / "aws"
    # -P: whatever lies in the working folder is not what runs.
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(_PROJECT_DIR))} exec "
        f'{shlex.quote(sys.executable)} -P -m workflow.release.aws_cli "$@"\n'
    )
    program.chmod(0o755)


def main(argv: Sequence[str]) -> int:
    """Make one call and print its answer; return the exit code that the AWS CLI would."""
    try:
        print(answer(argv))
    except (BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return _FAILED
    except (WorkflowError, PocketawsError) as error:
        print(f"{error}; install the AWS CLI", file=sys.stderr)
        return _REFUSED
    return 0


def answer(argv: Sequence[str]) -> str:
    """Return what a call answers, as text or JSON.

    Raises:
        WorkflowError: the arguments are of a form that this does not know.
    """
    service, operation, *rest = [*argv, "", ""][: max(len(argv), 2)]
    options = _options(rest)
    query, form = options.pop("query", "@"), options.pop("output", "json")
    if service not in boto3.Session().get_available_services() or form not in {"json", "text"}:
        raise WorkflowError(f"aws {service} {operation} --output {form} is not known here")
    client = boto3.client(service)
    method = operation.replace("-", "_")
    if method not in client.meta.method_to_api_mapping:
        raise WorkflowError(f"aws {service} {operation} is not known here")
    shape = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[method]
    ).input_shape
    members = {xform_name(name, "-"): name for name in (shape.members if shape else {})}
    unknown = sorted(options.keys() - members.keys())
    if unknown:
        raise WorkflowError(f"aws {service} {operation} --{unknown[0]} is not known here")
    answered = getattr(client, method)(**{members[key]: text for key, text in options.items()})
    answered.pop("ResponseMetadata", None)
    found = jmespath.search(query, answered)
    return _text(found) if form == "text" else json.dumps(found, indent=4, default=str)


def _options(rest: Sequence[str]) -> dict[str, str]:
    names, values = rest[::2], rest[1::2]
    if len(names) != len(values) or not all(name.startswith("--") for name in names):
        raise WorkflowError(f"aws … {' '.join(rest)}: only pairs of --option and text are known")
    return {name.removeprefix("--"): value for name, value in zip(names, values, strict=True)}


def _text(found: Any) -> str:
    if isinstance(found, list):
        if any(isinstance(item, dict | list) for item in found):
            raise WorkflowError("--output text of an object is not known here")
        return "\t".join(map(_text, found))
    return "None" if found is None else str(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
