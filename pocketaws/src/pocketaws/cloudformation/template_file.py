"""A template as it is written: YAML with CloudFormation's short tags, or JSON."""

from pathlib import Path
from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from pocketaws.errors import DeploymentError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads CloudFormation's short tags; in C where there is libyaml, in an eighth of the time."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def read_template(path: Path) -> dict[str, Any]:
    """Return a template with its short tags written out.

    Raises:
        DeploymentError: the file is not there, cannot be read, or is no template.
    """
    try:
        template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as error:
        raise DeploymentError(f"no template at {path}") from error
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise DeploymentError(f"{path} is neither YAML nor JSON: {error}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not resources or not isinstance(resources, dict):
        raise DeploymentError(f"{path} has no Resources; it must be a CloudFormation template")
    return dict(template)
