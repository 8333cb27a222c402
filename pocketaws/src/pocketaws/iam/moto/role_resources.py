"""IAM in stacks: a role has its managed policies, changes in place, and gets policies from others.

moto ignores ManagedPolicyArns, keeps policies in Python's own words, changes nothing of
them in an update, and does not know AWS::IAM::RolePolicy.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-rolepolicy.html
"""

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from moto.core.common_models import CloudFormationModel
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend, Role, iam_backends

from pocketaws.change import Change
from pocketaws.partitions import partition_of

_SESSION_SECONDS: Final = 3600
# The account of AWS's own policies.
_AWS: Final = "aws"

_ACCOUNT: Final = 4
_TAKING_POLICIES: Final = (
    "attach_group_policy",
    "attach_role_policy",
    "attach_user_policy",
    "get_policy",
    "get_policy_version",
    "list_policy_versions",
)


def changes() -> list[Change]:
    """Return what to change in moto's IAM."""
    return [
        Change(Role, "create_from_cloudformation_json", _created_with_policies()),
        Change(Role, "update_from_cloudformation_json", classmethod(_update_role)),
        Change(Role, "delete_from_cloudformation_json", _deleted_without_policies()),
        *(Change(IAMBackend, name, _with_aws_policies(name)) for name in _TAKING_POLICIES),
    ]


def _with_aws_policies(name: str) -> Any:
    """Return a method of IAM that knows AWS's own policies, which moto brings and leaves out."""
    original = getattr(IAMBackend, name)

    def method(self: IAMBackend, *given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            parts = str(value).split(":", 5)
            if len(parts) > _ACCOUNT and parts[_ACCOUNT] == _AWS:
                _add_aws_policy(self, str(value))
        return original(self, *given, **named)

    return method


def _add_aws_policy(iam: IAMBackend, arn: str) -> None:
    name = arn.rpartition("/")[2]
    told = _aws_policies().get(name)
    if told is None or arn in iam.managed_policies:
        return
    policy = AWSManagedPolicy.from_data(name, iam.account_id, iam.region_name, told)
    if policy.arn == arn:
        iam.managed_policies[arn] = policy


@functools.cache
def _aws_policies() -> dict[str, Any]:
    return dict(json.loads(aws_managed_policies_data))


def _created_with_policies() -> Any:
    original = Role.create_from_cloudformation_json.__func__

    def create(
        cls: type[Role],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Role:
        role = original(cls, resource_name, cloudformation_json, account_id, region_name, **more)
        # moto keeps objects, and GetRolePolicy would answer with Python's words for them.
        for name, document in list(role.policies.items()):
            role.put_policy(name, json.dumps(document))
        _attach(role, cloudformation_json["Properties"], _iam(account_id, region_name))
        return role

    return classmethod(create)


def _deleted_without_policies() -> Any:
    original = Role.delete_from_cloudformation_json.__func__

    def delete(
        cls: type[Role],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> None:
        iam = _iam(account_id, region_name)
        # IAM deletes no role that has policies.
        _attach(iam.get_role(resource_name), {}, iam)
        original(cls, resource_name, cloudformation_json, account_id, region_name)

    return classmethod(delete)


def _update_role(
    cls: type[Role],  # noqa: ARG001 - a method of the class
    original_resource: Role,
    new_resource_name: str,  # noqa: ARG001
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> Role:
    """Make a role what its template says; a policy that another resource gave it stays."""
    role, properties = original_resource, cloudformation_json["Properties"]
    role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
    role.description = properties.get("Description", "")
    role.max_session_duration = int(properties.get("MaxSessionDuration", _SESSION_SECONDS))
    role.permissions_boundary_arn = properties.get("PermissionsBoundary", "")
    policies = {
        item["PolicyName"]: item["PolicyDocument"] for item in properties.get("Policies", [])
    }
    given: set[str] = getattr(role, "given_policies", set())
    for name in [name for name in role.policies if name not in policies and name not in given]:
        role.delete_policy(name)
    for name, document in policies.items():
        role.put_policy(name, json.dumps(document))
    _attach(role, properties, _iam(account_id, region_name))
    return role


def _attach(role: Role, properties: Mapping[str, Any], iam: IAMBackend) -> None:
    wanted = properties.get("ManagedPolicyArns") or []
    for arn in role.managed_policies.keys() - set(wanted):
        iam.detach_role_policy(arn, role.name)
    for arn in wanted:
        iam.attach_role_policy(arn, role.name)


def _iam(account_id: str, region_name: str) -> IAMBackend:
    return iam_backends[account_id][partition_of(region_name)]


class RolePolicy(CloudFormationModel):  # type: ignore[misc]
    """AWS::IAM::RolePolicy: an inline policy of a role that another stack may have made."""

    def __init__(self, role: Role, name: str) -> None:
        self.role = role
        self.name = name

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return f"{self.name}|{self.role.name}"

    @staticmethod
    def cloudformation_name_type() -> str:
        """Name the property that names the resource."""
        return "PolicyName"

    @staticmethod
    def cloudformation_type() -> str:
        """Name the type in templates."""
        return "AWS::IAM::RolePolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "RolePolicy":
        """Put the policy to its role."""
        properties = cloudformation_json["Properties"]
        role = _iam(account_id, region_name).get_role(properties["RoleName"])
        name = properties["PolicyName"]
        role.put_policy(name, json.dumps(properties["PolicyDocument"]))
        role.given_policies = {*getattr(role, "given_policies", ()), name}
        return cls(role, name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "RolePolicy",  # noqa: ARG003
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "RolePolicy":
        """Put the changed policy in its place; a new name or role makes a new resource."""
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Take the policy from its role, if that is still there."""
        if self.name in self.role.policies:
            self.role.delete_policy(self.name)
