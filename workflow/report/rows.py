"""A run as a row of `workflow runs`: in a table for people, as JSON for scripts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from workflow.report.record_form import INPUT, SCHEMA

if TYPE_CHECKING:
    from workflow.report.record import Record

UNFINISHED: Final = "unfinished"
# The first field of run.json that a row needs nothing of, nor of those after it.
_TAIL: Final = '"evaluation": '
_COLUMNS: Final = ("WHEN (UTC)", "RUN", "VERDICT", "JUDGED BY", "ROWS", "LEFT OUT", "SECONDS")
_LAST_COLUMNS: Final = ("STARTED BY", "MODEL", "ERROR", "OVERRIDDEN")
_RIGHT: Final = frozenset({"ROWS", "LEFT OUT", "SECONDS"})


class RunRow(NamedTuple):
    """A run; what is not known is None.

    Attributes:
        started_at: ISO 8601 in UTC.
        verdict: as in run.json, or "unfinished" where a command is writing to the folder still or
            was interrupted.
        metric: what the gate judged the candidate by, such as mse or auc.
        value: of the candidate on the test rows.
        rows: of the raw data.
        started_by: as the execution's input says, or "by hand".
        overridden: settings that the execution's input gave, by name.
    """

    name: str
    started_at: str | None
    verdict: str
    model_name: str | None = None
    error: str | None = None
    metric: str | None = None
    value: float | None = None
    seconds: float | None = None
    rows: int | None = None
    rows_left_out: int | None = None
    overridden: Mapping[str, Any] = {}
    started_by: str | None = None

    @property
    def judged_by(self) -> str | None:
        """Metric and value, as people read them."""
        return None if self.value is None else f"{self.metric} {self.value:.4f}"


def row_of(record: "Record") -> RunRow:
    """Return the row of a record."""
    return _row(json.loads(json.dumps(vars(record), default=vars)))


def row_of_file(file: IO[str]) -> RunRow:
    """Return the row of a run.json, of which the head alone is read.

    Raises:
        ValueError: it is of another schema, or not as it was written.
    """
    head = "".join(iter(lambda: _line_of_head(file), ""))
    document = json.loads(head.rstrip().rstrip(",") + "}")
    if document.get("schema") != SCHEMA:
        raise ValueError(f"schema is {document.get('schema')!r}, and {SCHEMA} is read here")
    try:
        return _row(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as it was written: {type(error).__name__}: {error}") from error


def as_json(rows: Iterable[RunRow]) -> str:
    """Return the rows as a JSON array."""
    return json.dumps([row._asdict() for row in rows], indent=2)


def as_table(rows: Sequence[RunRow]) -> str:
    """Return aligned columns; what varies most in length stands last."""
    if not rows:
        return "no runs"
    lines = [[*_COLUMNS, *_LAST_COLUMNS], *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    names = lines[0]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for cell, width, name in zip(line, widths, names, strict=True)
        ).rstrip()
        for line in lines
    )


def _line_of_head(file: IO[str]) -> str:
    line = file.readline()
    return "" if line.startswith(_TAIL) else line


def _row(head: Mapping[str, Any]) -> RunRow:
    summary, data, judged = head["summary"], head["data"] or {}, head["judgement"] or {}
    return RunRow(
        name=summary["name"],
        started_at=summary["started_at"],
        verdict=head["verdict"]["kind"],
        model_name=head["model_name"],
        error=summary["error"],
        # A run of an earlier version has mse alone.
        metric=judged.get("metric", "mse") if judged else None,
        value=judged.get("value", judged.get("mse")),
        seconds=summary["seconds"],
        rows=data.get("rows_read"),
        rows_left_out=data.get("rows_left_out"),
        overridden={
            item["name"]: item["value"] for item in head["settings"] if item["source"] == INPUT
        },
        started_by=summary.get("started_by"),
    )


def _cells(row: RunRow) -> list[str]:
    when = (row.started_at or "")[:16].replace("T", " ")
    overridden = ", ".join(
        f"{name.removeprefix('hyperparameters.')}={_short(value)}"
        for name, value in row.overridden.items()
    )
    return [
        *(when or "-", row.name, row.verdict, row.judged_by or "-"),
        *(_number(row.rows, "d"), _number(row.rows_left_out, "d"), _number(row.seconds, ".1f")),
        *(row.started_by or "-", row.model_name or "-", row.error or "-", overridden or "-"),
    ]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
