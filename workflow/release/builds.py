"""The CodeBuild and Commands actions: a clean folder, a few variables, the commands as they are."""

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pocketaws import partition_of
from workflow.errors import WorkflowError
from workflow.release import aws_cli, shell
from workflow.release.artifacts import Artifact, Clone, zip_files
from workflow.release.buildspec import FAILED_COMMAND, Buildspec, read_buildspec, script
from workflow.release.execution import ActionResult, Task
from workflow.release.identities import RoleSessions
from workflow.release.pipeline import BuildProject, Pipeline
from workflow.release.source import clone
from workflow.template import ACCOUNT_ID

_LAST_LINES: Final = 15
# CodePipeline's own limit of a Commands action.
_COMMANDS_SECONDS: Final = 3600
_JSON_TOOL: Final = "jq"


@dataclass(frozen=True)
class Builds:
    """Performs CodeBuild actions.

    Attributes:
        prepare: gets the clean checkout before the first command; see `environments`.
        output_dir: takes logs and reports.
        note: shows a line that stays.
    """

    projects: Mapping[str, BuildProject]
    identities: RoleSessions
    region: str
    prepare: Callable[[Path], None]
    output_dir: Path
    note: Callable[[str], None]

    def __call__(self, task: Task) -> ActionResult:
        """Build in a clean checkout and zip what the buildspec names."""
        action = task.action
        project = self.projects.get(action.configuration["ProjectName"])
        if project is None:
            raise WorkflowError(
                f"there is no CodeBuild project {action.configuration['ProjectName']!r}; "
                f"the template has {', '.join(sorted(self.projects)) or 'none'}"
            )
        (source,) = task.inputs.values()
        with _clean_folder() as folder:
            _check_out(source, folder)
            spec = read_buildspec(folder / project.buildspec)
            self._note_python(spec)
            self.prepare(folder)
            self._build(task, project, spec, folder)
            artifacts = {
                name: self._artifact(name, spec, folder / spec.artifact_dir)
                for name in action.outputs
            }
        return ActionResult(f"{len(spec.phases)} phases succeeded", {}, artifacts)

    def _build(self, task: Task, project: BuildProject, spec: Buildspec, folder: Path) -> None:
        log_path = self.output_dir / f"{task.action.stage}-{task.action.name}.log"
        task.say(f"log: {log_path}")
        variables = shell.environment(
            self.identities.variables(role_arn=project.role_arn, is_build=True),
            **_documented(project, self.region, task, folder),
            **project.environment,
            **spec.environment,
        )
        code = shell.run_script(
            script(spec),
            folder=folder,
            variables=variables,
            log_path=log_path,
            timeout_seconds=project.timeout_minutes * 60,
        )
        self._keep_reports(spec, folder)
        if code != 0:
            self._show_end(log_path)
            raise WorkflowError(f"{_failed_command(log_path)}; see {log_path}")

    def _artifact(self, name: str, spec: Buildspec, base_dir: Path) -> Artifact:
        found = {
            path
            for pattern in spec.artifact_files
            for path in base_dir.glob(pattern)
            if path.is_file()
        }
        if not found:
            raise WorkflowError(
                f"no files match {', '.join(spec.artifact_files)} in {spec.artifact_dir}; "
                "the buildspec's artifacts name what the build must leave"
            )
        zip_path = self.output_dir / f"{name}.zip"
        zip_files(found, base_dir, zip_path)
        return Artifact(name, zip_path)

    def _keep_reports(self, spec: Buildspec, folder: Path) -> None:
        for group, (base, patterns) in spec.reports.items():
            for pattern in patterns:
                for path in (folder / base).glob(pattern):
                    target = self.output_dir / "reports" / group / path.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)

    def _show_end(self, log_path: Path) -> None:
        for line in shell.last_lines(log_path, _LAST_LINES):
            self.note(f"  {line}")

    def _note_python(self, spec: Buildspec) -> None:
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        if spec.python_version not in {None, here}:
            self.note(f"the buildspec asks for Python {spec.python_version}; here it is {here}")


