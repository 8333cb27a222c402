"""The link to the approval page: a version of the group, and a key that only the message holds.

The key is 32 random bytes. What is stored is its SHA-256, from which nobody gets back to the key,
so that reading the table is not enough to decide. A fast hash will do: nobody guesses 256 bits.
"""

import hashlib
import hmac
import re
import secrets
import urllib.parse
from dataclasses import dataclass, field
from typing import Final

_KEY_BYTES: Final = 32
_NAMES: Final = ["key", "version"]
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html
_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Link:
    """What a link's query says. The key stays out of the repr, since a repr ends up in logs."""

    version: int
    key: str = field(repr=False)

    def opens(self, link_sha256: str) -> bool:
        """Return whether the key is the one with this hash, in the same time for any other."""
        return hmac.compare_digest(sha256_of(self.key), link_sha256)


def new_key() -> str:
    """Return a key that nobody can guess: 43 characters that a URL takes as they are."""
    return secrets.token_urlsafe(_KEY_BYTES)


def sha256_of(key: str) -> str:
    """Return the hash that is stored in place of a key, in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def url_of(page_url: str, link: Link) -> str:
    """Return the link as the message has it."""
    query = urllib.parse.urlencode({"version": link.version, "key": link.key})
    return f"{page_url}?{query}"


def parse_link(query: str) -> Link | None:
    """Return the link of a raw query string; None for whatever `url_of` would not have made."""
    try:
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        return None
    values = dict(pairs)
    if sorted(name for name, _ in pairs) != _NAMES:
        return None
    if not _KEY.fullmatch(values["key"]) or not _VERSION.fullmatch(values["version"]):
        return None
    return Link(int(values["version"]), values["key"])


def package_arn(model_package_group_arn: str, version: int) -> str:
    """Return the ARN of a version of a model package group."""
    group = model_package_group_arn.replace(":model-package-group/", ":model-package/", 1)
    return f"{group}/{version}"


def version_of(model_package_arn: str) -> int:
    """Return the version that a versioned package's ARN ends with."""
    return int(model_package_arn.rpartition("/")[2])
