"""The tables of a report's page, read from its HTML, and what they must hold by their sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Final

Rows = list[list[str]]
NONE: Final = "\N{EN DASH}"
METRICS: Final = ("mse", "rmse", "mae", "r2")


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Rows] = {}
        self._rows: Rows = []
        self._into = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "caption":
            self._into, self._rows = "", []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td"):
            self._rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "caption":
            self.found[self._into] = self._rows
        self._into = "" if tag in ("table", "caption") else self._into

    def handle_data(self, data: str) -> None:
        if self._rows and self._rows[-1]:
            self._rows[-1][-1] += data
        elif not self._rows:
            self._into += data


def tables_in(page: str) -> dict[str, Rows]:
    """Return the rows of each table by its caption, without the row of headings."""
    parser = _Tables()
    for part in page.split("<table")[1:]:
        parser.feed("<table" + part.partition("</table>")[0] + "</table>")
        parser._rows = []
    return {caption: rows[1:] for caption, rows in parser.found.items()}


def expected_tables(
    output: Mapping[str, Any], read: Callable[[str], Any], jobs: Iterable[Any]
) -> dict[str, Rows]:
    """Return the tables about model and data, from the execution's state and its jobs' files.

    Args:
        output: the execution's state.
        read: reads a JSON object of S3.
        jobs: of the execution, as the emulated SageMaker has them.
    """
    uri = output["gate"]["evaluation_uri"]
    evaluation, report = read(f"{uri}evaluation.json"), read(f"{uri}report.json")
    rows = read(f"{output['processing']['report_uri']}report-algo-1.json")
    return {
        **_model(evaluation, report, output["training_job"]["FinalMetricDataList"]),
        **_rows(rows),
        **_columns(read(f"{uri}baseline.json"), _before(output, read)),
        "The jobs, which are what costs": [_job(job) for job in jobs],
    }


def _model(evaluation: Any, report: Any, metrics: Any) -> dict[str, Rows]:
    production = evaluation["production"] or {}
    shap, gain = report["shap"]["mean_absolute"], report["feature_importance"]
    return {
        f"On {evaluation['rows']} rows that were not trained on, ± standard error": [
            [name, _metric(evaluation, name), _metric(production, name)] for name in METRICS
        ],
        "By sex, ± standard error": [
            [
                sex,
                str(judged["rows"]),
                _metric(judged, "mse"),
                _metric(production.get("by_sex", {}).get(sex, {}), "mse"),
                _metric(judged, "mae"),
            ]
            for sex, judged in evaluation["by_sex"].items()
        ],
        "Of training": [[item["MetricName"], f"{item['Value']:.6g}"] for item in metrics],
        "Feature importance": [
            [name, f"{shap[name]:.4g}", "", f"{gain[name]:.4g}", ""]
            for name in sorted(shap, key=lambda name: -shap[name])
        ],
    }


def _rows(report: Any) -> dict[str, Rows]:
    counts = {
        "read": report["rows_read"],
        "used": report["rows_kept"],
        "left out": report["rows_rejected"],
    }
    reasons = report["rejected_by_reason"]
    return {
        "Rows": [[name, str(count)] for name, count in counts.items()],
        "Rows by split": [[name, str(count)] for name, count in report["rows_by_split"].items()],
        "Rows by object": [[name, str(count)] for name, count in report["rows_by_object"].items()],
        **(
            {"Rows left out, by reason": [[name, str(count)] for name, count in reasons.items()]}
            if reasons
            else {}
        ),
    }


def _columns(now: Any, before: Any) -> dict[str, Rows]:
    earlier = {column["name"]: column for column in before["features"]} if before else {}
    numbers = [column for column in now["features"] if column["kind"] == "number"]
    (sex,) = (column for column in now["features"] if column["kind"] == "category")
    past = earlier.get("sex")
    names = ("mean", "standard_deviation", "minimum", "maximum")
    return {
        "Numbers": [
            [
                column["name"],
                *(
                    _number(held.get(name))
                    for name in names
                    for held in (column, earlier.get(column["name"], {}))
                ),
            ]
            for column in numbers
        ],
        "By sex": [
            [value, *_share(sex, value), *(_share(past, value) if past else (NONE, NONE))]
            for value in sex["counts"]
        ],
    }


def _before(output: Mapping[str, Any], read: Callable[[str], Any]) -> Any:
    uris = [
        item["S3Input"]["S3Uri"]
        for item in output["production"]["inputs"]
        if item["InputName"] == "production-answers"
    ]
    return read(uris[0].replace("known-answers.json", "baseline.json")) if uris else None


def _job(job: Any) -> list[str]:
    return [job.name, job.status, "1 \N{MULTIPLICATION SIGN} ml.m5.xlarge"]


def seconds_of(job: Any) -> float:
    """Return how long a job's instances ran, by the emulated SageMaker."""
    start, end = (job.details[f"{job.kind.capitalize()}{word}Time"] for word in ("Start", "End"))
    return float((end - start).total_seconds())


def _share(column: Any, value: str) -> tuple[str, str]:
    count = column["counts"][value]
    return str(count), f"{count / column['rows'] * 100:.1f} %"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.5g}"


def _metric(judged: Any, name: str) -> str:
    if not judged:
        return NONE
    metric = judged["regression_metrics"][name]
    return f"{metric['value']:.6g} ± {metric['standard_deviation']:.2g}"
