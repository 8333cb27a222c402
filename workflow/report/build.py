"""A record, put together of what Step Functions keeps of an execution and its jobs' files."""

import datetime
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from workflow.account.executions import Documents
from workflow.report.data import data_of
from workflow.report.distributions import distributions_of
from workflow.report.given import fields_given, started_by
from workflow.report.graph import graph_of
from workflow.report.history import states_of, texts_of
from workflow.report.jobs import jobs_of
from workflow.report.record import JobRun, Record, StateRun, Summary
from workflow.report.secrets import Redaction, parsed
from workflow.report.settings import settings_of
from workflow.report.sources import Sources
from workflow.report.times import iso, seconds_between
from workflow.report.verdict import verdict_of

# jobs/documents.py writes none that are larger.
_FILE_BYTES: Final = 1_000_000
# So that the learning curve of training has most of its rounds.
_LOG_LINES: Final = 200
_ESCAPED_TAB: Final = "#011"


def record_of(documents: Documents, sources: Sources, *, now: datetime.datetime) -> Record:
    """Return the record of an execution, running or ended.

    Args:
        documents: what Step Functions keeps of it.
        sources: of the files that its jobs left, and of their logs.
        now: until when an execution that runs has lasted.
    """
    described, events = documents.described, documents.events
    given = parsed(described.get("input")) or {}
    redaction = Redaction([*texts_of(events), str(described.get("input", ""))])
    states = states_of(events, now, redaction)
    document = document_of(states)
    prepared = document if "processing" in document else {}
    evaluation_uri = _evaluation_uri(prepared)
    evaluation, plots = _evaluation_files(evaluation_uri, sources)
    production = _mapping(document.get("production"))
    jobs = [_with_log(job, sources, redaction) for job in jobs_of(states)]
    recorded = _mapping(document.get("recorded"))
    record = Record(
        summary=_summary(described, now, redaction),
        verdict=verdict_of(described, states, document),
        model_name=recorded.get("ModelName") if recorded.get("Recorded") is not False else None,
        judgement=_mapping(document.get("judgement")) or None,
        metrics=_metrics(document),
        settings=settings_of(prepared, redaction.value(fields_given(given))),
        data=data_of(prepared, sources),
        evaluation=evaluation,
        plots=plots,
        lineage=dict(_lineage(document, jobs)),
        states=states,
        jobs=jobs,
        graph=graph_of(documents.definition),
        distributions=distributions_of(evaluation_uri, production, sources),
    )
    return replace(record, missing=tuple(_missing(record)))


def document_of(states: Sequence[StateRun]) -> Mapping[str, Any]:
    """Return the execution's state as the last of its own states left or got it."""
    for state in reversed([state for state in states if state.parent is None]):
        for value in (state.output, state.input):
            if isinstance(value, Mapping):
                return value
    return {}


def _summary(described: Mapping[str, Any], now: datetime.datetime, redaction: Redaction) -> Summary:
    started, ended = described["startDate"], described.get("stopDate")
    cause, redriven = described.get("cause"), described.get("redriveDate")
    who = started_by(parsed(described.get("input")), described["name"])
    return Summary(
        arn=described["executionArn"],
        name=described["name"],
        state_machine_arn=described["stateMachineArn"],
        status=described["status"],
        error=described.get("error"),
        cause=cause and redaction.text(cause),
        started_at=iso(started),
        ended_at=iso(ended) if ended else None,
        seconds=seconds_between(started, ended or now),
        started_by=redaction.text(who),
        redrives=described.get("redriveCount", 0),
        redriven_at=iso(redriven) if redriven else None,
    )


def _with_log(job: JobRun, sources: Sources, redaction: Redaction) -> JobRun:
    # CloudWatch Logs has the tabs of XGBoost's lines escaped; the container's own output does not.
    told = sources.log_tail(job.kind, job.name, _LOG_LINES)
    lines = (line.replace(_ESCAPED_TAB, "\t") for line in told)
    return replace(job, log_lines=[redaction.text(line) for line in lines])


def _evaluation_uri(prepared: Mapping[str, Any]) -> str | None:
    """Return where the evaluation's files are; None where there has been none."""
    uri = _mapping(prepared.get("gate")).get("evaluation_uri")
    return uri if isinstance(uri, str) and "evaluation_job" in prepared else None


def _evaluation_files(
    uri: str | None, sources: Sources
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    if uri is None:
        return None, None
    files = (f"{uri.rstrip('/')}/{name}" for name in ("evaluation.json", "report.json"))
    evaluation, plots = (_object(sources.read_start(file, _FILE_BYTES)) for file in files)
    return evaluation, plots


def _object(content: bytes | None) -> Mapping[str, Any] | None:
    try:
        found = json.loads(content) if content is not None else None
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def _metrics(document: Mapping[str, Any]) -> dict[str, float]:
    told = _mapping(document.get("training_job")).get("FinalMetricDataList", [])
    return {
        item["MetricName"]: item["Value"] for item in told if math.isfinite(float(item["Value"]))
    }


def _lineage(document: Mapping[str, Any], jobs: Sequence[JobRun]) -> Iterator[tuple[str, str]]:
    for name, value in _mapping(document.get("lineage")).items():
        yield str(name), str(value)
    for job in jobs:
        if job.image_uri:
            yield f"image of {job.state_name!r}", job.image_uri
    artifacts = _mapping(_mapping(document.get("training_job")).get("ModelArtifacts"))
    package = _mapping(document.get("package")).get("ModelPackageArn")
    fields = {
        "model_artifact_uri": artifacts.get("S3ModelArtifacts"),
        "model_package_arn": package,
        "tuned_by": _tuned_by(document),
        "predictions": _predictions(document),
        "compared_with": _mapping(document.get("production")).get("note"),
        "reused": _mapping(document.get("cached")).get("note"),
    }
    for name, value in fields.items():
        if value:
            yield name, str(value)


def _tuned_by(document: Mapping[str, Any]) -> str | None:
    best = _mapping(_mapping(document.get("tuning")).get("best"))
    if "training_job_name" not in best:
        return None
    return (
        f"{best.get('job_name')}: {best['training_job_name']} was the best by "
        f"{best.get('metric')} ({best.get('value')})"
    )


def _predictions(document: Mapping[str, Any]) -> str | None:
    """Return where the predictions for a batch are, once its transform job has ended well."""
    batch = _mapping(document.get("batch"))
    return f"{batch.get('predictions_uri')}" if "predictions" in document else None


def _missing(record: Record) -> Iterator[str]:
    """Yield what a reader would look for and does not find, though its state went well."""
    done = {state.name for state in record.states if state.status == "succeeded"}
    done_jobs = [job for job in record.jobs if job.state_name in done]
    if record.judgement and record.evaluation is None:
        yield "evaluation.json could not be read: the numbers by category are left out"
    if record.judgement and record.plots is None:
        yield "report.json of the evaluation could not be read: there are no plots"
    if record.judgement and record.distributions is None:
        yield "baseline.json of the evaluation could not be read: the columns are left out"
    if record.judgement and record.data is None:
        yield "preprocessing's report could not be read: what was left out is not known"
    for job in done_jobs:
        # A tuning job has no log; its training jobs have.
        if not job.log_lines and job.kind != "tuning":
            yield f"the log of {job.kind} job {job.name} could not be read, or is empty"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
