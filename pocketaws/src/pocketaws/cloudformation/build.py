"""What `sam build`, `sam package` and CloudFormation's transform make of a SAM template.

Runs in a child of a warmed process, so that the transform's libraries are imported while the
emulator's are. The transform is AWS's own: aws-sam-translator is what CloudFormation runs.

A build folder holds `template.json` (plain CloudFormation), `bundles/` (what the template names by
S3 key), `definitions.json` (each state machine's text by logical id), or `error.txt` instead.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from pocketaws.cloudformation import bundles
from pocketaws.cloudformation.language_extensions import extended
from pocketaws.cloudformation.plain_values import without_dates
from pocketaws.cloudformation.sources import METADATA_KEY, sources_digest
from pocketaws.errors import DeploymentError
from pocketaws.processes.warmup import BUNDLES_NAME, DEFINITIONS_NAME, ERROR_NAME, TEMPLATE_NAME


class _NoManagedPolicies:
    """A loader of AWS's managed policies; the transform asks for one and its names are enough."""

    def load(self) -> dict[str, str]:
        return {}


def build(template_path: str, build_dir: str, requirements_cache: str | None = None) -> int:
    """Fill a build folder; return 1 where the template cannot be built, with `error.txt`.

    Args:
        template_path: of the SAM template.
        build_dir: the build folder.
        requirements_cache: keeps what functions require; see `requirements`. None keeps nothing.
    """

    def work(path: Path, folder: Path) -> None:
        _build(path, folder, Path(requirements_cache or build_dir))

    return _filled(work, template_path, build_dir)


def transformed(template_path: str, build_dir: str) -> int:
    """Fill a build folder with `template.json` only, from what `sam package` has written.

    Folders and files that the template still names are the transform's to refuse.
    """
    return _filled(_transform, template_path, build_dir)


def _filled(work: Callable[[Path, Path], None], template_path: str, build_dir: str) -> int:
    folder = Path(build_dir)
    try:
        work(Path(template_path), folder)
    except DeploymentError as error:
        return _failed(folder, str(error))
    except Exception as error:
        # The transform's libraries raise what they like on a template that is not one.
        return _failed(folder, f"{template_path}: {type(error).__name__}: {error}")
    return 0


def _failed(folder: Path, text: str) -> int:
    (folder / ERROR_NAME).write_text(text, encoding="utf-8")
    return 1


def _build(template_path: Path, folder: Path, requirements_cache: Path) -> None:
    written = _read(template_path)
    digest = sources_digest(template_path, written)
    template = _checked(written, template_path)
    bundles_dir = folder / BUNDLES_NAME
    bundles_dir.mkdir()
    definitions = bundles.package_bundles(
        template, template_path.parent, bundles_dir, requirements_cache=requirements_cache
    )
    (folder / DEFINITIONS_NAME).write_text(json.dumps(definitions), encoding="utf-8")
    transformed = _transformed(template)
    transformed["Metadata"] = {**(transformed.get("Metadata") or {}), METADATA_KEY: digest}
    (folder / TEMPLATE_NAME).write_text(json.dumps(transformed), encoding="utf-8")


def _transform(template_path: Path, folder: Path) -> None:
    template = _transformed(_checked(_read(template_path), template_path))
    (folder / TEMPLATE_NAME).write_text(json.dumps(template), encoding="utf-8")


def _read(template_path: Path) -> dict[str, Any]:
    try:
        template = yaml_parse(template_path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DeploymentError(f"no template at {template_path}") from error
    except OSError as error:
        raise DeploymentError(f"{template_path} cannot be read: {error.strerror}") from error
    except (ValueError, yaml.YAMLError) as error:
        raise DeploymentError(f"{template_path} is neither YAML nor JSON: {error}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not resources or not isinstance(resources, dict):
        raise DeploymentError(f"{template_path} has no Resources; it must be a SAM template")
    return dict(template)


def _checked(template: dict[str, Any], template_path: Path) -> dict[str, Any]:
    # What the parameters are given later is not known yet: their defaults hold.
    template = extended(template, {})
    resources = template["Resources"]
    for logical_id, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise DeploymentError(f"{template_path}: resource {logical_id} has no Type")
    return dict(without_dates(template))


def _transformed(template: dict[str, Any]) -> dict[str, Any]:
    try:
        transformed: dict[str, Any] = transform(template, {}, _NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise DeploymentError(f"the SAM transform refuses the template: {causes}") from error
    return transformed
