"""`workflow invoke`: rows in, encoded by the jobs' own code, predictions out."""

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.unit.answers import refusal, validate
from tests.unit.modules import PROJECT_DIR, load
from workflow.account.predictions import MAX_BYTES, MAX_ROWS, parse_predictions, predict
from workflow.account.raw_rows import RawRow, batches, check_encoded, encode_raw, read_rows
from workflow.errors import WorkflowError

pytestmark = pytest.mark.slow

SAMPLE_PATH = PROJECT_DIR / "data" / "abalone-sample.csv"
ROWS = b"M,0.4,0.3,0.1,0.5,0.2,0.1,0.15,15\nF,1,1,1,1,1,1,1,9\nI,2,2,2,2,2,2,2,3\n"
ENCODED = b"0.4,0.3,0.1,0.5,0.2,0.1,0.15,0,0,1\n1,1,1,1,1,1,1,1,0,0\n2,2,2,2,2,2,2,0,1,0\n"
Answer = Callable[[bytes], bytes]


def by_length(body: bytes) -> bytes:
    """Predict for each row its first number and a half, as the newer container writes it."""
    return b"".join(b"%.1f\n" % (float(row.split(b",")[0]) + 0.5) for row in body.splitlines())


class FakeRuntime:
    """An endpoint named abalone; keeps the bodies that it got."""

    def __init__(self, answer: Answer = by_length) -> None:
        self.answer = answer
        self.bodies: list[bytes] = []

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        validate("sagemaker-runtime", "InvokeEndpoint", request)
        assert request["ContentType"] == request["Accept"] == "text/csv"
        if request["EndpointName"] != "abalone":
            raise refusal("InvokeEndpoint", "ValidationError", "Endpoint x of account 1 not found.")
        self.bodies.append(request["Body"])
        return {"Body": io.BytesIO(self.answer(request["Body"]))}


def fail(_body: bytes) -> bytes:
    raise refusal("InvokeEndpoint", "ModelError", "Received client error (415)\nfrom primary.")


def rows(*texts: bytes) -> list[RawRow]:
    return [RawRow(number, text, text.decode()) for number, text in enumerate(texts, 1)]


def predictions(runtime: FakeRuntime, sent: Sequence[RawRow], name: str = "abalone") -> list[str]:
    return [prediction for _, prediction in predict(sent, name, runtime=runtime)]


@pytest.fixture
def files(tmp_path: Path) -> Callable[[bytes], Any]:
    """Return two real files: one that holds a text, and an empty one."""

    def make(text: bytes) -> Any:
        (tmp_path / "raw").write_bytes(text)
        return (tmp_path / "raw").open("rb"), (tmp_path / "encoded").open("w+b")

    return make


def test_raw_rows_become_what_the_endpoint_takes(files: Callable[[bytes], Any]) -> None:
    raw, encoded = files(b"\n" + ROWS)
    with raw, encoded:
        rejected = encode_raw(raw, encoded)
        read = list(read_rows(encoded, raw))

    assert rejected.count == 0
    assert [row.line_number for row in read] == [2, 3, 4]
    assert b"".join(row.text + b"\n" for row in read) == ENCODED
    assert [row.line.encode() for row in read] == ROWS.splitlines()


def test_bad_rows_are_counted_and_the_first_are_named(files: Callable[[bytes], Any]) -> None:
    raw, encoded = files(ROWS + 14 * b"X,1,1,1,1,1,1,1,9\n")
    with raw, encoded:
        rejected = encode_raw(raw, encoded)

    lines = str(rejected).splitlines()
    assert rejected.count == 14
    assert lines[0] == "  line 4: unknown sex (value 'X', expected F, I or M)"
    assert lines[10:] == ["  and 4 more"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"1,2,x", "line 2: not a number (value 'x'); leave out --encoded for raw rows"),
        (b"1,2,inf", "line 2: not a number (value 'inf'); leave out --encoded for raw rows"),
        (b"1,2", "line 2: wrong number of fields (2 instead of 3)"),
    ],
)
def test_an_encoded_row_is_numbers_as_many_as_in_the_first(
    files: Callable[[bytes], Any], row: bytes, told: str
) -> None:
    raw, encoded = files(b"1,2,3\n" + row + b"\n\n4,5,6\n")
    with raw, encoded:
        rejected = check_encoded(raw, encoded)
        read = list(read_rows(encoded, raw))

    assert rejected.first == [told]
    assert [(row.line_number, row.text) for row in read] == [(1, b"1,2,3"), (4, b"4,5,6")]


