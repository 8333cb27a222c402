"""The name of the stack, which the names of its resources begin with.

A template cannot measure it, and CloudFormation takes 128 characters, so that a resource would be
refused by a service that says which characters it takes, and not of what.
"""

import re
from typing import Final

# SageMaker takes 63 for the registry's group, which is named after the stack with a hyphen and
# eight characters more; every other name has more room:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackageGroup.html
_MAXIMUM: Final = 54
# What SageMaker calls the group and the experiment may not end with a hyphen.
_NAME: Final = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


class UnusableStackName(ValueError):  # noqa: N818 - it is the error's name in the stack's events
    """Resources cannot be named after the stack; the text says why and what to do."""


def check_stack_name(stack_id: str) -> None:
    """Refuse a stack whose resources would get names that their services refuse.

    Args:
        stack_id: the stack's ARN, as CloudFormation's request has it.

    Raises:
        UnusableStackName: see there.
    """
    name = stack_id.split("/")[1]
    if len(name) > _MAXIMUM:
        raise UnusableStackName(
            f"the stack's name {name!r} has {len(name)} characters, and the model registry's group "
            f"is named after it with 9 more, of 63 at most; deploy under a name of at most "
            f"{_MAXIMUM} characters"
        )
    if not _NAME.fullmatch(name):
        raise UnusableStackName(
            f"the stack's name {name!r} ends with a hyphen, which SageMaker does not take for the "
            "experiment of that name; deploy under another one"
        )
