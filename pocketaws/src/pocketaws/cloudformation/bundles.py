"""What `sam build` and `sam package` do with the folders and files that a template names."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import DeploymentError

BUCKET_NAME: Final = "local-sam-bundles"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT: Final = frozenset({"__pycache__", ".git", ".DS_Store"})


def package(template: dict[str, Any], template_dir: Path, bundles_dir: Path) -> dict[str, str]:
    """Write every bundle and put its later S3 location into the template.

    Args:
        template: a SAM template, parsed; changed in place.
        template_dir: where its CodeUri and DefinitionUri start.
        bundles_dir: takes the bundles; a file's name is its key in `BUCKET_NAME`.

    Returns:
        The text of each state machine's definition, by logical id.

    Raises:
        DeploymentError: a folder or file that the template names is not there.
    """
    definitions = {}
    common = template.get("Globals", {}).get("Function", {})
    common_code_uri = common.pop("CodeUri", None)
    for logical_id, resource in template["Resources"].items():
        properties = resource.setdefault("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            code_uri = properties.get("CodeUri", common_code_uri)
            if _is_local(code_uri) and "InlineCode" not in properties:
                source = _existing(template_dir, code_uri, f"{logical_id}.CodeUri")
                properties["CodeUri"] = _put(_zipped(source), ".zip", bundles_dir)
        if resource["Type"] == "AWS::Serverless::StateMachine" and _is_local(
            properties.get("DefinitionUri")
        ):
            where = f"{logical_id}.DefinitionUri"
            path = _existing(template_dir, properties["DefinitionUri"], where)
            definitions[logical_id] = path.read_text(encoding="utf-8")
            properties["DefinitionUri"] = _put(path.read_bytes(), ".json", bundles_dir)
    return definitions


def _is_local(uri: Any) -> bool:
    return isinstance(uri, str) and not uri.startswith("s3://")


def _existing(template_dir: Path, relative: str, where: str) -> Path:
    path = template_dir / relative
    if not path.exists():
        raise DeploymentError(f"{where}: {relative!r} is not there; looked for {path}")
    return path


def _put(content: bytes, suffix: str, bundles_dir: Path) -> dict[str, str]:
    # The name follows the content, as the SAM CLI's does: a new bundle is a new version.
    key = hashlib.sha256(content).hexdigest() + suffix
    (bundles_dir / key).write_bytes(content)
    return {"Bucket": BUCKET_NAME, "Key": key}


def _zipped(source: Path) -> bytes:
    """Return a folder's files, or one file, as a zip; a zip as it is."""
    if zipfile.is_zipfile(source):
        return source.read_bytes()
    folder = source if source.is_dir() else source.parent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(source) if source.is_dir() else [source]:
            # A fixed time keeps the same content the same bundle.
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            if name not in _LEFT_OUT and not name.endswith(".pyc"):
                yield Path(parent, name)
