"""When each state and each job ran: a bar each, from the execution's start to its end."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final, NamedTuple

from workflow.report.markup import seconds
from workflow.report.outcomes import kind_of, words_of
from workflow.report.record import Record
from workflow.report.svg import Figure, bar, drawing, line, scale_of, words

_LABELS_END: Final = 236.0
_END: Final = 800.0
_ROW: Final = 22.0
_TOP: Final = 26.0
_LABEL_CHARACTERS: Final = 38
_LEAST_WIDTH: Final = 2.0


class _Bar(NamedTuple):
    label: str
    told: str
    start: float
    end: float
    kind: str


def timeline(record: Record) -> str:
    """Return the drawing in a region that scrolls; nothing where no state was entered."""
    bars = list(_bars(record))
    if not bars:
        return ""
    x = scale_of([0, record.summary.seconds, *(each.end for each in bars)], _LABELS_END, _END)
    height = _TOP + _ROW * len(bars) + 8
    body = "".join(_ticks(x.ticks, x.at, height)) + "".join(
        _row(each, x.at, _TOP + _ROW * index) for index, each in enumerate(bars)
    )
    text = "; ".join(f"{each.label}: {each.told}" for each in bars)
    drawn = Figure("timeline", "States and jobs in time", "", text, body)
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="States and jobs in time">'
        f'<div class="wide">{drawing(drawn, _END + 20, height)}</div></div>'
    )


def _bars(record: Record) -> Iterator[_Bar]:
    start = datetime.datetime.fromisoformat(record.summary.started_at)

    def since(time: str) -> float:
        return (datetime.datetime.fromisoformat(time) - start).total_seconds()

    for state in record.states:
        begin = since(state.entered_at)
        kind = kind_of(state.status)
        yield _Bar(state.name, words_of(state), begin, begin + state.seconds, kind)
        for job in record.jobs:
            if job.state_name == state.name and job.started_at and job.ended_at:
                text = f"{job.status}, {seconds(job.seconds)} on {job.instance_count} instance(s)"
                label = f"↳ {job.kind} job"
                yield _Bar(label, text, since(job.started_at), since(job.ended_at), "job")


def _ticks(ticks: Sequence[float], at: Callable[[float], float], height: float) -> Iterator[str]:
    for tick in ticks:
        place = at(tick)
        yield line((place, _TOP - 6), (place, height), "grid")
        yield words(place, 14, f"{tick:g} s", "middle")


def _row(each: _Bar, at: Callable[[float], float], top: float) -> str:
    start, end = at(each.start), at(each.end)
    label = each.label
    if len(label) > _LABEL_CHARACTERS:
        label = f"{label[: _LABEL_CHARACTERS - 1]}…"
    return (
        f"<g><title>{escape(each.label)}: {escape(each.told)}</title>"
        + words(_LABELS_END - 8, top + 15, label, "end")
        + bar(start, top + 3, max(end - start, _LEAST_WIDTH), _ROW - 6, kind=f"box {each.kind}")
        + "</g>"
    )
