"""A template as it is written: YAML with CloudFormation's short tags, or JSON."""

import hashlib
import io
from pathlib import Path
from typing import Any, Final

from pocketaws.environment import cache_dir
from pocketaws.errors import DeploymentError
from pocketaws.installation import installation_digest
from pocketaws.kept_json import KeptJson, is_plain

_MOST: Final = 16


def read_template(path: Path) -> dict[str, Any]:
    """Return a template with its short tags written out.

    What has been parsed is kept, by every byte of it and by what parses.

    Raises:
        DeploymentError: the file is not there, cannot be read, or is no template.
    """
    try:
        content = path.read_bytes()
        template = _read(content)
    except FileNotFoundError as error:
        raise DeploymentError(f"no template at {path}") from error
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DeploymentError(f"{path} is neither YAML nor JSON: {error}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not resources or not isinstance(resources, dict):
        raise DeploymentError(f"{path} has no Resources; it must be a CloudFormation template")
    return dict(template)


def _read(content: bytes) -> Any:
    """Return what stands in a file.

    Raises:
        ValueError: it is neither YAML nor JSON.
    """
    kept = KeptJson(cache_dir() / "templates", _MOST)
    try:
        name = hashlib.sha256(installation_digest().encode() + content).hexdigest()
        template = kept.read(name)
    except PermissionError:
        # A child that transforms a template has its own folder only.
        return _parsed(content)
    if template is None:
        template = _parsed(content)
        if is_plain(template):
            kept.keep(name, template)
    return template


def _parsed(content: bytes) -> Any:
    # A fortieth of a second, with what they import.
    import yaml
    from samtranslator.yaml_helper import intrinsics_multi_constructor

    class ShortTags(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads short tags; in C where there is libyaml, in an eighth of the time."""

    ShortTags.add_multi_constructor("!", intrinsics_multi_constructor)
    try:
        # As a file of text is read, whatever ends its lines.
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").read()
        return yaml.load(text, Loader=ShortTags)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
