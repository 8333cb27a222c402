"""Regions of AWS, and the partition that each belongs to, as botocore lists them.

Every ARN begins with its partition, and every address ends with the suffix of its partition:
https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

import difflib
import functools
from collections.abc import Mapping
from typing import Any, Final

from pocketaws.service_models import data_loader

# Their ARNs are none to moto.
NOT_EMULATED: Final = ("aws-iso-e", "aws-iso-f")


def region_problem(region: str) -> str | None:
    """Return why no runtime can be in a region, for a message that names it; None where one can."""
    outputs = regions().get(region)
    if outputs is None:
        near = ", ".join(difflib.get_close_matches(region, regions(), cutoff=0))
        return f"AWS has no such region; name one that it has, such as {near}"
    if outputs["name"] in NOT_EMULATED:
        text = f"is of the partition {outputs['name']}, which the local runtime does not emulate"
        return f"{text}; name a region of another one"
    return None


def partition_of(region: str) -> str:
    """Return the partition of a region, such as "aws-cn"."""
    return regions()[region]["name"]


def url_suffix_of(region: str) -> str:
    """Return what addresses in a region end with, as `AWS::URLSuffix`: "amazonaws.com.cn"."""
    return regions()[region]["dnsSuffix"]


@functools.cache
def regions() -> Mapping[str, Mapping[str, str]]:
    """Return what botocore says of the partition of each region that AWS has."""
    # 10 KB, where the list of endpoints that a session asks is a megabyte.
    partitions: list[dict[str, Any]] = data_loader().load_data("partitions")["partitions"]
    return {
        region: partition["outputs"]
        for partition in partitions
        for region in partition["regions"]
        # What stands for a service that has no regions.
        if not region.endswith("-global")
    }
