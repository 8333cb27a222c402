"""The container as a whole: from its environment to its files, message and exit code."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker.endpoints.data_capture import Event, Payload, capture_line
from pocketaws.sagemaker.jobs.opt_ml import OptMl
from pocketaws.sagemaker.monitor.monitor_analyzer import FAILED, run

CSV = '{"csv": {"header": true}}'
CAPTURED = '{"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}'
MERGED = '{"sagemakerMergeJson": {"captureIndexNames": ["endpointOutput"]}}'
NONE_VIOLATED = "Completed: Job completed successfully with no violations."
SCHEDULED = {
    "publish_cloudwatch_metrics": "Enabled",
    "sagemaker_endpoint_name": "abalone",
    "sagemaker_monitoring_schedule_name": "hourly",
    "start_time": "2026-11-23T07:00:00Z",
    "end_time": "2026-11-23T08:00:00Z",
}
TIME = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


Row = tuple[object, ...]


@dataclass(frozen=True)
class Container:
    """A temporary folder in the place of `/opt/ml`."""

    base: Path

    def put(self, path: str, text: str) -> None:
        target = self.base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def environment(self, dataset_format: str, **more: str) -> dict[str, str]:
        """Name the folders as a request does, and rewrite them as the local runtime does."""
        named = {
            "dataset_format": dataset_format,
            "dataset_source": "/opt/ml/processing/input_data",
            "output_path": "/opt/ml/processing/output",
            **more,
        }
        return {name: OptMl(self.base).rewritten(value) for name, value in named.items()}

    def analyze(self, dataset_format: str, **more: str) -> int:
        return run(self.base, self.environment(dataset_format, **more))

    def report(self, name: str) -> Any:
        return json.loads((self.base / "processing" / "output" / name).read_text())

    @property
    def reports(self) -> list[str]:
        return sorted(path.name for path in (self.base / "processing" / "output").iterdir())

    @property
    def message(self) -> str:
        return (self.base / "output" / "message").read_text()

    @property
    def metrics(self) -> list[dict[str, Any]]:
        folder = self.base / "output" / "metrics" / "cloudwatch"
        return [
            json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines()
        ]

    def keep_as_baseline(self) -> dict[str, str]:
        """Bring the reports as the next job's inputs; return the variables that name them."""
        for name in ("constraints", "statistics"):
            self.put(
                f"processing/baseline/{name}/{name}.json", json.dumps(self.report(f"{name}.json"))
            )
        return {
            f"baseline_{name}": f"/opt/ml/processing/baseline/{name}/{name}.json"
            for name in ("constraints", "statistics")
        }


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path / "ml")


def captured(rows: list[Row]) -> str:
    """Make a capture file of calls whose rows are the prediction and the features."""
    return "".join(
        capture_line(
            Payload(",".join(map(str, features)).encode(), "text/csv"),
            Payload(f"{prediction}\n".encode(), "text/csv; charset=utf-8"),
            Event(f"event-{index}", TIME),
        )
        for index, (prediction, *features) in enumerate(rows)
    )


def training_csv(rows: list[Row]) -> str:
    return "rings,length,sex\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


ROWS: list[Row] = [(n % 20 + 1, 0.3 + n % 50 / 100, "MFI"[n % 3]) for n in range(600)]


def test_a_baselining_job_suggests_a_baseline(container: Container) -> None:
    container.put("processing/input_data/train.csv", training_csv(ROWS))

    exit_code = container.analyze(CSV, publish_cloudwatch_metrics="Disabled")

    assert exit_code == 0
    assert container.message == NONE_VIOLATED
    assert container.reports == ["constraints.json", "statistics.json"]
    assert container.report("statistics.json")["dataset"] == {"item_count": 600}
    assert [feature["name"] for feature in container.report("constraints.json")["features"]] == [
        *("rings", "length", "sex")
    ]
    assert not (container.base / "output" / "metrics").exists()


@pytest.fixture
def baseline(container: Container) -> dict[str, str]:
    container.put("processing/input_data/train.csv", training_csv(ROWS))
    assert container.analyze(CSV) == 0
    (container.base / "processing" / "input_data" / "train.csv").unlink()
    return container.keep_as_baseline()


CAPTURE_PATH = "processing/input_data/abalone/AllTraffic/2026/11/23/07/30-00-000-a.jsonl"


def test_captured_data_like_the_baseline_completes(
    container: Container, baseline: Mapping[str, str]
) -> None:
    container.put(CAPTURE_PATH, captured(ROWS[100:400]))

    exit_code = container.analyze(CAPTURED, **baseline, **SCHEDULED)

    assert (exit_code, container.message) == (0, NONE_VIOLATED)
    assert container.report("constraint_violations.json") == {"violations": []}


def test_captured_data_that_moved_completes_with_violations(
    container: Container, baseline: Mapping[str, str]
) -> None:
    longer: list[Row] = [
        (rings, round(float(str(length)) * 2, 3), sex) for rings, length, sex in ROWS[:300]
    ]
    container.put(CAPTURE_PATH, captured(longer))

    exit_code = container.analyze(CAPTURED, **baseline, **SCHEDULED)

    message = "CompletedWithViolations: Job completed successfully with 1 violations."
    assert (exit_code, container.message) == (0, message)
    violations = container.report("constraint_violations.json")["violations"]
    assert [(found["feature_name"], found["constraint_check_type"]) for found in violations] == [
        ("length", "baseline_drift_check")
    ]


