"""Make this project that of a table: read, propose, measure, write, and show what was found."""

import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workflow.errors import InputDataError
from workflow.project import MAX_NAME_LENGTH, PROJECT_DIR, PROJECT_PATH, check_name, project
from workflow.starting.balancing import balance_of
from workflow.starting.changing import change
from workflow.starting.drawing import draw_sample
from workflow.starting.judging import Quick, import_beside, judge
from workflow.starting.proposing import Proposal, named, propose, with_label, with_weight
from workflow.starting.reading import WHOLE_BYTES, Rows, read_rows
from workflow.starting.renaming import renaming
from workflow.starting.writing import (
    columns_source,
    gate_threshold,
    with_gate,
    with_sample_path,
)

_COLUMNS: Final = "jobs/columns.py"
_TEMPLATE: Final = "template.yaml"
_SHOWN_COLUMNS: Final = 60
_WIDTH: Final = 40


def begin(
    path: Path, *, name: str | None, label: str | None, weight: str | None, problem: str
) -> None:
    """Write the project's files, and show what was found.

    Args:
        path: of the table, CSV or Parquet.
        name: of the project; None for one made of the file's.
        label: the column to predict; None to ask for it, or for the last one.
        weight: a column of the rows' weights, if there is one.
        problem: what the label poses; empty where its values are to say it.

    Raises:
        WorkflowError: the file is no table to learn from, or the project cannot be changed.
    """
    project_name = name or _name_of(path)
    check_name(project_name, where="--name")
    check_is_not_the_sample(path, project_name)
    import_beside()
    rows = _without_unnamed(read_rows(path))
    proposals = propose(rows)
    label_name = _label(label, proposals)
    proposals, posed = with_label(proposals, rows, label_name, problem)
    if weight is not None:
        weight_name = named(weight, proposals, "--weight")
        if weight_name == label_name:
            raise InputDataError(f"--weight {weight_name!r} is the label; name another column")
        proposals = with_weight(proposals, rows, weight_name)
    _show(path, rows, proposals, label_name)
    _make(path, rows, proposals, label=label_name, problem=posed, name=project_name)


def _make(
    path: Path,
    rows: Rows,
    proposals: Sequence[Proposal],
    *,
    label: str,
    problem: str,
    name: str,
) -> None:
    """Measure quick models beside the project, and then write all of its files as one."""
    is_weighted = any(one.kind == "Weight" for one in proposals)
    balance = balance_of(proposals, rows, label=label, problem=problem, is_weighted=is_weighted)
    source = columns_source(
        proposals,
        label=label,
        problem=problem,
        decimal=rows.decimal,
        title=path.name,
        balance=balance,
    )
    drawn = draw_sample(rows, proposals, label=label)
    sample = _sample_of(name)
    with tempfile.TemporaryDirectory(prefix="workflow-new-") as beside:
        jobs_dir = _jobs_with(source, Path(beside))
        sample_path = Path(beside, f"{name}-sample.csv")
        sample_path.write_text(drawn, encoding="utf-8")
        is_small = path.stat().st_size <= WHOLE_BYTES
        measured = [
            judge(
                jobs_dir,
                data_path,
                problem,
                is_weighted=is_weighted or bool(balance.weights),
                metric=balance.metric,
            )
            for data_path in (sample_path, *([path] if is_small else []))
        ]
    threshold = gate_threshold(measured)
    _show_quick(measured[-1], threshold)
    for note in balance.notes:
        print(note)
    template = (PROJECT_DIR / _TEMPLATE).read_text(encoding="utf-8")
    gate = with_gate(template, measured[0].metric, threshold)
    if gate is None:
        print(f"{_TEMPLATE} has no gate for {measured[0].metric}: set one by hand")
    texts = {
        _COLUMNS: source,
        sample: drawn,
        **({} if gate is None else {_TEMPLATE: gate}),
        PROJECT_PATH.name: with_sample_path(PROJECT_PATH.read_text(encoding="utf-8"), sample),
    }
    # A model of another table is nothing to compare this one's with.
    texts = renaming(PROJECT_DIR, name, texts)
    kept = change(PROJECT_DIR, texts, model_of=project().name)
    if kept:
        print(f"\nthe model in production here was trained on another table; it is kept as {kept}")
    print(f"\nwritten: {_COLUMNS}, {sample}, {_TEMPLATE}, project.toml and its names")
    print(f"now: make run, or make run DATA={path}")


