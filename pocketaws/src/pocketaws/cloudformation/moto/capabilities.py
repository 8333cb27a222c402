"""CAPABILITY_IAM: whoever has a template make roles says so.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
"""

from typing import Any, Final

from moto.cloudformation.exceptions import CloudFormationError

# Those types of AWS::IAM that the documentation lists, and what names one of them.
_NAMES: Final = {
    "AWS::IAM::AccessKey": None,
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": None,
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": None,
}


class InsufficientCapabilitiesError(CloudFormationError):  # type: ignore[misc]
    """A template makes what the caller has not said it may."""

    code = "InsufficientCapabilitiesException"


def check_capabilities(template: dict[str, Any], given: list[str]) -> None:
    """Refuse a template that makes roles which the caller has not acknowledged.

    Args:
        template: plain CloudFormation.
        given: of the call, such as CAPABILITY_IAM.

    Raises:
        InsufficientCapabilitiesError: naming the capability that lacks.
    """
    needed = needed_capability(template)
    if needed and needed not in given and "CAPABILITY_NAMED_IAM" not in given:
        raise InsufficientCapabilitiesError(f"Requires capabilities : [{needed}]")


def needed_capability(template: dict[str, Any]) -> str | None:
    """Return the capability that a template needs, if it needs one."""
    made = [item for item in template["Resources"].values() if item["Type"] in _NAMES]
    if not made:
        return None
    named = any(_NAMES[item["Type"]] in (item.get("Properties") or {}) for item in made)
    return "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