def test_batches_keep_to_both_limits_and_to_the_order() -> None:
    sent = rows(*(b"%d" % (number % 10) for number in range(100)))

    by_rows = list(batches(sent, max_bytes=1000, max_rows=7))
    by_bytes = list(batches(sent, max_bytes=10, max_rows=1000))

    assert [len(batch) for batch in by_rows] == [7] * 14 + [2]
    assert [len(batch) for batch in by_bytes] == [5] * 20
    assert [row for batch in by_rows for row in batch] == sent


def test_a_row_that_is_longer_than_a_body_goes_alone() -> None:
    sent = rows(b"1", b"22222", b"3")

    assert [len(batch) for batch in batches(sent, max_bytes=4, max_rows=9)] == [1, 1, 1]


def test_each_row_gets_its_prediction_in_order_over_several_bodies() -> None:
    runtime = FakeRuntime()
    sent = rows(*(b"%d,0" % number for number in range(2 * MAX_ROWS + 1)))

    told = predictions(runtime, sent)

    assert told == [f"{number}.5" for number in range(2 * MAX_ROWS + 1)]
    assert [body.count(b"\n") for body in runtime.bodies] == [MAX_ROWS, MAX_ROWS, 1]


def test_no_body_is_larger_than_serverless_inference_takes() -> None:
    runtime = FakeRuntime()

    predictions(runtime, rows(*(9000 * [b"1," + 999 * b"0"])))

    assert max(map(len, runtime.bodies)) <= MAX_BYTES < 4 * 1024**2
    assert len(runtime.bodies) == 3


@pytest.mark.parametrize("answer", [b"9.5\n7.25\n", b"9.5,7.25", b"9.5\n\n7.25", b"9.5,\n7.25,\n"])
def test_both_forms_of_the_answer_are_read(answer: bytes) -> None:
    assert parse_predictions(answer, count=2) == ["9.5", "7.25"]


@pytest.mark.parametrize("answer", [b"", b"9.5", b"1\n2\n3", b"1\nnan", b"<html>", b"1,2\n3,4"])
def test_an_answer_that_is_not_a_number_for_each_row_is_told(answer: bytes) -> None:
    with pytest.raises(WorkflowError, match="which is not a number for each of 2 rows"):
        parse_predictions(answer, count=2)


def test_an_endpoint_that_is_not_there_is_told_with_the_option_that_names_another() -> None:
    with pytest.raises(WorkflowError, match="x does not exist; deploy endpoint"):
        predictions(FakeRuntime(), rows(b"1"), name="x")


def test_an_endpoint_that_fails_is_told_with_the_first_line_that_has_no_prediction() -> None:
    with pytest.raises(WorkflowError) as caught:
        predictions(FakeRuntime(fail), rows(b"1"))

    assert str(caught.value) == (
        "no prediction for line 1 and what follows: InvokeEndpoint was refused: ModelError: "
        "Received client error (415) from primary."
    )


MODEL_NAME = "run-1a2b3c4d-0f1e2d3c"
ANSWERS_PATH = "/bucket/evaluation/run-1a2b3c4d/known-answers.json"
DESCRIBED: dict[str, dict[str, Any]] = {
    "DescribeEndpoint": {
        "EndpointName": "abalone",
        "EndpointArn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/abalone",
        "EndpointConfigName": "config-1",
        "EndpointStatus": "InService",
    },
    "DescribeEndpointConfig": {
        "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": MODEL_NAME}]
    },
    "DescribeModel": {
        "PrimaryContainer": {"ModelDataUrl": "s3://bucket/training/run/model.tar.gz"}
    },
}
FEATURES = load("jobs", parent=PROJECT_DIR).rows.FEATURES


class Handler(BaseHTTPRequestHandler):
    """SageMaker and its runtime, as far as one endpoint goes, and S3's known answers."""

    bodies: list[bytes]
    columns: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").removeprefix("SageMaker.")
        if operation:
            self.answer(200, json.dumps(DESCRIBED[operation]).encode())
            return
        self.bodies.append(body)
        self.answer(200, by_length(body))

    def do_GET(self) -> None:
        """Be S3, which has the known answers of the model, where they name columns."""
        there = self.columns and self.path.partition("?")[0] == ANSWERS_PATH
        self.answer(200 if there else 404, json.dumps({"columns": self.columns}).encode())

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/csv; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bodies() -> list[bytes]:
    return []


@pytest.fixture
def columns() -> list[str]:
    """What the endpoint's model takes, as its known answers say; empty where nothing says it."""
    return [*FEATURES]


