"""The roles of a pipeline's own stack, made in the emulated account: actions act as them.

The stack itself is not deployed on this machine, its roles are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workflow.template import ResolvedTemplate

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

_ROLE: Final = "AWS::IAM::Role"
_POLICY: Final = "AWS::IAM::ManagedPolicy"


@dataclass(frozen=True)
class Role:
    """A role as IAM takes it.

    Attributes:
        logical_id: in the template.
        trust: the document that says who assumes it.
        policies: inline ones, their documents by name.
        managed: ARNs of managed policies.
    """

    logical_id: str
    name: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Any]
    managed: tuple[str, ...]


@dataclass(frozen=True)
class ReleaseRoles:
    """All roles of a template for given parameters, and the managed policies that they share.

    Attributes:
        policies: documents by ARN.
    """

    roles: tuple[Role, ...]
    policies: Mapping[str, Any]

    def make(self, runtime: "LocalRuntime") -> None:
        """Make them in the emulated account; those that are there already stay."""
        iam = runtime.client("iam")
        pages = iam.get_paginator("list_roles").paginate()
        known = {role["RoleName"] for page in pages for role in page["Roles"]}
        missing = [role for role in self.roles if role.name not in known]
        wanted = {arn for role in missing for arn in role.managed}
        for arn, document in self.policies.items():
            if arn in wanted:
                name = arn.rpartition("/")[2]
                iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))
        for role in missing:
            iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=json.dumps(role.trust))
            for name, document in role.policies.items():
                iam.put_role_policy(
                    RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(document)
                )
            for arn in role.managed:
                iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)


def roles_of(resolved: ResolvedTemplate) -> ReleaseRoles:
    """Return the roles of a template."""
    found = []
    for logical_id, properties in resolved.of_type(_ROLE).items():
        policies = properties.get("Policies", [])
        found.append(
            Role(
                logical_id,
                resolved.name_of(logical_id),
                properties["AssumeRolePolicyDocument"],
                {item["PolicyName"]: item["PolicyDocument"] for item in policies},
                tuple(properties.get("ManagedPolicyArns", ())),
            )
        )
    policies = {
        resolved.resolve({"Ref": logical_id}): properties["PolicyDocument"]
        for logical_id, properties in resolved.of_type(_POLICY).items()
    }
    return ReleaseRoles(tuple(found), policies)
