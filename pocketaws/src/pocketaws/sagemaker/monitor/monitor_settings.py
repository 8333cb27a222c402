"""What the environment asks of Model Monitor's analyzer, parsed and checked.

The image `sagemaker-model-monitor-analyzer` has no arguments: SageMaker, or whoever starts it as a
processing job, sets these variables.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html
and `sagemaker/model_monitor/model_monitoring.py` of the SageMaker SDK, `_generate_env_map`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

CSV: Final = "csv"
JSON: Final = "json"
CAPTURED: Final = "sagemakerCaptureJson"
MERGED: Final = "sagemakerMergeJson"
ENDPOINT_INPUT: Final = "endpointInput"
ENDPOINT_OUTPUT: Final = "endpointOutput"

_FORMATS: Final = (CSV, JSON, CAPTURED, MERGED)
_NOT_REPRODUCED: Final = (
    *("record_preprocessor_script", "post_analytics_processor_script"),
    *("probability_attribute", "probability_threshold_attribute", "exclude_features_attribute"),
)
_BOOLEANS: Final[Mapping[Any, bool]] = {True: True, False: False, "true": True, "false": False}


class AnalysisError(ValueError):
    """An analysis that the container refuses, or that this stand-in does not reproduce."""


@dataclass(frozen=True)
class DatasetFormat:
    """How the files of the dataset are read.

    Attributes:
        kind: csv, json, sagemakerCaptureJson or sagemakerMergeJson.
        header: whether the first line of a CSV file names the columns.
        lines: whether each line of a JSON file is an object, not the file as a whole.
        captured: which of endpointInput and endpointOutput give columns, of captured data.
    """

    kind: str
    header: bool = False
    lines: bool = True
    captured: tuple[str, ...] = (ENDPOINT_INPUT, ENDPOINT_OUTPUT)


@dataclass(frozen=True)
class Settings:
    """What one job analyzes.

    Attributes:
        dataset_source: the folder of the data.
        output_path: the folder of the reports.
        analysis: the kind of monitoring.
        inference_attribute: name or index of the predictions' column; model quality only.
        ground_truth_attribute: the same of the labels; not needed for merged data.
        baseline_constraints: file, or None for a job that suggests a baseline.
        baseline_statistics: file, or None.
        start_time: captured records from before are left out.
        end_time: captured records from then on are left out.
        publish_cloudwatch_metrics: whether to write the metrics' file.
        dimensions: of the metrics, by name.
    """

    dataset_format: DatasetFormat
    dataset_source: Path
    output_path: Path
    analysis: Literal["DATA_QUALITY", "MODEL_QUALITY"] = "DATA_QUALITY"
    inference_attribute: str | None = None
    ground_truth_attribute: str | None = None
    baseline_constraints: Path | None = None
    baseline_statistics: Path | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    publish_cloudwatch_metrics: bool = False
    dimensions: Mapping[str, str] | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse the container's environment; variables that are not the analyzer's are left alone.

    Raises:
        AnalysisError: a variable is missing, wrong, or asks for what is not reproduced.
    """
    for name in _NOT_REPRODUCED:
        if environment.get(name):
            raise AnalysisError(
                f"{name}={environment[name]!r} is not reproduced locally; leave the variable out"
            )
    method = environment.get("categorical_drift_method") or "LInfinity"
    if method != "LInfinity":
        raise AnalysisError(
            f"categorical_drift_method={method!r} is not reproduced locally; give LInfinity"
        )
    return Settings(
        dataset_format=parse_dataset_format(_required(environment, "dataset_format")),
        dataset_source=Path(_required(environment, "dataset_source")),
        output_path=Path(_required(environment, "output_path")),
        analysis=_analysis(environment),
        inference_attribute=environment.get("inference_attribute"),
        ground_truth_attribute=environment.get("ground_truth_attribute"),
        baseline_constraints=_file(environment, "baseline_constraints", "constraints.json"),
        baseline_statistics=_file(environment, "baseline_statistics", "statistics.json"),
        start_time=_time(environment, "start_time"),
        end_time=_time(environment, "end_time"),
        publish_cloudwatch_metrics=_enabled(environment, "publish_cloudwatch_metrics"),
        dimensions=_dimensions(environment),
    )


