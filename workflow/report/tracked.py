"""A record as a run of MLflow: parameters, metrics by round, tags, the model and the report."""

import datetime
import io
import math
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from workflow.report.page import REPORT_NAME, page_of
from workflow.report.plots import training_rounds
from workflow.report.record import Record, as_text
from workflow.report.sources import Sources
from workflow.report.tracking_server import TrackingError, TrackingServer

# https://mlflow.org/docs/latest/rest-api.html#log-batch
_METRICS: Final = 1_000
_PARAMETERS: Final = 100
_VALUE_CHARACTERS: Final = 500
_NOT_IN_NAMES: Final = re.compile(r"[^\w./ -]")
# A function has it in memory twice: as it is, and unpacked.
_MODEL_BYTES: Final = 100_000_000
_MEMBER: Final = "xgboost-model"
_MODEL_FILE: Final = "model.ubj"
_MODEL: Final = """artifact_path: model
flavors:
  xgboost:
    data: {data}
    model_class: xgboost.core.Booster
    model_format: ubj
run_id: {run_id}
utc_time_created: '{made}'
"""
_STATUSES: Final = {"SUCCEEDED": "FINISHED", "ABORTED": "KILLED"}
_TAG: Final = "execution_arn"


class Tracked(NamedTuple):
    """A run of a server by its id, and why its files are not there; None where they are."""

    run_id: str
    without_files: str | None


def track(record: Record, server: TrackingServer, sources: Sources) -> Tracked:
    """Log an execution that has ended; logged again, it is the same run.

    The experiment is called like the state machine, and is made where there is none.

    Args:
        record: of the execution.
        server: gets it.
        sources: of the model.

    Raises:
        TrackingError: the server cannot be reached or refuses; what it has got stays there.
    """
    experiment = record.summary.state_machine_arn.rpartition(":")[2]
    run = _run_of(record, server, _experiment_id(server, experiment))
    run_id = run["run_id"]
    for metrics in _batched(_metrics(record), _METRICS):
        server.post("runs/log-batch", {"run_id": run_id, "metrics": metrics})
    for parameters in _batched(_parameters(record), _PARAMETERS):
        server.post("runs/log-batch", {"run_id": run_id, "params": parameters})
    server.post("runs/log-batch", {"run_id": run_id, "tags": list(_tags(record))})
    without_files = _put_files(record, server, sources, run)
    ended = record.summary.ended_at
    server.post(
        "runs/update",
        {
            "run_id": run_id,
            "status": _STATUSES.get(record.summary.status, "FAILED"),
            **({"end_time": _milliseconds(ended)} if ended else {}),
        },
    )
    return Tracked(str(run_id), without_files)


def _put_files(
    record: Record, server: TrackingServer, sources: Sources, run: Mapping[str, Any]
) -> str | None:
    """Put record, report and model beside the run; return why that did not work, if so."""
    try:
        server.put_file(run, "run.json", as_text(record).encode())
        server.put_file(run, REPORT_NAME, page_of(record).encode())
        for path, content in _model(record, sources, run["run_id"]):
            server.put_file(run, f"model/{path}", content)
    except TrackingError as error:
        return str(error)
    return None


def _batched(items: Iterable[Any], most: int) -> Iterator[list[Any]]:
    listed = list(items)
    for first in range(0, len(listed), most):
        yield listed[first : first + most]


def _experiment_id(server: TrackingServer, name: str) -> str:
    try:
        found = server.get("experiments/get-by-name", experiment_name=name)
    except TrackingError as error:
        if "RESOURCE_DOES_NOT_EXIST" not in str(error):
            raise
        found = {"experiment": server.post("experiments/create", {"name": name})}
    return str(found["experiment"]["experiment_id"])


def _run_of(record: Record, server: TrackingServer, experiment_id: str) -> Mapping[str, Any]:
    """Return what the server says of the execution's run, which is made the first time."""
    arn = record.summary.arn
    searched = {"experiment_ids": [experiment_id], "filter": f"tags.{_TAG} = '{arn}'"}
    runs = server.post("runs/search", {**searched, "max_results": 1}).get("runs", [])
    if runs:
        known: Mapping[str, Any] = runs[0]["info"]
        return known
    made = server.post(
        "runs/create",
        {
            "experiment_id": experiment_id,
            "run_name": record.summary.name,
            "start_time": _milliseconds(record.summary.started_at),
            "tags": [{"key": _TAG, "value": arn}],
        },
    )
    info: Mapping[str, Any] = made["run"]["info"]
    return info


def _metrics(record: Record) -> Iterator[dict[str, Any]]:
    end = _milliseconds(record.summary.ended_at or record.summary.started_at)
    judged = record.judgement or {}
    values = {
        name: value
        for name, value in {**judged, **record.metrics}.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
    for name, value in values.items():
        yield {"key": _name(name), "value": value, "timestamp": end, "step": 0}
    for name, points in training_rounds(record.jobs).items():
        for step, value in points:
            key = f"{_name(name)} by round"
            yield {"key": key, "value": value, "timestamp": end, "step": int(step)}


def _parameters(record: Record) -> Iterator[dict[str, str]]:
    for setting in record.settings:
        value = str(setting.value)[:_VALUE_CHARACTERS]
        yield {"key": _name(setting.name), "value": value}


def _tags(record: Record) -> Iterator[dict[str, str]]:
    fields = {
        "verdict": record.verdict.kind,
        "reason": record.verdict.sentence,
        "model_name": record.model_name or "",
        **record.lineage,
    }
    for name, value in list(fields.items())[:_PARAMETERS]:
        yield {"key": _name(name), "value": str(value)[:_VALUE_CHARACTERS]}


def _model(record: Record, sources: Sources, run_id: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the model as MLflow loads it; none where it cannot be read."""
    uri = record.lineage.get("model_artifact_uri")
    archive = sources.read_start(uri, _MODEL_BYTES) if uri else None
    content = _member(archive) if archive else None
    if content is not None:
        made = datetime.datetime.fromisoformat(record.summary.started_at)
        text = _MODEL.format(data=_MODEL_FILE, run_id=run_id, made=f"{made:%Y-%m-%d %H:%M:%S.%f}")
        yield _MODEL_FILE, content
        yield "MLmodel", text.encode()


def _member(archive: bytes) -> bytes | None:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as held:
            file = held.extractfile(_MEMBER)
            return file.read(_MODEL_BYTES) if file else None
    except (tarfile.TarError, KeyError, EOFError, OSError):
        return None


def _name(name: str) -> str:
    return _NOT_IN_NAMES.sub(".", name)


def _milliseconds(time: str) -> int:
    return round(datetime.datetime.fromisoformat(time).timestamp() * 1000)
