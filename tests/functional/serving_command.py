"""`workflow serve` as a user starts it, and the ways in which it is called."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import numpy as np
import xgboost
from botocore.config import Config

from emulated.waiting import eventually
from tests.conftest import PROJECT_DIR, SAMPLE_PATH

_SECONDS: Final = 180
# It deploys two stacks and trains, which a busy machine takes its time for.
_START_SECONDS: Final = 300
PARAMETER_NAME: Final = "/abalone-dev/model-name"
ENDPOINT_NAME: Final = "abalone"


@dataclass(frozen=True)
class Serving:
    """A command that serves.

    Attributes:
        environment: what it says to export.
        url: of the endpoint's container.
        log_path: what it has printed.
    """

    environment: dict[str, str]
    url: str
    log_path: Path

    @property
    def log(self) -> str:
        """What the command has printed so far."""
        return self.log_path.read_text()

    def client(self, service: str) -> Any:
        """Return a client with what the command says to export."""
        session = boto3.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
        )
        config = Config(s3={"addressing_style": "path"})
        url = self.environment["AWS_ENDPOINT_URL"]
        return session.client(service, endpoint_url=url, config=config)

    @property
    def state_dir(self) -> Path:
        """The folder that the command holds."""
        return self.log_path.with_name("state")

    def begun(self, *arguments: str, output: Path) -> "subprocess.Popen[str]":
        """Begin `workflow run` in the folder that the command holds.

        Args:
            arguments: more of them.
            output: gets what it prints.
        """
        with output.open("w") as file:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "workflow", "run", "--state-dir", str(self.state_dir)),
                    *("--output-dir", str(output.with_name("runs")), *arguments),
                ],
                cwd=PROJECT_DIR,
                env=_without_aws(),
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def command(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run another of our commands against it."""
        return subprocess.run(
            [sys.executable, "-m", "workflow", *arguments],
            cwd=PROJECT_DIR,
            env=_without_aws() | self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def over_http(self, rows: Sequence[str]) -> list[float]:
        """Return predictions for encoded rows by plain HTTP, as curl asks."""
        request = urllib.request.Request(
            f"{self.url}/invocations",
            data="\n".join(rows).encode(),
            headers={"Content-Type": "text/csv"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return [float(line) for line in answer.read().decode().split()]

    def recorded_name(self) -> str:
        """The recorded model's name."""
        answer = self.client("ssm").get_parameter(Name=PARAMETER_NAME)
        return str(answer["Parameter"]["Value"])

    def served_name(self) -> str:
        """The name of the model that the endpoint serves, by its configuration."""
        sagemaker = self.client("sagemaker")
        endpoint = sagemaker.describe_endpoint(EndpointName=ENDPOINT_NAME)
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
        return str(config["ProductionVariants"][0]["ModelName"])

    def booster(self) -> xgboost.Booster:
        """Load the recorded model's artifact."""
        model = self.client("sagemaker").describe_model(ModelName=self.recorded_name())
        uri = model["PrimaryContainer"]["ModelDataUrl"]
        bucket_name, _, key = uri.removeprefix("s3://").partition("/")
        return booster_of(self.client("s3").get_object(Bucket=bucket_name, Key=key)["Body"].read())

    def state_machine_arn(self) -> str:
        """The deployed state machine's ARN."""
        name = PARAMETER_NAME.replace("model-name", "state-machine-arn")
        return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def train(self, **execution_input: Any) -> str:
        """Start an execution, wait for its end and return its status."""
        step_functions = self.client("stepfunctions")
        arn = step_functions.start_execution(
            stateMachineArn=self.state_machine_arn(), input=json.dumps(execution_input)
        )["executionArn"]
        eventually(lambda: _status(step_functions, arn) != "RUNNING")
        return _status(step_functions, arn)


def _status(step_functions: Any, arn: str) -> str:
    return str(step_functions.describe_execution(executionArn=arn)["status"])


def booster_of(archive: bytes) -> xgboost.Booster:
    """Return the model in a model.tar.gz."""
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        member = opened.extractfile("xgboost-model")
        assert member is not None
        return xgboost.Booster(model_file=bytearray(member.read()))


@contextmanager
def serving(
    folder: Path, *arguments: str, ended_by: signal.Signals = signal.SIGINT
) -> Iterator[Serving]:
    """Run the command in the background for the time of the context.

    It must leave with 0, but where it is killed.
    """
    log_path, state_dir = folder / "log.txt", folder / "state"
    with log_path.open("w") as log:
        process = subprocess.Popen(
            [
                # As a shell without job control does for `serve &`.
                *("sh", "-c", "trap '' INT; exec \"$@\"", "sh"),
                *(sys.executable, "-m", "workflow", "serve", "--port", "0"),
                *("--state-dir", str(state_dir), *arguments),
            ],
            cwd=PROJECT_DIR,
            env=_without_aws(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        eventually(
            lambda: "Ctrl-C stops it" in log_path.read_text() or process.poll() is not None,
            seconds=_START_SECONDS,
        )
        assert process.poll() is None, log_path.read_text()
        url = re.search(r"(http://127\.0\.0\.1:\d+)/invocations", log_path.read_text())
        assert url
        yield Serving(_exported(state_dir / "local.env"), url[1], log_path)
    finally:
        process.send_signal(ended_by)
        expected = -ended_by if ended_by == signal.SIGKILL else 0
        assert process.wait(timeout=_SECONDS) == expected, log_path.read_text()


def _exported(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    exports = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
    pairs = [line.partition("=") for line in exports]
    return {name: value.strip("'") for name, _, value in pairs}


def _without_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def raw_rows(count: int, *, longer: float = 1.0, before: int = 0) -> list[str]:
    """Return rows of the sample without their label, with other lengths where asked for.

    Args:
        count: of rows, from the sample's end.
        longer: what lengths are multiplied by.
        before: so many rows stand between these and the sample's end.
    """
    rows = []
    sample = list(csv.reader(SAMPLE_PATH.read_text().splitlines()))
    end = len(sample) - before % max(1, len(sample) - count)
    for row in sample[end - count : end]:
        lengths = [f"{float(value) * longer:.4g}" for value in row[1:4]]
        rows.append(",".join([row[0], *lengths, *row[4:8]]))
    return rows


def encoded(rows: Sequence[str]) -> list[str]:
    """Return raw rows as the model takes them."""
    flags = {"F": "1,0,0", "I": "0,1,0", "M": "0,0,1"}
    return [f"{rest},{flags[sex]}" for sex, _, rest in (row.partition(",") for row in rows)]


def predicted(booster: xgboost.Booster, rows: Sequence[str]) -> np.ndarray:
    """Return what a model says of encoded rows."""
    table = np.array([[float(value) for value in row.split(",")] for row in rows])
    return np.asarray(booster.predict(xgboost.DMatrix(table)))