@dataclass(frozen=True)
class Commands:
    """Performs Commands actions: the input artifact is the folder, all commands share one shell.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
    """

    identities: RoleSessions
    output_dir: Path

    def __call__(self, task: Task) -> ActionResult:
        """Run the commands and hand on the variables that they exported."""
        action = task.action
        log_path = self.output_dir / f"{action.stage}-{action.name}.log"
        variables = shell.environment(self.identities.variables(role_arn=action.role_arn))
        with _clean_folder() as whole:
            folder, kept_path = whole / "source", whole / "variables"
            folder.mkdir()
            for artifact in task.inputs.values():
                artifact.unpack(folder)
            code = shell.run_script(
                "\n".join(["set -e", *action.commands, f"env -0 > {kept_path}"]),
                folder=folder,
                variables=_with_aws(variables, whole),
                log_path=log_path,
                timeout_seconds=_COMMANDS_SECONDS,
            )
            if code != 0:
                message = " ".join(shell.last_lines(log_path, 3)) or "nothing was said"
                raise WorkflowError(f"a command ended with {code}: {message}")
            exported = _variables(kept_path)
        lacking = [name for name in action.output_variables if name not in exported]
        if lacking:
            raise WorkflowError(f"the commands did not export {', '.join(lacking)}")
        variables = {name: exported[name] for name in action.output_variables}
        return ActionResult(
            "; ".join(f"{name}: {text}" for name, text in variables.items()), variables
        )


def check_tools(pipeline: Pipeline) -> None:
    """Tell before anything runs that a command of the pipeline's will not be found.

    Raises:
        WorkflowError: with what to install.
    """
    for action in (action for stage in pipeline.stages for action in stage.actions):
        words = " ".join(action.commands).replace("(", " ").split()
        if _JSON_TOOL in words and shutil.which(_JSON_TOOL) is None:
            raise WorkflowError(
                f"{action.where}: its commands need {_JSON_TOOL}, which CodeBuild's image has and "
                f"this machine lacks; install the package {_JSON_TOOL} of your system"
            )


def _with_aws(variables: dict[str, str], folder: Path) -> dict[str, str]:
    """Put a stand-in for the AWS CLI on the PATH, where there is none."""
    if shutil.which("aws", path=variables.get("PATH")) is not None:
        return variables
    aws_cli.put_into(folder)
    return variables | {"PATH": f"{folder}{os.pathsep}{variables.get('PATH', os.defpath)}"}


def _variables(path: Path) -> dict[str, str]:
    pairs = path.read_text(encoding="utf-8", errors="replace").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _check_out(source: Artifact, folder: Path) -> None:
    if isinstance(source.content, Clone):
        clone(source.content, folder)
    else:
        source.unpack(folder)


def _failed_command(log_path: Path) -> str:
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    items = [line.partition(FAILED_COMMAND)[2] for line in lines if FAILED_COMMAND in line]
    return f"{FAILED_COMMAND}{items[0]}" if items else "the build failed"


def _documented(project: BuildProject, region: str, task: Task, folder: Path) -> dict[str, str]:
    """Return the variables that CodeBuild sets.

    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
    """
    place = f"arn:{partition_of(region)}:codebuild:{region}:{ACCOUNT_ID}"
    build_id = f"{project.name}:{uuid.uuid4()}"
    content = next(iter(task.inputs.values())).content
    version = content.commit if isinstance(content, Clone) else content.name
    return {
        "CODEBUILD_BUILD_ARN": f"{place}:build/{build_id}",
        "CODEBUILD_BUILD_ID": build_id,
        "CODEBUILD_BUILD_NUMBER": "1",
        "CODEBUILD_CI": "true",
        "CODEBUILD_INITIATOR": "codepipeline/local",
        "CODEBUILD_RESOLVED_SOURCE_VERSION": version,
        "CODEBUILD_SOURCE_VERSION": version,
        "CODEBUILD_SRC_DIR": str(folder),
    }


@contextmanager
def _clean_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        prefix="workflow-release-", ignore_cleanup_errors=True
    ) as name:
        yield Path(name).resolve()
