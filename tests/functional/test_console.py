"""The console in a real browser, over an emulated AWS with an endpoint and its monitor."""

import datetime
import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.conftest import OPEN_GATE, PROJECT_DIR
from tests.functional import axe
from tests.functional.asking import Ask, Asked, asked_by, asking
from tests.functional.browser import BROWSER_PATH, PAGE_MILLISECONDS
from tests.functional.endpoint_stack import PARAMETERS
from tests.pages import read_all
from workflow.console.serving import console
from workflow.console.watched import Watched
from workflow.laptop.local_texts import served_text

pytestmark = pytest.mark.skipif(
    BROWSER_PATH is None, reason="no Chromium here; Debian's package chromium brings one"
)

ENCODED = "0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"
QUICK = {"hyperparameters": {"num_round": 2}}
HOSTILE = '<script>document.title="taken"</script>\u202eevil'
ENDPOINT_NAME = "console-test"
# Nothing listens there: the test itself gives the page.
OTHER = "http://127.0.0.1:9"
# For machines that do other things, too.
LOOK = {"wide-light": (1280, "light"), "narrow-dark": (360, "dark")}


@pytest.fixture(scope="module")
def url(runtime: LocalRuntime, stack: Stack) -> Iterator[str]:
    """The link that lets the user in."""
    watched = Watched(
        clients=runtime.client,
        state_machine_arn=stack.outputs["StateMachineArn"],
        parameter_name=stack.outputs["ModelParameterName"],
        endpoint_name=ENDPOINT_NAME,
        messages=runtime.messages,
        shown=lambda text, console_url: served_text(
            text, console_url=console_url, endpoint_url=runtime.endpoint_url
        ),
    )
    with console(watched) as printed:
        yield printed


@pytest.fixture(scope="module")
def base(url: str) -> str:
    return url.partition("/?")[0]


@pytest.fixture(scope="module")
def user(browser: Any, url: str) -> Iterator[Any]:
    """A browser that has opened the link."""
    context = browser.new_context()
    context.set_default_timeout(PAGE_MILLISECONDS)
    page = context.new_page()
    page.goto(url)
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(user: Any, base: str) -> Iterator[Any]:
    """A page that fails the test where the browser complains, or asks anybody but the console."""
    opened = user.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda asked: complaints.append(asked.url) if foreign(asked) else None)

    def foreign(asked: Any) -> bool:
        return not asked.url.startswith((f"{base}/", "data:"))

    yield opened
    opened.close()
    # The status of a page that refuses is told, too.
    assert [text for text in complaints if "status of 422" not in text] == []


