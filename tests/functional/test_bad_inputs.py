"""Bad execution inputs and bad data: each gets its clear error, or the stated tolerance."""

import gzip
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.conftest import SAMPLE_PATH, RunExecution
from tests.functional.unreported import unreported

INVALID = "InvalidExecutionInput"
JOB_FAILED = "JobFailed"
LINES = SAMPLE_PATH.read_bytes().splitlines(keepends=True)[:1000]
ROWS = b"".join(LINES)
HEADER = (
    b"Sex,Length,Diameter,Height,Whole weight,Shucked weight,Viscera weight,Shell weight,Rings\n"
)

# What is given, and what the error must say; the rest of the input is in order.
BAD_EXECUTION_INPUTS: list[tuple[Any, str]] = [
    ([], "must be a JSON object"),
    ("text", "must be a JSON object"),
    (None, "must be a JSON object"),
    ({"imput_data_uri": "s3://b/k"}, 'imput_data_uri = "s3://b/k": no such field; did you mean'),
    ({"input_data_uri": "abalone.csv"}, 'input_data_uri = "abalone.csv": must be the S3 URI'),
    ({"input_data_uri": "s3://no-such-bucket-here/raw/"}, "'no-such-bucket-here' does not exist"),
    ({"input_data_uri": None}, "input_data_uri = null: must be the S3 URI"),
    ({"validation_share": 0.6}, "validation_share = 0.6: must be from 0.01 to 0.5"),
    ({"validation_share": "0.2"}, 'validation_share = "0.2": must be a number, without quotes'),
    ({"validation_share": 0.5, "test_share": 0.45}, "leave less than a tenth of the rows"),
    ({"split_seed": 1.5}, "split_seed = 1.5: must be a whole number"),
    ({"split_seed": True}, "split_seed = true: must be a whole number"),
    ({"max_rejected_share": -0.1}, "max_rejected_share = -0.1: must be from 0"),
    ({"processing_instance_type": "m5.xlarge"}, "must be a SageMaker instance type"),
    ({"processing_instance_count": 0}, "processing_instance_count = 0: must be from 1 to 100"),
    ({"training_volume_size_gb": 99999}, "training_volume_size_gb = 99999: must be from 1"),
    ({"training_max_runtime_seconds": 0}, "training_max_runtime_seconds = 0: must be from 1"),
    ({"training_use_spot": "yes"}, 'training_use_spot = "yes": must be true or false'),
    (
        {"training_use_spot": True, "training_max_wait_seconds": 60},
        "training_max_wait_seconds = 60: must be at least training_max_runtime_seconds (3600)",
    ),
    ({"tags": {"team": 5}}, "tag 'team' must be a text"),
    ({"tags": {"aws:team": "x"}}, "must not start with 'aws:'"),
    ({"hyperparameters": [1]}, "hyperparameters = [1]: must be an object"),
    ({"hyperparameters": {"num_rounds": 9}}, "no such hyperparameter; did you mean 'num_round'?"),
    ({"hyperparameters": {"num_round": 0}}, "hyperparameters.num_round = 0: must be a whole"),
    ({"hyperparameters": {"eta": "NaN"}}, 'hyperparameters.eta = "NaN": must be a finite number'),
    ({"hyperparameters": {"subsample": 1.2}}, "hyperparameters.subsample = 1.2: must be above 0"),
    ({"hyperparameters": {"objective": "binary:logistic"}}, "must be one of reg:squarederror"),
]

