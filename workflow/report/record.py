"""What is kept of one execution: the forms of `run.json`, which docs/report.md lists."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow.report.record_form import SCHEMA


@dataclass(frozen=True)
class Summary:
    """The execution as a whole; times are ISO 8601 in UTC, None where there is none yet.

    Attributes:
        started_by: as its input says; None in a run.json from before that was kept.
        redrives: how often it was redriven; `seconds` holds the time in between, too.
    """

    arn: str
    name: str
    state_machine_arn: str
    status: str
    error: str | None
    cause: str | None
    started_at: str
    ended_at: str | None
    seconds: float
    started_by: str | None = None
    redrives: int = 0
    redriven_at: str | None = None


@dataclass(frozen=True)
class Verdict:
    """How it ended, for people.

    Attributes:
        kind: released, rejected, refused, failed, timed out, stopped, running; "kept" where a
            newer model stays recorded.
        sentence: with the reason.
        next_steps: what to do now, a sentence each.
        state_name: where it failed; None where it did not.
    """

    kind: str
    sentence: str
    next_steps: Sequence[str]
    state_name: str | None = None


@dataclass(frozen=True)
class Attempt:
    """A task that a state scheduled; `parameters` and `output` are JSON values."""

    started_at: str
    ended_at: str | None
    status: str
    error: str | None
    cause: str | None
    parameters: Any
    output: Any


@dataclass(frozen=True)
class StateRun:
    """One time that a state was entered.

    Attributes:
        status: succeeded, caught (it failed, and its Catch led on), failed, stopped, timed out,
            running.
        parent: place in the list of the Map or Parallel state around it; None outside of any.
    """

    name: str
    type: str
    status: str
    entered_at: str
    left_at: str | None
    seconds: float
    error: str | None
    cause: str | None
    attempts: Sequence[Attempt]
    input: Any
    output: Any
    parent: int | None


@dataclass(frozen=True)
class JobRun:
    """A SageMaker job that a state started.

    Attributes:
        kind: processing, training, tuning (whose own jobs are not among them) or transform.
        seconds: that its instances ran, where SageMaker told it.
        instance_seconds: of all its instances together.
        log_lines: the last ones.
    """

    name: str
    kind: str
    state_name: str
    status: str
    image_uri: str | None
    instance_type: str | None
    instance_count: int
    started_at: str | None
    ended_at: str | None
    seconds: float | None
    instance_seconds: float | None
    log_lines: Sequence[str] = ()


@dataclass(frozen=True)
class Edge:
    """A way from one state to another; `kind` is next, choice, default, catch or inside."""

    source: str
    target: str
    kind: str
    label: str = ""


@dataclass(frozen=True)
class Node:
    """A state of the definition; `container` is the Map or Parallel around it."""

    name: str
    type: str
    comment: str = ""
    container: str | None = None


@dataclass(frozen=True)
class Graph:
    """The state machine as its definition has it."""

    start: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]


@dataclass(frozen=True)
class LeftOutRow:
    """A row that preprocessing could not use."""

    object_name: str
    line: str
    reason: str
    row: str


@dataclass(frozen=True)
class Data:
    """The rows of the raw data, of all hosts together; `examples` are the first left out."""

    rows_read: int
    rows_kept: int
    rows_by_split: Mapping[str, int]
    rows_left_out: int
    left_out_by_reason: Mapping[str, int]
    rows_by_object: Mapping[str, int]
    examples: Sequence[LeftOutRow] = ()


@dataclass(frozen=True)
class Setting:
    """A value that the execution used.

    Attributes:
        source: input, stack, default, tuned, "stack or default", or the setting that stands for it.
    """

    name: str
    value: Any
    source: str


@dataclass(frozen=True)
class Record:
    """An execution.

    Attributes:
        model_name: recorded; None where none was.
        judgement: the numbers of the gate, as functions/read_evaluation returns them.
        metrics: of training, the last round's.
        evaluation: evaluation.json of the evaluation job.
        plots: report.json of the same job.
        distributions: of the training rows' columns, now and in the run before; see
            distributions.py.
        lineage: code, data and images that the model comes from.
        missing: what could not be read, a sentence each.
    """

    summary: Summary
    verdict: Verdict
    model_name: str | None
    judgement: Mapping[str, Any] | None
    metrics: Mapping[str, float]
    settings: Sequence[Setting]
    data: Data | None
    evaluation: Mapping[str, Any] | None
    plots: Mapping[str, Any] | None
    lineage: Mapping[str, str]
    states: Sequence[StateRun]
    jobs: Sequence[JobRun]
    graph: Graph
    missing: Sequence[str] = field(default=())
    distributions: Mapping[str, Any] | None = None


def as_text(record: Record) -> str:
    """Return what run.json holds: a field a line, so that its head can be read alone."""
    # Without `asdict`, which copies all inputs and outputs.
    fields = {"schema": SCHEMA, **vars(record)}
    lines = (f'"{name}": {json.dumps(value, default=vars)}' for name, value in fields.items())
    return "{" + ",\n".join(lines) + "}\n"


def from_json(document: Mapping[str, Any]) -> Record:
    """Return the record that run.json holds.

    Raises:
        ValueError: it is of another schema, or not as `as_text` writes it.
    """
    if document.get("schema") != SCHEMA:
        raise ValueError(f"schema is {document.get('schema')!r}, and {SCHEMA} is read here")
    fields = {name: value for name, value in document.items() if name != "schema"}
    try:
        graph, data = fields["graph"], fields["data"]
        return Record(
            **fields
            | {
                "summary": Summary(**fields["summary"]),
                "verdict": Verdict(**fields["verdict"]),
                "settings": [Setting(**item) for item in fields["settings"]],
                "data": data and _data(data),
                "states": [_state(item) for item in fields["states"]],
                "jobs": [JobRun(**item) for item in fields["jobs"]],
                "graph": Graph(
                    graph["start"],
                    [Node(**item) for item in graph["nodes"]],
                    [Edge(**item) for item in graph["edges"]],
                ),
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as it was written: {type(error).__name__}: {error}") from error


def _data(item: Mapping[str, Any]) -> Data:
    return Data(**{**item, "examples": [LeftOutRow(**row) for row in item["examples"]]})


def _state(item: Mapping[str, Any]) -> StateRun:
    return StateRun(**{**item, "attempts": [Attempt(**each) for each in item["attempts"]]})
