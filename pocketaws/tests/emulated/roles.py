"""Roles for tests whose subject is not what a role may do."""

import json
from typing import Any, Final

from pocketaws.runtime import LocalRuntime

_SERVICES: Final = ["sagemaker.amazonaws.com", "states.amazonaws.com", "lambda.amazonaws.com"]
_ACCOUNT: Final = "arn:aws:iam::123456789012:root"
_ANYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def made_role(
    runtime: LocalRuntime,
    name: str,
    *statements: dict[str, Any],
    services: list[str] | None = None,
) -> str:
    """Make a role, once, and return its ARN; it may do anything where nothing else is said.

    Whoever may, by their own policies, can assume it: the tests do.
    """
    iam = runtime.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": _SERVICES if services is None else services, "AWS": _ACCOUNT},
        "Action": "sts:AssumeRole",
    }
    try:
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document([trust]))
    except iam.exceptions.EntityAlreadyExistsException:
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])
    document = _document(list(statements) or [_ANYTHING])
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)
    return str(made["Role"]["Arn"])


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