@pytest.fixture(scope="module")
def released(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> str:
    """The name of an execution whose model is recorded."""
    execution = runtime.run(
        stack.outputs["StateMachineArn"], {"input_data_uri": sample_uri, **OPEN_GATE, **QUICK}
    )
    assert execution.status == "SUCCEEDED"
    return execution.arn.rpartition(":")[2]


@pytest.fixture(scope="module")
def failed(runtime: LocalRuntime, stack: Stack) -> str:
    """The name of an execution that was started with hostile texts."""
    given = {HOSTILE: HOSTILE, "tags": {"a": "x" * 2000}}
    execution = runtime.run(stack.outputs["StateMachineArn"], given)
    assert execution.status == "FAILED"
    return execution.arn.rpartition(":")[2]


@pytest.fixture(scope="module")
def ask(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Ask:
    return asking(runtime, stack, sample_uri)


@pytest.fixture(scope="module")
def endpoint(runtime: LocalRuntime, stack: Stack, released: str) -> Stack:
    """The endpoint of the recorded model, all of whose calls are captured."""
    assert released
    names = {key: f"/{stack.name}/{value}" for key, value in PARAMETERS.items()}
    more = {"RunSmokeTest": "false", "CaptureSamplingPercentage": "100"}
    return runtime.deploy(
        PROJECT_DIR / "endpoint.yaml",
        stack_name=ENDPOINT_NAME,
        parameters={**names, **more, "EndpointName": ENDPOINT_NAME},
    )


@pytest.fixture(scope="module")
def window(endpoint: Stack, runtime: LocalRuntime) -> str:
    """What the monitor says of a window with a call."""
    runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT_NAME, ContentType="text/csv", Body=ENCODED
    )
    runtime.flush_endpoints()
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    times = {"from": until - datetime.timedelta(hours=1), "until": until}
    given = {name: f"{time:%Y-%m-%dT%H:%M:%SZ}" for name, time in times.items()}
    looked = runtime.run(endpoint.outputs["MonitorArn"], {**given, "reason": "by hand"})
    return str(looked.output["note"])


def name_of(asked: Asked) -> str:
    return asked.execution_arn.rpartition(":")[2]


def test_an_execution_is_started_and_watched(
    page: Any, base: str, sample_uri: str, runtime: LocalRuntime, stack: Stack
) -> None:
    # It waits for a person, so that it is seen running however fast the machine is.
    given = {"input_data_uri": sample_uri, "approval": "required", **OPEN_GATE, **QUICK}
    page.goto(f"{base}/")
    page.get_by_role("link", name="Start an execution").click()

    page.get_by_label("Input, as JSON").fill('{"max_mse": -1, "hyper')
    page.get_by_text("no JSON: line 1").wait_for()
    page.get_by_label("Input, as JSON").fill('{"max_mse": -1}')
    page.get_by_text("must be above 0").wait_for()
    assert page.get_by_label("Input, as JSON").get_attribute("aria-invalid") == "true"
    page.get_by_label("Input, as JSON").fill(json.dumps(given))
    page.get_by_text("Nothing is wrong with this input").wait_for()
    page.get_by_label("Name").fill("from-the-console")
    page.get_by_role("button", name="Start").click()

    page.locator("#graph .running").first.wait_for(state="attached")
    page.locator("#states summary", has_text="Prepare execution").click()
    arn = stack.outputs["StateMachineArn"].replace(":stateMachine:", ":execution:")
    asked_by(runtime, f"{arn}:from-the-console").decide("Approved")
    # What was opened stays open while the page is followed, and nobody loads it again.
    page.get_by_role("heading", name=re.compile("was released")).wait_for()
    assert page.locator("details[open]", has_text="Prepare execution").count() == 1
    assert "was released" in page.locator("#said").text_content()
    assert page.locator("#model figure").count() >= 2
    described = runtime.client("stepfunctions").describe_execution(
        executionArn=f"{arn}:from-the-console"
    )
    assert json.loads(described["input"]) == {"started_by": "console", **given}


def test_a_person_approves_by_keyboard(page: Any, base: str, ask: Ask) -> None:
    asked = ask()
    page.goto(f"{base}/executions/{name_of(asked)}")

    page.get_by_label("Comment").focus()
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_role("heading", name=re.compile("was released")).wait_for()
    execution = asked.end()
    assert execution.status == "SUCCEEDED"
    assert HOSTILE in execution.output["decision"]["description"]
    assert page.title().startswith(name_of(asked))
    page.get_by_role("button", name="Approve").wait_for(state="detached")


def test_a_person_rejects_and_nobody_answers_twice(page: Any, base: str, ask: Ask) -> None:
    asked = ask()
    page.goto(f"{base}/executions/{name_of(asked)}")
    other = page.context.new_page()
    other.goto(f"{base}/executions/{name_of(asked)}")

    page.get_by_role("button", name="Reject").click()
    assert asked.end().error == "ModelRejected"
    page.get_by_role("heading", name=re.compile("did not approve")).wait_for()
    token = page.locator("meta[name=form-token]").get_attribute("content")
    again = other.request.post(
        f"{base}/executions/{name_of(asked)}/decision",
        form={"form_token": token, "decision": "Approved"},
    )

    assert again.status == 422
    assert "waits for no answer" in again.text()
    other.close()


def test_two_are_compared(page: Any, base: str, released: str, failed: str) -> None:
    page.goto(f"{base}/")
    page.get_by_label(f"Compare {released}").check()
    page.get_by_role("button", name="Compare").click()
    # One is not enough: the page stays.
    assert page.url == f"{base}/"
    page.get_by_label(f"Compare {failed}").check()
    page.get_by_role("button", name="Compare").click()

    page.get_by_role("heading", name="Two executions side by side").wait_for()
    row = page.locator("tr", has=page.get_by_role("rowheader", name="verdict"))
    assert row.get_by_role("cell").all_inner_texts() in (
        ["released", "failed"],
        ["failed", "released"],
    )
    assert page.title() != "taken"


def test_the_report_is_opened(page: Any, base: str, released: str) -> None:
    page.goto(f"{base}/executions/{released}")
    with page.expect_navigation() as opened:
        page.get_by_role("link", name="Report").click()

    assert "script-src" not in opened.value.headers["content-security-policy"]
    assert "default-src 'none'" in opened.value.headers["content-security-policy"]
    assert "was released" in page.get_by_role("heading", level=1).inner_text()


def test_a_prediction_is_tried(
    page: Any, base: str, endpoint: Stack, runtime: LocalRuntime
) -> None:
    row = {"length": "0.455", "diameter": "0.365", "height": "0.095", "whole_weight": "0.514"}
    row |= {"shucked_weight": "0.2245", "viscera_weight": "0.101", "shell_weight": HOSTILE}
    page.goto(f"{base}/endpoint")
    page.get_by_label("sex").select_option("M")
    for name, value in row.items():
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Predict").click()
    page.get_by_text("shell_weight").nth(1).wait_for()
    assert page.get_by_label("shell_weight").input_value() == HOSTILE
    page.get_by_label("shell_weight").fill("0.15")
    page.get_by_role("button", name="Predict").click()

    told = page.locator(".predicted strong").inner_text()
    answer = runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT_NAME, ContentType="text/csv", Body=ENCODED
    )
    assert float(told) == float(answer["Body"].read())
    page.get_by_text(f"{ENDPOINT_NAME}: InService").wait_for()