def test_metrics_are_written_as_cloudwatch_takes_them(
    container: Container, baseline: Mapping[str, str]
) -> None:
    container.put(CAPTURE_PATH, captured([(9, 5.0, "M")] * 300))

    container.analyze(CAPTURED, **baseline, **SCHEDULED)

    by_name = {metric["MetricName"]: metric for metric in container.metrics}
    assert set(by_name) == {
        *("feature_data_rings", "feature_data_length"),
        *(f"feature_non_null_{name}" for name in ("rings", "length", "sex")),
        *(f"feature_baseline_drift_{name}" for name in ("rings", "length", "sex")),
    }
    assert by_name["feature_data_length"] == {
        "MetricName": "feature_data_length",
        "Timestamp": "2026-11-23T08:00:00Z",
        "Dimensions": [
            {"Name": "Endpoint", "Value": "abalone"},
            {"Name": "MonitoringSchedule", "Value": "hourly"},
        ],
        "StatisticValues": {"SampleCount": 300, "Sum": 1500, "Minimum": 5, "Maximum": 5},
    }
    assert by_name["feature_non_null_sex"]["Value"] == 1.0
    assert by_name["feature_baseline_drift_length"]["Value"] == pytest.approx(1 - 1.8 * 0.005**0.5)


def test_constraints_can_switch_the_metrics_off(
    container: Container, baseline: Mapping[str, str]
) -> None:
    constraints = container.report("constraints.json")
    constraints["monitoring_config"]["emit_metrics"] = "Disabled"
    container.put("processing/baseline/constraints/constraints.json", json.dumps(constraints))
    container.put(CAPTURE_PATH, captured(ROWS[:9]))

    assert container.analyze(CAPTURED, **baseline, **SCHEDULED) == 0
    assert container.metrics == []


def merged(rows: list[tuple[float, float]]) -> str:
    lines = []
    for prediction, label in rows:
        record = json.loads(captured([(prediction, 0.5)]))
        lines.append({**record, "groundTruthData": {"data": str(label), "encoding": "CSV"}})
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_the_quality_of_a_model_is_judged_on_merged_data(container: Container) -> None:
    quality = {"analysis_type": "MODEL_QUALITY", "problem_type": "Regression"}
    columns = {"inference_attribute": "prediction", "ground_truth_attribute": "label"}
    rows = "".join(f"{n % 9 + 0.5},{n % 9}\n" for n in range(300))
    container.put("processing/input_data/scored.csv", "prediction,label\n" + rows)
    assert container.analyze(CSV, **quality, **columns) == 0
    assert container.report("statistics.json")["regression_metrics"]["mse"]["value"] == 0.25
    constraints = {"baseline_constraints": container.keep_as_baseline()["baseline_constraints"]}
    (container.base / "processing" / "input_data" / "scored.csv").unlink()
    container.put(CAPTURE_PATH, merged([(n % 9 + 2.0, n % 9) for n in range(250)]))

    container.analyze(MERGED, **quality, **constraints, **SCHEDULED, inference_attribute="0")

    assert container.message.startswith("CompletedWithViolations: ")
    violations = container.report("constraint_violations.json")["violations"]
    assert [found["metric_name"] for found in violations] == ["mae", "mse", "rmse", "r2"]
    assert {metric["MetricName"]: metric["Value"] for metric in container.metrics}["mse"] == 4.0


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (
            lambda made: made.put("config/resourceconfig.json", '{"hosts": ["algo-1"]}'),
            "dataset_source='.*' is not there; give it as an input",
        ),
        (lambda made: made.put(CAPTURE_PATH, ""), "holds no record to analyze between start_time"),
        (lambda made: made.put(CAPTURE_PATH, "oops"), "30-00-000-a.jsonl, line 1: no JSON"),
        (
            lambda made: made.put("config/resourceconfig.json", '{"hosts": ["algo-1", "algo-2"]}'),
            "InstanceCount 2: .*; give 1",
        ),
    ],
)
def test_a_job_that_cannot_analyze_fails_and_says_why(
    container: Container, prepare: Callable[[Container], None], told: str
) -> None:
    prepare(container)

    exit_code = container.analyze(CAPTURED, **SCHEDULED)

    assert exit_code == FAILED
    assert container.message.startswith("Error: ")
    with pytest.raises(ValueError, match=told):
        raise ValueError(container.message)
    assert not (container.base / "processing" / "output").exists()


def test_a_baseline_that_is_no_json_is_named(
    container: Container, baseline: Mapping[str, str]
) -> None:
    container.put("processing/baseline/statistics/statistics.json", "{")
    container.put(CAPTURE_PATH, captured(ROWS[:9]))

    assert container.analyze(CAPTURED, **baseline) == FAILED
    assert container.message.startswith("Error: the baseline's statistics.json is no JSON")


def test_it_runs_as_a_confined_child_of_a_zygote(container: Container, tmp_path: Path) -> None:
    container.put("processing/input_data/train.csv", training_csv(ROWS[:50]))
    zygote = Zygote(["pocketaws.sagemaker.jobs.script"], log_path=tmp_path / "zygote.log")
    try:
        child = zygote.start_child(
            "pocketaws.sagemaker.monitor.monitor_analyzer:main",
            {"root": str(container.base)},
            environment=container.environment(CSV, publish_cloudwatch_metrics="Enabled"),
            folders=[container.base],
            read_only=[],
            log_path=tmp_path / "log.txt",
            subject="processing job baseline on algo-1",
        )
        exit_code = child.exit_code.result(timeout=60)
    finally:
        zygote.stop()

    assert exit_code == 0, (tmp_path / "log.txt").read_text()
    assert container.message == NONE_VIOLATED
    assert "Read 50 records of 3 columns" in (tmp_path / "log.txt").read_text()


def test_it_starts_without_the_slow_libraries() -> None:
    program = (
        "import sys, pocketaws.sagemaker.monitor.monitor_analyzer\n"
        "print(sorted({'pandas', 'sklearn', 'xgboost', 'boto3', 'moto'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout.decode().strip() == "[]"
