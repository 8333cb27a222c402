"""How a local execution ended: the result file, the closing summary, the report of a failure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pocketaws import Execution, Message, State, write_whole
from workflow.laptop.local_texts import local_text

if TYPE_CHECKING:
    from workflow.laptop.ran_jobs import RanJob
    from workflow.report.record import Data

_LOG_LINES: Final = 12
_TOLD_ABOVE: Final = "(see the cause above)"


@dataclass(frozen=True)
class RunOutcome:
    """What `run --result` writes; absent values are None.

    Attributes:
        status: of the execution: SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        error: the error's name.
        cause: in plain words: a job's message, a function's.
        model_name: as recorded in the parameter.
        metrics: of training, the last round's, such as "validation:rmse", in the label's unit.
        evaluation: the numbers that the gate judged by, such as "mse" and "production_mse", of a
            rejected model, too.
        messages: what was published to the topic.
        last_log_lines: of the job that failed.
        data: the rows, and what was left out of them; None where preprocessing told nothing.
        record_path: of run.json; None where it could not be made.
        report_path: of report.html, likewise.
        reused: which jobs were answered with what earlier ones made, or why none was; None where
            that was not looked for.
        kept_outputs: whether its jobs left something that executions to come may reuse.
        predictions: files of what was predicted for a batch.
    """

    status: str
    error: str | None
    cause: str | None
    execution_arn: str
    model_name: str | None
    model_parameter_name: str | None
    metrics: Mapping[str, float]
    states: Sequence[State]
    files_dir: Path
    evaluation: Mapping[str, Any]
    messages: Sequence[Message]
    last_log_lines: Sequence[str]
    data: "Data | None" = None
    record_path: Path | None = None
    report_path: Path | None = None
    reused: str | None = None
    kept_outputs: bool = False
    predictions: Sequence[Path] = ()

    @property
    def model_artifact(self) -> Path | None:
        """Path of model.tar.gz, once the execution's files are there."""
        return next(iter(sorted(self.files_dir.glob("training/**/model.tar.gz"))), None)

    @property
    def succeeded(self) -> bool:
        """Whether the execution ended as SUCCEEDED."""
        return self.status == "SUCCEEDED"


def outcome_of(
    execution: Execution,
    *,
    states: Sequence[State],
    jobs: "Sequence[RanJob]",
    messages: Sequence[Message],
    files_dir: Path,
    parameter_name: str,
    document: Mapping[str, Any] | None = None,
) -> RunOutcome:
    """Put together what the execution and its jobs tell.

    Args:
        execution: which ended.
        states: that it went through.
        jobs: of the execution.
        messages: that were published.
        files_dir: gets its files.
        parameter_name: in which models are recorded.
        document: the execution's state as its last state got it, which one that failed does not
            put out.
    """
    from workflow.account.causes import plain_cause

    output = execution.output or document or {}
    recorded = output.get("recorded", {})
    metrics = output.get("training_job", {}).get("FinalMetricDataList", [])
    return RunOutcome(
        status=execution.status,
        error=execution.error,
        cause=plain_cause(execution.cause),
        execution_arn=execution.arn,
        model_name=recorded.get("ModelName"),
        model_parameter_name=parameter_name if recorded else None,
        metrics={item["MetricName"]: item["Value"] for item in metrics},
        states=list(states),
        files_dir=files_dir,
        evaluation=output.get("judgement", {}),
        messages=list(messages),
        last_log_lines=_last_log_lines(jobs[-1]) if jobs and jobs[-1].failed else [],
        reused=output.get("cached", {}).get("note"),
        kept_outputs="Payload" in output.get("kept", {}),
    )


def write_result(outcome: RunOutcome, path: Path) -> None:
    """Write the outcome as JSON; the fields are listed in docs/command-line.md."""
    result = {
        "status": outcome.status,
        "error": outcome.error,
        "cause": outcome.cause,
        "execution_arn": outcome.execution_arn,
        "model_name": outcome.model_name,
        "model_parameter_name": outcome.model_parameter_name,
        "model_artifact": str(outcome.model_artifact) if outcome.model_artifact else None,
        "metrics": {
            name: value if math.isfinite(value) else None for name, value in outcome.metrics.items()
        },
        "evaluation": dict(outcome.evaluation) or None,
        "data": None if outcome.data is None else asdict(outcome.data),
        "record": None if outcome.record_path is None else str(outcome.record_path),
        "report": None if outcome.report_path is None else str(outcome.report_path),
        "reused": outcome.reused,
        "predictions": [str(path) for path in outcome.predictions],
        "messages": [
            {"subject": message.subject, "text": message.text} for message in outcome.messages
        ],
        "states": [
            {"name": state.name, "status": state.status, "seconds": round(state.seconds, 3)}
            for state in outcome.states
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(result, indent=2) + "\n")


def report(outcome: RunOutcome) -> str:
    """Return what is printed at the end."""
    return closing_summary(outcome) if outcome.succeeded else failure_report(outcome)


def closing_summary(outcome: RunOutcome) -> str:
    """Return what is printed after a success."""
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in outcome.metrics.items())
    rows = {
        "status": outcome.status,
        "model": outcome.model_name,
        "recorded in": outcome.model_parameter_name,
        "training": metrics,
        **_rows(outcome),
        "judged": outcome.evaluation.get("reason"),
        "artifact": outcome.model_artifact,
        **_batch_rows(outcome),
        "report" if outcome.report_path else "files": outcome.report_path or outcome.files_dir,
    }
    lines = ["", *(f"{name:<12}{value}" for name, value in rows.items()), *_messages(outcome)]
    return "\n".join(lines)


def failure_report(outcome: RunOutcome) -> str:
    """Return what is printed after a failure: what, why, and the job's own last words."""
    unfinished = [state.name for state in outcome.states if state.status != "SUCCEEDED"]
    failed = unfinished[0] if unfinished else "the start"
    rows = {"error": outcome.error, "cause": outcome.cause, **_rows(outcome)}
    rows["report"] = str(outcome.report_path) if outcome.report_path else None
    lines = ["", f"{'status':<12}{outcome.status} in {failed!r}"]
    lines += [f"{name:<12}{text}" for name, text in rows.items() if text]
    # A sentence once: what the job wrote last is most often the cause.
    log_lines = [line for line in outcome.last_log_lines if line.strip() != outcome.cause]
    if log_lines:
        lines += ["", "the job's last log lines:", *(f"  {line}" for line in log_lines)]
    return "\n".join([*lines, *_messages(outcome)])


def _rows(outcome: RunOutcome) -> dict[str, str | None]:
    from workflow.report.data import left_out_sentence

    return {"rows": left_out_sentence(outcome.data)} if outcome.data else {}


def _batch_rows(outcome: RunOutcome) -> dict[str, str]:
    paths = ", ".join(map(str, outcome.predictions))
    return {"predictions": paths} if paths else {}


def _messages(outcome: RunOutcome) -> list[str]:
    """Return the messages as lines: on AWS they would be e-mails."""
    lines = []
    for message in outcome.messages:
        text = local_text(message.text, report=str(outcome.report_path or outcome.files_dir))
        if outcome.cause:
            text = text.replace(outcome.cause, _TOLD_ABOVE)
        lines += ["", f"message: {message.subject}"]
        lines += [f"  {line}" for line in text.splitlines()]
    return lines


def _last_log_lines(job: "RanJob") -> list[str]:
    lines: list[str] = []
    for log in job.logs.values():
        lines += log.decode(errors="replace").splitlines()[-_LOG_LINES:]
    return lines[-_LOG_LINES:]
