"""The real SAM CLI builds, deploys and deletes a project on an emulated AWS that `up` keeps up."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from emulated.kept_up import kept_up
from pocketaws.commands.env_file import read_env_file

SAM_PATH = Path(__file__).parents[3] / ".venv-sam" / "bin" / "sam"
ORDERS_DIR = Path(__file__).parent / "orders"
PYTHON = f"python3.{sys.version_info.minor}"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def project_dir(tmp_path: Path) -> Path:
    """The orders, built with the Python that is here."""
    if not SAM_PATH.exists():
        if os.environ.get("CI"):
            pytest.fail("no SAM CLI in .venv-sam; `make clients` installs it")
        pytest.skip("no SAM CLI in .venv-sam; `make clients` installs it")
    folder = tmp_path / "project"
    shutil.copytree(ORDERS_DIR, folder)
    # The SAM CLI looks for a file from the folder that it is started in, pip from that of the list.
    [wheel_path] = folder.glob("*.whl")
    (folder / "price" / "requirements.txt").write_text(f"{wheel_path}\n", encoding="utf-8")
    template_path = folder / "template.yaml"
    text = template_path.read_text(encoding="utf-8")
    template_path.write_text(text.replace("python3.13", PYTHON), encoding="utf-8")
    return folder


@pytest.fixture
def exported(project_dir: Path) -> Iterator[dict[str, str]]:
    """What `up` says to export, while it is up."""
    with kept_up(cwd=project_dir, environment=_outside()):
        yield read_env_file(project_dir / ".pocketaws" / "local.env")


def _outside() -> dict[str, str]:
    """Return this process's environment without the emulated AWS that other tests use in it."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}


def sam(*arguments: str, cwd: Path, environment: dict[str, str]) -> str:
    """Run the SAM CLI to its end and return what it printed; it has to succeed."""
    python_dir = Path(sys.executable).parent
    done = subprocess.run(
        [str(SAM_PATH), *arguments],
        cwd=cwd,
        env={
            "PATH": f"{python_dir}:{os.environ['PATH']}",
            "HOME": str(cwd),
            "SAM_CLI_TELEMETRY": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_sam_deploys_to_what_is_up_and_execute_runs_it(
    project_dir: Path, exported: dict[str, str]
) -> None:
    sam("build", cwd=project_dir, environment=exported)
    deployed = sam(
        *("deploy", "--stack-name", "orders", "--resolve-s3", "--no-confirm-changeset"),
        *("--capabilities", "CAPABILITY_IAM", "--parameter-overrides", "Stage=sam"),
        cwd=project_dir,
        environment=exported,
    )
    executed = subprocess.run(
        [sys.executable, "-m", "pocketaws", "execute", "Orders-sam", "--input", '{"orders": [5]}'],
        cwd=project_dir,
        env=_outside(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    session = boto3.Session(
        exported["AWS_ACCESS_KEY_ID"],
        exported["AWS_SECRET_ACCESS_KEY"],
        region_name=exported["AWS_DEFAULT_REGION"],
    )
    cloudformation = session.client("cloudformation", endpoint_url=exported["AWS_ENDPOINT_URL"])
    [stack] = cloudformation.describe_stacks(StackName="orders")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    dynamodb = session.client("dynamodb", endpoint_url=exported["AWS_ENDPOINT_URL"])
    items = dynamodb.scan(TableName=outputs["TableName"])["Items"]
    sam("delete", "--stack-name", "orders", "--no-prompts", cwd=project_dir, environment=exported)

    assert "Successfully created/updated stack - orders" in deployed
    assert executed.returncode == 0, executed.stdout + executed.stderr
    assert 'output      ["sam: 50"]' in executed.stdout
    assert json.dumps(items) == '[{"id": {"S": "sam: 50"}}]'
    left = cloudformation.list_stacks(StackStatusFilter=["CREATE_COMPLETE"])["StackSummaries"]
    assert "orders" not in [summary["StackName"] for summary in left]
