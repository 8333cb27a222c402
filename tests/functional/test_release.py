"""The project's own pipeline.yaml, run on this machine: what it deploys, and where it stops."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.functional.releases import Releases
from tests.functional.releasing import Repository, Seen, repository
from workflow.release import aws_cli
from workflow.release.execution import PipelineEnd
from workflow.release.local import say_how_to_reach

PRODUCTION = "abalone-production"


@pytest.fixture(scope="module")
def releases(runtime: LocalRuntime, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return Releases(runtime, tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="module")
def approved(releases: Releases) -> PipelineEnd:
    """The first release, with which production begins."""
    ended = releases.release()
    assert ended.failure is None
    return ended


def test_an_approved_release_ends_with_a_production_endpoint_that_predicts(
    releases: Releases, approved: PipelineEnd
) -> None:
    assert {row.status for row in approved.rows} == {"Succeeded"}
    assert approved.rows[-1].stage == "Production"
    trained = approved.passed.variables["Numbers"]["TRAINED"]
    assert releases.served(PRODUCTION) == releases.served("abalone-staging") == trained
    assert 1 < releases.predicted(PRODUCTION) < 30


def test_what_keep_shows_reaches_the_account_whatever_the_shell_has_set(
    runtime: LocalRuntime,
) -> None:
    view = Seen()
    say_how_to_reach(runtime, view)
    aws = PROJECT_DIR / ".venv-aws" / "bin" / "aws"
    asking = (
        f"{sys.executable} -c 'import boto3; print(boto3.client(\"sts\").get_caller_identity())'"
    )
    commands = [f"{aws} sts get-caller-identity", asking] if aws.exists() else [asking]
    script = "\n".join(["set -e", *view.notes, *commands])
    own = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "of-mine"}

    done = subprocess.run(
        ["sh", "-c", script], env=os.environ | own, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("user/local") == len(commands)


def test_what_passes_between_the_stages_reaches_the_person_who_is_asked(
    releases: Releases, approved: PipelineEnd
) -> None:
    variables = approved.passed.variables

    assert variables["Staging"]["ModelName"] == variables["Numbers"]["TRAINED"]
    assert variables["Numbers"]["NUMBERS"].startswith("mse ")
    assert ":execution:abalone-prod:pipeline-" in variables["Train"]["ExecutionArn"]
    assert len(variables["Source"]["CommitId"]) == 40
    assert set(approved.passed.artifacts) == {"Code", "Packaged", "Trained"}


def test_the_stand_in_for_the_aws_cli_reads_a_change_set_as_it_does(
    releases: Releases, approved: PipelineEnd, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    aws_cli.put_into(folder)

    told = subprocess.run(
        [
            *("aws", "cloudformation", "describe-change-set"),
            *("--stack-name", "abalone-endpoint-production", "--change-set-name", "pipeline"),
            *("--query", "Parameters[?ParameterKey=='ModelName'].ResolvedValue"),
            *("--output", "text"),
        ],
        env=os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert told.stdout.strip() == approved.passed.variables["Numbers"]["TRAINED"]


def test_a_refused_approval_leaves_production_untouched(
    releases: Releases, approved: PipelineEnd
) -> None:
    before = releases.served(PRODUCTION), releases.predicted(PRODUCTION)

    ended = releases.release(
        is_approved=False,
        ExecutionInput='{"hyperparameters": {"num_round": 60}, "max_mse_increase": 10}',
    )

    assert ended.failure is not None
    assert "action Approve: Rejected" in ended.failure
    assert (releases.served(PRODUCTION), releases.predicted(PRODUCTION)) == before
    assert releases.served("abalone-staging") != before[0]
    assert releases.view.statuses()["Production/Deploy-and-smoke-test"] == "NotRun"


def test_a_worse_model_stops_the_release_at_train_with_nothing_deployed(
    releases: Releases, approved: PipelineEnd
) -> None:
    names = (PRODUCTION, "abalone-staging")
    before = [releases.served(name) for name in names]

    ended = releases.release(ExecutionInput='{"hyperparameters": {"num_round": 1}}')

    assert ended.failure is not None
    assert ended.failure.startswith("stage Train, action Train: ")
    assert "ModelRejected" in ended.failure
    assert [releases.served(name) for name in names] == before
    statuses = releases.view.statuses()
    assert {statuses["Staging/Plan"], statuses["Production/Plan"]} == {"NotRun"}


def test_a_workflow_that_cannot_be_deployed_is_rolled_back_to_the_last_good_commit(
    releases: Releases, approved: PipelineEnd
) -> None:
    releases.repository.replace("samconfig.toml", "DataRetentionDays=90", "DataRetentionDays=-1")
    releases.repository.commit("Keep nothing")

    ended = releases.release(earlier=approved)

    assert ended.failure is not None
    assert "Parameter 'DataRetentionDays' must be a number not less than 1, got '-1'" in (
        ended.failure
    )
    assert releases.view.notes[-1] == "stage Workflow: rolled back"
    assert releases.deployed_commit() == approved.passed.variables["Source"]["CommitId"]
    assert releases.view.statuses()["Train/Train"] == "NotRun"


def commanded(source: Repository, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command; its files and temporary files are beside the source."""
    beside = source.folder.parent
    temporary = beside / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.run(
        [
            *(sys.executable, "-m", "workflow", "release", "--offline", *arguments),
            *("--source", str(source.folder), "--output-dir", str(beside / "runs")),
            *("--state-dir", str(beside / "state")),
        ],
        check=False,
        cwd=PROJECT_DIR,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=240,
    )


