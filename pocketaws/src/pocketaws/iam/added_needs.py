"""What calls need that `permissions` does not know, as whoever started the runtime says it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pocketaws.calls import Call
from pocketaws.iam.policies import Access
from pocketaws.partitions import partition_of

_CALL: Final = re.compile(r"[a-z0-9-]+:[A-Z]\w*")
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Z]\w*")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Need:
    """An access that a call needs; a call may need several.

    Attributes:
        call: botocore's name of the service, and the operation: "secretsmanager:GetSecretValue".
        action: that a policy has to allow.
        resource: its ARN, in which {partition}, {region}, {account} and each parameter of the call
            stand in braces; "*" where the action knows no resource.

    Raises:
        ValueError: a text has not that form.
    """

    call: str
    action: str
    resource: str = "*"

    def __post_init__(self) -> None:
        if not _CALL.fullmatch(self.call):
            raise ValueError(f"call = {self.call!r}: must be like 'secretsmanager:GetSecretValue'")
        if not _ACTION.fullmatch(self.action):
            raise ValueError(f"action = {self.action!r}: must be like 'kms:Decrypt'")
        if self.resource != "*" and not self.resource.startswith("arn:"):
            raise ValueError(f"resource = {self.resource!r}: must be an ARN or '*'")


# One runtime a process has them.
_added: dict[str, list[Need]] = {}


@contextmanager
def added(needs: Sequence[Need]) -> Iterator[None]:
    """Decide the calls of which somebody has said what they need by that."""
    for need in needs:
        _added.setdefault(need.call, []).append(need)
    try:
        yield
    finally:
        _added.clear()


def accesses_of(call: Call, account_id: str) -> list[Access]:
    """Return what somebody has said that a call needs; nothing where nobody has."""
    needs = _added.get(f"{call.service}:{call.operation}", ())
    return [Access(need.action, _resource(need, call, account_id)) for need in needs]


def _resource(need: Need, call: Call, account_id: str) -> str:
    named = {
        "partition": partition_of(call.region),
        "region": call.region,
        "account": account_id,
    }
    values = {**{name: str(value) for name, value in call.parameters.items()}, **named}
    # A parameter that is not given names nothing that a policy could allow.
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), need.resource)
