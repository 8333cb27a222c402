"""What the approval page looks like: its numbers, its plots, and nothing that anybody slips in."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.approval_world import (
    EVALUATION,
    REPORT,
    World,
    classified,
    function,
    metrics,
    moto_dynamodb,
)
from tests.unit.approval_world import world as new_world
from workflow.report import svg

INJECTIONS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></textarea></svg><form action=//evil>",
    "&lt;b&gt;",
    "javascript:alert(1)",
)
ALLOWED_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "header",
        "section",
        "h1",
        "h2",
        "h3",
    ),
    *("p", "a", "strong", "b", "span", "dl", "dt", "dd", "table", "caption", "thead", "tbody"),
    *("tr", "th", "td", "details", "summary", "pre", "div", "figure", "figcaption", "svg", "desc"),
    *(
        "g",
        "line",
        "text",
        "circle",
        "rect",
        "polyline",
        "form",
        "label",
        "textarea",
        "button",
        "meter",
    ),
}
MINUS = "\N{MINUS SIGN}"


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with moto_dynamodb() as client:
        yield client


@pytest.fixture
def world(dynamodb: Any, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    with new_world(dynamodb, caplog) as created:
        yield created


def shown(world: World, **question: Any) -> str:
    response = world.visit(world.ask(**question))
    assert response["statusCode"] == 200
    return str(response["body"])


def test_the_numbers_stand_side_by_side_with_which_is_better(world: World) -> None:
    numbers = shown(world).partition("</table>")[0]

    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", numbers)
    texts = [
        " ".join(Outline(row.replace("<", " <")).text.split()).replace(MINUS, "-") for row in rows
    ]
    assert texts == [
        "mse mean squared error 5.37 ± 0.07 5.6 ± 0.07 -4.11 % better",
        "rmse its root, in rings 2.317 ± 0.07 2.366 ± 0.07 -2.08 % better",
        "mae mean absolute error, in rings 1.6 ± 0.07 1.5 ± 0.07 +6.67 % worse",
        "r2 share of the variance explained 0.49 ± 0.07 0.47 ± 0.07 +0.02 better",
    ]


def test_without_a_production_model_there_is_nothing_to_be_better_than(world: World) -> None:
    world.s3.put("evaluation.json", {**EVALUATION, "production": None})

    body = shown(world)

    assert body.count(">none</td>") == 4
    assert "better" not in body


def test_equal_numbers_are_the_same(world: World) -> None:
    world.s3.put("evaluation.json", {**EVALUATION, "production": metrics(5.37, 1.6, 0.49)})

    assert shown(world).count(">the same</td>") == 4


def test_there_is_a_plot_of_each_kind_with_words_for_those_who_do_not_see_it(
    world: World,
) -> None:
    body = shown(world)

    drawings = [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", body, re.DOTALL)]
    told = [(drawing.findtext("title"), drawing.findtext("desc")) for drawing in drawings]
    assert told == [
        (
            "Predicted against actual rings",
            "3 rows; 1 predictions are too low, 1 too high.",
        ),
        (
            "Residuals",
            "7 rows from -2 to 4 rings; most of them, 4, between 0 and 2.",
        ),
        ("Learning curve: test rows", "mse 8.69 after 1 rounds, 5.37 after 50."),
    ]
    ids = {element.get("id") for drawing in drawings for element in drawing.iter()}
    for drawing in drawings:
        assert drawing.get("role") == "img"
        assert set(str(drawing.get("aria-labelledby")).split()) <= ids


def test_an_exact_prediction_is_drawn_on_the_line(world: World) -> None:
    world.s3.put(
        "report.json", {"predicted_against_actual": [{"actual": x, "predicted": x} for x in (3, 9)]}
    )

    body = shown(world)

    line = next(item for item in Outline(body).all("line") if item["class"] == "exact")
    x1, y1, x2, y2 = (float(str(line[name])) for name in ("x1", "y1", "x2", "y2"))
    for dot in Outline(body).all("circle"):
        share = (float(str(dot["cx"])) - x1) / (x2 - x1)
        assert float(str(dot["cy"])) == pytest.approx(y1 + share * (y2 - y1), abs=0.2)


def test_bars_are_as_high_as_their_counts(world: World) -> None:
    world.s3.put("report.json", {"residual_histogram": REPORT["residual_histogram"]})

    bars = Outline(shown(world)).all("rect")

    heights = [float(str(bar["height"])) for bar in bars]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 4, 2], rel=0.01)


def test_all_features_stand_there_by_their_whole_names_the_most_important_first(
    world: World,
) -> None:
    gains = {
        f"a_rather_long_name_of_a_feature_that_is_measured_{index}": index for index in range(30)
    }
    shap = {name: 30 - gain for name, gain in gains.items()}
    world.s3.put("report.json", {**REPORT, "feature_importance": gains})

    by_gain = shown(world)
    world.s3.put(
        "report.json",
        {**REPORT, "feature_importance": gains, "shap": {"rows": 9, "mean_absolute": shap}},
    )
    by_shap = shown(world)

    told = re.compile(r"(a_rather_long\w+)</th>")
    assert told.findall(by_gain) == sorted(gains, key=lambda name: -gains[name])
    assert told.findall(by_shap) == [*gains]
    assert "18 more features" in by_shap
    assert "Mean |SHAP|" in by_shap


def test_the_error_is_told_by_category(world: World) -> None:
    sexes = {"F": metrics(4.0, 1.2, 0.5), "M": metrics(6.0, 1.9, 0.4)}
    others = {"F": metrics(5.0, 1.2, 0.5)}
    production = {**metrics(5.6, 1.5, 0.47), "by_sex": others}
    world.s3.put("evaluation.json", {**EVALUATION, "by_sex": sexes, "production": production})

    body = shown(world)

    table = body.partition("Mean squared error by sex")[2].partition("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table)
    texts = [" ".join(Outline(row.replace("<", " <")).text.split()) for row in rows]
    assert [text.replace(MINUS, "-") for text in texts] == [
        "F 608 rows 4 ± 0.07 5 ± 0.07 -20 % better",
        "M 608 rows 6 ± 0.07 none \N{EN DASH}",
    ]


def test_the_classes_are_told_with_their_numbers_and_what_they_are_taken_for(world: World) -> None:
    world.s3.put("evaluation.json", classified(["low", "<high>"]))

    body = shown(world)

    table = body.partition("The candidate by class")[2].partition("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table)
    assert [" ".join(Outline(row.replace("<", " <")).text.split()) for row in rows] == [
        "low 10 rows 0.75 0.5 0.6",
        "<high> 10 rows 0.75 0.5 0.6",
    ]
    matrix = body.partition("Confusion matrix: rows by their class")[2].partition("</table>")[0]
    assert re.findall(r"<td>(\d+)</td>", matrix) == ["10", "0", "0", "10"]
    assert "<td" in body.partition("Logarithmic loss by site")[2].partition("</table>")[0]


def test_a_page_says_that_the_rows_are_weighted(world: World) -> None:
    world.s3.put("evaluation.json", {**EVALUATION, "weighted_by": "times <1>"})

    told = "608 rows that were not trained on, weighted by times &lt;1&gt;, \N{PLUS-MINUS SIGN}"
    assert told in shown(world)
    assert "of training alone" not in shown(world)


def test_a_page_says_that_the_weights_of_classes_are_in_no_number(world: World) -> None:
    world.s3.put("evaluation.json", {**EVALUATION, "class_weights": {"ill": 12.5}})

    assert "The weights of classes are of training alone: no number has them." in shown(world)


def test_of_many_classes_the_first_are_told_and_where_the_others_stand(world: World) -> None:
    world.s3.put("evaluation.json", classified([f"class {at}" for at in range(25)]))

    body = shown(world)

    assert "5 more classes are in the report" in body
    assert "The confusion matrix is in the report" in body


@pytest.mark.parametrize(
    "broken", [{"per_class": {"a": {"rows": "many"}}}, {"per_class": 7}, {"per_class": {"a": None}}]
)
def test_classes_that_cannot_be_read_are_left_out(world: World, broken: dict[str, Any]) -> None:
    world.s3.put("evaluation.json", {**classified(["a", "b"]), **broken})

    assert "The candidate by class" not in shown(world)


def test_the_rows_that_were_left_out_are_told(world: World) -> None:
    assert "84 of 4177 rows were left out (unknown sex: 84)." in shown(world)
    assert "<dt>Data</dt>" not in shown(world, Preprocessing=None)


def test_the_report_is_linked_by_a_signed_url(world: World) -> None:
    page = shown(world)

    (link,) = (a["href"] for a in Outline(page).all("a") if "reports" in str(a["href"]))
    assert "/reports/run-7/report.html?" in str(link)
    assert "Expires" in str(link)
    assert "s3://" not in Outline(page).text


NO_REPORT: dict[str, Any] = {
    "not JSON": b"<html>",
    "empty": b"",
    "a list": [],
    "null": None,
    "another document": {"colour": 1},
    "not UTF-8": b"\xff\xfe\xff",
    "deep": b"[" * 100_000,
    "numbers as text": {"predicted_against_actual": [{"actual": "7", "predicted": "8"}]},
    "NaN": b'{"predicted_against_actual": [{"actual": NaN, "predicted": 1}]}',
    "infinite": b'{"learning_curve": [{"rounds": 1, "mse": 1e999}]}',
    "enormous": {"learning_curve": [{"rounds": 1, "mse": 1e300}]},
    "huge whole number": b'{"learning_curve": [{"rounds": 1, "mse": ' + b"9" * 5000 + b"}]}",
    "true": {"learning_curve": [{"rounds": True, "mse": 5.0}]},
    "rows that are none": {"predicted_against_actual": [1, None, "a"]},
    "as many edges as counts": {"residual_histogram": {"edges": [1, 2], "counts": [1, 2]}},
    "edges backwards": {"residual_histogram": {"edges": [2, 1], "counts": [1]}},
    "negative counts": {"residual_histogram": {"edges": [1, 2], "counts": [-1]}},
    "no bars": {"residual_histogram": {"edges": [1], "counts": []}},
    "too many bars": {"residual_histogram": {"edges": list(range(999)), "counts": [1] * 998}},
    "negative gain": {"feature_importance": {"length": -1}},
    "no gain": {"feature_importance": {"length": 0}},
    "larger than it can be": b'{"learning_curve": [' + b" " * 1_000_000 + b"]}",
}


@pytest.mark.parametrize("report", NO_REPORT.values(), ids=NO_REPORT)
def test_without_a_report_the_page_works_and_says_that_there_are_no_plots(
    world: World, report: Any
) -> None:
    world.s3.put("report.json", report)

    body = shown(world)

    assert "The plots are not available" in body
    assert "<svg" not in body
    assert 'value="approve"' in body


@pytest.mark.parametrize(
    ("label", "told"),
    [("energy_kwh", "energy_kwh"), ("a\n" * 99, "a " * 18 + "a..."), ("", "labels"), (7, "labels")],
)
def test_the_errors_are_in_units_of_what_the_report_says_is_predicted(
    world: World, label: Any, told: str
) -> None:
    world.s3.put("report.json", {**REPORT, "label": label})

    body = shown(world)

    assert f"its root, in {told}<" in body
    assert f"Predicted against actual {told}<" in body
    assert f"7 rows from -2 to 4 {told}; " in body
    assert "rings" not in body


@pytest.mark.parametrize("uri", ["s3://bucket/evaluation/gone/", "no URI", "s3://bucket"])
def test_without_the_evaluation_the_numbers_of_the_message_are_shown(
    world: World, uri: str
) -> None:
    body = shown(world, EvaluationUri=uri)

    assert 'class="cards"' not in body
    assert "<pre>Numbers, on 608 rows:\n  mse of the candidate   5.37</pre>" in body
    assert "The plots are not available" in body


@pytest.mark.parametrize(
    "evaluation",
    [{}, {**EVALUATION, "rows": "608"}, {"rows": 1, "regression_metrics": {"mse": {}}}, b"["],
)
def test_a_malformed_evaluation_is_not_shown_in_part(world: World, evaluation: Any) -> None:
    world.s3.put("evaluation.json", evaluation)

    assert 'class="cards"' not in shown(world)


def test_a_plot_that_is_missing_is_named(world: World) -> None:
    world.s3.put("report.json", {**REPORT, "learning_curve": None})

    body = shown(world)

    assert "Not available: learning curve." in body
    assert body.count("<svg") == 2


numbers = st.floats(-1e150, 1e150, allow_nan=False) | st.integers(-(10**12), 10**12)


@given(
    pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5),
    counts=st.lists(st.integers(0, 10**9), min_size=1, max_size=5),
)
def test_whatever_numbers_a_report_holds_every_place_is_inside_the_drawing(
    pairs: list[tuple[float, float]], counts: list[int]
) -> None:
    report = function.report.Report(
        pairs=pairs,
        residuals=function.report.Histogram(list(range(len(counts) + 1)), counts),
        learning_curve=pairs,
    )

    for plot in function.plots.PLOTS.values():
        root = ET.fromstring(svg.drawing(plot(report)))
        for element in root.iter():
            for name in ("x", "x1", "x2", "cx", "width"):
                assert -1 <= float(element.get(name, 0)) <= svg.WIDTH
            for name in ("y", "y1", "y2", "cy", "height"):
                assert -1 <= float(element.get(name, 0)) <= svg.HEIGHT


@pytest.mark.parametrize("injection", INJECTIONS)
def test_no_text_from_elsewhere_becomes_markup(world: World, injection: str) -> None:
    gains = {injection: 3.0}
    world.s3.put("report.json", {**REPORT, "label": injection, "feature_importance": gains})

    body = shown(
        world,
        ModelName=injection,
        Reason=injection,
        ApprovalReason=injection,
        Numbers=[injection, injection],
        Compared=injection,
        EvaluationUri="s3://bucket/evaluation/run-7/",
        ExecutionArn=f"arn:aws:states:eu-west-1:123456789012:execution:abalone:{injection}".replace(
            "javascript:", "javascript-"
        ),
    )

    outline = Outline(body)
    assert {tag for tag, _ in outline.tags} <= ALLOWED_TAGS
    assert not [name for _, found in outline.tags for name in found if name.startswith("on")]
    assert all(str(link["href"]).startswith("https://") for link in outline.all("a"))
    assert [form.get("action") for form in outline.all("form")] == [None]
    assert injection in outline.text


@pytest.mark.parametrize("injection", INJECTIONS)
def test_no_comment_becomes_markup(world: World, injection: str) -> None:
    query = world.ask()
    world.sagemaker.decide("Rejected", ApprovalDescription=injection)

    assert "alert" not in world.visit(query)["body"]


def test_a_text_cannot_turn_the_reading_order(world: World) -> None:
    assert "\u202e" not in shown(world, ModelName="run\u202e7")


def test_nothing_is_loaded_run_or_sent_elsewhere(world: World) -> None:
    response = world.visit(world.ask())

    policy = response["headers"]["Content-Security-Policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", response["body"], re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert "url(" not in style
    for attribute in (" style=", " src=", "<script", "<link"):
        assert attribute not in response["body"]


@pytest.mark.parametrize("query", ["", "valid"])
def test_every_page_says_that_it_is_secret(world: World, query: str) -> None:
    link = world.ask()

    headers = world.visit(link if query else "")["headers"]

    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in headers["X-Robots-Tag"]


def test_the_form_works_without_script_and_with_a_screen_reader(world: World) -> None:
    outline = Outline(shown(world))

    (form,), (label,), (comment,) = (outline.all(tag) for tag in ("form", "label", "textarea"))
    assert form["method"] == "post"
    assert label["for"] == comment["id"]
    assert comment["maxlength"] == "1024"
    assert [(button["name"], button["value"]) for button in outline.all("button")] == [
        ("decision", "approve"),
        ("decision", "reject"),
    ]
    assert outline.all("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in outline.all(
        "meta"
    )
    assert "prefers-color-scheme: dark" in json.dumps(outline.text)


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        *((ink, paper) for ink in ("ink", "soft") for paper in ("card", "paper")),
        *((ink, "card") for ink in ("mark", "good", "bad", "exact")),
        ("on-good", "good"),
    ],
)
def test_text_has_enough_contrast(scheme: int, ink: str, paper: str) -> None:
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{3,6});", function.style.STYLE)
    schemes = [dict(found[: len(found) // 2]), dict(found[len(found) // 2 :])]

    assert contrast(schemes[scheme][ink], schemes[scheme][paper]) >= 4.5
