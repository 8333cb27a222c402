"""What a Lambda function's resource-based policy lets others do.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pocketaws.wire.keys import Identity

_ANYBODY: Final = ("*", {"AWS": "*"})


def lets_service_invoke(
    statements: Iterable[Mapping[str, Any]], *, service: str, source_arn: str
) -> bool:
    """Tell whether an AWS service may invoke the function on behalf of a resource.

    Args:
        statements: of the policy.
        service: such as "events.amazonaws.com".
        source_arn: of the resource, such as a rule.
    """
    return any(
        _allows(statement, "lambda:InvokeFunction")
        and statement.get("Principal") == {"Service": service}
        and _is_for_source(statement, source_arn)
        for statement in statements
    )


def lets_anybody_use_url(statements: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a function URL without authentication may be used.

    New URLs need both permissions since October 2025:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    found = [statement for statement in statements if statement.get("Principal") in _ANYBODY]
    may_use = any(
        _allows(statement, "lambda:InvokeFunctionUrl")
        and statement.get("FunctionUrlAuthType") == "NONE"
        for statement in found
    )
    return may_use and any(
        _allows(statement, "lambda:InvokeFunction") and _is_true(statement, "InvokedViaFunctionUrl")
        for statement in found
    )


def lets_caller_use_url(statements: Iterable[Mapping[str, Any]], identity: Identity | None) -> bool:
    """Tell whether a function's policy lets a caller use its URL with a signature."""
    if identity is None:
        return True
    names = {identity.arn, identity.policies_arn, identity.account_id, "*"}
    return any(
        _allows(statement, "lambda:InvokeFunctionUrl")
        and statement.get("FunctionUrlAuthType", "AWS_IAM") == "AWS_IAM"
        and _principal(statement) in names
        for statement in statements
    )


def _principal(statement: Mapping[str, Any]) -> str:
    principal = statement.get("Principal")
    return str(principal.get("AWS", "") if isinstance(principal, Mapping) else principal)


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    return statement.get("Effect") == "Allow" and statement.get("Action") in (action, "lambda:*")


def _is_for_source(statement: Mapping[str, Any], source_arn: str) -> bool:
    pattern = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
    return fnmatch.fnmatchcase(source_arn, pattern)


def _is_true(statement: Mapping[str, Any], name: str) -> bool:
    # A template may say it as text.
    return str(statement.get(name)).lower() == "true"
