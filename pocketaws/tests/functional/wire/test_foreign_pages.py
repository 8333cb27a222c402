"""A web page of another origin, or of another name for loopback, reads and commands nothing."""

import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from emulated.served import Served, deployed
from emulated.signing import Ask, send
from pocketaws.runtime import LocalRuntime

REBOUND = "rebound.example"
BUCKET = "pages"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_BROWSER_PATH = next((path for path in map(shutil.which, _BROWSERS) if path), None)
_FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1",
)
pytestmark = pytest.mark.skipif(
    _BROWSER_PATH is None, reason="no Chromium here; Debian's package chromium brings one"
)
_FETCH = """async ([url, options]) => {
    try {
        const response = await fetch(url, options);
        return [response.type, response.status, await response.text()];
    } catch (error) {
        return ["error", 0, String(error)];
    }
}"""
_SUBMIT = """([url, fields]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        input.name = name;
        input.value = value;
        form.append(input);
    }
    document.body.append(form);
    form.submit();
}"""


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> Served:
    runtime.client("s3").create_bucket(Bucket=BUCKET)
    runtime.client("s3").put_object(Bucket=BUCKET, Key="open", Body=b"for everybody")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    runtime.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy)
    return deployed(runtime, "pages")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    # Chromium has no sandbox of its own for root, which CI is.
    unsandboxed = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=_BROWSER_PATH, args=[*_FLAGS, *unsandboxed]
        )
        yield launched
        launched.close()


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a page</title><body>")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that somebody else's page comes from."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture(params=["localhost", "127.0.0.1", REBOUND])
def page(browser: Any, port: int, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Somebody else's page, by each name that leads to this machine."""
    opened = browser.new_page()
    opened.goto(f"http://{request.param}:{port}/")
    yield opened
    opened.close()


def fetched(page: Any, url: str, **options: Any) -> list[Any]:
    return list(page.evaluate(_FETCH, [url, options]))


def test_a_foreign_page_reads_nothing_not_even_what_is_public(served: Served, page: Any) -> None:
    urls = [
        f"{served.runtime.endpoint_url}/{BUCKET}/open",
        f"{served.runtime.endpoint_url}/moto-api/data.json",
        served.stack.outputs["AnswerUrl"] + "plain",
    ]

    assert [fetched(page, url)[0] for url in urls] == ["error"] * 3


def test_a_foreign_page_commands_nothing(served: Served, page: Any) -> None:
    runtime = served.runtime
    started = {"Action": "CreateTopic", "Name": "of-a-page", "Version": "2010-03-31"}
    target = {"X-Amz-Target": "AWSStepFunctions.ListStateMachines"}

    simple = fetched(
        page,
        runtime.endpoint_url,
        method="POST",
        mode="no-cors",
        body="Action=CreateTopic&Name=of-a-page&Version=2010-03-31",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    scripted = fetched(page, runtime.endpoint_url, method="POST", headers=target, body="{}")
    reset = fetched(page, f"{runtime.endpoint_url}/moto-api/reset", method="POST", mode="no-cors")
    with page.expect_navigation() as navigation:
        page.evaluate(_SUBMIT, [runtime.endpoint_url, started])

    assert (simple[0], reset[0]) == ("opaque", "opaque")
    assert scripted[0] == "error"
    assert navigation.value.status == 403
    assert "web page of another origin" in navigation.value.text()
    topics = [one["TopicArn"] for one in runtime.client("sns").list_topics()["Topics"]]
    assert not [arn for arn in topics if arn.endswith(":of-a-page")]
    assert BUCKET in [one["Name"] for one in runtime.client("s3").list_buckets()["Buckets"]]


def test_a_foreign_page_calls_no_function(served: Served, page: Any) -> None:
    url = served.stack.outputs["AnswerUrl"] + "echo"
    assert send(url, Ask("lambda", "GET")).status == 200
    before = calls(served)

    simple = fetched(page, url, method="POST", mode="no-cors", body="x")
    preflighted = fetched(page, url, method="PUT", body="x")
    with page.expect_navigation() as navigation:
        page.evaluate(_SUBMIT, [url, {"a": "b"}])

    assert (simple[0], preflighted[0]) == ("opaque", "error")
    assert navigation.value.status == 403
    assert calls(served) == before > 0


def test_another_name_for_loopback_leads_nowhere(served: Served, browser: Any) -> None:
    opened = browser.new_page()
    statuses = []
    for url in (served.runtime.endpoint_url, served.stack.outputs["AnswerUrl"]):
        rebound = url.replace("localhost", REBOUND)
        statuses.append(opened.goto(f"{rebound.rstrip('/')}/{BUCKET}/open").status)
    opened.close()

    assert statuses == [403, 403]


def test_a_page_of_the_urls_own_origin_works(served: Served, browser: Any) -> None:
    url = served.stack.outputs["AnswerUrl"]
    opened = browser.new_page()
    opened.goto(f"{url}plain")

    answered = fetched(opened, f"{url}echo", method="POST", body="x")

    opened.close()
    assert answered[:2] == ["basic", 200]


def test_a_page_that_the_settings_name_reads_what_they_open(
    served: Served, browser: Any, port: int
) -> None:
    origin = f"http://localhost:{port}"
    rule = {"AllowedOrigins": [origin], "AllowedMethods": ["GET"], "AllowedHeaders": ["x-one"]}
    s3 = served.runtime.client("s3")
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule]})
    object_url = f"{served.runtime.endpoint_url}/{BUCKET}/open"
    opened = browser.new_page()
    opened.goto(origin)

    read = fetched(opened, object_url)
    preflighted = fetched(opened, object_url, headers={"x-one": "1"})
    too_much = fetched(opened, object_url, headers={"x-two": "1"})
    written = fetched(opened, object_url, method="PUT", body="x")

    opened.close()
    s3.delete_bucket_cors(Bucket=BUCKET)
    assert read == preflighted == ["cors", 200, "for everybody"]
    assert (too_much[0], written[0]) == ("error", "error")


def test_a_functions_url_answers_the_pages_that_its_own_settings_name(
    served: Served, browser: Any, port: int
) -> None:
    client, name = served.runtime.client("lambda"), served.stack.outputs["SendName"]
    settings = {"AllowOrigins": [f"http://localhost:{port}"], "AllowMethods": ["PUT"]}
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=settings)[
        "FunctionUrl"
    ]
    opened = browser.new_page()
    types = []
    for host in ("localhost", "127.0.0.1"):
        opened.goto(f"http://{host}:{port}")
        types.append(fetched(opened, url, method="PUT", body="x")[:2])
    opened.close()
    client.delete_function_url_config(FunctionName=name)

    # No policy opens it: it is an answer all the same, which the page may read.
    assert types == [["cors", 403], ["error", 0]]


def calls(served: Served) -> int:
    """Return how often the function behind the URL has been asked for what pages here ask for.

    Browsers ask of their own for the icon of a page, though it is a refusal.
    """
    name = served.stack.outputs["AnswerArn"].rpartition(":")[2]
    logs = served.runtime.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
    messages = [event["message"].strip() for page in pages for event in page["events"]]
    return messages.count("asked for /echo")
