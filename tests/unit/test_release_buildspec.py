"""A buildspec as CodeBuild runs it: one shell, phases that end at the first failed command."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Final

import psutil
import pytest
import yaml

from tests.conftest import PROJECT_DIR
from workflow.errors import WorkflowError
from workflow.release import shell
from workflow.release.buildspec import read_buildspec, script


def built(folder: Path, **spec: Any) -> "subprocess.CompletedProcess[str]":
    path = folder / "buildspec.yml"
    path.write_text(yaml.safe_dump({"version": 0.2, **spec}))
    text = script(read_buildspec(path))
    return subprocess.run(
        ["bash", "-c", text], cwd=folder, capture_output=True, text=True, check=False
    )


def phases(**commands: list[str]) -> dict[str, Any]:
    return {"phases": {name: {"commands": items} for name, items in commands.items()}}


def test_the_projects_buildspec_is_read() -> None:
    spec = read_buildspec(PROJECT_DIR / "buildspec.yml")

    assert [phase.name for phase in spec.phases] == ["install", "build"]
    assert spec.phases[1].commands[0] == "make pr"
    assert (spec.artifact_dir, spec.artifact_files) == ("packaged", ("**/*",))
    assert spec.python_version == "3.13"


def test_commands_share_one_shell(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()

    done = built(tmp_path, **phases(install=["export A=1", "cd below"], build=["echo $A $PWD"]))

    assert done.returncode == 0
    assert f"1 {tmp_path / 'below'}" in done.stdout


def test_a_failed_command_ends_its_phase_and_post_build_hears_of_it(tmp_path: Path) -> None:
    done = built(
        tmp_path,
        **phases(
            build=["sh -c 'exit 7'", "echo unreached-command"],
            post_build=["echo succeeding=$CODEBUILD_BUILD_SUCCEEDING"],
        ),
    )

    assert done.returncode == 1
    assert "Command did not exit successfully sh -c 'exit 7' exit status 7" in done.stdout
    assert "unreached-command" not in done.stdout
    assert "succeeding=0" in done.stdout
    assert "Phase complete: BUILD State: FAILED" in done.stdout
    assert "Phase complete: POST_BUILD State: SUCCEEDED" in done.stdout


@pytest.mark.parametrize("phase", ["install", "pre_build"])
def test_after_a_failed_start_nothing_follows(tmp_path: Path, phase: str) -> None:
    done = built(tmp_path, **phases(**{phase: ["false"], "build": ["echo unreached-build"]}))

    assert done.returncode == 1
    assert "unreached-build" not in done.stdout


def test_what_stands_under_finally_runs_after_a_failure_too(tmp_path: Path) -> None:
    build = {"commands": ["false"], "finally": ["echo tidied"]}

    done = built(tmp_path, phases={"build": build})

    assert done.returncode == 1
    assert "tidied" in done.stdout


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"version": 0.1}, "must be an object with version: 0.2"),
        ({"proxy": {}}, "the key 'proxy' is not known here"),
        ({"env": {"secrets-manager": {}}}, "env: the key 'secrets-manager' is not known here"),
        ({"phases": {"deploy": {}}}, "phases: the key 'deploy' is not known here"),
        ({"phases": {"build": {"on-failure": "CONTINUE"}}}, "phases.build: the key 'on-failure'"),
        ({"phases": {"install": {"runtime-versions": {"go": 1}}}}, "the key 'go' is not known"),
        ({"artifacts": {"secondary-artifacts": {}}}, "the key 'secondary-artifacts' is not known"),
    ],
)
def test_what_a_build_cannot_do_here_is_refused(
    tmp_path: Path, spec: dict[str, Any], told: str
) -> None:
    with pytest.raises(WorkflowError) as raised:
        built(tmp_path, **spec)

    assert told in str(raised.value)


def test_a_source_without_a_buildspec_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"buildspec\.yml: the source has no such file"):
        read_buildspec(tmp_path / "buildspec.yml")


SECRET: Final = "WORKFLOW_TEST_SECRET"


def test_a_build_gets_nothing_of_the_users_environment_but_the_machines_own(tmp_path: Path) -> None:
    log_path = tmp_path / "log"
    os.environ[SECRET] = "do-not-tell"
    try:
        variables = shell.environment({}, CODEBUILD_CI="true")
    finally:
        del os.environ[SECRET]

    code = shell.run_script(
        "env", folder=tmp_path, variables=variables, log_path=log_path, timeout_seconds=60
    )

    assert code == 0
    text = log_path.read_text()
    assert "CODEBUILD_CI=true" in text
    assert f"PATH={os.environ['PATH']}" in text
    assert "do-not-tell" not in text


def test_a_script_can_be_interrupted_where_the_command_cannot(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = shell.run_script(
            "kill -INT $$\nexit 0",
            folder=tmp_path,
            variables=shell.environment({}),
            log_path=tmp_path / "log",
            timeout_seconds=60,
        )
        left = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    assert code == -signal.SIGINT
    assert left == signal.SIG_IGN


def is_gone(pid: int) -> bool:
    """Tell whether a process ends soon."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.wait(60) is None
    except psutil.NoSuchProcess:
        return True


def test_no_process_of_a_script_is_left(tmp_path: Path) -> None:
    shell.run_script(
        "sleep 600 &\necho $! > pid",
        folder=tmp_path,
        variables=shell.environment({}),
        log_path=tmp_path / "log",
        timeout_seconds=60,
    )

    assert is_gone(int((tmp_path / "pid").read_text()))


def test_a_script_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match="it took longer than 5 s"):
        shell.run_script(
            "echo $$ > pid\nsleep 600",
            folder=tmp_path,
            variables=shell.environment({}),
            log_path=tmp_path / "log",
            timeout_seconds=5,
        )

    assert is_gone(int((tmp_path / "pid").read_text()))
