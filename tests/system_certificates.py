"""A list of certificates in place of the system's, in a namespace of a command's own."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

SYSTEM_LIST = Path("/etc/ssl/certs/ca-certificates.crt")
# So that nobody needs to be root.
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
# What a person may have set, and what this machine has.
_SET_BY_HAND = ("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_")


def can_be_replaced() -> bool:
    """Tell whether there is such a list here, and namespaces."""
    if not SYSTEM_LIST.is_file() or shutil.which("unshare") is None:
        return False
    return not subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode


def write_list(path: Path, *certificates: bytes) -> None:
    """Write the system's list with some certificates more."""
    path.write_bytes(SYSTEM_LIST.read_bytes() + b"".join(certificates))


def where_known(system_list: Path, command: Sequence[str]) -> list[str]:
    """Return a command that runs another one where the system's list is another one."""
    mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    return [*_NAMESPACE, "sh", "-c", mount, "sh", str(system_list), str(SYSTEM_LIST), *command]


def nothing_by_hand() -> dict[str, str]:
    """Return this process's variables without what says where packages and certificates are."""
    return {key: value for key, value in os.environ.items() if not key.startswith(_SET_BY_HAND)}
