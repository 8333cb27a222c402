"""The command line of `workflow rollback` and `workflow status`, with an emulated AWS behind it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator

import boto3
import pytest

pytestmark = pytest.mark.slow

ROLE_ARN = "arn:aws:iam::123456789012:role/service-role/models"
BUCKET_NAME = "models"
SERVER = """
from moto.server import ThreadedMotoServer
import sys

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
Workflow = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An emulated AWS in a process of its own, as the tests' own runtime is in this one."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin
        assert server.stdout
        url = f"http://localhost:{int(server.stdout.readline())}"
        fill(url)
        yield url
        server.stdin.close()


def fill(url: str) -> None:
    """Record two models for each of two stacks; the endpoint serves the second model."""

    def client(service: str) -> boto3.client:
        return boto3.client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    client("s3").create_bucket(Bucket=BUCKET_NAME)
    for name in ("run-1", "run-2"):
        key = f"training/{name}/model.tar.gz"
        client("s3").put_object(Bucket=BUCKET_NAME, Key=key, Body=b"")
        client("sagemaker").create_model(
            ModelName=name,
            ExecutionRoleArn=ROLE_ARN,
            PrimaryContainer={"Image": "xgboost", "ModelDataUrl": f"s3://{BUCKET_NAME}/{key}"},
        )
        for stack_name in ("abalone-dev", "abalone-asked"):
            client("ssm").put_parameter(
                Name=f"/{stack_name}/model-name",
                Value=name,
                Type="String",
                Overwrite=True,
                Description=json.dumps({"model": name, "execution": f"arn:{name}", "mse": 4.5}),
            )
    variant = {"VariantName": "AllTraffic", "ModelName": "run-2", "InstanceType": "ml.m5.large"}
    client("sagemaker").create_endpoint_config(
        EndpointConfigName="config",
        ProductionVariants=[{**variant, "InitialInstanceCount": 1, "InitialVariantWeight": 1}],
    )
    client("sagemaker").create_endpoint(EndpointName="abalone", EndpointConfigName="config")


@pytest.fixture
def workflow(url: str) -> Workflow:
    """Run the command line as a user of the emulated AWS does."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }

    def run(
        *arguments: str, stdin: int = subprocess.DEVNULL, **more: str | None
    ) -> "subprocess.CompletedProcess[str]":
        variables = {**environment, **more}
        return subprocess.run(
            [sys.executable, "-m", "workflow", *arguments],
            env={name: value for name, value in variables.items() if value is not None},
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_rollback_shows_asks_writes_and_is_told_by_the_status(workflow: Workflow) -> None:
    before = workflow("status")
    dry = workflow("rollback", "--dry-run")
    unasked = workflow("rollback")
    still = workflow("status", "--json")
    done = workflow("rollback", "--yes")
    after = workflow("status")

    assert (before.returncode, before.stderr) == (0, "")
    assert "the endpoint serves the recorded model" in before.stdout
    assert dry.returncode == 0
    assert "back to     run-1 (of version 1, " in dry.stdout
    assert dry.stdout.endswith("nothing was written (--dry-run)\n")
    assert unasked.returncode == 1
    assert "there is no terminal to ask in" in unasked.stderr
    assert json.loads(still.stdout)["recorded"]["version"] == 2
    assert (done.returncode, done.stderr) == (0, "")
    assert "/abalone-dev/model-name holds run-1 (version 3)\n" in done.stdout
    assert after.returncode == 3
    assert "  rolled back  from run-2\n  metrics      mse 4.5\n" in after.stdout
    assert "! the endpoint abalone serves run-2, the recorded model is run-1: " in after.stdout


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"AWS_DEFAULT_REGION": None}, "error: You must specify a region; name one with --region"),
        ({"AWS_ENDPOINT_URL": "here"}, "error: AWS_ENDPOINT_URL is 'here': Invalid endpoint"),
        (
            {"AWS_ENDPOINT_URL": "http://localhost:1"},
            "nothing is up there any more; for this",
        ),
        ({"AWS_ACCESS_KEY_ID": None, "AWS_EC2_METADATA_DISABLED": "true"}, "credentials; log in"),
    ],
    ids=["region", "url", "nobody", "credentials"],
)
def test_what_the_configuration_lacks_is_one_line_and_no_traceback(
    workflow: Workflow, variables: dict[str, str | None], told: str
) -> None:
    ended = workflow("status", **variables)

    assert ended.returncode == 1
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("answer", "exit_code", "version"), [("no\n", 1, 2), ("\x04", 1, 2), ("yes\n", 0, 3)]
)
def test_in_a_terminal_the_answer_decides(
    workflow: Workflow, answer: str, exit_code: int, version: int
) -> None:
    terminal, stdin = pty.openpty()
    os.write(terminal, answer.encode())

    ended = workflow("rollback", "--stack-name", "abalone-asked", stdin=stdin)

    os.close(stdin)
    os.close(terminal)
    status = workflow("status", "--json", "--stack-name", "abalone-asked")
    assert "\nrecord run-1 again? type yes or no: " in ended.stdout
    assert ended.returncode == exit_code
    assert json.loads(status.stdout)["recorded"]["version"] == version
