"""The real SAM CLI and the real AWS CLI against `workflow serve`: docs/clients.md, carried out."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from tests.functional import transcript
from tests.functional.serving_command import Serving, serving
from tests.functional.transcript import Done

DOCUMENT = PROJECT_DIR / "docs" / "clients.md"
CLIENTS = {name: PROJECT_DIR / f".venv-{name}" / "bin" / name for name in ("sam", "aws")}
# The first test waits for the whole session, forty commands of which most are a new process.
pytestmark = pytest.mark.timeout(900)
# What `sam build` and `sam deploy` read.
DEPLOYED = (
    "template.yaml",
    "endpoint.yaml",
    "project.toml",
    "samconfig.toml",
    "functions",
    "jobs",
    "workflow",
    "data/abalone-sample.csv",
)


def copied(folder: Path) -> Path:
    """Copy what is deployed, so that the build leaves nothing in the repository."""
    for name in DEPLOYED:
        source, target = PROJECT_DIR / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy(source, target)
    return folder


def client_environment(served: Serving, folder: Path) -> dict[str, str]:
    """Return what a shell has that sources local.env and finds both clients."""
    bin_dir = folder / "bin"
    bin_dir.mkdir()
    for name, path in CLIENTS.items():
        (bin_dir / name).symlink_to(path)
    # The document's python is the one of this environment, in the repository.
    python_path = bin_dir / "python"
    python_path.write_text(f'#!/bin/sh\nPYTHONPATH={PROJECT_DIR} exec {sys.executable} "$@"\n')
    python_path.chmod(0o755)
    # They keep settings of their own in the home folder, and tell nobody of this run.
    return served.environment | {
        "PATH": f"{bin_dir}:{os.environ['PATH']}",
        "HOME": str(folder),
        "SAM_CLI_TELEMETRY": "0",
    }


def check_clients() -> None:
    """Skip where a client lacks, but not in CI, which must not pass without them."""
    lacking = [name for name, path in CLIENTS.items() if not path.exists()]
    if not lacking:
        return
    message = f"no {' and no '.join(lacking)} in its environment; `make clients` installs both"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Done]]:
    """Every command of the document, carried out in one shell."""
    check_clients()
    folder = tmp_path_factory.mktemp("clients")
    steps = transcript.steps(DOCUMENT.read_text(encoding="utf-8"))
    with serving(folder) as served:
        project = copied(folder / "project")
        yield list(transcript.carried_out(steps, project, client_environment(served, folder)))


def printed(session: list[Done], beginning: str) -> str:
    """Return what the only command that begins like this printed."""
    (done,) = [done for done in session if done.step.command.startswith(beginning)]
    return done.printed


def test_every_command_of_the_document_ends_as_shown(session: list[Done]) -> None:
    failed = {
        done.step.command: done.printed
        for done in session
        if (done.exit_code != 0) != ("An error occurred" in "".join(done.step.shown))
    }

    assert failed == {}


def test_every_command_prints_what_the_document_shows(session: list[Done]) -> None:
    missing = {
        done.step.command: (lines, done.printed)
        for done in session
        if (lines := transcript.not_printed(done))
    }

    assert missing == {}


def test_sam_builds_deploys_updates_and_deletes(session: list[Done]) -> None:
    deployed = printed(session, "sam build && sam deploy")
    updated = printed(session, "sam deploy --config-env local --parameter-overrides")
    events = printed(session, "aws cloudformation describe-stack-events")

    assert "Successfully created/updated stack - abalone-sam" in deployed
    assert "Successfully created/updated stack - abalone-sam" in updated
    assert "CREATE_COMPLETE\tWorkflow" in events
    assert "Deleted successfully" in printed(session, "sam delete --config-env local --")


def test_the_recorded_model_is_the_executions_and_in_the_registry(session: list[Done]) -> None:
    execution_arn = printed(session, "execution_arn=").strip()
    model_name = printed(session, "echo $model_name").strip()
    container = json.loads(printed(session, "aws sagemaker describe-model"))

    assert printed(session, "while ").strip() == "SUCCEEDED"
    assert model_name.startswith(f"{execution_arn.rpartition(':')[2]}-")
    assert container["ModelDataUrl"].endswith("/output/model.tar.gz")
    assert printed(session, "aws stepfunctions list-executions").split()[1] == execution_arn
    assert "1\tApproved\tmse" in printed(session, "aws sagemaker list-model-packages")


def test_the_topics_subscriber_hears_of_the_model(session: list[Done]) -> None:
    subject = printed(session, "aws sqs --endpoint-url $AWS_ENDPOINT_URL receive-message")

    assert "Model released: abalone-sam" in subject


def test_the_endpoint_predicts_for_the_aws_cli(session: list[Done]) -> None:
    assert 3 < float(printed(session, "cat prediction.csv")) < 20


def test_functions_executions_and_jobs_leave_logs(session: list[Done]) -> None:
    function = printed(session, "log /aws/lambda/").strip().splitlines()
    execution = printed(session, "log /aws/vendedlogs/").strip().splitlines()

    assert [line.split(" ")[0] for line in function] == ["START", "END", "REPORT"]
    assert {json.loads(line)["execution_arn"] for line in execution} == {
        printed(session, "execution_arn=").strip()
    }
    assert "validation-rmse:" in printed(session, "log /aws/sagemaker/TrainingJobs")
