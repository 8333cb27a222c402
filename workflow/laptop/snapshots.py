"""Folders whose content is replaced as a whole: a kill at any moment leaves the old or the new.

Such a folder holds a generation of files, and beside it the manifest that names it, with a
checksum of each file. A new generation is written beside the old one and synced; it counts from the
moment when its manifest is renamed into the place of the other's.
"""

import contextlib
import hashlib
import itertools
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NoReturn

from pocketaws import write_whole
from workflow.errors import LocalStateError

_FORMAT: Final = 1
_MANIFEST_NAME: Final = "manifest.json"
_AT_ONCE: Final = 8


def replace(folder: Path, fill: Callable[[Path], None]) -> None:
    """Have `fill` write files into a new folder, and make them the content in place of the old.

    Whatever fails or kills it before the end leaves the old content.

    Raises:
        LocalStateError: the files cannot be written.
    """
    generation = f"generation-{uuid.uuid4().hex[:12]}"
    written = folder / generation
    try:
        written.mkdir(parents=True)
        fill(written)
        sync_tree(written)
        _sync_one(folder)
        _write_manifest(folder, generation)
    except BaseException as error:
        shutil.rmtree(written, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise LocalStateError(
            f"{folder}: cannot be written ({error}); what was kept before is kept still"
        ) from error
    # What cannot be removed counts for nothing.
    with contextlib.suppress(OSError):
        _remove_all_but(folder, {generation, _MANIFEST_NAME})


def content(folder: Path) -> Path | None:
    """Return the folder of the files that count, or None where there are none.

    Raises:
        LocalStateError: they are damaged, and have been put aside; or a newer version wrote them.
    """
    path = folder / _MANIFEST_NAME
    while (text := _text(path)) is not None:
        try:
            manifest = _manifest(path, text)
            _check_files(folder / manifest["generation"], manifest["files"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Replaced while it was looked at: it is the next generation that counts.
            if _text(path) != text:
                continue
            put_aside(folder, error)
        return folder / str(manifest["generation"])
    return None


def _text(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        put_aside(path.parent, error)


def put_aside(folder: Path, reason: object) -> NoReturn:
    """Keep what cannot be understood under another name, and say so.

    Raises:
        LocalStateError: always.
    """
    aside = free_name(folder, "unreadable")
    try:
        folder.rename(aside)
    except OSError as error:
        raise LocalStateError(
            f"{folder} cannot be understood ({reason}) and cannot be put aside ({error}); remove "
            "it, or run with --fresh"
        ) from error
    raise LocalStateError(
        f"{folder} cannot be understood ({reason}); it is kept as {aside}: put a good copy in its "
        "place, or run again to go on without it"
    )


def free_name(folder: Path, why: str) -> Path:
    """Return a path beside a folder under which it can be put aside: nothing is there yet."""
    names = (f"{folder.name}.{why}-{number}" for number in itertools.count(1))
    return next(path for path in map(folder.with_name, names) if not path.exists())


def sync_tree(folder: Path) -> None:
    """Have the disk hold every file below a folder, and the folders' own entries."""
    # Side by side, since a disk takes about as long for many as for one.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done in [pool.submit(_sync_one, path) for path in (*_entries(folder), folder)]:
            done.result()


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_manifest(folder: Path, generation: str) -> None:
    files = _digests(dict(_files(folder / generation)))
    fields = {"format": _FORMAT, "generation": generation, "files": files}
    text = json.dumps({**fields, "checksum": _checksum(fields)}, indent=2)
    write_whole(folder / _MANIFEST_NAME, f"{text}\n")
    _sync_one(folder)


def _manifest(path: Path, text: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    if fields["format"] > _FORMAT:
        raise LocalStateError(
            f"{path.parent} was written by a newer version of this project (format "
            f"{fields['format']}; this one reads {_FORMAT}); use that one, or another --state-dir"
        )
    if fields.pop("checksum") != _checksum(fields):
        raise ValueError(f"{path.name}: its checksum is that of another text")
    return fields


def _check_files(folder: Path, digests: Mapping[str, str]) -> None:
    found = _digests({name: folder / name for name in digests})
    for name, digest in digests.items():
        if found[name] != digest:
            raise ValueError(f"{name}: its checksum is that of another file")


def _remove_all_but(folder: Path, names: AbstractSet[str]) -> None:
    for entry in folder.iterdir():
        if entry.name not in names:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _entries(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() or path.is_dir())


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    paths = (path for path in _entries(folder) if path.is_file())
    return ((path.relative_to(folder).as_posix(), path) for path in paths)


def _checksum(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _digests(paths: Mapping[str, Path]) -> dict[str, str]:
    """Return the digests of files by name, made on every core."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(paths, pool.map(_digest, paths.values()), strict=True))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
