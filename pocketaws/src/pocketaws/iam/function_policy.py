"""What a Lambda function's resource-based policy lets others do.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pocketaws.iam.policies import ANYBODY, Access, decide, statements_of
from pocketaws.wire.keys import Identity

_AUTH_TYPE: Final = "lambda:FunctionUrlAuthType"
_VIA_URL: Final = "lambda:InvokedViaFunctionUrl"
# What AddPermission takes as fields of their own, and GetPolicy returns as conditions.
_CONDITIONS: Final[Mapping[str, tuple[str, str]]] = {
    "FunctionUrlAuthType": ("StringEquals", _AUTH_TYPE),
    "InvokedViaFunctionUrl": ("Bool", _VIA_URL),
}

Policy = Iterable[Mapping[str, Any]]


def lets_service_invoke(statements: Policy, *, service: str, source_arn: str) -> bool:
    """Tell whether an AWS service may invoke the function on behalf of a resource.

    Args:
        statements: of the policy.
        service: such as "events.amazonaws.com".
        source_arn: of the resource, such as a rule.
    """
    source = {"aws:SourceArn": source_arn, "aws:SourceAccount": source_arn.split(":")[4]}
    return _lets(statements, {service, ANYBODY}, "lambda:InvokeFunction", **source)


def lets_anybody_use_url(statements: Policy) -> bool:
    """Tell whether a function URL without authentication may be used.

    New URLs need both permissions since October 2025:
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    policy = list(statements)
    return _lets(policy, {ANYBODY}, "lambda:InvokeFunctionUrl", **{_AUTH_TYPE: "NONE"}) and _lets(
        policy, {ANYBODY}, "lambda:InvokeFunction", **{_VIA_URL: "true"}
    )


def lets_caller_use_url(statements: Policy, identity: Identity | None) -> bool:
    """Tell whether a function's policy lets a caller use its URL with a signature."""
    if identity is None:
        return True
    names = {identity.arn, identity.policies_arn, identity.account_id, ANYBODY}
    return _lets(statements, names, "lambda:InvokeFunctionUrl", **{_AUTH_TYPE: "AWS_IAM"})


def _lets(policy: Policy, names: set[str], action: str, **context: str) -> bool:
    document = {"Statement": [_as_returned(statement) for statement in policy]}
    theirs = [
        statement
        for statement in statements_of(document, policy="function")
        if names & set(statement.principals)
    ]
    # The policy is the function's own, whatever version or alias it names.
    access = Access(action, context=tuple(context.items()), of_some_resource=True)
    return decide(theirs, access).allowed


def _as_returned(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement as GetPolicy does; it is kept as AddPermission was asked for it."""
    conditions = {name: dict(keys) for name, keys in statement.get("Condition", {}).items()}
    for field, (operator, key) in _CONDITIONS.items():
        if field in statement:
            conditions.setdefault(operator, {})[key] = statement[field]
    return {**statement, "Condition": conditions}
