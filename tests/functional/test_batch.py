"""An execution that predicts for a batch with what it released, and one whose batch fails."""

import csv
import io
import subprocess
import sys
from typing import Any

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import OPEN_GATE, PROJECT_DIR, SAMPLE_PATH
from tests.pages import read_all

HEADER = "id;Length;sex;diameter;height;whole;shucked;viscera;shell"
ROWS = [
    "a-1;0.455;M;0.365;0.095;0.514;0.2245;0.101;0.15",
    '"b;2";0.35;F;0.265;0.09;0.2255;0.0995;0.0485;0.07',
    "c-3;long;F;0.265;0.09;0.2255;0.0995;0.0485;0.07",
    "d-4;0.53;I;0.415;0.15;0.7775;0.237;0.1415;0.33",
]


class Account:
    """The runtime with its stack, and the objects of its bucket."""

    def __init__(self, runtime: LocalRuntime, stack: Stack) -> None:
        self.runtime, self.stack = runtime, stack
        self.s3 = runtime.client("s3")
        self.bucket = stack.outputs["BucketName"]

    def run(self, **execution_input: Any) -> Execution:
        arn = self.stack.outputs["StateMachineArn"]
        quick = {"hyperparameters": {"num_round": 3}, **OPEN_GATE}
        return self.runtime.run(arn, {**quick, **execution_input})

    def under(self, uri: str) -> dict[str, str]:
        """Return the objects below a URI, by the rest of their keys."""
        prefix = uri.split("/", 3)[3]
        listed = read_all(self.s3, "list_objects_v2", Bucket=self.bucket, Prefix=prefix).get(
            "Contents", []
        )
        bodies = {
            item["Key"]: self.s3.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            for item in listed
        }
        return {key.removeprefix(prefix): body.decode() for key, body in bodies.items()}

    def told(self, execution: Execution) -> str:
        (text,) = [one.text for one in self.runtime.messages() if execution.arn in one.text]
        return text


@pytest.fixture(scope="module")
def account(runtime: LocalRuntime, stack: Stack) -> Account:
    return Account(runtime, stack)


@pytest.fixture(scope="module")
def endpoint_name(account: Account, predicted: Execution) -> str:
    """An endpoint of the model that was released."""
    sagemaker = account.runtime.client("sagemaker")
    variant = {
        "VariantName": "all",
        "ModelName": predicted.output["recorded"]["ModelName"],
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="beside", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="beside-the-batch", EndpointConfigName="beside")
    eventually(
        lambda: (
            sagemaker.describe_endpoint(EndpointName="beside-the-batch")["EndpointStatus"]
            == "InService"
        )
    )
    return "beside-the-batch"


@pytest.fixture(scope="module")
def predicted(account: Account, sample_uri: str) -> Execution:
    body = "\r\n".join([HEADER, *ROWS, ""]).encode()
    account.s3.put_object(Bucket=account.bucket, Key="input/batch/of today.csv", Body=body)
    account.s3.upload_file(str(SAMPLE_PATH), account.bucket, "input/batch/sample.csv")
    execution = account.run(
        input_data_uri=sample_uri,
        batch_data_uri=f"s3://{account.bucket}/input/batch/",
    )
    assert execution.status == "SUCCEEDED", execution.cause
    assert "failures" not in execution.output
    return execution


def test_each_prediction_stands_beside_its_rows_own_cells_and_id(
    account: Account, predicted: Execution
) -> None:
    written = account.under(predicted.output["batch"]["predictions_uri"])
    (name,) = written.keys() - {"sample.csv.out"}

    found = list(csv.reader(io.StringIO(written[name])))
    given = list(csv.reader([ROWS[0], ROWS[1], ROWS[3]], delimiter=";"))
    assert name.startswith("of_today.csv-")
    assert name.endswith(".out")
    assert [row[0] for row in found] == ["2", "3", "5"]
    assert [row[1:-1] for row in found] == given
    assert len({float(row[-1]) for row in found}) == 3


def test_rows_that_cannot_be_predicted_for_are_kept_with_their_reason_and_told(
    account: Account, predicted: Execution
) -> None:
    ((_, text),) = account.under(predicted.output["batch"]["rejected_uri"]).items()
    told = account.told(predicted)
    rows = len(ROWS) + len(SAMPLE_PATH.read_bytes().splitlines())

    assert text.splitlines()[1].startswith("of today.csv,4,\"not a number (column 'length'")
    assert f"Predictions: {predicted.output['batch']['predictions_uri']}, for s3://" in told
    assert (
        f"Batch: 1 of {rows} rows were left out (not a number: 1); the first: of today.csv" in told
    )


def test_a_batch_equals_what_the_endpoint_answers(
    account: Account, predicted: Execution, endpoint_name: str
) -> None:
    text = account.under(predicted.output["batch"]["predictions_uri"])["sample.csv.out"]
    encoded = subprocess.run(
        [sys.executable, str(PROJECT_DIR / "jobs" / "encode.py")],
        input=SAMPLE_PATH.read_bytes(),
        capture_output=True,
        check=True,
    ).stdout

    answered = account.runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint_name, ContentType="text/csv", Body=encoded
    )

    asked = [float(number) for number in answered["Body"].read().split()]
    found = [float(row.rpartition(",")[2]) for row in text.splitlines()]
    assert len(found) == len(SAMPLE_PATH.read_bytes().splitlines())
    assert found == pytest.approx(asked, abs=1e-6)


def test_a_batch_that_fails_leaves_the_model_released_and_says_so(
    account: Account, sample_uri: str
) -> None:
    account.s3.put_object(Bucket=account.bucket, Key="input/none/a.csv", Body=b"not,a,row\n1,2,3\n")
    execution = account.run(
        input_data_uri=sample_uri, batch_data_uri=f"s3://{account.bucket}/input/none/"
    )

    told = account.told(execution)
    assert execution.status == "SUCCEEDED"
    assert execution.output["recorded"]["Recorded"] is True
    assert "released a model, without its predictions." in told
    assert "State: Encode batch" in told
    assert "encoding the batch failed: the first row of a.csv: wrong number of fields" in told
