"""The roles of a stack, with the statements of all their policies, as the emulated IAM has them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketaws.iam.policies import Statement, statements_of
from pocketaws.runtime import LocalRuntime
from tests.pages import read_all


@dataclass(frozen=True)
class Role:
    """A role.

    Attributes:
        template: that it stands in, such as "template.yaml".
        name: its logical id.
        statements: of its policies.
        trust: of its trust policy.
    """

    template: str
    name: str
    arn: str
    statements: tuple[Statement, ...]
    trust: tuple[Statement, ...]

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by whichever stack it belongs to."""
        return self.template, self.name


def roles_of(runtime: LocalRuntime, template: str, resources: Mapping[str, str]) -> Iterator[Role]:
    """Yield the roles among a stack's resources.

    Args:
        runtime: has the stack.
        template: its file's name.
        resources: physical id by logical id.
    """
    iam = runtime.client("iam")
    known = {role["RoleName"]: role for role in read_all(iam, "list_roles")["Roles"]}
    for name, physical_id in resources.items():
        if physical_id in known:
            role = known[physical_id]
            trust = statements_of(_document(role["AssumeRolePolicyDocument"]), policy="trust")
            statements = tuple(_statements(iam, physical_id))
            yield Role(template, name, role["Arn"], statements, tuple(trust))


def _statements(iam: Any, role_name: str) -> Iterator[Statement]:
    for name in read_all(iam, "list_role_policies", RoleName=role_name)["PolicyNames"]:
        policy = iam.get_role_policy(RoleName=role_name, PolicyName=name)
        yield from statements_of(_document(policy["PolicyDocument"]), policy=name)
    for item in read_all(iam, "list_attached_role_policies", RoleName=role_name)[
        "AttachedPolicies"
    ]:
        arn = item["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        policy = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
        yield from statements_of(_document(policy["Document"]), policy=item["PolicyName"])


def _document(document: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    return found
