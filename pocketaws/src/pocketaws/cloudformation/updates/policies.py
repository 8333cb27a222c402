"""Managed policies."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pocketaws.cloudformation.updates.changed import Changed, MakeClient

# As many as IAM keeps of a policy.
_VERSIONS: Final = 5
_HOLDERS: Final = {"Groups": "group", "Roles": "role", "Users": "user"}


def update_managed_policy(clients: MakeClient, changed: Changed) -> None:
    """Give a policy another document, and to others."""
    iam, arn = clients("iam"), changed.physical_id
    if changed.differs("PolicyDocument"):
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        if len(versions) >= _VERSIONS:
            spare = [item["VersionId"] for item in versions if not item["IsDefaultVersion"]]
            iam.delete_policy_version(PolicyArn=arn, VersionId=min(spare, key=_number))
        document = json.dumps(changed.after["PolicyDocument"], default=str)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    for property_name, kind in _HOLDERS.items():
        before, after = _names(changed.before, property_name), _names(changed.after, property_name)
        member = f"{kind.title()}Name"
        for name in sorted(after - before):
            getattr(iam, f"attach_{kind}_policy")(**{member: name}, PolicyArn=arn)
        for name in sorted(before - after):
            getattr(iam, f"detach_{kind}_policy")(**{member: name}, PolicyArn=arn)


def _names(properties: Mapping[str, Any], name: str) -> set[str]:
    return set(properties.get(name) or ())


def _number(version_id: str) -> int:
    return int(version_id.removeprefix("v"))