def test_the_monitors_windows_are_shown(page: Any, base: str, window: str) -> None:
    page.goto(f"{base}/endpoint")
    assert window in page.locator("main").inner_text()
    with page.expect_navigation() as opened:
        page.get_by_role("link", name=re.compile("Window that ended")).first.click()

    assert opened.value.status == 200
    assert window in page.locator("main").inner_text()


def test_hostile_texts_are_shown_and_do_nothing(page: Any, base: str, failed: str) -> None:
    for path in (f"executions/{failed}", f"executions/{failed}/report", "messages"):
        page.goto(f"{base}/{path}")

        assert "taken" not in page.title()
        assert page.locator("script:not([src])").count() == 0
    page.goto(f"{base}/start?like={failed}")
    page.get_by_role("button", name="Start").click()
    assert "no such field" in page.locator("#problems").inner_text()


def test_a_megabyte_of_input_is_told_and_starts_nothing(page: Any, base: str) -> None:
    page.goto(f"{base}/start")
    page.get_by_label("Input, as JSON").evaluate(
        "(area) => { area.value = JSON.stringify(Array(100000).fill('12345678'), null, 1); }"
    )
    page.get_by_role("button", name="Start").click()

    page.get_by_text("Step Functions takes at most 262,144").wait_for()


def test_a_page_of_another_origin_starts_nothing(
    user: Any, base: str, runtime: LocalRuntime, stack: Stack
) -> None:
    def started() -> int:
        listed = read_all(
            runtime.client("stepfunctions"),
            "list_executions",
            stateMachineArn=stack.outputs["StateMachineArn"],
        )
        return len(listed["executions"])

    before = started()
    foreign = user.new_page()
    form = f'<form method="post" action="{base}/start"><button>Win</button></form>'
    foreign.route(f"{OTHER}/", lambda route: route.fulfill(body=form, content_type="text/html"))
    foreign.goto(f"{OTHER}/")
    with foreign.expect_navigation() as navigation:
        foreign.get_by_role("button").click()

    assert navigation.value.status == 403
    assert "web page of another origin" in navigation.value.text()
    read = "(url) => fetch(url).then((told) => told.text(), (error) => 'refused')"
    foreign.goto(f"{OTHER}/")
    assert foreign.evaluate(read, f"{base}/") == "refused"
    assert started() == before
    foreign.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "rebound.example:{port}"},
        {"Origin": "https://page.example"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_foreign_name_or_page_is_refused_even_with_the_link(
    url: str, headers: dict[str, str]
) -> None:
    parts = urlsplit(url)
    named = {name: value.format(port=parts.port) for name, value in headers.items()}
    connection = http.client.HTTPConnection("localhost", parts.port or 0, timeout=30)
    connection.request("GET", f"/?{parts.query}", headers=named)
    answer = connection.getresponse()

    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    connection.close()


def test_an_endpoints_own_port_answers_no_page_of_another_origin(
    endpoint: Stack, runtime: LocalRuntime
) -> None:
    assert endpoint
    parts = urlsplit(runtime.serving_url(ENDPOINT_NAME))
    statuses = []
    for headers in ({}, {"Origin": "https://page.example"}, {"Host": "rebound.example"}):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("GET", "/ping", headers=headers)
        statuses.append(connection.getresponse().status)
        connection.close()

    assert statuses == [200, 403, 403]


@pytest.mark.parametrize("look", LOOK)
def test_all_pages_fit_and_have_no_serious_fault_of_access(
    user: Any,
    base: str,
    ask: Ask,
    released: str,
    failed: str,
    window: str,
    look: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    assert window
    script = axe.installed(tmp_path_factory.mktemp("axe"))
    width, scheme = LOOK[look]
    page = user.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    asked = ask()
    page.goto(f"{base}/endpoint")
    monitored = page.get_by_role("link", name=re.compile("Window that ended")).first
    paths = [
        *("", "start", "endpoint", "messages"),
        *(f"executions/{name}" for name in (name_of(asked), failed, "none")),
        *(f"executions/{name}/report" for name in (released, failed)),
        f"compare?run={released}&run={failed}",
        str(monitored.get_attribute("href")).removeprefix("/"),
    ]
    faults = {}
    for url in [*(f"{base}/{path}" for path in paths), asked.link]:
        page.goto(url)
        found = axe.serious(page, script)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("wider than the screen")
        faults[url] = found

    page.close()
    asked.decide("Rejected")
    asked.end()
    assert {url: found for url, found in faults.items() if found} == {}
