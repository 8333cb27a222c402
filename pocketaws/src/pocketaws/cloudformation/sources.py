"""A digest of all that a stack is built of, which tells whether it would be built alike again."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pocketaws.cloudformation.bundles import files_in

# Of a template's Metadata: what `sources_digest` returned when it was built.
METADATA_KEY: Final = "PocketawsSources"
_LOCAL: Final = ("CodeUri", "ContentUri", "DefinitionUri")


def sources_digest(template_path: Path, template: Mapping[str, Any]) -> str:
    """Return a digest of a template and of every folder and file that it names.

    Args:
        template_path: of the template.
        template: what stands in it, before any transform.

    Returns:
        Empty where the template names what is not there, such as a path that a loop makes up: of
        such a template nobody can tell.
    """
    digest = hashlib.sha256()
    _add(digest, "", template_path)
    for uri in sorted(set(_local_uris(template))):
        source = template_path.parent / uri
        if not source.exists():
            return ""
        files = files_in(source) if source.is_dir() else {source.name: source}
        for name, path in files.items():
            _add(digest, f"{uri}/{name}", path)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", name: str, path: Path) -> None:
    content = path.read_bytes()
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)


def _local_uris(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _LOCAL:
                yield from _local_uris(item)
            elif isinstance(item, str) and not item.startswith("s3://"):
                yield item
    elif isinstance(value, list):
        for item in value:
            yield from _local_uris(item)