def _sample_of(name: str) -> str:
    """Return where a project's sample stands in it."""
    return f"data/{name}-sample.csv"


def check_is_not_the_sample(path: Path, name: str) -> None:
    """Check that a table is not the file that the sample of its project goes into.

    Raises:
        InputDataError: it is, and would be replaced.
    """
    sample_path = PROJECT_DIR / _sample_of(name)
    if path.exists() and sample_path.exists() and path.samefile(sample_path):
        raise InputDataError(
            f"{path}: is where the sample of the project {name} goes, which would replace it; move "
            "the table, or give another --name"
        )


def _jobs_with(source: str, folder: Path) -> Path:
    """Return a copy of the jobs that reads its rows by other columns."""
    jobs_dir = folder / "jobs"
    shutil.copytree(PROJECT_DIR / "jobs", jobs_dir, ignore=shutil.ignore_patterns("__pycache__"))
    (jobs_dir / "columns.py").write_text(source, encoding="utf-8")
    return jobs_dir


def _without_unnamed(rows: Rows) -> Rows:
    """Leave out a first column of row numbers, and a last one that is empty, without a name.

    Raises:
        InputDataError: another column has no name.
    """
    first = 1 if not rows.names[0] else 0
    last = len(rows.names)
    if not rows.names[-1] and not any(rows.column(last - 1)):
        last -= 1
    names = rows.names[first:last]
    if not all(names):
        raise InputDataError(
            f"column {names.index('') + first + 1} has no name in the header; give it one"
        )
    return replace(rows, names=names, rows=[row[first:last] for row in rows.rows])


def _label(given: str | None, proposals: Sequence[Proposal]) -> str:
    """Return the label's name: given, asked, or the last column's."""
    names = [proposal.name for proposal in proposals]
    if given is None and sys.stdin.isatty():
        print("columns:", ", ".join(names))
        given = input(f"which one is to be predicted? [{names[-1]}] ").strip() or None
    return named(names[-1] if given is None else given, proposals, "--label")


def _name_of(path: Path) -> str:
    """Make a project's name of a file's."""
    stem = path.name.partition(".")[0].lower()
    plain = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")
    return (plain if plain[:1].isalpha() else f"table-{plain}")[:MAX_NAME_LENGTH].strip("-")


def _show(path: Path, rows: Rows, proposals: Sequence[Proposal], label: str) -> None:
    """Print what was found, of the columns the first ones and the label."""
    header = "with a header" if rows.has_header else "without a header"
    print(f"{path.name}: about {rows.count} rows {header}, {len(rows.rows)} of them read\n")
    shown = [one for at, one in enumerate(proposals) if at < _SHOWN_COLUMNS or one.name == label]
    width = max(len(name) for name in ("column", *(one.name for one in shown)))
    print(f"{'column':<{width}}  kind      missing  different  note")
    for one in shown:
        share = f"{one.missing / len(rows.rows):.1%}"
        note = one.note or _cut(", ".join(one.arguments))
        print(
            f"{one.name:<{width}}  {one.kind:<8}  {share:>7}  {one.different:>9}  {note}".rstrip()
        )
    if len(proposals) > len(shown):
        print(f"and {len(proposals) - len(shown)} more columns")


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"


def _show_quick(quick: Quick, threshold: float) -> None:
    """Print what a quick model reaches, and what the gate will ask for."""
    simplest = "the mean" if quick.metric == "mse" else "the most frequent class"
    sign = "at most" if quick.metric == "mse" else "at least"
    print(
        f"\n{quick.metric} on {quick.rows} test rows: {quick.baseline:.4g} of {simplest}, "
        f"{quick.model:.4g} of a quick XGBoost; the gate asks for {sign} {threshold:g}"
    )
    is_worse = (
        quick.model >= quick.baseline if quick.metric == "mse" else quick.model <= quick.baseline
    )
    if is_worse:
        print("the model is no better than that: these columns say little about the label")
