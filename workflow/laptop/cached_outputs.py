"""What jobs made and may be reused, kept from one `workflow run` to the next.

Every command starts an emulated AWS anew, so the entries of the stack's table and the objects that
they name would be gone with it. The state folder holds those of the newest executions; they are put
back before the next execution starts. What is kept is a help and no source: where it cannot be
read, or is of another installation, it is left out, and the jobs run.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.account.objects import place_of
from workflow.laptop import snapshots

_NAME: Final = "cached-outputs"
_ENTRIES_NAME: Final = "entries.json"
# Enough for a few executions, and little beside the folders of the runs, which have the same files.
_ENTRIES_MAXIMUM: Final = 8
_BYTES_MAXIMUM: Final = 2_000_000_000
# The attributes of an entry that hold URIs; see functions/cached_outputs/entries.py.
_TEXTS: Final = ("answers", "outputs", "digests")

Item = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Place:
    """Where the entries and the objects are, in an emulated AWS.

    Attributes:
        table_name: of the stack.
        bucket_name: of the stack.
        clients: called with a service's name, returns a client.
    """

    table_name: str
    bucket_name: str
    clients: Any


def put_back(state_dir: Path, place: Place) -> int:
    """Make the emulated AWS hold what the state folder keeps; return how many entries that is.

    Raises:
        LocalStateError: it cannot be understood, and has been put aside.
    """
    folder = snapshots.content(state_dir / _NAME)
    if folder is None:
        return 0
    try:
        kept = json.loads((folder / _ENTRIES_NAME).read_text(encoding="utf-8"))
        if kept["installation"] != _installation():
            return 0
        items: list[Item] = [_moved(item, kept["bucket_name"], place) for item in kept["items"]]
        files = {key: folder / name for key, name in kept["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        snapshots.put_aside(state_dir / _NAME, error)
    s3, dynamodb = place.clients("s3"), place.clients("dynamodb")
    for key, path in files.items():
        _put(path, place.bucket_name, key, s3=s3)
    for item in items:
        dynamodb.put_item(TableName=place.table_name, Item=item)
    return len(items)


def remember(
    state_dir: Path,
    place: Place,
    *,
    entries_maximum: int = _ENTRIES_MAXIMUM,
    bytes_maximum: int = _BYTES_MAXIMUM,
) -> None:
    """Keep the newest entries of the table, with their objects, in place of those kept before.

    Args:
        state_dir: gets a folder with them.
        place: where they are.
        entries_maximum: that are kept.
        bytes_maximum: of the objects of those.

    Raises:
        LocalStateError: they cannot be written; those kept before are kept still.
    """
    pages = place.clients("dynamodb").get_paginator("scan").paginate(TableName=place.table_name)
    found: list[Item] = [item for page in pages for item in page["Items"]]
    s3 = place.clients("s3")

    def fill(folder: Path) -> None:
        newest_first = sorted(found, key=lambda item: float(item["kept_at"]["N"]), reverse=True)
        items, files = _that_fit(
            newest_first[:entries_maximum], place.bucket_name, bytes_maximum, s3=s3
        )
        for key, name in files.items():
            _fetch(place.bucket_name, key, folder / name, s3=s3)
        kept = {
            "installation": _installation(),
            "bucket_name": place.bucket_name,
            "items": items,
            "files": files,
        }
        (folder / _ENTRIES_NAME).write_text(json.dumps(kept), encoding="utf-8")

    snapshots.replace(state_dir / _NAME, fill)


def _that_fit(
    newest_first: Sequence[Item], bucket_name: str, left: int, *, s3: Any
) -> tuple[list[Item], dict[str, str]]:
    """Return the entries that fit into so many bytes, and names for their files, by key."""
    items: list[Item] = []
    files: dict[str, str] = {}
    for item in newest_first:
        sizes = dict(_objects_of(item, bucket_name, s3=s3))
        left -= sum(size for key, size in sizes.items() if key not in files)
        if left < 0:
            break
        items.append(item)
        for key in sizes:
            files.setdefault(key, f"{len(files):06}")
    return items, files


def _objects_of(item: Item, bucket_name: str, *, s3: Any) -> Iterator[tuple[str, int]]:
    pages = s3.get_paginator("list_objects_v2")
    for uri in json.loads(item["outputs"]["S"]).values():
        for page in pages.paginate(Bucket=bucket_name, Prefix=place_of(uri).key):
            yield from ((found["Key"], found["Size"]) for found in page.get("Contents", []))


def _moved(item: Item, bucket_name: str, place: Place) -> dict[str, dict[str, str]]:
    """Return an entry whose objects lie in another bucket, under the same keys."""
    moved = {name: dict(value) for name, value in item.items()}
    for name in _TEXTS:
        text = moved[name]["S"]
        moved[name] = {"S": text.replace(f"s3://{bucket_name}/", f"s3://{place.bucket_name}/")}
    return moved


def _installation() -> str:
    from pocketaws import installation_digest

    return installation_digest()


def _put(path: Path, bucket_name: str, key: str, *, s3: Any) -> None:
    from pocketaws import HandedFile

    with HandedFile(path, is_final=False) as body:
        s3.put_object(Bucket=bucket_name, Key=key, Body=body)


def _fetch(bucket_name: str, key: str, path: Path, *, s3: Any) -> None:
    from pocketaws import fetch

    fetch(bucket_name, key, path, s3=s3, only_read=True)
