"""Hold the templates to checkov's rules: `python -m security.scan_templates`.

checkov itself, run in the project's folder, leaves out what .checkov.yaml and the templates'
Metadata tell it to. It does not say whether that still leaves out anything, so here it looks at
copies without them, and what it finds is held against the explanations in both directions.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

PROJECT_DIR: Final = Path(__file__).parents[1]
TEMPLATES: Final = ("template.yaml", "endpoint.yaml", "pipeline.yaml")
CONFIG_NAME: Final = ".checkov.yaml"


class TemplateScanError(Exception):
    """checkov did not do its work."""


@dataclass(frozen=True, order=True)
class Finding:
    """A resource of a template that does not do what a check asks for."""

    check_id: str
    template: str
    resource: str


@dataclass(frozen=True)
class Explanation:
    """Why findings of a check are accepted; without a resource, those of all resources."""

    check_id: str
    place: str
    reason: str
    template: str = ""
    resource: str = ""

    def fits(self, finding: Finding) -> bool:
        """Return whether the finding is one of those."""
        everywhere = not self.resource
        return self.check_id == finding.check_id and (
            everywhere or (self.template, self.resource) == (finding.template, finding.resource)
        )


def main() -> int:
    """Print findings and explanations that do not match; return 1 if there are any."""
    explanations = project_explanations((PROJECT_DIR / CONFIG_NAME).read_text(encoding="utf-8"))
    for name in TEMPLATES:
        text = (PROJECT_DIR / name).read_text(encoding="utf-8")
        explanations += resource_explanations(name, text)
    found = scan(PROJECT_DIR, TEMPLATES, bin_dir=Path(sys.executable).parent)
    problems = complaints(found, explanations)
    for problem in problems:
        print(problem)
    print(f"templates: {len(found)} findings, {len(explanations)} explained decisions,", end=" ")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


def project_explanations(config: str) -> list[Explanation]:
    """Return what .checkov.yaml leaves out everywhere; the comment right above is the reason."""
    lines = [line.strip() for line in config.splitlines()]
    explanations = []
    for check_id in yaml.safe_load(config).get("skip-check", []):
        number = lines.index(f"- {check_id}")
        first = number
        while first and lines[first - 1].startswith("#"):
            first -= 1
        reason = " ".join(line.lstrip("# ") for line in lines[first:number])
        explanations.append(Explanation(check_id, f"{CONFIG_NAME}: {check_id}", reason))
    return explanations


def resource_explanations(template: str, text: str) -> list[Explanation]:
    """Return what the resources of a template leave out, in Metadata, checkov, skip."""
    resources = yaml.load(text, Loader=_Loader)["Resources"]  # noqa: S506 - a SafeLoader's child
    return [
        Explanation(
            skip["id"],
            f"{template}: {name}: {skip['id']}",
            skip.get("comment", ""),
            template=template,
            resource=name,
        )
        for name, resource in resources.items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]


def scan(folder: Path, templates: Sequence[str], *, bin_dir: Path) -> list[Finding]:
    """Return all that checkov finds, whatever it is told to leave out.

    Raises:
        TemplateScanError: It failed, or could not read a template; what it said is in the text.
    """
    with tempfile.TemporaryDirectory() as copies:
        for name in templates:
            text = (folder / name).read_text(encoding="utf-8")
            (Path(copies) / name).write_text(text.replace("checkov:", "unread:"), encoding="utf-8")
        command = [str(bin_dir / "checkov"), "--framework", "cloudformation", "--skip-download"]
        command += ["--compact", "--output", "json", "--file", *templates]
        # Neither the user's settings nor an account of checkov's maker has a say.
        environment = {"PATH": os.defpath, "HOME": copies}
        ended = subprocess.run(  # noqa: S603 - our own environment's
            command, cwd=copies, env=environment, capture_output=True, text=True, check=False
        )
    try:
        results = json.loads(ended.stdout)["results"]
    except (ValueError, KeyError, TypeError) as error:
        said = ended.stderr or ended.stdout
        raise TemplateScanError(f"checkov ended with {ended.returncode}: {said}") from error
    return _findings(results, templates)


def complaints(found: Sequence[Finding], explanations: Sequence[Explanation]) -> list[str]:
    """Return findings without an explanation, and explanations without reason or finding."""
    problems = [
        f"{it.template}: {it.resource}: {it.check_id} (`checkov --check {it.check_id}` says more)."
        f" Mend it, or say why not in the resource's Metadata or in {CONFIG_NAME}"
        for it in sorted(set(found))
        if not any(explanation.fits(it) for explanation in explanations)
    ]
    for explanation in explanations:
        if not explanation.reason.strip():
            problems.append(f"{explanation.place} is left out without a reason; give it")
        if not any(explanation.fits(it) for it in found):
            problems.append(f"{explanation.place} is left out and finds nothing; take that out")
    return problems


def _findings(results: Mapping[str, Any], templates: Sequence[str]) -> list[Finding]:
    looked_at = {
        Path(check["file_path"]).name
        for checks in results.values()
        for check in checks
        if isinstance(check, dict)
    }
    unread = {*results["parsing_errors"], *(set(templates) - looked_at)}
    if unread:
        raise TemplateScanError(f"checkov could not read {', '.join(sorted(unread))}")
    return [
        Finding(
            check_id=check["check_id"],
            template=Path(check["file_path"]).name,
            resource=check["resource"].rpartition(".")[2],
        )
        for check in results["failed_checks"]
    ]


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads CloudFormation's short tags, whose values matter to nobody here."""


_Loader.add_multi_constructor("!", lambda *_: None)


if __name__ == "__main__":
    sys.exit(main())
