"""What `sam build` and `sam package` do with the folders and files that a template names."""

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pocketaws.cloudformation import requirements
from pocketaws.errors import DeploymentError

BUCKET_NAME: Final = "local-sam-bundles"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT: Final = frozenset({"__pycache__", ".git", ".DS_Store"})


def package_bundles(
    template: dict[str, Any], template_dir: Path, bundles_dir: Path, *, requirements_cache: Path
) -> dict[str, str]:
    """Write every bundle and put its later S3 location into the template.

    Args:
        template: a SAM template, parsed; changed in place.
        template_dir: where its CodeUri and DefinitionUri start.
        bundles_dir: takes the bundles; a file's name is its key in `BUCKET_NAME`.
        requirements_cache: keeps the packages that functions require.

    Returns:
        The text of each state machine's definition, by logical id.

    Raises:
        DeploymentError: a folder or file that the template names is not there, or what a function
            requires cannot be installed.
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
                packages = None
                if not _is_built_already(resource):
                    packages = _packages(source, requirements_cache, logical_id)
                properties["CodeUri"] = _put(_zipped(source, packages), ".zip", bundles_dir)
        if resource["Type"] == "AWS::Serverless::LayerVersion" and _is_local(
            properties.get("ContentUri")
        ):
            where = f"{logical_id}.ContentUri"
            source = _existing(template_dir, properties["ContentUri"], where)
            properties["ContentUri"] = _put(_zipped(source, None), ".zip", bundles_dir)
        if resource["Type"] == "AWS::Serverless::StateMachine" and _is_local(
            properties.get("DefinitionUri")
        ):
            where = f"{logical_id}.DefinitionUri"
            path = _existing(template_dir, properties["DefinitionUri"], where)
            definitions[logical_id] = path.read_text(encoding="utf-8")
            properties["DefinitionUri"] = _put(path.read_bytes(), ".json", bundles_dir)
    return definitions


def _is_built_already(resource: Mapping[str, Any]) -> bool:
    """Tell whether `sam build` would leave a function's folder as it is.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-prebuilt.html
    """
    return bool((resource.get("Metadata") or {}).get("SkipBuild"))


def _packages(source: Path, requirements_cache: Path, logical_id: str) -> Path | None:
    path = source / requirements.NAME
    if not path.is_file():
        return None
    return requirements.installed(path, requirements_cache, subject=logical_id)


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


def _zipped(source: Path, packages: Path | None) -> bytes:
    """Return a folder's files and its packages', or one file, as a zip; a zip as it is."""
    if zipfile.is_zipfile(source):
        return source.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        own = files_in(source) if source.is_dir() else {source.name: source}
        others = {} if packages is None else files_in(packages)
        # What the function holds itself comes before what it requires.
        for name, path in (others | own).items():
            # A fixed time keeps the same content the same bundle.
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def files_in(folder: Path) -> dict[str, Path]:
    """Return what is packed of a folder, by its name in a zip."""
    return {path.relative_to(folder).as_posix(): path for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in sorted(names):
            if name not in _LEFT_OUT and not name.endswith(".pyc"):
                yield Path(parent, name)
