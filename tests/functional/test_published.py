"""`python -m pocketaws up`, and what others publish run by their own tools against it."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import numpy as np
import pytest
import xgboost as xgb

from emulated.images import XGBOOST_URI
from emulated.kept_up import kept_up
from emulated.training_jobs import csv_rows
from emulated.waiting import eventually
from pocketaws.commands.env_file import read_env_file
from tests.conftest import PROJECT_DIR
from tests.definition_environment import PYTHON as SDK_PYTHON
from tests.functional.published.cdk import installed_app
from tests.pages import read_all

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="needs node"),
]
FOLDER = Path(__file__).parent / "published"
SECONDS = 250
BUCKET = "published-data"


class Up(NamedTuple):
    """A runtime that is up, and how others reach it."""

    folder: Path
    environment: dict[str, str]

    def client(self, service: str) -> Any:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
        key, secret, region = (self.environment[name] for name in names)
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name=region,
        )

    def called(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("published")
    user = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(PROJECT_DIR / "pocketaws" / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with kept_up(str(FOLDER / "inline_app"), cwd=folder, environment=user):
        exported = read_env_file(folder / ".pocketaws" / "local.env")
        # Node and the SDK have much to say of themselves.
        quiet = {"JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1", "CI": "true"}
        yield Up(folder, {**user, **exported, **quiet})


@pytest.fixture(scope="module")
def role_arn(up: Up) -> str:
    """A role that may do anything, and which both services trust; and the data."""
    s3, iam = up.client("s3"), up.client("iam")
    s3.create_bucket(Bucket=BUCKET)
    for seed, name in enumerate(("train", "validation")):
        s3.put_object(Bucket=BUCKET, Key=f"{name}/data.csv", Body=csv_rows(60, seed))
    rows = "".join(f"{index % 3} 0:{index % 3}.5 1:{index % 7}\n" for index in range(60))
    s3.put_object(Bucket=BUCKET, Key="libsvm/data.libsvm", Body=rows.encode())
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": ["sagemaker.amazonaws.com", "states.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    made = iam.create_role(
        RoleName="published",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    iam.attach_role_policy(
        RoleName="published", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    return str(made["Role"]["Arn"])


def test_a_sam_application_with_its_definition_inside_and_a_node_function_runs(up: Up) -> None:
    done = up.called(
        *(sys.executable, "-m", "pocketaws", "execute", "inline-greet"),
        *("--input", '{"number": 4}', "--result", "result.json"),
    )

    assert done.returncode == 0, done.stdout + done.stderr
    output = json.loads((up.folder / "result.json").read_text())["output"]
    assert output == {"word": "Hello, us-east-1", "number": 8}


@pytest.mark.parametrize("kind", ["training", "tuning", "inference"])
def test_the_sdks_own_templates_run_to_the_end(up: Up, role_arn: str, kind: str) -> None:
    if not Path(SDK_PYTHON).exists():
        pytest.skip("needs the SDK's environment: make definition")

    done = up.called(
        SDK_PYTHON, str(FOLDER / "sdk_templates.py"), kind, BUCKET, role_arn, XGBOOST_URI
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["status"] == "SUCCEEDED", told["cause"]
    if kind == "inference":
        assert len(distances(up)) == 2


def distances(up: Up) -> list[float]:
    """Return what the pipeline's endpoint says of two rows: XGBoost's first, then the script's."""
    sagemaker = up.client("sagemaker")

    def settled() -> Any:
        # Other templates make endpoints, too: the newest is the pipeline's.
        newest, *_ = read_all(
            sagemaker, "list_endpoints", SortBy="CreationTime", SortOrder="Descending"
        )["Endpoints"]
        told = sagemaker.describe_endpoint(EndpointName=newest["EndpointName"])
        return None if told["EndpointStatus"] == "Creating" else told

    told = eventually(settled, seconds=SECONDS)
    assert told["EndpointStatus"] == "InService", told["FailureReason"]
    answered = up.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=told["EndpointName"],
        Body="0 0:1.5 1:3\n0 0:2.5 1:1\n",
        ContentType="text/libsvm",
        Accept="application/json",
    )
    return [float(number) for number in json.loads(answered["Body"].read())]


def test_the_better_of_two_settings_is_found_and_each_row_gets_its_models_prediction(
    up: Up, role_arn: str, tmp_path: Path
) -> None:
    s3, states = up.client("s3"), up.client("stepfunctions")
    table = np.random.default_rng(3).normal(size=(9, 2)).round(3)
    rows = [f"id-{number},{a},{b}" for number, (a, b) in enumerate(table)]
    s3.put_object(Bucket=BUCKET, Key="rows/a.csv", Body="\n".join(rows).encode())
    machine = states.create_state_machine(
        name="tune-and-transform",
        roleArn=role_arn,
        definition=(FOLDER / "tune_and_transform.json").read_text(),
    )
    given = {"bucket": BUCKET, "role": role_arn, "image": XGBOOST_URI}
    started = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps(given)
    )

    def ended() -> Any:
        told = states.describe_execution(executionArn=started["executionArn"])
        return None if told["status"] == "RUNNING" else told

    execution = eventually(ended, seconds=SECONDS)
    assert execution["status"] == "SUCCEEDED", execution["cause"]
    output = json.loads(execution["output"])
    assert output["best"]["Job"]["TunedHyperParameters"] == {"eta": "0.5"}
    key = output["model"]["Uri"].removeprefix(f"s3://{BUCKET}/")
    s3.download_file(BUCKET, key, str(tmp_path / "model.tar.gz"))
    with tarfile.open(tmp_path / "model.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    booster = xgb.Booster(model_file=bytearray((tmp_path / "xgboost-model").read_bytes()))
    written = s3.get_object(Bucket=BUCKET, Key="predicted/a.csv.out")["Body"].read().decode()
    found = [line.split(",") for line in written.splitlines()]
    assert [name for name, _ in found] == [f"id-{number}" for number in range(9)]
    expected = booster.predict(xgb.DMatrix(table)).tolist()
    assert [float(value) for _, value in found] == pytest.approx(expected, abs=1e-6)


def test_a_cdk_application_deploys_after_bootstrap_and_runs(up: Up) -> None:
    folder = installed_app()
    cdk = str(folder / "node_modules" / ".bin" / "cdk")

    bootstrapped = up.called(cdk, "bootstrap", "aws://123456789012/us-east-1", cwd=folder)
    deployed = up.called(cdk, "deploy", "--require-approval", "never", cwd=folder)

    assert bootstrapped.returncode == 0, bootstrapped.stdout + bootstrapped.stderr
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    done = up.called(
        *(sys.executable, "-m", "pocketaws", "execute", "of-cdk"),
        *("--input", '{"number": 5}', "--result", "cdk.json"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((up.folder / "cdk.json").read_text())["output"] == {"tripled": 15}
