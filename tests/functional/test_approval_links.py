"""The approval page over HTTP: which links open it, and what each request leads to."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.functional.approval_links import FORM, post, visit
from tests.functional.asking import SOON_OVER_SECONDS, Ask, Asked, asking
from tests.pages import read_all


@pytest.fixture(scope="module")
def ask(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Ask:
    return asking(runtime, stack, sample_uri)


@pytest.fixture(scope="module")
def waiting(ask: Ask) -> Asked:
    """An execution that waits while links are tried on it that decide nothing."""
    return ask()


def changed(**parts: str | None) -> Callable[[str], str]:
    """Return a change of a link's query: a part gets another value, or none."""

    def change(link: str) -> str:
        start, _, query = link.partition("?")
        values = {**dict(urllib.parse.parse_qsl(query)), **parts}
        kept = {name: value for name, value in values.items() if value is not None}
        return f"{start}?{urllib.parse.urlencode(kept)}"

    return change


def tampered(link: str) -> str:
    return link[:-1] + ("A" if link[-1] != "A" else "B")


FORGED: dict[str, Callable[[str], str]] = {
    "last character of the key changed": tampered,
    "key cut by one": lambda link: link[:-1],
    "no key": changed(key=None),
    "empty key": changed(key=""),
    "another random key": changed(key="x" * 43),
    "no version": changed(version=None),
    "version that is no number": changed(version="one"),
    "negative version": changed(version="-1"),
    "version that does not exist": changed(version="99999"),
    "huge version": changed(version="9" * 4000),
    "key twice": lambda link: f"{link}&key=x",
    "another parameter": changed(next="https://example.com"),
    "no query": lambda link: link.partition("?")[0],
    "path into the group": changed(version="1/../2"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_link_shows_nothing_and_decides_nothing(
    waiting: Asked, forge: Callable[[str], str]
) -> None:
    link = forge(waiting.link)

    shown, posted = visit(link), post(link)

    assert (shown.status, posted.status) == (403, 403)
    assert "This link does not open anything" in shown.text
    assert waiting.status == "PendingManualApproval"


def test_the_link_of_one_version_does_not_open_another(ask: Ask, waiting: Asked) -> None:
    other = ask()
    version = other.package_arn.rpartition("/")[2]

    posted = post(changed(version=version)(waiting.link))

    assert posted.status == 403
    assert other.status == waiting.status == "PendingManualApproval"
    other.decide("Rejected")
    other.end()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(waiting: Asked, method: str) -> None:
    pages = [visit(waiting.link, method=method) for _ in range(3)]

    assert [page.status for page in pages] == [200, 200, 200]
    assert (waiting.status, waiting.execution_status) == ("PendingManualApproval", "RUNNING")


def test_the_page_shows_the_numbers_and_the_plots(waiting: Asked) -> None:
    page = visit(waiting.link)

    assert "mse" in page.text
    assert page.text.count("<svg") >= 2
    assert waiting.package_arn.rpartition("/")[2] in page.text


def test_the_page_leads_to_the_report_here_and_not_to_the_console_of_aws(
    waiting: Asked, runtime: LocalRuntime
) -> None:
    links = re.findall(r'href="(https?://[^"]+)', visit(waiting.link).text)

    (report,) = map(html.unescape, links)
    assert report.startswith(f"{runtime.endpoint_url}/")
    followed = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document"}
    eventually(lambda: _is_written(report, runtime))
    assert b"<!doctype html>" in _got(report, {**followed, "Sec-Fetch-Mode": "navigate"})
    for link, mode in ((report, "cors"), (tampered(report), "navigate")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            _got(link, {**followed, "Sec-Fetch-Mode": mode})


def _is_written(url: str, runtime: LocalRuntime) -> bool:
    """Tell whether the object is there; until then a presigned URL is refused."""
    bucket_name, _, key = urllib.parse.urlsplit(url).path[1:].partition("/")
    found = read_all(runtime.client("s3"), "list_objects_v2", Bucket=bucket_name, Prefix=key)
    return "Contents" in found


def _got(url: str, headers: dict[str, str]) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        content: bytes = answer.read()
        return content


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(waiting: Asked, method: str) -> None:
    page = visit(waiting.link, method=method, body=b"decision=approve", content_type=FORM)

    assert page.status == 405
    assert waiting.status == "PendingManualApproval"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"decision=maybe", FORM, 400),
        (b"", FORM, 400),
        (b"decision=approve&decision=reject", FORM, 400),
        (b"decision=approve&comment=" + b"x" * 1025, FORM, 400),
        (b"decision=approve&comment=%ff%fe", FORM, 400),
        (b'{"decision": "approve"}', "application/json", 415),
        (b"decision=approve", "text/plain", 415),
        (b"decision=approve&comment=" + b"x" * 100_000, FORM, 413),
    ],
)
def test_a_form_that_cannot_be_used_decides_nothing(
    waiting: Asked, body: bytes, content_type: str, status: int
) -> None:
    page = visit(waiting.link, method="POST", body=body, content_type=content_type)

    assert page.status == status
    assert waiting.status == "PendingManualApproval"


def test_the_first_answer_decides_and_the_link_is_used_up(ask: Ask) -> None:
    asked = ask()

    answered = post(asked.link, "approve", "fine")
    execution = asked.end()
    again, shown = post(asked.link, "reject"), visit(asked.link)

    assert answered.status == 200
    assert execution.status == "SUCCEEDED"
    assert "fine" in execution.output["decision"]["description"]
    assert (again.status, shown.status) == (410, 410)
    assert "approved already" in shown.text
    assert asked.status == "Approved"


def test_of_many_answers_at_once_one_decides(ask: Ask) -> None:
    asked = ask()

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda word: post(asked.link, word), ["approve", "reject"] * 2))
    execution = asked.end()

    assert sorted(page.status for page in pages) == [200, 410, 410, 410]
    assert (execution.status == "SUCCEEDED") == (asked.status == "Approved")


def test_a_rejection_on_the_page_ends_the_execution_with_the_comment(ask: Ask) -> None:
    asked = ask()

    post(asked.link, "reject", "<b>too old</b>")
    execution = asked.end()

    assert execution.error == "ModelRejected"
    assert "<b>too old</b>" in str(execution.cause)


def test_the_link_of_what_the_registry_decided_is_used_up(ask: Ask) -> None:
    asked = ask()
    asked.decide("Rejected")
    asked.end()

    assert (visit(asked.link).status, post(asked.link).status) == (410, 410)
    assert asked.status == "Rejected"


def test_an_expired_link_decides_nothing(ask: Ask) -> None:
    asked = ask(approval_timeout_seconds=SOON_OVER_SECONDS)
    asked.end()

    assert (visit(asked.link).status, post(asked.link).status) == (410, 410)
    assert asked.status == "Rejected"


def test_the_link_of_an_execution_that_was_stopped_decides_nothing(
    runtime: LocalRuntime, ask: Ask
) -> None:
    asked = ask()
    runtime.client("stepfunctions").stop_execution(executionArn=asked.execution_arn)

    assert (visit(asked.link).status, post(asked.link).status) == (410, 410)
    assert asked.status != "Approved"
