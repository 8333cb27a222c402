"""What a call asks for and who makes it, where moto would read it otherwise than the gate.

moto takes an operation from anything in a body that looks like a form, even from a text inside of
JSON, before it looks at X-Amz-Target; the gate has decided by the header.
"""

from collections.abc import Callable

from moto.core.responses import BaseResponse
from moto.sts.models import STSBackend

from pocketaws.change import Change
from pocketaws.wire.keys import Identity


def changes(administrator: Identity) -> list[Change]:
    """Return what to change in moto's core and STS."""
    return [
        Change(BaseResponse, "_get_action", _get_action()),
        Change(STSBackend, "get_caller_identity", _get_caller_identity(administrator)),
    ]


def _get_action() -> Callable[[BaseResponse], str]:
    original = BaseResponse._get_action

    def get_action(self: BaseResponse) -> str:
        target = self.headers.get("X-Amz-Target")
        return str(target.rpartition(".")[2] if target else original(self))

    return get_action


def _get_caller_identity(administrator: Identity) -> Callable[..., tuple[str, str, str]]:
    original = STSBackend.get_caller_identity

    def get_caller_identity(
        self: STSBackend, access_key_id: str, region: str
    ) -> tuple[str, str, str]:
        user_id, arn, account_id = original(self, access_key_id, region)
        if arn.endswith(":user/moto"):
            return "AIDALOCALADMINISTRATO", administrator.arn, administrator.account_id
        return str(user_id), str(arn), str(account_id)

    return get_caller_identity
