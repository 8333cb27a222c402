"""`workflow run` in another region and partition, as it goes there, and where it does not go."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_DIR
from tests.functional.releasing import repository
from workflow.release.local import ReleaseRequest, plan

REGION = "cn-north-1"
ACCOUNT_ID = "123456789012"
# Of template.yaml's ImageRegistry.
REGISTRY = "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn"


@dataclass(frozen=True)
class Ran:
    """An execution that a person approved.

    Attributes:
        folder: that the command had.
    """

    folder: Path
    text: str
    result: dict[str, Any]


def workflow(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "workflow", *arguments],
        check=False,
        cwd=folder,
        env=kept | {"HOME": str(folder), "PYTHONPATH": str(PROJECT_DIR)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("china")
    asked = ("--input", '{"approval": "required"}', "--approve", "--name", "china")

    done = workflow("run", "--region", REGION, *asked, "--result", "r.json", folder=folder)

    assert done.returncode == 0, done.stdout + done.stderr
    return Ran(folder, done.stdout, json.loads((folder / "r.json").read_text()))


def test_an_execution_in_china_ends_as_anywhere(ran: Ran) -> None:
    place = f"arn:aws-cn:states:{REGION}:{ACCOUNT_ID}"

    assert ran.result["status"] == "SUCCEEDED"
    assert ran.result["execution_arn"] == f"{place}:execution:abalone-local:china"
    assert ran.result["states"][-1]["name"] == "Model released"
    assert f"s3://sagemaker-example-files-prod-{REGION}/" in ran.text


def test_a_person_approves_without_a_page(ran: Ran) -> None:
    asking, released = ran.result["messages"]
    package = f"arn:aws-cn:sagemaker:{REGION}:{ACCOUNT_ID}:model-package/abalone-local-"

    assert "Wait for approval" in [state["name"] for state in ran.result["states"]]
    assert f"update-model-package --region {REGION} --model-package-arn {package}" in asking["text"]
    assert f"https://{REGION}.console.amazonaws.cn/states/home" in asking["text"]
    assert f"Model package: {package}" in released["text"]
    assert "/approve" not in asking["text"]
    assert "amazonaws.com/" not in asking["text"] + released["text"]


def test_the_model_is_of_the_regions_registry_and_kept_for_the_region(ran: Ran) -> None:
    (path,) = (ran.folder / ".workflow").rglob("recorded-model.json")

    assert path.relative_to(ran.folder / ".workflow").parts[0] == REGION
    assert json.loads(path.read_text())["image_uri"].startswith(f"{REGISTRY}/sagemaker-xgboost:")


def test_another_regions_model_is_not_in_production(ran: Ran) -> None:
    again = workflow("run", "--name", "again", "--region", REGION, folder=ran.folder)
    home = ("--state-dir", f".workflow/{REGION}")

    elsewhere = workflow("run", "--name", "elsewhere", *home, folder=ran.folder)

    assert f"in production, from .workflow/{REGION}: " in again.stdout
    assert "is of another region" in elsewhere.stdout
    assert "does not exist yet" in elsewhere.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--region", "eu-wset-1"], "--region 'eu-wset-1': AWS has no such region; name"),
        (
            ["run", "--region", "mx-central-1"],
            (
                "--region 'mx-central-1': template.yaml does not map it, and CloudFormation would "
                "say 'Template error: Unable to get mapping for "
                "ImageRegistry::mx-central-1::AccountId'; add it to ImageRegistry, or name one of "
                "af-south-1, "
            ),
        ),
        (
            ["serve", "--region", "us-gov-east-1"],
            (
                "--region 'us-gov-east-1': endpoint.yaml refuses it: CloudFormation has no "
                "AWS::SageMaker::Endpoint"
            ),
        ),
        (
            ["release", "--approve", "--region", "eusc-de-east-1", "--source", str(PROJECT_DIR)],
            "--region 'eusc-de-east-1': template.yaml does not map it",
        ),
        (
            ["run", "--region", "us-isof-south-1"],
            "--region 'us-isof-south-1': is of the partition aws-iso-f, which the local runtime",
        ),
    ],
)
def test_a_region_where_nothing_can_be_deployed_is_refused_before_anything_starts(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = workflow(*arguments, folder=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"error: {told}" in done.stderr
    # Beside what is kept of a template that was read.
    assert {path.name for path in tmp_path.iterdir()} <= {".cache"}


def test_a_release_is_planned_in_the_regions_partition(tmp_path: Path) -> None:
    request = ReleaseRequest(
        source_dir=repository(tmp_path / "source").folder,
        is_approved=True,
        variables={},
        parameters={},
        offline=True,
        output_dir=tmp_path / "runs",
        state_dir=tmp_path / "state",
        region=REGION,
    )

    planned = plan(request)

    arns = [action.role_arn for stage in planned.pipeline.stages for action in stage.actions]
    assert arns
    assert all(arn.startswith(f"arn:aws-cn:iam::{ACCOUNT_ID}:role/") for arn in arns)
    assert planned.parameters["ConnectionArn"].startswith(f"arn:aws-cn:codeconnections:{REGION}:")
    assert planned.request.state_dir == tmp_path / "state" / REGION
