"""Deploy a built template to the emulator: upload its bundles, create or update the stack.

Resources that moto does not create are taken out first and listed.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from pocketaws.cloudformation.bundles import BUCKET_NAME
from pocketaws.cloudformation.not_created import take_out
from pocketaws.cloudformation.stack import Stack, stack_of
from pocketaws.cloudformation.state_machine_definitions import Check, as_json
from pocketaws.cloudformation.template_rules import rule_problems
from pocketaws.errors import DeploymentError
from pocketaws.handed import HandedFile
from pocketaws.processes.warmup import Build

# The one region that must not be named as a bucket's location.
_FIRST_REGION: Final = "us-east-1"
_NOTHING_TO_DO: Final = "No updates are to be performed"
_MEANINGS: Final = {
    "UPDATE_ROLLBACK_COMPLETE": "so it is as it was before",
    "UPDATE_ROLLBACK_FAILED": "so delete it and deploy it again",
}
_CAPABILITIES: Final = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]

# Who deploys gets the one from the other.
__all__ = ["Stack", "deploy"]


def deploy(
    build: Build,
    *,
    stack_name: str,
    parameters: Mapping[str, str],
    cloudformation: Any,
    resources: Callable[[str], Mapping[str, str]],
    s3: Any,
    check_definition: Check,
    creates: Callable[[str], bool],
) -> Stack:
    """Create or update a stack of a built template and return it.

    An update without a change does nothing; one that fails leaves the stack as it was before, and
    one of a stack that was never finished is refused.

    Args:
        build: what `warmup.Warmup.build` began.
        stack_name: as `sam deploy --stack-name`.
        parameters: as `sam deploy --parameter-overrides`; in an update, what is not given stays.
        cloudformation: a client of the emulator.
        resources: returns physical id by logical id of a stack's resources.
        s3: a client of the emulator.
        check_definition: refuses a state machine's definition as Step Functions would.
        creates: tells whether the emulator creates a resource type.

    Raises:
        DeploymentError: with the reason that CloudFormation, or the transform, gives.
        UnsupportedResourceError: a state needs what the local runtime does not run.
    """
    template, definitions = build.template(), build.definitions()
    for logical_id, definition in definitions.items():
        check_definition(logical_id, as_json(definition))
    for problem in rule_problems(template):
        raise DeploymentError(problem)
    _check_parameters(template, parameters)
    not_created = take_out(template, creates=creates)
    existing = _existing_stack(stack_name, cloudformation)
    done = "created" if existing is None else "updated"
    try:
        declared = template.get("Parameters", {})
        written = _written(template, build.folder)
        _upload([*build.bundles(), written], s3)
        url = f"{s3.meta.endpoint_url}/{BUCKET_NAME}/{written.name}"
        if existing is None:
            reason = _create_stack(url, stack_name, parameters, cloudformation)
            if reason:
                raise _refused(f"stack {stack_name!r} was not created: {reason}", not_created)
            expected = "CREATE_COMPLETE"
        elif _update_stack(url, existing, parameters, cloudformation, known=declared):
            expected = "UPDATE_COMPLETE"
        else:
            expected = existing["StackStatus"]
        described = _described(stack_name, expected, cloudformation)
        return stack_of(described, not_created, resources(stack_name))
    except (BotoCoreError, ClientError) as error:
        text = f"stack {stack_name!r} was not {done}: {_message(error)}"
        raise _refused(text, not_created) from error


def _refused(text: str, not_created: tuple[tuple[str, str], ...]) -> DeploymentError:
    for logical_id, resource_type in not_created:
        if logical_id in text:
            text += f"; the local runtime does not create {logical_id} ({resource_type})"
    return DeploymentError(text)


def _message(error: Exception) -> str:
    response = error.response if isinstance(error, ClientError) else {}
    return str(response.get("Error", {}).get("Message") or error)


def _check_parameters(template: dict[str, Any], parameters: Mapping[str, str]) -> None:
    known = template.get("Parameters", {})
    unknown = parameters.keys() - known.keys()
    if unknown:
        raise DeploymentError(
            f"the template has no parameter {', '.join(sorted(unknown))}; "
            f"it has {', '.join(sorted(known)) or 'none'}"
        )


def _written(template: Mapping[str, Any], folder: Path) -> Path:
    """Write a template as `sam package` names it: a request has room for 51,200 bytes only."""
    text = json.dumps(template)
    path = folder / f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}.template"
    # What has been handed over is not written to again.
    if not path.exists():
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    return path


def _upload(paths: Sequence[Path], s3: Any) -> None:
    region = s3.meta.region_name
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET_NAME, **({} if region == _FIRST_REGION else elsewhere))
    for path in paths:
        with HandedFile(path, is_final=True) as body:
            s3.put_object(Bucket=BUCKET_NAME, Key=path.name, Body=body)


def _existing_stack(stack_name: str, cloudformation: Any) -> Mapping[str, Any] | None:
    # One that is not there is no error so, whose answer takes longer to make than a list of few.
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    found = (stack for page in pages for stack in page["Stacks"])
    return next((stack for stack in found if stack["StackName"] == stack_name), None)


def _update_stack(
    url: str,
    stack: Mapping[str, Any],
    parameters: Mapping[str, str],
    cloudformation: Any,
    *,
    known: Collection[str],
) -> bool:
    """Update a stack, whose template knows some parameters; return whether there was a change."""
    before = {item["ParameterKey"] for item in stack.get("Parameters", [])}
    kept = before.intersection(known) - parameters.keys()
    try:
        cloudformation.update_stack(
            StackName=stack["StackName"],
            TemplateURL=url,
            Parameters=[
                *(
                    {"ParameterKey": name, "ParameterValue": value}
                    for name, value in parameters.items()
                ),
                *({"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept)),
            ],
            Capabilities=_CAPABILITIES,
        )
    except ClientError as error:
        if _NOTHING_TO_DO not in str(error):
            raise
        return False
    return True


def _create_stack(
    url: str, stack_name: str, parameters: Mapping[str, str], cloudformation: Any
) -> str:
    """Create a stack; return why it was rolled back, and forget it then, so that its name is free.

    What a resource's service refuses is told by the stack, not by the call.
    """
    cloudformation.create_stack(
        StackName=stack_name,
        TemplateURL=url,
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
        Capabilities=_CAPABILITIES,
    )
    (described,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    if not described["StackStatus"].startswith("ROLLBACK_"):
        return ""
    with contextlib.suppress(BotoCoreError, ClientError):
        cloudformation.delete_stack(StackName=stack_name)
    return str(described.get("StackStatusReason") or described["StackStatus"])


def _described(stack_name: str, expected_status: str, cloudformation: Any) -> Mapping[str, Any]:
    described: Mapping[str, Any]
    (described,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    if described["StackStatus"] != expected_status:
        raise DeploymentError(
            f"stack {stack_name!r} ended as {described['StackStatus']}, "
            f"{_MEANINGS.get(described['StackStatus'], 'half made')}: "
            f"{described.get('StackStatusReason', 'a custom resource did not answer')}"
        )
    return described
