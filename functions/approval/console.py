"""Where each partition's console is; every function that links to it has this file."""

from collections.abc import Mapping
from typing import Final

# The isolated partitions' consoles are not reached from the internet.
CONSOLE_HOSTS: Final[Mapping[str, str]] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-eusc": "console.amazonaws-eusc.eu",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
