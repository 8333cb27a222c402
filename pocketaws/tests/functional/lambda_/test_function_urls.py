"""A function URL answers on loopback as Lambda's do."""

import http.client
import json
import os
import socket
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from emulated.roles import made_role
from emulated.served import Served, deployed
from pocketaws.gate.server import Fault
from pocketaws.runtime import LocalRuntime

MEGABYTE = 1024 * 1024
SECONDS = 20

Ask = Callable[..., tuple[http.client.HTTPResponse, bytes]]


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> Served:
    return deployed(runtime, "urls")


def ask_url(
    url: str, path: str, *, method: str = "GET", **request: Any
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=SECONDS)
    try:
        connection.request(method, path, **request)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.fixture
def ask(served: Served) -> Ask:
    return lambda path, **request: ask_url(served.stack.outputs["AnswerUrl"], path, **request)


@pytest.fixture
def echoed(ask: Ask) -> Callable[..., dict[str, Any]]:
    """Return the event that a request becomes."""

    def echo(query: str = "", **request: Any) -> dict[str, Any]:
        response, body = ask(f"/echo{query}", **request)
        assert response.status == 200, body
        return dict(json.loads(body))

    return echo


def test_a_request_becomes_an_event_of_format_2(echoed: Callable[..., dict[str, Any]]) -> None:
    event = echoed(
        "?a=1&b=x%20y&a=2", headers={"X-One": "1", "Cookie": "c=3; d=4", "User-Agent": "test"}
    )

    assert event["version"] == "2.0"
    assert (event["rawPath"], event["rawQueryString"]) == ("/echo", "a=1&b=x%20y&a=2")
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y"}
    assert event["cookies"] == ["c=3", "d=4"]
    assert event["headers"]["x-one"] == "1"
    assert "cookie" not in event["headers"]
    assert (event["routeKey"], event["isBase64Encoded"]) == ("$default", False)
    context = event["requestContext"]
    assert context["http"]["method"] == "GET"
    assert context["http"]["path"] == "/echo"
    assert context["http"]["protocol"] == "HTTP/1.1"
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert context["http"]["userAgent"] == "test"
    assert (context["stage"], context["routeKey"]) == ("$default", "$default")
    assert context["accountId"] == "anonymous"
    assert {"apiId", "domainName", "requestId", "time", "timeEpoch"} <= context.keys()


def test_what_a_request_has_not_is_left_out(echoed: Callable[..., dict[str, Any]]) -> None:
    event = echoed()

    assert not {"cookies", "queryStringParameters", "body"} & event.keys()
    assert event["rawQueryString"] == ""


@pytest.mark.parametrize(
    ("content_type", "body", "told", "is_base64"),
    [
        ("application/json", b'{"a": 1}', '{"a": 1}', False),
        ("text/plain; charset=utf-8", "größer".encode(), "größer", False),
        ("application/x-www-form-urlencoded", b"a=1&b=2", "YT0xJmI9Mg==", True),
        ("application/octet-stream", b"\x00\xff", "AP8=", True),
        ("text/plain", b"\xff", "/w==", True),
    ],
)
def test_a_body_is_text_or_base64_by_its_type(
    echoed: Callable[..., dict[str, Any]],
    content_type: str,
    body: bytes,
    told: str,
    is_base64: bool,
) -> None:
    event = echoed(method="POST", body=body, headers={"Content-Type": content_type})

    assert (event["body"], event["isBase64Encoded"]) == (told, is_base64)


def test_an_answer_with_a_status_code_becomes_the_response(ask: Ask) -> None:
    response, body = ask("/page")

    assert response.status == 303
    assert response.headers["Location"] == "/echo"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers.get_all("Set-Cookie") == ["a=1; HttpOnly", "b=2"]
    assert body.decode() == "<p>übrigens</p>"


def test_head_gets_the_headers_alone(ask: Ask) -> None:
    response, body = ask("/page", method="HEAD")

    assert (response.status, body) == (303, b"")


def test_an_answer_in_base64_is_decoded(ask: Ask) -> None:
    response, body = ask("/bytes")

    assert response.headers["Content-Type"] == "image/png"
    assert body == b"\x89PNG\r\n\x1a\n"


def test_an_answer_without_a_status_code_is_the_body(ask: Ask) -> None:
    response, body = ask("/plain")

    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    assert json.loads(body) == {"message": "hello"}


@pytest.mark.parametrize("path", ["/error", "/malformed", "/not_base64", "/nothing"])
def test_a_function_that_fails_is_a_bad_gateway_that_tells_nothing(ask: Ask, path: str) -> None:
    response, body = ask(path)

    assert (response.status, body) == (502, b"Internal Server Error")


@pytest.mark.parametrize(
    ("code", "status"), [("TooManyRequestsException", 429), ("ServiceException", 502)]
)
def test_a_call_that_lambda_refuses_is_told_once(
    served: Served, ask: Ask, code: str, status: int
) -> None:
    fault = Fault("lambda", "Invoke", code, subject="AnswerFunction")
    served.runtime.faults.append(fault)

    response, _ = ask("/plain")

    served.runtime.faults.remove(fault)
    assert (response.status, fault.times) == (status, 0)


