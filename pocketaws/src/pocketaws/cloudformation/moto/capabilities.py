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
    made = [item for item in template["Resources"].values() if item["Type"] in _NAMES]
    named = any(_NAMES[item["Type"]] in item.get("Properties", {}) for item in made)
    needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    if made and needed not in given and "CAPABILITY_NAMED_IAM" not in given:
        raise InsufficientCapabilitiesError(f"Requires capabilities : [{needed}]")