def production_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return which model serves in production in the end, and what it predicts."""
    told = [line for line in done.stdout.splitlines() if f"endpoint {PRODUCTION}: " in line]
    model, prediction = (line.partition(f"endpoint {PRODUCTION}: ")[2] for line in told)
    return f"{model.rpartition(',')[0]}; {prediction}"


@pytest.fixture(scope="module")
def first_command(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Repository, subprocess.CompletedProcess[str]]:
    """A repository, and its first release by the command."""
    source = repository(tmp_path_factory.mktemp("commands") / "source")
    return source, commanded(source, "--approve")


def test_the_command_ends_with_a_production_endpoint_that_predicts(
    first_command: tuple[Repository, subprocess.CompletedProcess[str]],
) -> None:
    _, done = first_command

    assert done.returncode == 0, done.stderr
    assert "nothing was deployed to it before" in done.stdout
    assert "every stage succeeded" in done.stdout
    assert re.fullmatch(
        r"InService, model pipeline-\S+; predicts \d+\.\d\d for [\d.,]+", production_line(done)
    )


def test_a_deployment_that_fails_is_rolled_back_to_what_an_earlier_command_released(
    first_command: tuple[Repository, subprocess.CompletedProcess[str]],
) -> None:
    source, first = first_command
    source.replace("functions/publish_jobs/app.py", "data = handle(", "data = 1 // 0 or handle(")
    source.commit("Break the deployment")

    done = commanded(source, "--approve")

    assert done.returncode == 1, done.stderr
    assert "ended as UPDATE_ROLLBACK_COMPLETE: " in done.stdout
    assert "stage Workflow: rolling back to the last execution that succeeded" in done.stdout
    assert "stage Workflow: rolled back" in done.stdout
    assert production_line(done) == production_line(first)


def test_a_release_of_another_repository_is_not_mixed_with_what_is_kept(
    first_command: tuple[Repository, subprocess.CompletedProcess[str]],
) -> None:
    source, _ = first_command
    folder = source.folder.parent / "another"
    another = repository(folder)

    done = commanded(another, "--approve")

    assert done.returncode == 1
    assert f"is of a release of {source.folder}, not of {folder}" in done.stderr


def test_a_failing_test_in_the_source_stops_the_command_at_build(tmp_path: Path) -> None:
    source = repository(tmp_path / "source")
    source.write("check.sh", "echo 'FAILED test_something'\nexit 3\n")
    source.commit("Break something")
    source.write("check.sh", "exit 0\n")

    done = commanded(source, "--approve")

    assert done.returncode == 1, done.stderr
    assert "1 changed files are not committed" in done.stdout
    assert "FAILED test_something" in done.stdout
    assert "Command did not exit successfully make pr exit status 2" in done.stdout
    assert "not run     Workflow, Train, Staging, Production" in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["lock"]
