"""Objects into files, and files into objects."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_CONTENT_TYPES: Final = {".html": "text/html; charset=utf-8", ".json": "application/json"}


def download(bucket_name: str, key: str, path: Path, *, s3: Any) -> None:
    """Write an object to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for piece in s3.get_object(Bucket=bucket_name, Key=key)["Body"].iter_chunks():
            file.write(piece)


def download_all(bucket_name: str, prefixes: Iterable[str], folder: Path, *, s3: Any) -> None:
    """Write every object under prefixes to a file of its own; the keys name none."""
    number = 0
    for prefix in prefixes:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
        for item in [item for page in pages for item in page.get("Contents", [])]:
            download(bucket_name, item["Key"], folder / f"{number}.jsonl", s3=s3)
            number += 1


def upload_all(folder: Path, bucket_name: str, prefix: str, *, s3: Any) -> None:
    """Put every file of a folder under a prefix."""
    for path in sorted(folder.iterdir()):
        s3.put_object(
            Bucket=bucket_name,
            Key=f"{prefix}{path.name}",
            Body=path.read_bytes(),
            ContentType=_CONTENT_TYPES[path.suffix],
        )
