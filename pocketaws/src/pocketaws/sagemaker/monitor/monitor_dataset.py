"""The files of the dataset as columns of text.

CSV with and without a header, JSON lines, captured data and captured data merged with ground truth.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-create-baseline.html
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pocketaws.sagemaker.monitor.monitor_records import (
    Block,
    Cells,
    check_widths,
    csv_rows,
    json_block,
    position_names,
    read_record,
)
from pocketaws.sagemaker.monitor.monitor_settings import CSV, JSON, AnalysisError, Settings


@dataclass(frozen=True)
class Dataset:
    """A table by columns.

    Attributes:
        names: of the columns, without repetition.
        columns: the cells of each as text; an empty one is missing.
        positional: whether the names only state the position: _c0, _c1, ...
    """

    names: Cells
    columns: tuple[Cells, ...]
    positional: bool

    @property
    def item_count(self) -> int:
        """How many rows there are; at least one."""
        return len(self.columns[0])

    def column(self, attribute: str) -> Cells:
        """Return the cells of the column with this name, or else at this index.

        Raises:
            AnalysisError: there is none.
        """
        if attribute in self.names:
            return self.columns[self.names.index(attribute)]
        if attribute.isdecimal() and int(attribute) < len(self.columns):
            return self.columns[int(attribute)]
        names = ", ".join(self.names)
        raise AnalysisError(f"there is no column {attribute!r}; there are: {names}")

    def named_after(self, names: Sequence[str]) -> "Dataset":
        """Take a baseline's names for columns known by position, where there are as many."""
        if not self.positional or len(names) != len(self.names):
            return self
        return replace(self, names=tuple(names))


def read_dataset(settings: Settings) -> Dataset:
    """Read every file under `dataset_source`.

    Hidden files and those that begin with an underscore are skipped, as Spark does.

    Raises:
        AnalysisError: there is no row to analyze, or a file cannot be read in the format.
    """
    source = settings.dataset_source
    if not source.exists():
        raise AnalysisError(f"dataset_source={str(source)!r} is not there; give it as an input")
    paths = [source] if source.is_file() else sorted(source.rglob("*"))
    blocks: list[tuple[str, Block]] = []
    for path in paths:
        if path.is_file() and not path.name.startswith((".", "_")):
            blocks.extend((where, block) for where, block in _blocks(path, settings) if block.rows)
    if not blocks:
        raise AnalysisError(
            f"dataset_source={str(source)!r} holds no record to analyze"
            + (" between start_time and end_time" if settings.start_time else "")
        )
    if len({block.names is None for _, block in blocks}) > 1:
        raise AnalysisError(f"{settings.dataset_source.name} holds both CSV and JSON payloads")
    return _positional(blocks) if blocks[0][1].names is None else _named(blocks)


def _blocks(path: Path, settings: Settings) -> Iterator[tuple[str, Block]]:
    kind = settings.dataset_format.kind
    try:
        with path.open(encoding="utf-8", newline="") as file:
            if kind == CSV:
                yield path.name, _csv_block(csv_rows(file), path, settings)
                return
            if kind == JSON and not settings.dataset_format.lines:
                yield path.name, json_block(json.load(file), path.name)
                return
            for number, line in enumerate(file, 1):
                block = _line_block(line, settings, f"{path.name}, line {number}")
                if block is not None:
                    yield f"{path.name}, line {number}", block
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AnalysisError(f"{path.name} cannot be read as {kind}: {error}") from error


def _line_block(line: str, settings: Settings, where: str) -> Block | None:
    if not line.strip():
        return None
    if settings.dataset_format.kind == JSON:
        return json_block(json.loads(line), where)
    return read_record(line, settings, where)


def _csv_block(rows: tuple[Cells, ...], path: Path, settings: Settings) -> Block:
    names, body = (rows[0], rows[1:]) if settings.dataset_format.header and rows else (None, rows)
    if names is not None and len(set(names)) != len(names):
        raise AnalysisError(f"{path.name}: its header names a column twice: {list(names)}")
    check_widths(rows, path.name)
    return Block(names, body)


def _positional(blocks: Sequence[tuple[str, Block]]) -> Dataset:
    width = len(blocks[0][1].rows[0])
    for where, block in blocks:
        if len(block.rows[0]) != width:
            raise AnalysisError(
                f"{where} has {len(block.rows[0])} columns, {blocks[0][0]} has {width}; "
                "every row needs the same columns"
            )
    rows = [row for _, block in blocks for row in block.rows]
    return Dataset(position_names(width), tuple(zip(*rows, strict=True)), positional=True)


def _named(blocks: Sequence[tuple[str, Block]]) -> Dataset:
    """Join rows by the names of their columns; a name that a row has not is a missing cell."""
    names = tuple(dict.fromkeys(name for _, block in blocks for name in block.names or ()))
    columns: dict[str, list[str]] = {name: [] for name in names}
    for _, block in blocks:
        by_name = dict(zip(block.names or (), zip(*block.rows, strict=True), strict=True))
        for name, column in columns.items():
            column.extend(by_name.get(name, ("",) * len(block.rows)))
    return Dataset(names, tuple(map(tuple, columns.values())), positional=False)
