"""Access keys: what a request is verified by, and whose it is."""

import datetime
import secrets
import string
from dataclasses import dataclass
from typing import Final, Protocol

_ID_CHARACTERS: Final = string.ascii_uppercase + "234567"
_ID_LENGTH: Final = 16
_SECRET_BYTES: Final = 30


@dataclass(frozen=True)
class Identity:
    """Who a key belongs to.

    Attributes:
        arn: of the user, or of the role's session, as GetCallerIdentity returns it.
        policies_arn: of the user or the role whose policies decide.
    """

    arn: str
    policies_arn: str
    account_id: str


@dataclass(frozen=True)
class Key:
    """An access key.

    Attributes:
        identity: whose policies decide; None for the administrator, who may do anything.
        token: of a session; empty for a key that lasts.
        expires: when a session ends.
    """

    access_key_id: str
    secret: str
    identity: Identity | None = None
    token: str = ""
    expires: datetime.datetime | None = None


class Keys(Protocol):
    """What the emulated IAM and STS know of keys."""

    def has_region(self, region: str) -> bool:
        """Tell whether a region is of the account's partition; elsewhere nobody knows its keys."""

    def key(self, access_key_id: str) -> Key | None:
        """Return a key that is known and active."""


def new_administrator() -> Key:
    """Return a key of the administrator that nobody can guess."""
    name = "".join(secrets.choice(_ID_CHARACTERS) for _ in range(_ID_LENGTH))
    return Key(f"AKIA{name}", secrets.token_urlsafe(_SECRET_BYTES))
