"""The console without a browser: who may ask, and what is shown inert."""

import datetime
import json
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient

from tests.unit.answers import refusal
from workflow.console import input_help
from workflow.console.access import ConsoleAccess
from workflow.console.application import application
from workflow.console.watched import Watched

pytestmark = pytest.mark.slow

BASE = "http://localhost:8000"
HOSTILE = "<script>alert(1)</script>\u202eevil"
MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:w"
STARTED = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)


class Told(NamedTuple):
    subject: str
    text: str


class Account:
    """Step Functions with one running execution."""

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []

    def client(self, service: str) -> Any:
        assert service == "stepfunctions"
        return self

    def list_executions(self, **_: Any) -> dict[str, Any]:
        item = {
            "executionArn": f"{MACHINE_ARN.replace('stateMachine', 'execution')}:first",
            "name": "first",
            "status": "RUNNING",
            "startDate": STARTED,
        }
        return {"executions": [item]}

    def start_execution(self, **request: Any) -> dict[str, str]:
        self.started.append(request)
        if request.get("name") == "first":
            raise refusal("StartExecution", "ExecutionAlreadyExists", "it is there already")
        return {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:w:second"}


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def access() -> ConsoleAccess:
    return ConsoleAccess()


@pytest.fixture
def stranger(account: Account, access: ConsoleAccess) -> FlaskClient:
    watched = Watched(
        clients=account.client,
        state_machine_arn=MACHINE_ARN,
        parameter_name="/w/model-name",
        endpoint_name="w",
        messages=lambda: [
            Told(HOSTILE, f"{HOSTILE} https://aws.example/a?b=c&d http://localhost:9/key AWS-LINK")
        ],
        first_input={"input_data_uri": "s3://bucket/key"},
        shown=lambda text, console_url: text.replace("AWS-LINK", f"{console_url}/endpoint"),
    )
    return application(watched, access).test_client()


@pytest.fixture
def user(stranger: FlaskClient, access: ConsoleAccess) -> FlaskClient:
    answer = stranger.get(f"/?token={access.link}", base_url=BASE)
    assert answer.status_code == 303
    assert answer.location == "/"
    return stranger


def get(client: FlaskClient, path: str, **more: Any) -> Any:
    return client.get(path, base_url=BASE, **more)


def start(client: FlaskClient, text: str, **form: str) -> Any:
    return client.post("/start", base_url=BASE, data={"input": text, **form})


@pytest.mark.parametrize("path", ["/", "/messages", "/live/messages", "/console.css", "/no"])
def test_nobody_without_the_link_sees_anything(stranger: FlaskClient, path: str) -> None:
    for token in ("", "?token=wrong"):
        answer = get(stranger, path + token)

        assert answer.status_code == 403
        assert "Copy the whole of it" in answer.text


def test_the_link_gives_a_cookie_that_no_page_reads_or_sends(
    stranger: FlaskClient, access: ConsoleAccess
) -> None:
    cookie = get(stranger, f"/?token={access.link}").headers["Set-Cookie"]

    assert cookie.startswith(f"workflow-console-8000={access.session};")
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}


def test_every_answer_forbids_what_a_page_need_not_do(user: FlaskClient) -> None:
    for path in ("/", "/messages", "/no", "/console.css", "/static/console.js"):
        answer = get(user, path)
        answer.close()
        headers = answer.headers
        policy = headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/start", "/check", "/endpoint", "/executions/first/decision"])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_nothing_is_changed_without_the_form_token(
    user: FlaskClient, account: Account, path: str, token: str
) -> None:
    answer = user.post(path, base_url=BASE, data={"input": "{}", "form_token": token})

    assert answer.status_code == 403
    assert account.started == []


def test_an_execution_is_started_with_what_was_typed(
    user: FlaskClient, account: Account, access: ConsoleAccess
) -> None:
    answer = start(user, '{"split_seed": 7}', form_token=access.form, name=" second ")

    assert (answer.status_code, answer.location) == (303, "/executions/second")
    (started,) = account.started
    assert json.loads(started["input"]) == {"started_by": "console", "split_seed": 7}
    assert (started["name"], started["stateMachineArn"]) == ("second", MACHINE_ARN)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "no JSON: line 1, column 2"),
        ("[1]", "must be a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"split_sed": 7}', "did you mean"),
        (json.dumps({"tags": "x" * 1_000_000}), "1,000,012 bytes: Step Functions takes"),
        (json.dumps({HOSTILE: 1}, ensure_ascii=False), "no such field"),
    ],
    ids=["no-json", "no-object", "deep", "unknown", "a-megabyte", "hostile"],
)
def test_an_input_that_cannot_be_used_is_told_inert_and_starts_nothing(
    user: FlaskClient, account: Account, access: ConsoleAccess, text: str, told: str
) -> None:
    answer = start(user, text, form_token=access.form)

    assert answer.status_code == 422
    assert told in answer.text.replace("&#39;", "'")
    assert "<script>" not in answer.text
    assert account.started == []


def test_what_step_functions_refuses_is_told_beside_the_input(
    user: FlaskClient, access: ConsoleAccess
) -> None:
    answer = start(user, '{"split_seed": 8}', form_token=access.form, name="first")

    assert answer.status_code == 422
    assert "ExecutionAlreadyExists" in answer.text
    assert "split_seed" in answer.text


def test_an_input_is_checked_as_it_is_typed(user: FlaskClient, access: ConsoleAccess) -> None:
    headers = {"X-Form-Token": access.form, "Content-Type": "text/plain"}

    wrong = user.post("/check", base_url=BASE, data='{"max_mse": -1}', headers=headers)
    right = user.post("/check", base_url=BASE, data='{"max_mse": 1}', headers=headers)

    assert "max_mse = -1: must be above 0" in wrong.text
    assert "Nothing is wrong" in right.text


def test_the_form_has_the_data_that_the_command_was_given(user: FlaskClient) -> None:
    assert "s3://bucket/key" in get(user, "/start").text


def test_the_fields_are_those_of_the_document(user: FlaskClient) -> None:
    page = get(user, "/start").text

    assert [field.name for field in input_help.fields()][:2] == [
        "input_data_uri",
        "validation_share",
    ]
    for field in input_help.fields():
        assert f"<code>{field.name}</code>" in page
    assert "Defaults of a regression: objective reg:squarederror, num_round 50" in page


def test_messages_are_shown_inert_with_links_to_its_pages_and_to_other_machines(
    user: FlaskClient,
) -> None:
    page = get(user, "/messages").text

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert '<a href="https://aws.example/a?b=c&amp;d" rel="noreferrer noopener"' in page
    assert 'href="http://localhost:9' not in page
    assert f'<a href="{BASE}/endpoint">' in page


def test_a_part_that_is_shown_already_is_not_sent_again(user: FlaskClient) -> None:
    first = get(user, "/live/executions")
    again = get(user, "/live/executions", headers={"If-None-Match": first.headers["ETag"]})

    assert "first" in first.text
    assert (again.status_code, again.text) == (304, "")


@pytest.mark.parametrize("query", ["", "?run=first", "?run=a&run=b&run=c"])
def test_a_comparison_is_of_two(user: FlaskClient, query: str) -> None:
    answer = get(user, f"/compare{query}")

    assert answer.status_code == 422
    assert "choose two executions" in answer.text
