"""What CloudFormation and Lambda do not have in a region.

CloudFormation's own schemas, one set a region, come with cfn-lint. That Lambda has no function URLs
stands in its documentation, which knows more regions than the schemas do.
"""

import functools
import hashlib
import json
from typing import Final

from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

FUNCTION_URL: Final = "AWS::Lambda::Url"
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-urls.html, and of China
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
_WITHOUT_FUNCTION_URLS: Final = frozenset(
    {
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "eu-central-2",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
    }
)


def has(region: str, resource_type: str) -> bool:
    """Tell whether stacks in a region can have resources of a type."""
    if resource_type == FUNCTION_URL and region in _WITHOUT_FUNCTION_URLS:
        return False
    return schema(region, resource_type) is not None


@functools.cache
def schema(region: str, resource_type: str) -> bytes | None:
    """Return what identifies CloudFormation's schema of a type in a region; None if it has none."""
    try:
        found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, resource_type)
    except ResourceNotFoundError:
        return None
    text = json.dumps(found.schema, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()
