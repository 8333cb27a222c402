"""One emulated AWS for all tests that need it: started once, with the stack deployed."""

import json
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Examples have no time limit, as they have none in CI by hypothesis' own profile: a machine may do
# other things, too.
settings.register_profile(
    "unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
# Before an OpenMP is loaded: threads that wait by spinning take the time of the other tests.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# In the background, or under nohup, a runner ignores these, and so would what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Before moto is imported, which fails on a profile that is not there.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]

from pocketaws.cloudformation.deploy import Stack  # noqa: E402
from pocketaws.runtime import LocalRuntime  # noqa: E402
from pocketaws.step_functions.execution import Execution  # noqa: E402

PROJECT_DIR = Path(__file__).parents[1]
SAMPLE_PATH = PROJECT_DIR / "data" / "abalone-sample.csv"

OPEN_GATE = {"max_mse": 1000.0, "max_mse_increase": 10.0, "if_not_comparable": "max_mse"}
RunExecution = Callable[..., Execution]


@pytest.fixture(scope="session")
def runtime(pocketaws_runtime: LocalRuntime) -> LocalRuntime:
    return pocketaws_runtime


@pytest.fixture(scope="session")
def stack(runtime: LocalRuntime) -> Stack:
    return runtime.deploy(
        PROJECT_DIR / "template.yaml",
        stack_name="abalone-test",
    )


@pytest.fixture(scope="session")
def sample_uri(runtime: LocalRuntime, stack: Stack) -> str:
    """The sample data under input/ of the stack's bucket, the first time in one object."""
    key = "input/sample/abalone.csv"
    runtime.client("s3").upload_file(str(SAMPLE_PATH), stack.outputs["BucketName"], key)
    return f"s3://{stack.outputs['BucketName']}/{key}"


@pytest.fixture
def put_input(runtime: LocalRuntime, stack: Stack) -> Callable[..., str]:
    """Put objects under a prefix of their own and return its URI."""

    def put(**objects: bytes) -> str:
        prefix = f"input/{uuid.uuid4()}/"
        for name, content in objects.items():
            runtime.client("s3").put_object(
                Bucket=stack.outputs["BucketName"], Key=prefix + name, Body=content
            )
        return f"s3://{stack.outputs['BucketName']}/{prefix}"

    return put


@pytest.fixture
def run_locally(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> RunExecution:
    """Run one execution; what is not given comes from the sample and the stack.

    The gate is wide open, since the tests share one production model.
    """

    def run(name: str | None = None, **execution_input: Any) -> Execution:
        return runtime.run(
            stack.outputs["StateMachineArn"],
            {"input_data_uri": sample_uri, **OPEN_GATE, **execution_input},
            name=name,
        )

    return run


@pytest.fixture
def recorded_version(runtime: LocalRuntime, stack: Stack) -> Callable[[], int]:
    """Tell how many models have been recorded so far."""

    def version() -> int:
        ssm = runtime.client("ssm")
        try:
            parameter = ssm.get_parameter(Name=stack.outputs["ModelParameterName"])
        except ssm.exceptions.ParameterNotFound:
            return 0
        return int(parameter["Parameter"]["Version"])

    return version


@pytest.fixture(scope="session")
def committed_definition() -> dict[str, Any]:
    path = PROJECT_DIR / "workflow" / "definition" / "definition.asl.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))
