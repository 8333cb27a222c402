"""The approval page: whom the link lets in, what a POST decides, and that it decides once."""

import base64
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.approval_world import (
    EXECUTION_ARN,
    NOW,
    PACKAGE_ARN,
    World,
    function,
    moto_dynamodb,
    package,
    refusal,
)
from tests.unit.approval_world import world as new_world

pytestmark = pytest.mark.slow

APPROVE = "decision=approve&comment=looks+right"
KEY = "A" * 43


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with moto_dynamodb() as client:
        yield client


@pytest.fixture
def world(dynamodb: Any, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    with new_world(dynamodb, caplog) as created:
        yield created


def test_the_link_shows_the_model_that_waits(world: World) -> None:
    response = world.visit(world.ask())

    assert response["statusCode"] == 200
    for shown in (
        "run-7-0a1b2c3d",
        "12 of abalone-dev",
        "mse 5.37 is at most max_mse 6.0",
        "A person decides, as the policy &#x27;required&#x27; says.",
        "Compared with run-6 (version 3 of /abalone/model-name).",
        "2026-11-23 09:20 UTC",
        ">run-7</a>",
    ):
        assert shown in response["body"]


def test_looking_changes_nothing(world: World) -> None:
    query = world.ask()
    before = world.item()

    for method in ("GET", "HEAD", "GET"):
        world.visit(query, method)

    assert world.item() == before
    assert world.sagemaker.updates == []
    assert world.stepfunctions.sent == []


def test_head_has_the_headers_of_get_and_no_body(world: World) -> None:
    query = world.ask()

    got, head = world.visit(query), world.visit(query, "HEAD")

    assert head == {**got, "body": ""}


# {query} is the link's own, {key} its key.
FORGED = {
    "no query": "",
    "no key": "version=12",
    "empty key": "version=12&key=",
    "another key": f"version=12&key={KEY}",
    "key with a letter changed": "{changed}",
    "key cut short": "{short}",
    "key with more behind it": "{query}A",
    "key with capitals and small letters swapped": "version=12&key={swapped}",
    "the key's hash": "version=12&key={sha256}",
    "no version": "key={key}",
    "empty version": "version=&key={key}",
    "version in words": "version=twelve&key={key}",
    "version of another package": "version=13&key={key}",
    "version of nobody": "version=99&key={key}",
    "negative version": "version=-12&key={key}",
    "version with a zero": "version=012&key={key}",
    "version in other digits": "version=%D9%A1%D9%A2&key={key}",
    "huge version": f"version={'9' * 100}&key={{key}}",
    "path in the version": "version=../other/12&key={key}",
    "version of another group": "version=other%2F12&key={key}",
    "version twice": "version=12&{query}",
    "key twice": "{query}&key={key}",
    "right key first, another behind": f"{{query}}&key={KEY}",
    "one parameter more": "{query}&decision=approve",
    "huge query": f"{{query}}&a={'b' * 100_000}",
    "many parameters": "&".join(["a=b"] * 10_000),
    "not UTF-8": "version=12&key=%ff{key}",
    "null character": "{query}%00",
    "line break": "{query}%0a",
    "names in capitals": "VERSION=12&KEY={key}",
    "no equals sign": "version&key",
}


def forged(template: str, query: str) -> str:
    key = query.rpartition("key=")[2]
    return template.format(
        query=query,
        key=key,
        short=query[:-1],
        # The last letter of 43 holds four bits only, so the first is changed.
        changed=f"version=12&key={'B' if key[0] == 'A' else 'A'}{key[1:]}",
        swapped=key.swapcase(),
        sha256=function.link.sha256_of(key),
    )


@pytest.mark.parametrize("template", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_nobody_was_sent_is_forbidden_in_the_same_words(
    world: World, template: str, method: str
) -> None:
    other = PACKAGE_ARN.replace("/12", "/13")
    world.sagemaker.packages[other] = package()
    world.ask(ModelPackageArn=other)
    query = world.ask()
    before = world.item()

    response = world.visit(forged(template, query), method, body=APPROVE)

    assert response["statusCode"] == 403
    assert response == world.visit("version=1&key=1")
    assert "abalone" not in response["body"]
    assert world.item() == before
    assert world.sagemaker.updates == []


def test_a_package_of_another_group_is_not_opened_with_its_own_key(world: World) -> None:
    other = PACKAGE_ARN.replace("abalone-dev", "abalone-prod")
    world.sagemaker.packages[other] = package()

    assert world.visit(world.ask(ModelPackageArn=other))["statusCode"] == 403


def test_a_second_question_makes_the_first_link_worthless(world: World) -> None:
    first, second = world.ask(), world.ask(TaskToken="another")

    assert world.visit(first)["statusCode"] == 403
    assert world.visit(second)["statusCode"] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", ""])
def test_another_method_is_told_which_there_are(world: World, method: str) -> None:
    response = world.visit(world.ask(), method)

    assert response["statusCode"] == 405
    assert response["headers"]["Allow"] == "GET, HEAD, POST"


def expire(world: World) -> None:
    world.now += 3600


def end_execution(world: World) -> None:
    world.stepfunctions.status[EXECUTION_ARN] = "ABORTED"


CLOSED: dict[str, tuple[Callable[[World], object], str]] = {
    "expired": (expire, "The time to decide ended at 2026-11-23 09:20 UTC."),
    "approved in the registry": (
        lambda world: world.sagemaker.decide("Approved"),
        "This model was approved already, as the model registry says.",
    ),
    "rejected in the registry": (
        lambda world: world.sagemaker.decide("Rejected"),
        "This model was rejected already, as the model registry says.",
    ),
    "deleted": (
        lambda world: world.sagemaker.packages.clear(),
        "The model package is no longer in the registry.",
    ),
    "execution stopped": (end_execution, "The execution that asked has ended"),
    "execution forgotten": (
        lambda world: world.stepfunctions.status.clear(),
        "The execution that asked has ended",
    ),
    "used": (
        lambda world: world.post(world.queries[-1], APPROVE),
        "This model was approved already.",
    ),
}


@pytest.mark.parametrize(("close", "words"), CLOSED.values(), ids=CLOSED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_needs_no_decision_any_more_is_gone_and_says_why(
    world: World, close: Callable[[World], object], words: str, method: str
) -> None:
    query = world.ask()
    close(world)
    decided = list(world.sagemaker.updates)

    response = world.visit(
        query, method, body=APPROVE, content_type="application/x-www-form-urlencoded"
    )

    assert response["statusCode"] == 410
    assert (words in response["body"]) == (method != "HEAD")
    assert world.sagemaker.updates == decided


def test_a_used_link_stays_dead_when_somebody_opens_the_package_again(world: World) -> None:
    query = world.ask()
    world.post(query, APPROVE)
    world.sagemaker.decide("PendingManualApproval")

    assert world.post(query, APPROVE)["statusCode"] == 410
    assert len(world.sagemaker.updates) == 1


@pytest.mark.parametrize(
    ("choice", "status", "words"),
    [("approve", "Approved", "approved"), ("reject", "Rejected", "rejected")],
)
def test_the_form_decides_in_the_registry_and_says_so(
    world: World, choice: str, status: str, words: str
) -> None:
    response = world.post(world.ask(), f"decision={choice}&comment=looks+right")

    assert response["statusCode"] == 200
    assert f"<h1>The model was {words}</h1>" in response["body"]
    assert world.sagemaker.updates == [
        {
            "ModelPackageArn": PACKAGE_ARN,
            "ModelApprovalStatus": status,
            "ApprovalDescription": "through the approval page: looks right",
        }
    ]
    item = world.item()
    assert (item["decision"], item["decided_at"]) == (status, str(NOW))
    assert "claimed_until" not in item


def test_the_page_leaves_the_execution_to_the_registrys_event(world: World) -> None:
    world.post(world.ask(), APPROVE)

    assert world.stepfunctions.sent == []
    assert "the execution goes on" in world.raise_event()
    assert world.stepfunctions.sent[0]["operation"] == "SendTaskSuccess"


@pytest.mark.parametrize(
    ("comment", "description"),
    [
        ("", "through the approval page"),
        ("  two\r\nlines\t ", "through the approval page: two lines"),
        ("für 日本", "through the approval page: für 日本"),
        ("a\u202eb\x00c\u2028d", "through the approval page: a b c d"),
        ("x" * 997, f"through the approval page: {'x' * 997}"),
        ("x" * 1024, f"through the approval page: {'x' * 994}..."),
        ("日" * 1024, f"through the approval page: {'日' * 994}..."),
        ("a\r\n" * 512, f"through the approval page: {('a ' * 512)[:994]}..."),
    ],
)
def test_the_comment_is_kept_as_the_registry_can_hold_it(
    world: World, comment: str, description: str
) -> None:
    body = urlencode({"decision": "approve", "comment": comment})

    assert world.post(world.ask(), body)["statusCode"] == 200
    assert world.sagemaker.updates[0]["ApprovalDescription"] == description


def test_a_body_in_base64_is_taken(world: World) -> None:
    body = base64.b64encode(APPROVE.encode()).decode()

    assert world.post(world.ask(), body, isBase64Encoded=True)["statusCode"] == 200
    assert len(world.sagemaker.updates) == 1


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("status", "body", "fields"),
    [
        (400, "", {}),
        (400, "comment=yes", {}),
        (400, "decision=", {}),
        (400, "decision=Approved", {}),
        (400, "decision=delete", {}),
        (400, "decision=approve&decision=reject", {}),
        (400, "decision=approve&comment=a&comment=b", {}),
        (400, "decision=approve&version=12", {}),
        (400, "decision=approve&comment=%ff", {}),
        (400, "decision=approve&\ud800", {}),
        (400, "decision", {}),
        (400, f"decision=approve&comment={'x' * 1025}", {}),
        (400, "&".join(["a=b"] * 100), {}),
        (400, "%%%", {"isBase64Encoded": True}),
        (400, base64.b64encode(b"decision=approve&comment=\xff").decode(), {"isBase64Encoded": 1}),
        (413, "decision=approve&comment=" + "x" * 20_000, {}),
        (413, "A" * 30_000, {"isBase64Encoded": True}),
        (415, APPROVE, {"content_type": ""}),
        (415, APPROVE, {"content_type": "text/plain"}),
        (415, '{"decision": "approve"}', {"content_type": "application/json"}),
        (415, APPROVE, {"content_type": "multipart/form-data; boundary=x"}),
        (415, APPROVE, {"content_type": f"{FORM}; charset=utf-16"}),
    ],
)
def test_a_form_that_cannot_be_used_decides_nothing_and_can_be_sent_again(
    world: World, status: int, body: str, fields: dict[str, Any]
) -> None:
    query = world.ask()

    response = world.post(query, body, **fields)

    assert response["statusCode"] == status
    assert "<h1>Nothing was decided</h1>" in response["body"]
    assert world.sagemaker.updates == []
    assert world.post(query, APPROVE)["statusCode"] == 200


@pytest.mark.parametrize("content_type", [FORM.upper(), f"{FORM};charset=UTF-8", f"{FORM} ; "])
def test_the_content_type_may_be_written_in_other_ways(world: World, content_type: str) -> None:
    assert world.post(world.ask(), APPROVE, content_type=content_type)["statusCode"] == 200


def test_a_post_while_another_decides_comes_too_late(world: World) -> None:
    query = world.ask()
    late: list[dict[str, Any]] = []

    def post_too() -> None:
        world.sagemaker.before_update = lambda: None
        late.append(world.post(query, "decision=reject"))

    world.sagemaker.before_update = post_too
    first = world.post(query, APPROVE)

    assert first["statusCode"] == 200
    assert [response["statusCode"] for response in late] == [410]
    assert "Somebody else was faster" in late[0]["body"]
    assert [update["ModelApprovalStatus"] for update in world.sagemaker.updates] == ["Approved"]


def test_of_many_posts_at_once_one_decides(world: World) -> None:
    query, barrier = world.ask(), threading.Barrier(6)

    def post() -> None:
        barrier.wait()
        world.post(query, APPROVE)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sorted(response["statusCode"] for response in world.responses)
    assert statuses == [200, 410, 410, 410, 410, 410]
    assert len(world.sagemaker.updates) == 1


def fail(error: Exception) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


@pytest.mark.parametrize(
    "error",
    [
        refusal("ThrottlingException", "UpdateModelPackage"),
        refusal("ConflictException", "UpdateModelPackage"),
        EndpointConnectionError(endpoint_url="https://sagemaker"),
    ],
)
def test_where_the_registry_refuses_one_can_try_again(world: World, error: Exception) -> None:
    query = world.ask()
    world.sagemaker.before_update = fail(error)

    response = world.post(query, APPROVE)

    assert response["statusCode"] == 503
    assert "please try again" in response["body"]
    assert response["headers"]["Retry-After"] == "5"
    assert "not decided: " in world.caplog.text
    assert "decision" not in world.item()
    world.sagemaker.before_update = lambda: None
    assert world.post(query, APPROVE)["statusCode"] == 200


def test_a_claim_of_a_function_that_died_ends_by_itself(world: World) -> None:
    query = world.ask()
    world.sagemaker.before_update = fail(MemoryError())
    with pytest.raises(MemoryError):
        world.post(query, APPROVE)
    world.sagemaker.before_update = lambda: None

    assert world.post(query, APPROVE)["statusCode"] == 410
    world.now += function.store.CLAIM_SECONDS
    assert world.post(query, APPROVE)["statusCode"] == 200


def test_a_service_that_fails_while_one_looks_asks_to_try_again(world: World) -> None:
    query = world.ask()
    world.sagemaker.refusal = refusal("ThrottlingException", "DescribeModelPackage", "run-7")

    response = world.visit(query)

    assert response["statusCode"] == 503
    assert "DescribeModelPackage: ThrottlingException" in world.caplog.text
    assert "run-7" not in world.caplog.text


def test_a_decision_is_logged_without_its_comment(world: World) -> None:
    world.post(world.ask(), APPROVE)

    assert f"{PACKAGE_ARN}: approved through the page" in world.caplog.text
    assert "looks right" not in world.caplog.text
    assert "looks+right" not in world.caplog.text


def test_the_page_asks_the_table_for_all_but_the_token(world: World) -> None:
    world.ask()

    approval = function.store.get(PACKAGE_ARN, table=world.table)

    assert approval.model_name == "run-7-0a1b2c3d"
    assert not hasattr(approval, "task_token")
    assert approval.link_sha256 not in repr(approval)


def test_an_event_that_is_no_request_gets_a_page_too(world: World) -> None:
    response = function.page.respond(
        function.request.parse_request({}), services=None, now=world.now
    )

    assert response["statusCode"] == 405
