"""KMS keys."""

import json
from typing import Final

from pocketaws.cloudformation.updates.changed import Changed, MakeClient, is_true

_POLICY_NAME: Final = "default"


def update_key(clients: MakeClient, changed: Changed) -> None:
    """Change a key's policy, description and rotation, and switch it on or off."""
    kms, key = clients("kms"), {"KeyId": changed.physical_id}
    after = changed.after
    if changed.differs("KeyPolicy"):
        policy = json.dumps(after["KeyPolicy"], default=str)
        kms.put_key_policy(**key, PolicyName=_POLICY_NAME, Policy=policy)
    if changed.differs("Description"):
        kms.update_key_description(**key, Description=after.get("Description", ""))
    if changed.differs("Enabled"):
        switch = kms.enable_key if is_true(after.get("Enabled", True)) else kms.disable_key
        switch(**key)
    if changed.differs("EnableKeyRotation"):
        rotates = is_true(after.get("EnableKeyRotation", False))
        switch = kms.enable_key_rotation if rotates else kms.disable_key_rotation
        switch(**key)