@pytest.mark.parametrize("size", [6 * MEGABYTE + 1, 7 * MEGABYTE])
@pytest.mark.parametrize("encode_chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_the_function_is_called(
    served: Served,
    ask: Ask,
    size: int,
    encode_chunked: bool,
) -> None:
    body: Any = iter([b"x" * size]) if encode_chunked else b"x" * size
    response, told = ask("/echo", method="POST", body=body, encode_chunked=encode_chunked)

    assert response.status == 413
    assert b"must be smaller than 6291456 bytes" in told


def test_a_signed_url_refuses_who_does_not_sign(served: Served) -> None:
    url = served.stack.outputs["SignedUrl"]
    looks_signed = "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/lambda/x"

    unsigned, told = ask_url(url, "/plain")
    forged, _ = ask_url(url, "/plain", headers={"Authorization": looks_signed})
    signed, body = ask_url(url, "/plain", headers=signed_headers(f"{url}plain"))
    for_another, _ = ask_url(url, "/echo", headers=signed_headers(f"{url}plain"))

    assert (unsigned.status, forged.status, for_another.status) == (403, 403, 403)
    assert "Forbidden" in json.loads(told)["Message"]
    assert (signed.status, json.loads(body)) == (200, {"message": "hello"})


def test_a_signed_url_lets_in_the_roles_that_may_use_it(served: Served) -> None:
    url = served.stack.outputs["SignedUrl"]
    use = {
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
        "Resource": "*",
    }
    statuses = []
    for name, statement in (("urls-may", use), ("urls-may-not", {**use, "Action": "s3:Get*"})):
        role_arn = made_role(served.runtime, name, statement)
        assumed = served.runtime.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="me")
        credentials = assumed["Credentials"]
        headers = signed_headers(
            f"{url}plain",
            Credentials(
                credentials["AccessKeyId"],
                credentials["SecretAccessKey"],
                credentials["SessionToken"],
            ),
        )
        statuses.append(ask_url(url, "/plain", headers=headers)[0].status)

    assert statuses == [200, 403]


def test_a_url_that_its_functions_policy_does_not_open_is_forbidden(served: Served) -> None:
    client = served.runtime.client("lambda")
    name = served.stack.outputs["SendName"]
    created = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    url = created["FunctionUrl"]
    before, _ = ask_url(url, "/")
    client.add_permission(
        FunctionName=name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    half, _ = ask_url(url, "/")
    client.add_permission(
        FunctionName=name,
        StatementId="call",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    after, _ = ask_url(url, "/")
    client.delete_function_url_config(FunctionName=name)

    # The function itself fails on such an event.
    assert (before.status, half.status, after.status) == (403, 403, 502)
    with pytest.raises(ConnectionRefusedError):
        ask_url(url, "/")


def test_each_url_listens_on_loopback_only(served: Served) -> None:
    ports = {urlsplit(served.stack.outputs[name]).port for name in ("AnswerUrl", "SignedUrl")}
    listening = psutil.Process().net_connections(kind="inet")

    addresses = {item.laddr.ip for item in listening if item.laddr.port in ports}
    assert len(ports) == 2
    assert addresses == {"127.0.0.1"}


def test_the_stack_tells_the_urls_attributes(served: Served) -> None:
    outputs = served.stack.outputs

    told = served.runtime.client("lambda").get_function_url_config(
        FunctionName=outputs["AnswerArn"]
    )
    assert outputs["AnswerUrlRef"] == outputs["AnswerArn"] == told["FunctionArn"]
    assert told["FunctionUrl"] == outputs["AnswerUrl"]
    assert outputs["AnswerUrl"] != outputs["SignedUrl"]


def test_requests_at_once_are_answered_each_with_its_own(
    echoed: Callable[..., dict[str, Any]],
) -> None:
    names = [str(uuid.uuid4()) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        events = list(pool.map(lambda name: echoed(f"?name={name}"), names))

    assert [event["queryStringParameters"]["name"] for event in events] == names


def test_no_request_is_logged(ask: Ask, capfd: pytest.CaptureFixture[str]) -> None:
    secret = str(uuid.uuid4())

    ask(f"/echo?key={secret}")
    ask(f"/error?key={secret}")

    told = capfd.readouterr()
    assert secret not in told.out + told.err


def test_a_client_that_goes_away_harms_nobody(
    served: Served, ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    host = urlsplit(served.stack.outputs["AnswerUrl"])
    assert host.port is not None
    for sent in (b"", b"GET /echo", b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"):
        with socket.create_connection(("127.0.0.1", host.port)) as connection:
            connection.sendall(sent)

    assert ask("/plain")[0].status == 200
    assert "Traceback" not in capfd.readouterr().err


def test_a_deleted_stacks_urls_are_gone_with_their_connections(runtime: LocalRuntime) -> None:
    served = deployed(runtime, "urls-gone")
    url = served.stack.outputs["AnswerUrl"]
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=SECONDS) as idle:
        assert ask_url(url, "/plain")[0].status == 200
        runtime.client("cloudformation").delete_stack(StackName="urls-gone")

        assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        ask_url(url, "/plain")


def signed_headers(url: str, credentials: Credentials | None = None) -> dict[str, str]:
    """Sign a GET of a URL, as the administrator where nobody else is given."""
    own = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("GET", url)
    SigV4Auth(credentials or own, "lambda", "us-east-1").add_auth(request)
    return dict(request.headers.items())
