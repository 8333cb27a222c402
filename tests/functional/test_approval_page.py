"""The approval page in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.functional.asking import Ask, asking
from tests.functional.browser import BROWSER_PATH, PAGE_MILLISECONDS
from tests.unit.approval_world import classified, moto_dynamodb, world

pytestmark = pytest.mark.skipif(
    BROWSER_PATH is None, reason="no Chromium here; Debian's package chromium brings one"
)


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page that fails the test where the browser complains, such as about the CSP."""
    opened = browser.new_page()
    opened.set_default_timeout(PAGE_MILLISECONDS)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    # The status of a page that refuses is told, too.
    assert [text for text in complaints if "status of 410" not in text] == []


@pytest.fixture(scope="module")
def ask(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Ask:
    return asking(runtime, stack, sample_uri)


def test_a_person_approves_on_the_page(ask: Ask, page: Any, tmp_path: Path) -> None:
    asked = ask()

    page.goto(asked.link)
    page.screenshot(path=str(tmp_path / "page.png"), full_page=True)
    page.get_by_label("comment").fill("seen in the browser")
    page.get_by_role("button", name="Approve").click()

    page.get_by_text("approved").first.wait_for()
    execution = asked.end()
    assert execution.status == "SUCCEEDED"
    assert "seen in the browser" in execution.output["decision"]["description"]


def _has_lineage(report: Any) -> bool:
    return bool(report.get_by_role("heading", name="Lineage").count())


def test_a_person_rejects_on_the_page(ask: Ask, page: Any) -> None:
    asked = ask()

    page.goto(asked.link)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="all about the run").click()
    # It is written some seconds after the question.
    eventually(lambda: opened.value.reload() and _has_lineage(opened.value))
    page.get_by_role("button", name="Reject").click()

    page.get_by_text("rejected").first.wait_for()
    assert asked.end().error == "ModelRejected"


def test_going_back_and_pressing_again_decides_nothing(ask: Ask, page: Any) -> None:
    asked = ask()
    page.goto(asked.link)
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("rejected").first.wait_for()
    asked.end()

    answer = page.goto(asked.link)

    assert answer.status == 410
    assert page.get_by_role("button").count() == 0


def test_the_plots_are_drawn_and_named(ask: Ask, page: Any) -> None:
    asked = ask()

    page.goto(asked.link)

    plots = page.locator("svg[role=img]")
    assert plots.count() >= 2
    for index in range(plots.count()):
        assert plots.nth(index).bounding_box()["height"] > 100
    asked.decide("Rejected")
    asked.end()


@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_the_screen(ask: Ask, page: Any, width: int) -> None:
    asked = ask()
    page.set_viewport_size({"width": width, "height": 800})

    page.goto(asked.link)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    asked.decide("Rejected")
    asked.end()


def test_a_page_of_ten_classes_fits_a_narrow_screen_and_scrolls_its_matrix(
    page: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with moto_dynamodb() as dynamodb, world(dynamodb, caplog) as asked:
        names = [f"a class of a long name {number}" for number in range(10)]
        asked.s3.put("evaluation.json", classified(names))
        body = asked.visit(asked.ask())["body"]
    page.set_viewport_size({"width": 360, "height": 800})

    page.set_content(body)
    page.screenshot(path=str(tmp_path / "page.png"), full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    matrix = page.get_by_role("region", name="Confusion matrix")
    assert matrix.locator("tbody tr").count() == 10
    matrix.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