def parse_dataset_format(text: str) -> DatasetFormat:
    """Parse `dataset_format`, such as `{"csv": {"header": false}}`.

    Raises:
        AnalysisError: it is no such JSON, or names another format or an unknown option.
    """
    remedy = f'dataset_format={text!r}: give one of {", ".join(_FORMATS)}, as {{"csv": {{}}}}'
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise AnalysisError(f"{remedy} ({error})") from error
    if not isinstance(parsed, dict) or len(parsed) != 1 or next(iter(parsed)) not in _FORMATS:
        raise AnalysisError(remedy)
    kind, options = next(iter(parsed.items()))
    return _with_options(kind, dict(options or {}), text)


def parse_time(text: str, name: str) -> datetime:
    """Parse a time such as 2026-11-23T08:00:00Z; one without a zone is in UTC.

    Raises:
        AnalysisError: it is none.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise AnalysisError(f"{name}={text!r} is no time such as 2026-11-23T08:00:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _with_options(kind: str, options: dict[str, Any], text: str) -> DatasetFormat:
    # Both spellings occur: the SDK's and that of the contract's documentation.
    lines = options.pop("lines", options.pop("line", True))
    position = options.pop("output_columns_position", "START")
    captured = tuple(options.pop("captureIndexNames", (ENDPOINT_INPUT, ENDPOINT_OUTPUT)))
    header = options.pop("header", False)
    if options:
        raise AnalysisError(f"dataset_format={text!r}: unknown option {next(iter(options))!r}")
    if position != "START":
        raise AnalysisError(
            f"dataset_format={text!r}: output_columns_position {position!r} is not reproduced "
            "locally; put the output columns first and leave it out, or give START"
        )
    if not captured or not set(captured) <= {ENDPOINT_INPUT, ENDPOINT_OUTPUT}:
        raise AnalysisError(
            f"dataset_format={text!r}: captureIndexNames may hold endpointInput and endpointOutput"
        )
    if header not in _BOOLEANS or lines not in _BOOLEANS:
        raise AnalysisError(f"dataset_format={text!r}: header and lines are true or false")
    return DatasetFormat(kind, _BOOLEANS[header], _BOOLEANS[lines], captured)


def _required(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise AnalysisError(f"the variable {name} is missing from the job's Environment; set it")
    return environment[name]


def _analysis(environment: Mapping[str, str]) -> Literal["DATA_QUALITY", "MODEL_QUALITY"]:
    analysis = environment.get("analysis_type") or "DATA_QUALITY"
    if analysis not in ("DATA_QUALITY", "MODEL_QUALITY"):
        raise AnalysisError(
            f"analysis_type={analysis!r} is not reproduced locally; "
            "give MODEL_QUALITY, or leave it out for data quality"
        )
    problem = environment.get("problem_type")
    if analysis == "MODEL_QUALITY" and problem != "Regression":
        raise AnalysisError(f"problem_type={problem!r} is not reproduced locally; give Regression")
    return cast('Literal["DATA_QUALITY", "MODEL_QUALITY"]', analysis)


def _file(environment: Mapping[str, str], name: str, file_name: str) -> Path | None:
    if not environment.get(name):
        return None
    path = Path(environment[name])
    path = path / file_name if path.is_dir() else path
    if not path.is_file():
        raise AnalysisError(f"{name}={environment[name]!r} is not there; give it as an input")
    return path


def _time(environment: Mapping[str, str], name: str) -> datetime | None:
    return parse_time(environment[name], name) if environment.get(name) else None


def _enabled(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name) or "Disabled"
    if value not in ("Enabled", "Disabled"):
        raise AnalysisError(f"{name}={value!r}: give Enabled or Disabled")
    return value == "Enabled"


def _dimensions(environment: Mapping[str, str]) -> dict[str, str]:
    named = {
        "Endpoint": environment.get("sagemaker_endpoint_name"),
        "MonitoringSchedule": environment.get("sagemaker_monitoring_schedule_name"),
    }
    return {name: value for name, value in named.items() if value}
