"""What docs/adapt.md shows is enough: a copy with another table trains, is released and serves."""

import json
import re
import statistics
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.functional.adapted.commands import Copy
from tests.functional.adapted.document import DOCUMENT_PATH, PROJECT_DIR, adapt_copy
from tests.functional.adapted.houses import NOISE_KWH, write_houses
from tests.functional.releasing import repository

NUMBERS = ["floor_area_m2", "window_area_m2", "outside_celsius", "occupants", "age_years"]
_TEMPLATE_NAMES = ("template", "endpoint", "pipeline")
# What the tree can reach with so many rows; the label's variance is 232,000.
GOOD_MSE = 4 * NOISE_KWH**2
# The same of the sample, which has half the rows, shaken.
SAMPLE_MSE = 12 * NOISE_KWH**2


class Adapted(NamedTuple):
    """The copy after its first execution: what both commands printed, and the result file."""

    copy: Copy
    said: str
    printed: str
    result: dict[str, Any]


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Adapted:
    root = tmp_path_factory.mktemp("adapted")
    copy = Copy(root / "copy")
    data_path = write_houses(root / "houses.csv", seed=7)
    said = adapt_copy(copy.copy_dir, data_path)
    result_path = root / "result.json"
    printed = copy.said("run", "--data", str(data_path), "--result", str(result_path))
    return Adapted(copy, said, printed, json.loads(result_path.read_text()))


def test_the_adapted_copy_trains_passes_its_gate_and_records(adapted: Adapted) -> None:
    result = adapted.result

    assert result["status"] == "SUCCEEDED"
    assert result["model_parameter_name"] == "/houses-local/model-name"
    assert NOISE_KWH**2 < result["evaluation"]["mse"] < GOOD_MSE
    assert result["evaluation"]["mse"] < result["evaluation"]["max_mse"] < 20 * GOOD_MSE
    assert result["evaluation"]["r2"] > 0.95


def test_the_messages_and_names_are_those_of_the_new_project(adapted: Adapted) -> None:
    shown = adapted.printed + json.dumps(adapted.result)

    assert "Model released: houses-local" in shown
    assert not re.search("abalone|rings", shown)


def test_the_evaluation_and_the_report_speak_of_the_new_columns(adapted: Adapted) -> None:
    evaluation = adapted.copy.json_file("evaluation.json")
    report = adapted.copy.json_file("report.json")
    known_answers = adapted.copy.json_file("known-answers.json")

    assert set(evaluation["by_heating"]) == {"gas", "oil", "heat pump"}
    assert set(evaluation["by_kind"]) == {"detached", "terraced"}
    assert report["label"] == "energy_kwh"
    assert list(report["feature_importance"]) == known_answers["columns"]
    assert known_answers["columns"][:5] == NUMBERS
    assert all(report["feature_importance"][name] for name in NUMBERS)
    assert known_answers["encoding"]["label"] == "energy_kwh"


def test_no_row_is_lost_and_none_is_in_two_splits(adapted: Adapted) -> None:
    [report_path] = adapted.copy.copy_dir.glob("runs/**/report-algo-1.json")
    report = json.loads(report_path.read_text())
    splits = [
        {
            row
            for path in report_path.parents[1].glob(f"{name}/*")
            for row in path.read_text().splitlines()
        }
        for name in report["rows_by_split"]
    ]

    assert report["rows_kept"] == 4000
    assert sum(map(len, splits)) == len(set().union(*splits)) == 4000


def test_the_endpoint_of_a_model_of_the_new_sample_predicts_for_raw_rows(
    adapted: Adapted, tmp_path: Path
) -> None:
    header, *rows = write_houses(tmp_path / "others.csv", seed=8).read_text().splitlines()
    unlabelled = [row.rpartition(",")[0] for row in (header, *rows[:500])]
    rows_path = tmp_path / "rows.csv"
    rows_path.write_text("\n".join(unlabelled), encoding="utf-8")
    truth = [float(row.rpartition(",")[2]) for row in rows[:500]]

    with adapted.copy.served() as environment:
        answered = adapted.copy.said("invoke", str(rows_path), environment=environment)

    predicted = [float(line) for line in answered.splitlines()]
    squared = [(p - t) ** 2 for p, t in zip(predicted, truth, strict=True)]
    assert statistics.fmean(squared) < SAMPLE_MSE


def test_a_release_of_the_adapted_copy_trains_on_its_sample_and_serves(
    adapted: Adapted, tmp_path: Path
) -> None:
    source = repository(tmp_path / "source", origin=adapted.copy.copy_dir)

    printed = adapted.copy.said(
        *("release", "--approve", "--offline", "--source", str(source.folder)),
        *("--output-dir", str(tmp_path / "runs"), "--state-dir", str(tmp_path / "state")),
    )

    assert "houses-sample.csv stands for s3://" in printed
    assert "every stage succeeded" in printed
    assert re.search(r"endpoint houses-production: predicts \d+\.\d\d for", printed)


def test_every_path_that_the_document_names_is_there() -> None:
    text = DOCUMENT_PATH.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:yaml|toml))`", text))

    missing = [name for name in named if not (PROJECT_DIR / name).exists()]
    assert "jobs/columns.py" in named
    assert missing == []


def test_what_the_document_changes_stays_in_the_folders_that_it_calls_the_adopters(
    tmp_path: Path,
) -> None:
    [paragraph] = re.findall(r"\*\*Yours are\*\* (.*?)\.\s", DOCUMENT_PATH.read_text(), re.DOTALL)
    yours = [*re.findall(r"`([^`]+)`", paragraph), *(f"{n}.yaml" for n in _TEMPLATE_NAMES)]
    adapt_copy(tmp_path / "copy", write_houses(tmp_path / "houses.csv", seed=7))

    changed_names = {
        str(path.relative_to(tmp_path / "copy"))
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not _is_as_it_was(path, tmp_path / "copy")
    }
    assert {"project.toml", "endpoint.yaml"} <= changed_names
    assert [name for name in changed_names if not name.startswith(tuple(yours))] == []


def _is_as_it_was(path: Path, copy_dir: Path) -> bool:
    before = PROJECT_DIR / path.relative_to(copy_dir)
    return before.exists() and path.read_bytes() == before.read_bytes()


def test_the_document_is_a_page_without_edits_to_copy() -> None:
    text = DOCUMENT_PATH.read_text(encoding="utf-8")

    assert "```diff" not in text
    assert "```python" not in text
    assert text.count("\n") < 100


def test_the_command_shows_what_it_found_and_what_a_model_can_reach(adapted: Adapted) -> None:
    assert "about 4000 rows with a header" in adapted.said
    assert re.search(r"house_id +Ignored +0.0% +4000  tells the rows apart", adapted.said)
    assert re.search(r"mse on \d+ test rows: .* of the mean, .* of a quick XGBoost", adapted.said)
