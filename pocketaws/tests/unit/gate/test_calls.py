"""A request is read back as what a client was asked to send, whatever the service's protocol."""

import contextlib
import functools
import io
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config

from pocketaws.calls import Call, body_of, call_of, caller_of

ROLE_ARN = "arn:aws:iam::123456789012:role/any"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:queue"


@functools.cache
def client(service: str) -> BaseClient:
    session = botocore.session.Session()
    session.set_credentials("AKIDANY", "secret")
    config = Config(parameter_validation=False)
    made: BaseClient = session.create_client(
        service, region_name="eu-west-1", endpoint_url="http://localhost:1", config=config
    )
    return made


def environ_of(service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the WSGI environment of what botocore would send."""
    sent: list[AWSRequest] = []
    made = client(service)

    def keep(request: AWSRequest, **_: Any) -> Any:
        sent.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, None)

    made.meta.events.register("before-send", keep, unique_id="keep")
    # What comes back is no answer; what was sent is all that matters.
    with contextlib.suppress(Exception):
        made._make_api_call(operation, request)
    made.meta.events.unregister("before-send", unique_id="keep")
    return wsgi(sent[0])


def wsgi(request: AWSRequest) -> dict[str, Any]:
    url = urlsplit(request.url)
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": (
            value.decode() if isinstance(value, bytes) else value
        )
        for name, value in request.headers.items()
    }
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": url.path.replace("%3A", ":"),
        "QUERY_STRING": url.query,
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("sagemaker", "DescribeModel", {"ModelName": "m"}),
    ("stepfunctions", "StartExecution", {"stateMachineArn": "arn", "input": "{}"}),
    ("ssm", "PutParameter", {"Name": "/a/b", "Value": "ü", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("events", "PutRule", {"Name": "r", "ScheduleExpression": "rate(5 minutes)"}),
    ("dynamodb", "GetItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}),
    ("sns", "Publish", {"TopicArn": "arn", "Subject": "a\nb", "Message": "ü & = ;"}),
    (
        "sns",
        "Publish",
        {
            "TopicArn": "arn",
            "Message": "m",
            "MessageAttributes": {
                "a.b": {"DataType": "String", "StringValue": "x"},
                "c": {"DataType": "Number", "StringValue": "1"},
            },
        },
    ),
    (
        "cloudformation",
        "CreateStack",
        {
            "StackName": "1abc",
            "TemplateBody": "{}",
            "Parameters": [
                {"ParameterKey": f"K{number}", "ParameterValue": str(number)}
                for number in range(1, 13)
            ],
            "Capabilities": ["CAPABILITY_IAM"],
            "TimeoutInMinutes": 5,
            "DisableRollback": True,
        },
    ),
    ("cloudformation", "CreateStack", {"StackName": "s", "Parameters": []}),
    ("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Tags": []}),
    ("iam", "CreateRole", {"RoleName": "r", "MaxSessionDuration": 3600}),
    ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE_ARN, "Timeout": 3}),
    ("lambda", "ListFunctions", {"MaxItems": 7}),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "f", "InvocationType": "Event", "Payload": b"\xff", "Qualifier": "live"},
    ),
    (
        "scheduler",
        "CreateSchedule",
        {
            "Name": "n",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": QUEUE_ARN, "RoleArn": ROLE_ARN},
            "ClientToken": "token",
        },
    ),
    ("scheduler", "DeleteSchedule", {"Name": "n", "GroupName": "g", "ClientToken": "token"}),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "ContentType": "text/csv", "Body": b"1,2"},
    ),
]


@pytest.mark.parametrize(("service", "operation", "request_"), REQUESTS)
def test_a_request_is_read_back(service: str, operation: str, request_: dict[str, Any]) -> None:
    environ = environ_of(service, operation, request_)

    call = call_of(environ)

    assert call == Call(service, operation, request_, "eu-west-1")
    assert len(body_of(environ)) == int(environ["CONTENT_LENGTH"])


def test_a_call_is_signed_by_somebody() -> None:
    caller = caller_of(environ_of("ssm", "GetParameter", {"Name": "n"}))

    assert caller is not None
    assert (caller.access_key_id, caller.region, caller.service) == ("AKIDANY", "eu-west-1", "ssm")


@pytest.mark.parametrize(
    "name",
    [
        "f",
        "f:live",
        "123456789012:function:f",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:f",
        "arn:aws:lambda:eu-west-1:123456789012:function:f:live",
    ],
)
def test_an_invocation_is_of_a_function_however_it_is_named(name: str) -> None:
    call = call_of(environ_of("lambda", "Invoke", {"FunctionName": name}))

    assert call is not None
    assert call.subject == "f"


def test_a_body_that_is_no_json_makes_no_request() -> None:
    environ = environ_of("ssm", "GetParameter", {"Name": "n"})
    environ |= {"wsgi.input": io.BytesIO(b"{"), "CONTENT_LENGTH": "1"}

    assert call_of(environ) == Call("ssm", "GetParameter", None, "eu-west-1")


def test_a_request_that_names_no_service_is_no_call() -> None:
    assert call_of({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()}) is None
