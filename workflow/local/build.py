"""What `sam build`, `sam package` and CloudFormation's transform make of a SAM template.

Runs in a child of a warmed process, so that the transform's libraries are imported while the
emulator's are. The transform is AWS's own: aws-sam-translator is what CloudFormation runs.

A build folder holds `template.json` (plain CloudFormation), `bundles/` (what the template names by
S3 key), `definitions.json` (each state machine's text by logical id), or `error.txt` instead.
"""

import json
from pathlib import Path
from typing import Any

from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from workflow.errors import DeploymentError
from workflow.local import bundles
from workflow.local.warmup import BUNDLES_NAME, DEFINITIONS_NAME, ERROR_NAME, TEMPLATE_NAME


class _NoManagedPolicies:
    """A loader of AWS's managed policies; the transform asks for one and its names are enough."""

    def load(self) -> dict[str, str]:
        return {}


def build(template_path: str, build_dir: str) -> int:
    """Fill a build folder; return 1 where the template cannot be built, with `error.txt`."""
    folder = Path(build_dir)
    try:
        _build(Path(template_path), folder)
    except DeploymentError as error:
        (folder / ERROR_NAME).write_text(str(error), encoding="utf-8")
        return 1
    return 0


def _build(template_path: Path, folder: Path) -> None:
    template = _parsed(template_path)
    bundles_dir = folder / BUNDLES_NAME
    bundles_dir.mkdir()
    definitions = bundles.package(template, template_path.parent, bundles_dir)
    (folder / DEFINITIONS_NAME).write_text(json.dumps(definitions), encoding="utf-8")
    (folder / TEMPLATE_NAME).write_text(json.dumps(_transformed(template)), encoding="utf-8")


def _parsed(template_path: Path) -> dict[str, Any]:
    try:
        template = yaml_parse(template_path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DeploymentError(f"no template at {template_path}") from error
    except ValueError as error:
        raise DeploymentError(f"{template_path} is neither YAML nor JSON: {error}") from error
    if not isinstance(template, dict) or not template.get("Resources"):
        raise DeploymentError(f"{template_path} has no Resources; it must be a SAM template")
    return template


def _transformed(template: dict[str, Any]) -> dict[str, Any]:
    try:
        transformed: dict[str, Any] = transform(template, {}, _NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise DeploymentError(f"the SAM transform refuses the template: {causes}") from error
    return transformed
