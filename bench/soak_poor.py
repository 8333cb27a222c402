"""Runs on a machine that lacks something: room on the disk, rights, files, memory.

A full or read-only folder is a mount in a user namespace of the command's own, so that nobody needs
to be root; where the kernel gives none, the row says so.
"""

from __future__ import annotations

import resource
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from soak_commands import Place
from soak_rows import Row

_MEGABYTE = 1024**2
_LIMITS: Mapping[str, dict[int, int]] = {
    "64 open files": {resource.RLIMIT_NOFILE: 64},
    "300 MB of memory": {resource.RLIMIT_AS: 300 * _MEGABYTE},
    "600 MB of memory": {resource.RLIMIT_AS: 600 * _MEGABYTE},
    "files of at most 100 kB": {resource.RLIMIT_FSIZE: 100_000},
}
# What is mounted, by the name of the folder that it is mounted on.
_MOUNTS: Mapping[str, tuple[str, str]] = {
    "temporary folder of 256 kB": ("temporary", "-t tmpfs -o size=256k none"),
    "temporary folder of 3 MB": ("temporary", "-t tmpfs -o size=3m none"),
    "folder for runs of 64 kB": ("runs", "-t tmpfs -o size=64k none"),
    "read-only temporary folder": ("temporary", ""),
    "read-only state folder": ("state", ""),
    "read-only folder for runs": ("runs", ""),
}
NAMES = (*_LIMITS, *_MOUNTS)
_IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def poor_runs(place: Place, names: list[str]) -> Iterator[Row]:
    """Run the workflow on each kind of poor machine.

    Args:
        place: has a recorded model, which has to be there afterwards, too.
        names: of `NAMES`.
    """
    for name in names:
        if name in _LIMITS:
            yield _row(place, name, place.run_arguments(), _LIMITS[name])
        elif _has_namespaces():
            yield _row(place, name, _mounted(place, *_MOUNTS[name]), {})
        else:
            yield Row(name, 0, "not tried: no user namespaces here", "a sentence", held=True)


def _row(place: Place, name: str, arguments: list[str], limits: Mapping[int, int]) -> Row:
    ended = place.ran(arguments, limits=limits)
    gone = place.seconds_until_gone()
    left = "" if gone is not None else f", left {place.left()}"
    held = ended.told and gone is not None and place.keeps_a_model()
    return Row(name, 1, f"exit code {ended.exit_code}{left}: {ended.last_line}", "a sentence", held)


def _mounted(place: Place, folder_name: str, mount: str) -> list[str]:
    """Return a run in a namespace with something mounted, or read-only where nothing is."""
    folder: Path = getattr(place, folder_name)
    path = shlex.quote(str(folder))
    steps = (
        [f"mount {mount} {path}"]
        if mount
        else [f"mount --bind {path} {path}", f"mount -o remount,ro,bind {path}"]
    )
    script = " && ".join([*steps, 'exec "$@"'])
    return [*_IN_A_NAMESPACE, "sh", "-c", script, "sh", *place.run_arguments()]


def _has_namespaces() -> bool:
    tried = [*_IN_A_NAMESPACE, "true"]
    try:
        return subprocess.run(tried, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