# Raw objects by name, and what the job's message must say.
BAD_DATA: dict[str, tuple[dict[str, bytes], str]] = {
    "empty": ({"a.csv": b""}, "no rows"),
    "blank lines only": ({"a.csv": b"\n\n\r\n"}, "no rows"),
    "header only": ({"a.csv": HEADER}, "no rows"),
    "two rows": ({"a.csv": b"".join(LINES[:2])}, "too few"),
    "a column is missing": (
        {"a.csv": b"".join(line.partition(b",")[2] for line in LINES)},
        "wrong number of fields",
    ),
    "a header lacks a column": (
        {"a.csv": b"sex,length,diameter\n" + ROWS},
        "lacks height",
    ),
    "another table": ({"a.csv": b"id,name,price\n1,a,2\n"}, "lacks sex"),
    "text where numbers belong": ({"a.csv": ROWS.replace(b",0.", b",x.")}, "not a number"),
    "not a number": ({"a.csv": b"M,nan,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 99}, "NaN or infinite"),
    "infinite": ({"a.csv": b"M,inf,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 99}, "NaN or infinite"),
    "negative lengths": ({"a.csv": b"M,-0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 99}, "negative"),
    "unknown sex": ({"a.csv": b"X,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 99}, "unknown sex"),
    "rings with a fraction": ({"a.csv": b"M,0.4,0.3,0.1,0.5,0.2,0.1,0.1,9.5\n" * 99}, "rings"),
    "decimal commas": (
        {"a.csv": ROWS.replace(b",", b";").replace(b".", b",")},
        'put the line DECIMAL = "," into jobs/columns.py',
    ),
    "a header in tabs": (
        {"a.csv": HEADER.replace(b",", b"\t") + ROWS},
        "separated by tabs, its rows by commas",
    ),
    "utf-16": ({"a.csv": ROWS.decode().encode("utf-16")}, "UTF-16"),
    "truncated gzip": ({"a.csv.gz": gzip.compress(ROWS)[:-30]}, "truncated or corrupt gzip"),
    "corrupt gzip": ({"a.csv.gz": b"\x1f\x8b" + b"no gzip at all" * 9}, "truncated or corrupt"),
    "binary": ({"a.csv": bytes(range(128, 256)) * 40 + b"\n"}, "rejected"),
    "no newline at all": ({"a.csv": b"0.1," * 60_000}, "rejected"),
    "more bad rows than allowed": (
        {"a.csv": ROWS + b"M,x,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 60},
        "--max-rejected-share",
    ),
}

TOLERATED: dict[str, dict[str, bytes]] = {
    "a byte order mark": {"a.csv": b"\xef\xbb\xbf" + ROWS},
    "CRLF": {"a.csv": ROWS.replace(b"\n", b"\r\n")},
    "a header": {"a.csv": HEADER + ROWS},
    "no newline at the end": {"a.csv": ROWS.rstrip(b"\n")},
    "gzip": {"a.csv.gz": gzip.compress(ROWS)},
    "quotes and spaces": {"a.csv": ROWS.replace(b",", b", ").replace(b"M, ", b'"M", ')},
    "several objects": {"a.csv": b"".join(LINES[:400]), "b.csv": b"".join(LINES[400:])},
    "a few bad rows": {"a.csv": ROWS + b"M,x,0.3,0.1,0.5,0.2,0.1,0.1,9\n" * 20},
}


@pytest.fixture(scope="module", autouse=True)
def _unreported(runtime: LocalRuntime, stack: Stack) -> Iterator[None]:
    with unreported(runtime, stack):
        yield


@pytest.mark.parametrize(("given", "told"), BAD_EXECUTION_INPUTS, ids=lambda value: str(value)[:60])
def test_a_bad_execution_input_fails_before_any_job(
    runtime: LocalRuntime,
    stack: Any,
    sample_uri: str,
    recorded_version: Callable[[], int],
    given: Any,
    told: str,
) -> None:
    version = recorded_version()
    complete = {"input_data_uri": sample_uri, **given} if isinstance(given, dict) else given

    execution = runtime.run(stack.outputs["StateMachineArn"], complete)

    assert (execution.status, execution.error) == ("FAILED", INVALID)
    assert told in (execution.cause or "")
    # A job's name begins with the execution's, cut.
    begin = execution.arn.rpartition(":")[2][:20]
    assert [job.name for job in runtime.jobs if job.name.startswith(begin)] == []
    assert recorded_version() == version


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_fails_with_the_jobs_own_reason(
    runtime: LocalRuntime,
    run_locally: RunExecution,
    put_input: Callable[..., str],
    recorded_version: Callable[[], int],
    case: str,
) -> None:
    objects, told = BAD_DATA[case]
    version = recorded_version()

    execution = run_locally(input_data_uri=put_input(**objects))

    assert (execution.status, execution.error) == ("FAILED", JOB_FAILED)
    assert told in (execution.cause or "")
    assert not (execution.cause or "").startswith("{")
    assert recorded_version() == version


@pytest.mark.parametrize("case", TOLERATED)
def test_odd_but_usable_data_is_used(
    run_locally: RunExecution, put_input: Callable[..., str], case: str
) -> None:
    execution = run_locally(
        input_data_uri=put_input(**TOLERATED[case]), hyperparameters={"num_round": 2}
    )

    assert execution.status == "SUCCEEDED", execution.cause


def test_a_prefix_without_objects_is_told(run_locally: RunExecution, sample_uri: str) -> None:
    execution = run_locally(input_data_uri=sample_uri.rpartition("/")[0] + "/nothing-here/")

    assert "no object there" in (execution.cause or "")
