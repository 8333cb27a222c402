"""The SAM CLI itself deploys the endpoint to the emulator, as samconfig.toml says.

docs/clients.md does so with the workflow.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.conftest import PROJECT_DIR, RunExecution
from tests.functional.endpoint_stack import PARAMETERS
from workflow.local import environment
from workflow.local.deploy import Stack
from workflow.local.runtime import LocalRuntime

STACK_NAME = "abalone-sam"
ENDPOINT_STACK_NAME, ENDPOINT_NAME = "abalone-endpoint-sam", "abalone-sam"
CONFIG = ("--config-file", str(PROJECT_DIR / "samconfig.toml"), "--config-env")
OWN_BIN = PROJECT_DIR / ".venv-sam" / "bin"
SAM = shutil.which("sam", path=str(OWN_BIN)) or shutil.which("sam")
RunSam = Callable[..., str]


@pytest.fixture
def sam(runtime: LocalRuntime, stack: Stack, tmp_path: Path) -> RunSam:
    """Run a command of the SAM CLI and return what it says; the bundles' bucket is there."""
    if SAM is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no SAM CLI on the PATH or in .venv-sam: `make clients` installs it"
        )
    config_path = tmp_path / "aws-config"
    environment.write_config(config_path)
    variables = environment.client_environment(
        endpoint_url=runtime.endpoint_url, region=runtime.region, config_path=config_path
    )
    # It keeps settings of its own in the home folder, and tells nobody of this run.
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SAM_CLI_TELEMETRY": "0"}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(SAM), *arguments],
            cwd=PROJECT_DIR,
            env=variables | own,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_the_sam_cli_deploys_the_endpoint_of_the_recorded_model_and_deletes_it(
    sam: RunSam, runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    config, row = (*CONFIG, "local-endpoint"), b"0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"
    # The names of the tests' own workflow, in place of the one that `serve` deploys.
    names = {key: f"{key}=/{stack.name}/{name}" for key, name in PARAMETERS.items()}
    overrides = ("--parameter-overrides", f"EndpointName={ENDPOINT_NAME}", *names.values())
    recorded = run_locally().output

    deployed = sam("deploy", "-t", str(PROJECT_DIR / "endpoint.yaml"), *config, *overrides)
    answer = runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT_NAME, ContentType="text/csv", Body=row
    )
    again = sam("deploy", "-t", str(PROJECT_DIR / "endpoint.yaml"), *config, *overrides)
    deleted = sam("delete", "--no-prompts", *config)

    assert recorded
    assert f"Successfully created/updated stack - {ENDPOINT_STACK_NAME}" in deployed
    assert recorded["recorded"]["ModelName"] in deployed
    assert 1 < float(answer["Body"].read()) < 30
    assert f"No changes to deploy. Stack {ENDPOINT_STACK_NAME} is up to date" in again
    assert "Deleted successfully" in deleted
    with pytest.raises(ClientError, match="does not exist"):
        runtime.client("cloudformation").describe_stacks(StackName=ENDPOINT_STACK_NAME)
