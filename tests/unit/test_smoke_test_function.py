"""The smoke test as CloudFormation, or a person, asks for it."""

import io
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session
from botocore.validate import ParamValidator

from tests.unit.modules import load

function = load("smoke_test")
app = function.app
SmokeTestFailed = function.comparison.SmokeTestFailed
UnusableKnownAnswers = function.known_answers.UnusableKnownAnswers

STACK_ID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/abalone-endpoint/1"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:topic"
MODEL_NAME = "run-1a2b3c4d-0f1e2d3c"
KEY = "evaluation/run-1a2b3c4d/known-answers.json"
ROWS = [
    {"features": [0.455, 0.365, 1.0], "predicted": 9.25},
    {"features": [0.35, 0.265, 0.0], "predicted": 7.5},
    {"features": [1, 2, 3], "predicted": 11},
]
COLUMNS = ["length", "diameter", "sex_M"]
PROPERTIES = {"EndpointName": "abalone", "ModelName": MODEL_NAME, "Tolerance": "0.001"}


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.NoSuchKey`."""


class FakeS3:
    """The objects of the workflow's bucket."""

    exceptions = SimpleNamespace(NoSuchKey=NotThereError)

    def __init__(self, **objects: Any) -> None:
        self.objects = objects

    def get_object(self, **request: Any) -> dict[str, Any]:
        assert request["Bucket"] == "workflow-bucket"
        if request["Key"] not in self.objects:
            raise NotThereError
        return {"Body": io.BytesIO(self.objects[request["Key"]])}


class FakeRuntime:
    """An endpoint that always gives the same answer, and keeps what it was asked."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.request: dict[str, Any] = {}

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        shape = (
            Session()
            .get_service_model("sagemaker-runtime")
            .operation_model("InvokeEndpoint")
            .input_shape
        )
        assert not ParamValidator().validate(request, shape).has_errors()
        self.request = request
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Body": io.BytesIO(self.answer)}


class FakeSNS:
    """The messages that were published."""

    def __init__(self, error: Exception | None = None) -> None:
        self.messages: list[dict[str, str]] = []
        self.error = error

    def publish(self, **message: str) -> None:
        assert message["TopicArn"] == TOPIC_ARN
        assert message["Subject"].isascii()
        assert len(message["Subject"]) < 100
        if self.error:
            raise self.error
        self.messages.append(message)


class FakeCloudFormation:
    """A stack in one state."""

    def __init__(self, status: str | Exception) -> None:
        self.status = status

    def describe_stacks(self, **request: Any) -> dict[str, Any]:
        assert request == {"StackName": STACK_ID}
        if isinstance(self.status, Exception):
            raise self.status
        return {"Stacks": [{"StackStatus": self.status}]}


def refusal(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)


def clients(
    answer: bytes | Exception = b"9.25\n7.5\n11\n",
    *,
    status: str | Exception = "UPDATE_IN_PROGRESS",
    sns: FakeSNS | None = None,
    objects: dict[str, bytes] | None = None,
) -> Any:
    stored = (
        {KEY: json.dumps({"columns": COLUMNS, "rows": ROWS}).encode()}
        if objects is None
        else objects
    )
    return app.Clients(
        s3=FakeS3(**stored),
        sns=sns or FakeSNS(),
        runtime=FakeRuntime(answer),
        cloudformation=FakeCloudFormation(status),
    )


def request(kind: str = "Update", **properties: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": "http://localhost/",
        "StackId": STACK_ID,
        "RequestId": "request-1",
        "LogicalResourceId": "SmokeTest",
        "ResourceProperties": {**PROPERTIES, **properties},
    }


def outcome(event: dict[str, Any], clients: Any) -> Any:
    return app.outcome(event, clients=clients, bucket_name="workflow-bucket", topic_arn=TOPIC_ARN)


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize(
    "answer",
    [b"9.25\n7.5\n11\n", b"9.25,7.5,11", b"9.25,\n7.5,\n11,\n", b"9.2505\r\n7.4995\r\n11.01"],
    ids=["lines", "one line", "commas at the ends", "within the tolerance"],
)
def test_an_endpoint_that_gives_the_known_answers_passes_without_a_message(
    kind: str, answer: bytes
) -> None:
    used = clients(answer)

    assert outcome(request(kind), used) == app.Answer("SUCCESS", "")
    assert used.sns.messages == []


def test_a_missing_value_is_sent_as_one() -> None:
    used = clients(b"9.25")
    document = {"columns": COLUMNS, "rows": [{"features": [0.5, None, 2], "predicted": 9.25}]}
    used.s3.objects[KEY] = json.dumps(document).encode()

    assert outcome(request(), used) == app.Answer("SUCCESS", "")
    assert used.runtime.request["Body"] == b"0.5,nan,2"


def test_the_rows_are_sent_as_csv_without_a_label_and_as_callers_write_them() -> None:
    used = clients()

    outcome(request(), used)

    assert used.runtime.request == {
        "EndpointName": "abalone",
        "ContentType": "text/csv",
        "Accept": "text/csv",
        "Body": b"0.455,0.365,1\n0.35,0.265,0\n1,2,3",
    }


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"9.25\n8.5\n11\n", "1 of 3 predictions are further than 0.001"),
        (b"9.25\n8.5\n11\n", "row 2: expected 7.5, got 8.5"),
        (b"9.25\n7.5\n", "the endpoint gave 2 predictions for 3 rows"),
        (b"9.25\n7.5\n11\n10\n", "the endpoint gave 4 predictions for 3 rows"),
        (b"9.25,1\n7.5,1\n11,1\n", "more than one number for a row: '9.25,1"),
        (b"9.25\nnan\n11\n", "row 2: expected a number, got 'nan'"),
        (b"9.25\ninf\n11\n", "row 2: expected a number, got 'inf'"),
        (b"9.25,seven,11", "row 2: expected a number, got 'seven'"),
        (b"", "row 1: expected a number, got ''"),
        (b"\xff\xfe", "row 1: expected a number"),
        (b'{"predictions": []}', "row 1: expected a number"),
    ],
)
def test_any_other_answer_fails_the_update_and_says_what_was_expected_and_got(
    answer: bytes, reason: str
) -> None:
    used = clients(answer)

    told = outcome(request(), used)

    assert told.status == "FAILED"
    assert told.reason.startswith("SmokeTestFailed: ")
    assert reason in told.reason
    (message,) = used.sns.messages
    assert message["Subject"] == "Smoke test failed: abalone"
    assert MODEL_NAME in message["Message"]
    assert told.reason in message["Message"]
    assert "brings the earlier model back" in message["Message"]


def test_the_failure_names_the_first_rows_and_counts_the_others() -> None:
    rows = [{"features": [1.0], "predicted": float(number)} for number in range(1, 9)]
    used = clients(b"0," * 8, objects={KEY: json.dumps({"columns": ["a"], "rows": rows}).encode()})

    reason = outcome(request(), used).reason

    assert "row 5: expected 5, got 0; and 3 more" in reason
    assert "row 6" not in reason


def test_a_reason_fits_into_the_answer_that_cloudformation_takes() -> None:
    used = clients(RuntimeError("x" * 10_000))

    assert len(outcome(request(), used).reason) <= 1000


def test_an_endpoint_that_refuses_fails_the_update() -> None:
    told = outcome(request(), clients(refusal("InvokeEndpoint")))

    assert told.status == "FAILED"
    assert "InvokeEndpoint" in told.reason


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"])
def test_a_rollback_is_never_failed_and_its_failure_is_told(status: str) -> None:
    used = clients(b"1,2,3", status=status)

    told = outcome(request(), used)

    assert told.status == "SUCCESS"
    assert "the endpoint keeps this model" in used.sns.messages[0]["Message"]


def test_an_update_whose_state_is_not_known_fails() -> None:
    assert outcome(request(), clients(b"", status=refusal("DescribeStacks"))).status == "FAILED"


def test_a_message_that_is_not_sent_does_not_hide_why_the_test_failed() -> None:
    used = clients(b"9.25\n8.5\n11", sns=FakeSNS(refusal("Publish")))

    assert "row 2: expected 7.5, got 8.5" in outcome(request(), used).reason


def test_a_delete_asks_nobody_and_passes() -> None:
    used = clients(RuntimeError("not to be asked"), status=RuntimeError("nor this"))

    assert outcome(request("Delete"), used) == app.Answer("SUCCESS", "")
    assert used.sns.messages == []


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"EndpointName": ""}, "EndpointName must be the name of the endpoint to call, got ''"),
        ({"ModelName": None}, "ModelName must be the name of the model that it serves, got None"),
        (
            {"Tolerance": "much"},
            "Tolerance must be a number from 0 to 1, such as 0.001, got 'much'",
        ),
        ({"Tolerance": None}, "Tolerance must be"),
        ({"Tolerance": "nan"}, "Tolerance must be"),
        ({"Tolerance": "-1"}, "Tolerance must be"),
        ({"Tolerance": True}, "Tolerance must be"),
    ],
)
def test_a_property_that_cannot_be_used_is_named(properties: dict[str, Any], reason: str) -> None:
    told = outcome(request(**properties), clients())

    assert told.status == "FAILED"
    assert reason in told.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[]", "holds no rows"),
        (b'{"rows": []}', "holds no rows"),
        (b'{"rows": [{"predicted": 1}]}', "features of row 1 "),
        (b'{"rows": [{"features": [], "predicted": 1}]}', "features of row 1 "),
        (b'{"rows": [{"features": ["a"], "predicted": 1}]}', "features of row 1 "),
        (b'{"rows": [{"features": [NaN], "predicted": 1}]}', "features of row 1 "),
        (b'{"rows": [{"features": [1], "predicted": null}]}', "predicted of row 1 "),
        (b'{"rows": [{"features": [1], "predicted": true}]}', "got True"),
        (
            b'{"columns": [], "rows": [{"features": [1], "predicted": 1}, {"features": [1, 2]}]}',
            "predicted of row 2 of",
        ),
        (
            b'{"columns": ["a", "b"], "rows": [{"features": [1], "predicted": 1}]}',
            "row 1 of",
        ),
        (
            b'{"columns": ["a"], "rows": [{"features": [1, 2], "predicted": 1}]}',
            "has 2 features, and its columns name 1",
        ),
        (b'{"rows": [{"features": [1], "predicted": 1}]}', "must be a list of names"),
        (
            b'{"columns": [1], "rows": [{"features": [1], "predicted": 1}]}',
            "must be a list of names",
        ),
        (
            b'{"columns": ["a", "a"], "rows": [{"features": [1, 2], "predicted": 1}]}',
            "name a feature twice",
        ),
    ],
)
def test_known_answers_that_are_none_are_refused_with_their_address(
    content: bytes, reason: str
) -> None:
    with pytest.raises(UnusableKnownAnswers, match=f"s3://workflow-bucket/{KEY}") as raised:
        function.known_answers.parse_known_answers(content, uri=f"s3://workflow-bucket/{KEY}")

    assert reason in str(raised.value)


def test_a_model_without_known_answers_fails_with_a_remedy() -> None:
    told = outcome(request(), clients(objects={}))

    assert told.reason == (
        f"UnusableKnownAnswers: s3://workflow-bucket/{KEY} does not exist; record a model whose "
        "evaluation stores known answers, or deploy with RunSmokeTest=false"
    )


@pytest.mark.parametrize("name", ["by-hand", "run-0F1E2D3C", "../0f1e2d3c", "-0f1e2d3c"])
def test_a_model_that_the_workflow_did_not_make_is_named(name: str) -> None:
    told = outcome(request(ModelName=name), clients())

    assert told.status == "FAILED"
    assert f"model '{name}' was not made by the workflow" in told.reason


def test_a_person_gets_the_number_of_rows_that_passed() -> None:
    told = app.smoke_test(PROPERTIES, clients=clients(), bucket_name="workflow-bucket")

    assert told == {
        "EndpointName": "abalone",
        "ModelName": MODEL_NAME,
        "Rows": 3,
        "FeatureNames": "length,diameter,sex_M",
    }


@pytest.mark.parametrize("names", ["", "length,diameter,sex_M", "length, diameter, sex_M"])
def test_a_model_that_takes_what_callers_send_passes(names: str) -> None:
    assert outcome(request(FeatureNames=names), clients()).status == "SUCCESS"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("diameter,length,sex_M", "feature 1 is 'length', and 'diameter' is sent"),
        ("length,diameter,sex_F", "feature 3 is 'sex_M', and 'sex_F' is sent"),
        ("length,diameter", "it takes 3, and 2 are sent"),
    ],
)
def test_a_model_that_takes_other_features_fails_before_the_endpoint_is_asked(
    names: str, reason: str
) -> None:
    used = clients()
    told = outcome(request(FeatureNames=names), used)

    assert told.status == "FAILED"
    assert reason in told.reason
    assert "deploy with FeatureNames of them" in told.reason
    assert used.runtime.request == {}


def test_a_person_gets_the_failure_as_an_error() -> None:
    with pytest.raises(SmokeTestFailed, match=r"row 2: expected 7\.5, got 8\.5"):
        app.smoke_test(PROPERTIES, clients=clients(b"9.25,8.5,11"), bucket_name="workflow-bucket")


@pytest.fixture
def answers() -> Iterator[list[dict[str, Any]]]:
    """Everything that is put at the address in the first item's `url`."""
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append({"type": self.headers["Content-Type"], **json.loads(body)})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.append({"url": f"http://127.0.0.1:{server.server_port}/?signature=abc"})
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield taken
        server.shutdown()


def test_cloudformation_is_answered_with_the_fields_of_the_contract(
    answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET_NAME", "workflow-bucket")
    monkeypatch.setenv("TOPIC_ARN", TOPIC_ARN)

    app.lambda_handler({**request("Delete"), "ResponseURL": answers[0]["url"]}, None)

    assert answers[1:] == [
        {
            "type": "",
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "smoke-test",
            "StackId": STACK_ID,
            "RequestId": "request-1",
            "LogicalResourceId": "SmokeTest",
        }
    ]
