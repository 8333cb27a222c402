"""Analyze a dataset as the image `sagemaker-model-monitor-analyzer` does, without Docker or Spark.

The contract is that of a processing container, under a root of the caller's choice for `/opt/ml`:
the environment says what to analyze (`monitor_settings`); `statistics.json` and `constraints.json`
are written to `output_path`, and `constraint_violations.json` too where `baseline_constraints` is
given; `output/message` becomes the job's ExitMessage; `output/metrics/cloudwatch` holds metrics.
A dataset that violates its constraints ends in exit code 0: the message tells.

Data quality, and model quality of a regression; not bias or explainability, which another image
does, nor scripts before and after the analysis.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-outputs.html
"""

import json
import os
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pocketaws.sagemaker.monitor import monitor_constraints, monitor_statistics, monitor_violations
from pocketaws.sagemaker.monitor.monitor_dataset import Dataset, read_dataset
from pocketaws.sagemaker.monitor.monitor_metrics import (
    Metric,
    data_quality_metrics,
    model_quality_metrics,
    write_metrics,
)
from pocketaws.sagemaker.monitor.monitor_regression import (
    constraints_document,
    quality_of,
    read_thresholds,
    statistics_document,
    violations_document,
)
from pocketaws.sagemaker.monitor.monitor_settings import AnalysisError, Settings, read_settings

# The image's, whatever went wrong.
FAILED: Final = 255


@dataclass(frozen=True)
class Reports:
    """What a job found.

    Attributes:
        documents: by the name of their file in `output_path`.
        metrics: for CloudWatch; empty where the constraints say so.
        violation_count: of the constraints.
    """

    documents: Mapping[str, dict[str, Any]]
    metrics: tuple[Metric, ...]
    violation_count: int

    @property
    def message(self) -> str:
        """The exit message; its first word is the MonitoringExecutionStatus."""
        if not self.violation_count:
            return "Completed: Job completed successfully with no violations."
        return (
            "CompletedWithViolations: Job completed successfully with "
            f"{self.violation_count} violations."
        )


def main(root: str) -> int:
    """Analyze what the environment names; return the exit code of the container, 0 or 255.

    Args:
        root: Directory laid out as `/opt/ml`; paths in the environment lie under it.
    """
    return run(Path(root), os.environ)


def run(base: Path, environment: Mapping[str, str]) -> int:
    """Do what `main` does, with an environment of the caller's choice."""
    try:
        _check_alone(base)
        settings = read_settings(environment)
        reports = analyze(settings)
        _write(reports, settings, base)
    except Exception as error:  # a container ends in an exit code and a message
        if not isinstance(error, AnalysisError):
            traceback.print_exc()
        _tell(f"Error: {error}", base)
        return FAILED
    _tell(reports.message, base)
    return 0


def analyze(settings: Settings) -> Reports:
    """Read the dataset and its baseline, and compare them.

    Raises:
        AnalysisError: something cannot be read, or is not reproduced.
    """
    dataset = read_dataset(settings)
    print(f"Read {dataset.item_count} records of {len(dataset.names)} columns")
    baseline = _json(settings.baseline_constraints)
    if settings.analysis == "MODEL_QUALITY":
        return _model_quality(dataset, settings, baseline)
    return _data_quality(dataset, settings, baseline)


def _data_quality(dataset: Dataset, settings: Settings, baseline: Any) -> Reports:
    read = None if baseline is None else monitor_constraints.from_document(baseline)
    if read is not None:
        dataset = dataset.named_after([feature.name for feature in read.features])
    statistics = monitor_statistics.statistics_of(dataset)
    suggested = monitor_constraints.suggest(statistics)
    documents = {
        "statistics.json": monitor_statistics.to_document(statistics),
        "constraints.json": monitor_constraints.to_document(suggested),
    }
    if read is None:
        return Reports(documents, tuple(data_quality_metrics(statistics, {})), 0)
    before = _json(settings.baseline_statistics)
    compared = monitor_violations.compare(
        dataset,
        statistics,
        read,
        None if before is None else monitor_statistics.from_document(before),
    )
    found = {"constraint_violations.json": monitor_violations.to_document(compared.violations)}
    metrics = data_quality_metrics(statistics, compared.distances)
    emitted: Iterable[Metric] = metrics if read.config.emit_metrics else ()
    return Reports({**documents, **found}, tuple(emitted), len(compared.violations))


def _model_quality(dataset: Dataset, settings: Settings, baseline: Any) -> Reports:
    quality = quality_of(dataset, settings)
    documents = {
        "statistics.json": statistics_document(quality),
        "constraints.json": constraints_document(quality),
    }
    metrics = tuple(model_quality_metrics(quality))
    if baseline is None:
        return Reports(documents, metrics, 0)
    found = violations_document(quality, read_thresholds(baseline))
    documents["constraint_violations.json"] = found
    return Reports(documents, metrics, len(found["violations"]))


def _check_alone(base: Path) -> None:
    path = base / "config" / "resourceconfig.json"
    hosts = json.loads(path.read_text("utf-8"))["hosts"] if path.exists() else ["algo-1"]
    if len(hosts) > 1:
        raise AnalysisError(
            f"InstanceCount {len(hosts)}: analyzing on several instances is not reproduced "
            "locally; give 1"
        )


def _json(path: Path | None) -> Any:
    if path is None:
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AnalysisError(f"the baseline's {path.name} is no JSON: {error}") from error


def _write(reports: Reports, settings: Settings, base: Path) -> None:
    settings.output_path.mkdir(parents=True, exist_ok=True)
    for name, document in reports.documents.items():
        text = json.dumps(document, indent=2, allow_nan=False)
        (settings.output_path / name).write_text(text + "\n", encoding="utf-8")
    if settings.publish_cloudwatch_metrics:
        write_metrics(
            reports.metrics,
            base / "output" / "metrics" / "cloudwatch",
            dimensions=settings.dimensions or {},
            time=settings.end_time or datetime.now(tz=UTC),
        )


def _tell(message: str, base: Path) -> None:
    print(message)
    path = base / "output" / "message"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message, encoding="utf-8")