@pytest.fixture
def invoke(bodies: list[bytes], columns: list[str]) -> Iterator[Callable[..., Any]]:
    """Run the command line against an endpoint that keeps its bodies."""
    handler = type("EndpointHandler", (Handler,), {"bodies": bodies, "columns": columns})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": f"http://localhost:{server.server_port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

        def run(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
            return subprocess.run(
                [sys.executable, "-m", "workflow", "invoke", *arguments],
                env=environment,
                input=stdin,
                capture_output=True,
                check=False,
            )

        yield run
        server.shutdown()


def test_the_rows_of_a_file_are_sent_encoded_and_answered_in_order(
    invoke: Callable[..., Any], bodies: list[bytes]
) -> None:
    ended = invoke(str(SAMPLE_PATH))

    lengths = [float(line.split(",")[1]) for line in SAMPLE_PATH.read_text().splitlines()]
    assert ended.stderr == b""
    assert ended.stdout.decode().split() == [f"{length + 0.5:.1f}" for length in lengths]
    assert len(bodies) == 1


def test_standard_input_and_json_lines_with_the_rows(
    invoke: Callable[..., Any], bodies: list[bytes]
) -> None:
    ended = invoke("--output-format", "json", "--with-input", stdin=b"\n" + ROWS)

    assert bodies == [ENCODED]
    assert [json.loads(line) for line in ended.stdout.splitlines()][1:] == [
        {"line": 3, "row": "F,1,1,1,1,1,1,1,9", "prediction": 1.5},
        {"line": 4, "row": "I,2,2,2,2,2,2,2,3", "prediction": 2.5},
    ]


def test_encoded_rows_are_sent_as_they_are(invoke: Callable[..., Any], bodies: list[bytes]) -> None:
    ended = invoke("--encoded", "-", stdin=ENCODED)

    assert bodies == [ENCODED]
    assert ended.stdout == b"0.9\n1.5\n2.5\n"


def test_nothing_is_sent_to_a_model_that_takes_the_features_in_another_order(
    invoke: Callable[..., Any], bodies: list[bytes], columns: list[str]
) -> None:
    columns[0], columns[1] = columns[1], columns[0]
    ended = invoke(stdin=ROWS)

    assert (ended.returncode, ended.stdout, bodies) == (1, b"", [])
    told = ended.stderr.decode()
    assert told.startswith(f"error: the endpoint abalone serves {MODEL_NAME}, which takes other ")
    assert f"feature 1 is {FEATURES[1]!r}, and {FEATURES[0]!r} is encoded" in told
    assert "or send rows of your own with --encoded" in told


@pytest.mark.parametrize("form", ["--raw", "--encoded"])
def test_nothing_is_sent_to_a_model_that_takes_another_number_of_features(
    invoke: Callable[..., Any], bodies: list[bytes], columns: list[str], form: str
) -> None:
    columns.append("moon")
    ended = invoke(form, stdin=ENCODED if form == "--encoded" else ROWS)

    assert (ended.returncode, ended.stdout, bodies) == (1, b"", [])
    assert "takes 11" in ended.stderr.decode()


def test_where_nothing_says_what_the_model_takes_the_rows_are_sent_with_a_word(
    invoke: Callable[..., Any], bodies: list[bytes], columns: list[str]
) -> None:
    columns.clear()
    ended = invoke(stdin=ROWS)

    assert (ended.returncode, bodies) == (0, [ENCODED])
    told = ended.stderr.decode()
    assert told.startswith("whether the model takes these features is not known: GetObject was ")


def test_nothing_is_sent_while_a_row_is_wrong(
    invoke: Callable[..., Any], bodies: list[bytes]
) -> None:
    ended = invoke(stdin=ROWS + b"F,1,1,-1,1,1,1,1,9\n")

    assert (ended.returncode, ended.stdout, bodies) == (1, b"", [])
    assert ended.stderr.decode().splitlines() == [
        (
            "error: 1 row cannot be encoded, so nothing was sent; correct the input, or leave "
            "them out with --skip-bad-rows:"
        ),
        "  line 4: negative (column 'height', value '-1')",
    ]


def test_wrong_rows_are_left_out_on_request(invoke: Callable[..., Any]) -> None:
    ended = invoke("--skip-bad-rows", "--with-input", stdin=b"oops\n" + ROWS)

    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0] == b"M,0.4,0.3,0.1,0.5,0.2,0.1,0.15,15,0.9"
    assert ended.stderr.startswith(b"1 row left out:\n  line 1: wrong number of fields (1 ")


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["not-there.csv"], b"", "error: not-there.csv: cannot be read: No such file"),
        (["-"], b"\n", "error: standard input holds no row to send\n"),
        (["-"], b"\x1f\x8b", "error: encoding failed: the input is gzip"),
    ],
    ids=["file", "empty", "gzip"],
)
def test_input_that_cannot_be_read_is_told(
    invoke: Callable[..., Any], arguments: list[str], stdin: bytes, told: str
) -> None:
    ended = invoke(*arguments, stdin=stdin)

    assert ended.returncode == 1
    assert ended.stderr.decode().startswith(told)
    assert ended.stderr.count(b"\n") == 1
