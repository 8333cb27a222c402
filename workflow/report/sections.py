"""The page's sections about an execution: verdict, graph, time, states, lineage."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from workflow.account.causes import plain_cause
from workflow.report.graph_drawing import graph_drawing
from workflow.report.markup import (
    block,
    json_block,
    pairs,
    seconds,
    section,
    table,
    text,
    with_code,
)
from workflow.report.outcomes import kind_of, words_of
from workflow.report.record import Attempt, JobRun, Record, StateRun, Summary
from workflow.report.timeline import timeline

_GOOD: Final = ("released", "kept")
_SHOWN_LOG_LINES: Final = 40


def verdict(record: Record) -> str:
    """Return the sentence, and what to do next."""
    told, summary = record.verdict, record.summary
    kind = "succeeded" if told.kind in _GOOD else kind_of(told.kind)
    steps = "".join(f"<li>{with_code(step)}</li>" for step in told.next_steps)
    missing = "".join(f"<li>{text(each)}</li>" for each in record.missing)
    place = _place_of(record)
    return (
        f'<p><span class="badge is-{kind if kind in _CLASSES else "failed"}">{text(told.kind)}'
        "</span></p>"
        f"<h1>{text(told.sentence)}</h1>{place}"
        + (f"<h2>What to do next</h2><ul>{steps}</ul>" if steps else "")
        + (f"<h2>What this report could not read</h2><ul>{missing}</ul>" if missing else "")
        + pairs(
            [
                ("Execution", text(summary.name)),
                ("Status", text(summary.status)),
                ("Started", text(summary.started_at)),
                ("Started by", text(summary.started_by)),
                ("Ended", text(summary.ended_at)),
                ("Duration", seconds(summary.seconds)),
                *_redrives(summary),
                ("ARN", text(summary.arn)),
            ]
        )
    )


def graph(record: Record) -> str:
    """Return the graph with how to read it."""
    note = (
        '<p class="soft">Thick lines are the way that was gone, dashed ones lead on from a '
        "failure; those that every state has are drawn only where they were gone. A box leads to "
        "the state's input, output and log.</p>"
    )
    return section("graph", "State machine", note, graph_drawing(record))


def times(record: Record) -> str:
    """Return the timeline, and the jobs with their instance seconds."""
    rows = (_job_row(job) for job in record.jobs)
    head = ("Job", "State", "Status", "Instances", "Seconds", "Instance seconds")
    total = sum(job.instance_seconds or 0 for job in record.jobs)
    jobs = (
        table("The jobs, which are what costs", head, rows)
        + f"<p>{total:.1f} instance seconds in all, as far as the jobs told.</p>"
        if record.jobs
        else ""
    )
    return section("time", "Time and cost drivers", timeline(record), jobs)


def states(record: Record) -> str:
    """Return what each state got and made, folded."""
    jobs = {job.name: job for job in record.jobs}
    parts = (_state(index, state, jobs) for index, state in enumerate(record.states))
    return section("states", "States, one by one", *parts)


def lineage(record: Record) -> str:
    """Return where the model comes from, and every setting with its source."""
    rows = [(name.replace("_", " "), text(value)) for name, value in record.lineage.items()]
    settings = (
        [text(item.name), text(_shown(item.value)), text(item.source)] for item in record.settings
    )
    head = ("Setting", "Value", "From")
    listed = table("Settings", head, settings, kind="long") if record.settings else ""
    return section("lineage", "Lineage and settings", pairs(rows) if rows else "", listed)


def _redrives(summary: Summary) -> Iterator[tuple[str, str]]:
    if summary.redrives:
        times = "once" if summary.redrives == 1 else f"{summary.redrives} times"
        yield (
            "Redriven",
            f"{times}, last at {text(summary.redriven_at)}; durations hold the time in between",
        )


_CLASSES: Final = ("succeeded", "failed", "timed-out", "stopped", "caught", "running")


def _place_of(record: Record) -> str:
    index = next(
        (
            index
            for index, state in enumerate(record.states)
            if state.name == record.verdict.state_name
        ),
        None,
    )
    if index is None:
        return ""
    return f'<p><a href="#state-{index}">See {text(record.verdict.state_name)}</a></p>'


def _job_row(job: JobRun) -> list[str]:
    return [
        text(job.name),
        text(job.state_name),
        text(job.status),
        f"{job.instance_count} × {text(job.instance_type)}",  # noqa: RUF001 - a count of them
        text(job.seconds),
        text(job.instance_seconds),
    ]


def _state(index: int, state: StateRun, jobs: Mapping[str, JobRun]) -> str:
    around = "" if state.parent is None else " (inside the state around it)"
    rows = [
        ("Type", text(state.type + around)),
        ("Entered", text(state.entered_at)),
        ("Left", text(state.left_at)),
    ]
    if state.error or state.cause:
        rows += [("Error", text(state.error)), ("Cause", text(plain_cause(state.cause)))]
    body = "".join(
        [
            pairs(rows),
            *_attempts(state),
            *_logs(state, jobs),
            json_block("Input", state.input),
            json_block("Output", _added(state.input, state.output)),
        ]
    )
    message = f'<span class="is-{kind_of(state.status)}">{text(words_of(state))}</span>'
    return (
        f"<details><summary>{text(state.name)}: {message}</summary>"
        f'<div id="state-{index}">{body}</div></details>'
    )


def _attempts(state: StateRun) -> Iterator[str]:
    for number, attempt in enumerate(state.attempts, 1):
        several = len(state.attempts) > 1
        title = f"Attempt {number}" if several else "Task"
        if several:
            yield f"<h4>{title}: {text(_attempt_text(attempt))}</h4>"
        yield json_block(f"{title}: parameters", attempt.parameters)
        yield json_block(f"{title}: output", attempt.output)


def _attempt_text(attempt: Attempt) -> str:
    error = f", {attempt.error}: {plain_cause(attempt.cause)}" if attempt.error else ""
    return f"{attempt.status}{error}"


def _logs(state: StateRun, jobs: Mapping[str, JobRun]) -> Iterator[str]:
    for job in jobs.values():
        if job.state_name == state.name and job.log_lines:
            lines = job.log_lines[-_SHOWN_LOG_LINES:]
            yield block(f"Last log lines of {job.kind} job {job.name}", "\n".join(lines))


def _added(given: Any, made: Any) -> Any:
    """Return what a state added or changed; all of it where it is no object."""
    if not isinstance(given, Mapping) or not isinstance(made, Mapping):
        return made
    added = {name: value for name, value in made.items() if given.get(name) != value}
    same = len(made) - len(added)
    return {**added, "…": f"{same} more keys are as in the input"} if same else added


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
