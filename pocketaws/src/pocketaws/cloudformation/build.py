"""What `sam build`, `sam package` and CloudFormation's transform make of a SAM template.

Runs in a child of a warmed process, so that the transform's libraries are imported while the
emulator's are. The transform is AWS's own: aws-sam-translator is what CloudFormation runs.

A build folder holds `template.json` (plain CloudFormation), `bundles/` (what the template names by
S3 key), `definitions.json` (each state machine's text by logical id), or `error.txt` instead.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pocketaws.cloudformation import bundles, kept_builds
from pocketaws.cloudformation.language_extensions import extended
from pocketaws.cloudformation.plain_values import without_dates
from pocketaws.cloudformation.sources import METADATA_KEY, sources_digest
from pocketaws.cloudformation.template_file import read_template
from pocketaws.errors import DeploymentError
from pocketaws.processes.warmup import BUNDLES_NAME, DEFINITIONS_NAME, ERROR_NAME, TEMPLATE_NAME


class _NoManagedPolicies:
    """A loader of AWS's managed policies; the transform asks for one and its names are enough."""

    def load(self) -> dict[str, str]:
        return {}


def build(
    template_path: str,
    build_dir: str,
    *,
    requirements_cache: str | None = None,
    builds_cache: str | None = None,
    installation: str = "",
) -> int:
    """Fill a build folder; return 1 where the template cannot be built, with `error.txt`.

    Args:
        template_path: of the SAM template.
        build_dir: the build folder.
        requirements_cache: keeps what functions require; see `requirements`. None keeps nothing.
        builds_cache: keeps what was built; see `kept_builds`. None keeps nothing.
        installation: what builds; see `installation_digest`.
    """

    def work(path: Path, folder: Path) -> None:
        template = read_template(path)
        digest = sources_digest(path, template)
        cache = Path(builds_cache) if builds_cache and digest else None
        region = os.environ.get("AWS_DEFAULT_REGION", "")
        key = hashlib.sha256(f"{digest} {region} {installation}".encode()).hexdigest()
        if cache is not None and kept_builds.put_back(cache, key, folder):
            return
        _build(
            path, template, digest, folder, requirements_cache=Path(requirements_cache or folder)
        )
        if cache is not None:
            kept_builds.keep(cache, key, folder)

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


def _build(
    template_path: Path,
    written: dict[str, Any],
    digest: str,
    folder: Path,
    *,
    requirements_cache: Path,
) -> None:
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
    template = _transformed(_checked(read_template(template_path), template_path))
    (folder / TEMPLATE_NAME).write_text(json.dumps(template), encoding="utf-8")


def _checked(template: dict[str, Any], template_path: Path) -> dict[str, Any]:
    # What the parameters are given later is not known yet: their defaults hold.
    template = extended(template, {})
    resources = template["Resources"]
    for logical_id, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise DeploymentError(f"{template_path}: resource {logical_id} has no Type")
    return dict(without_dates(template))


def _transformed(template: dict[str, Any]) -> dict[str, Any]:
    # Half a second, which a build that is kept need not wait for.
    from samtranslator.public.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    try:
        transformed: dict[str, Any] = transform(template, {}, _NoManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise DeploymentError(f"the SAM transform refuses the template: {causes}") from error
    return transformed
