"""`buildspec.yml`, read into a record, and the shell script that does what CodeBuild does with it.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from workflow.errors import WorkflowError
from workflow.release.actions import check_keys

_PHASES: Final = ("install", "pre_build", "build", "post_build")
# Where one of them fails, nothing follows.
_ENDING: Final = ("install", "pre_build")
_KEYS: Final = ("version", "env", "phases", "reports", "artifacts", "cache")
FAILED_COMMAND: Final = "Command did not exit successfully"
# One shell for all commands, as version 0.2 has it. A failed command ends its phase; post_build
# follows a failed build.
_PRELUDE: Final = """export CODEBUILD_BUILD_SUCCEEDING=1
_failed=0
_enter() {
  _phase=$1 _phase_failed=0
  echo "[Container] Entering phase $_phase"
}
_command() {
  echo "[Container] Running command $1"
  eval "$1"
  local code=$?
  [ $code -eq 0 ] && return 0
  echo "[Container] FAILED_COMMAND $1 exit status $code"
  _failed=1 _phase_failed=1
  export CODEBUILD_BUILD_SUCCEEDING=0
  return 1
}
_leave() {
  local state=SUCCEEDED
  [ $_phase_failed -eq 0 ] || state=FAILED
  echo "[Container] Phase complete: $_phase State: $state"
  return $_phase_failed
}
""".replace("FAILED_COMMAND", FAILED_COMMAND)


@dataclass(frozen=True)
class Phase:
    """Commands, and those that run however they ended."""

    name: str
    commands: tuple[str, ...]
    at_last: tuple[str, ...]


@dataclass(frozen=True)
class Buildspec:
    """What a build does.

    Attributes:
        environment: variables of the build.
        python_version: that the build asks for; None where it asks for none.
        artifact_dir: the folder, below the source, whose files are the output artifact.
        artifact_files: patterns of the files in it.
        reports: of each report group, its folder and its patterns.
    """

    environment: Mapping[str, str]
    phases: tuple[Phase, ...]
    python_version: str | None
    artifact_dir: str
    artifact_files: tuple[str, ...]
    reports: Mapping[str, tuple[str, tuple[str, ...]]]


def read_buildspec(path: Path) -> Buildspec:
    """Return a buildspec.

    Raises:
        WorkflowError: it cannot be read, or asks for what does not run here.
    """
    name, spec = path.name, _parsed(path)
    check_keys(name, spec, _KEYS)
    check_keys(f"{name}: env", spec.get("env", {}), ("variables",))
    variables = spec.get("env", {}).get("variables", {})
    phases = spec.get("phases", {})
    check_keys(f"{name}: phases", phases, _PHASES)
    artifacts = spec.get("artifacts", {})
    check_keys(f"{name}: artifacts", artifacts, ("base-directory", "files"))
    return Buildspec(
        environment={key: str(value) for key, value in variables.items()},
        phases=tuple(_phase(name, phase, phases[phase]) for phase in _PHASES if phase in phases),
        python_version=_python_version(name, phases.get("install", {})),
        artifact_dir=str(artifacts.get("base-directory", ".")),
        artifact_files=tuple(artifacts.get("files", ())),
        reports={
            group: _report(name, group, item) for group, item in spec.get("reports", {}).items()
        },
    )


def script(spec: Buildspec) -> str:
    """Return the script of a build; its exit code is 0 where every command succeeded."""
    lines = [_PRELUDE]
    for phase in spec.phases:
        lines.append(f"_enter {phase.name.upper()}")
        if phase.commands:
            lines.append(" && ".join(map(_command, phase.commands)))
        lines += [*map(_command, phase.at_last), "_leave"]
        if phase.name in _ENDING:
            lines[-1] += " || exit 1"
    return "\n".join([*lines, "exit $_failed"])


def _command(text: str) -> str:
    return f"_command {shlex.quote(text)}"


def _phase(where: str, name: str, phase: Mapping[str, Any]) -> Phase:
    known = ("commands", "finally", *(("runtime-versions",) if name == "install" else ()))
    check_keys(f"{where}: phases.{name}", phase, known)
    return Phase(name, tuple(phase.get("commands", ())), tuple(phase.get("finally", ())))


def _python_version(where: str, install: Mapping[str, Any]) -> str | None:
    versions = install.get("runtime-versions", {})
    check_keys(f"{where}: phases.install.runtime-versions", versions, ("python",))
    return str(versions["python"]) if "python" in versions else None


def _report(where: str, group: str, report: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    check_keys(f"{where}: reports.{group}", report, ("files", "base-directory", "file-format"))
    return str(report.get("base-directory", ".")), tuple(report.get("files", ()))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WorkflowError(f"{path.name}: the source has no such file") from error
    except yaml.YAMLError as error:
        raise WorkflowError(f"{path.name}: is not YAML: {error}") from error
    if not isinstance(spec, dict) or str(spec.get("version")) != "0.2":
        raise WorkflowError(f"{path.name}: must be an object with version: 0.2")
    return spec
