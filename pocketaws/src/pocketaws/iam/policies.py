"""Statements of policies, and what they decide together.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for one
account: an explicit deny wins, then one allow is enough, in the principal's own policies or in the
resource's. moto's own evaluation knows neither `Resource` patterns nor conditions as IAM reads
them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.iam.conditions import fulfilled, like, values_of

ALLOW: Final = "Allow"
ANYBODY: Final = "*"
# Parts of an ARN.
_SERVICE: Final = 2
_ACCOUNT: Final = 4


@dataclass(frozen=True)
class Access:
    """One action on one resource, which a call needs.

    Attributes:
        action: such as "s3:GetObject".
        resource: its ARN; "*" where the action knows none.
        context: values of condition keys.
        of_some_resource: whether nobody knows on which; an allow of any resource is enough then.
    """

    action: str
    resource: str = "*"
    context: tuple[tuple[str, str], ...] = ()
    of_some_resource: bool = False


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        policy: the policy's name.
        principals: services and ARNs that a trust policy or a resource's policy names, "*" for
            anybody; empty in a principal's own policy.
        without: whether `actions` or `resources` are those of NotAction or NotResource.
    """

    policy: str
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    principals: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()

    def applies_to(self, access: Access) -> bool:
        """Tell whether the statement allows, or denies, the access."""
        # Actions are read without regard to case, ARNs are not.
        action = access.action.lower()
        named = any(like(pattern.lower(), action) for pattern in self.actions)
        if named == ("Action" in self.without):
            return False
        there = any(like(pattern, access.resource) for pattern in self.resources)
        if access.of_some_resource and self.effect == "Allow":
            there = "Resource" not in self.without
        is_there = there != ("Resource" in self.without)
        return is_there and fulfilled(self.conditions, dict(access.context))


@dataclass(frozen=True)
class Decision:
    """Whether an access is allowed, and by which statement, or denied by it."""

    allowed: bool
    statement: Statement | None = None

    def reason(self, action: str) -> str:
        """Return why an action is denied, in AWS's words."""
        if self.statement is None:
            return f"because no identity-based policy allows the {action} action"
        return "with an explicit deny in an identity-based policy"


def statements_of(document: Mapping[str, Any], *, policy: str) -> list[Statement]:
    """Return the statements of a policy's document, in its order."""
    given = document["Statement"]
    return [_statement(item, policy) for item in (given if isinstance(given, list) else [given])]


def decide(statements: Iterable[Statement], access: Access) -> Decision:
    """Decide an access by the statements of all policies of an identity."""
    applying = [statement for statement in statements if statement.applies_to(access)]
    for statement in applying:
        if statement.effect != ALLOW:
            return Decision(allowed=False, statement=statement)
    return Decision(allowed=bool(applying), statement=applying[0] if applying else None)


def decide_for(principal: str, statements: Iterable[Statement], access: Access) -> Decision:
    """Decide an access by a principal's own policies and those of the resource together.

    Args:
        principal: a service's name or an ARN.
        statements: of all policies; those that name other principals do not count.
        access: what it asks for.
    """
    own = [
        statement
        for statement in statements
        if not statement.principals or {principal, ANYBODY} & set(statement.principals)
    ]
    return decide(own, access)


def trusts(
    statements: Iterable[Statement],
    *,
    service: str,
    account_id: str,
    region: str = "",
    source_arn: str = "",
) -> bool:
    """Tell whether a role's trust policy lets a service assume it for a resource of the account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    Args:
        statements: of the trust policy.
        service: such as "states.amazonaws.com"; a trust may name it with its region.
        account_id: of the resource.
        region: of the resource.
        source_arn: of the resource; where nobody knows which it is, any of the service that the
            statement itself asks for will do.
    """
    name, _, domain = service.partition(".")
    names = {service, f"{name}.{region}.{domain}"}
    decisions = []
    for statement in statements:
        if not names & set(statement.principals):
            continue
        source = source_arn or _asked_source(statement, name, account_id)
        known = {"aws:SourceAccount": account_id, "aws:SourceArn": source}
        context = tuple((key, value) for key, value in known.items() if value)
        if statement.applies_to(Access("sts:AssumeRole", "*", context)):
            decisions.append(statement.effect == ALLOW)
    return bool(decisions) and all(decisions)


def _asked_source(statement: Statement, service_name: str, account_id: str) -> str:
    """Return an ARN of a service and account that a statement's aws:SourceArn fits, or ""."""
    for by_key in statement.conditions.values():
        for key, expected in by_key.items():
            for pattern in values_of(expected) if key.lower() == "aws:sourcearn" else ():
                parts = pattern.split(":")
                if len(parts) > _ACCOUNT and (
                    like(parts[_SERVICE], service_name) and like(parts[_ACCOUNT], account_id)
                ):
                    return pattern.replace("*", "x").replace("?", "x")
    return ""


def lets_assume(
    statements: Iterable[Statement],
    *,
    principals: tuple[str, ...],
    account_id: str,
    external_id: str = "",
) -> bool:
    """Tell whether a role's trust policy lets somebody of the account assume it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

    Args:
        statements: of the trust policy.
        principals: the caller's ARNs.
        account_id: of the caller, where their own policies let them assume the role, for that is
            what a policy leaves to the account that it names; else empty.
        external_id: that the caller gives.
    """
    partition = principals[0].split(":")[1]
    account = (account_id, f"arn:{partition}:iam::{account_id}:root") if account_id else ()
    context = (("sts:ExternalId", external_id),) if external_id else ()
    access = Access("sts:AssumeRole", "*", context)
    names = {*principals, *account, ANYBODY}
    return decide([one for one in statements if names & set(one.principals)], access).allowed


def _statement(item: Mapping[str, Any], policy: str) -> Statement:
    without = {name for name in ("Action", "Resource") if f"Not{name}" in item}
    return Statement(
        policy=policy,
        sid=item.get("Sid", ""),
        effect=item["Effect"],
        actions=tuple(values_of(item.get("Action", item.get("NotAction")))),
        # A trust policy names no resource: it is the role's.
        resources=tuple(values_of(item.get("Resource", item.get("NotResource", "*")))),
        conditions=item.get("Condition", {}),
        principals=_principals(item.get("Principal", {})),
        without=frozenset(without),
    )


def _principals(principal: Any) -> tuple[str, ...]:
    if isinstance(principal, str):
        return (principal,)
    return tuple(name for kind in ("Service", "AWS") for name in values_of(principal.get(kind, [])))
