"""IAM.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TRUST_MAXIMUM: Final = 2048
_INLINE_MAXIMUM: Final = 10_240
_MANAGED_MAXIMUM: Final = 6144
_ATTACHED_MAXIMUM: Final = 10
# The member that holds a policy, and how many characters other than white space it may have.
_DOCUMENTS: Final = {
    "CreateRole": ("AssumeRolePolicyDocument", _TRUST_MAXIMUM, "ACLSizePerRole"),
    "UpdateAssumeRolePolicy": ("PolicyDocument", _TRUST_MAXIMUM, "ACLSizePerRole"),
    "PutRolePolicy": ("PolicyDocument", _INLINE_MAXIMUM, "PolicySize"),
    "CreatePolicy": ("PolicyDocument", _MANAGED_MAXIMUM, "PolicySize"),
    "CreatePolicyVersion": ("PolicyDocument", _MANAGED_MAXIMUM, "PolicySize"),
}


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what IAM refuses."""
    if operation not in _DOCUMENTS:
        return
    member, maximum, quota = _DOCUMENTS[operation]
    text = request.get(member)
    if text is None:
        return
    try:
        json.loads(text)
    except ValueError:
        yield "MalformedPolicyDocument", "This policy contains invalid Json"
    size = policy_size(text)
    if size > maximum:
        yield "LimitExceeded", f"Cannot exceed quota for {quota}: {maximum}, got {size}"


def role_problems(policies: list[str], managed_policy_arns: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what IAM refuses of all policies of a role together.

    Args:
        policies: the documents of its inline policies.
        managed_policy_arns: those that are attached.
    """
    size = sum(policy_size(text) for text in policies)
    if size > _INLINE_MAXIMUM:
        yield (
            "LimitExceeded",
            (f"Maximum policy size of {_INLINE_MAXIMUM} bytes exceeded for role, got {size}"),
        )
    if len(managed_policy_arns) > _ATTACHED_MAXIMUM:
        yield (
            "LimitExceeded",
            (
                f"Cannot exceed quota for PoliciesPerRole: {_ATTACHED_MAXIMUM}, got "
                f"{len(managed_policy_arns)}"
            ),
        )


def policy_size(text: str) -> int:
    """Return what IAM counts of a policy: its characters without white space."""
    return len("".join(text.split()))
