"""Records of captured data, and of captured data merged with ground truth, as rows of columns.

A line of a capture file is one call of the endpoint:
`{"captureData": {"endpointInput": {"data", "encoding", "mode", "observedContentType"},
"endpointOutput": {...}}, "eventMetadata": {"eventId", "inferenceTime"}, "eventVersion": "0"}`.
Merged data holds `groundTruthData` (`data`, `encoding`) beside them.

Output columns come before input columns: "the prediction/output columns are assumed to be the
first columns in the training dataset", says
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-create-baseline.html
How the image names the columns of JSON payloads is not published: here they keep their own names.
A call with several rows becomes several rows.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import base64
import binascii
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pocketaws.sagemaker.monitor.monitor_settings import (
    ENDPOINT_INPUT,
    ENDPOINT_OUTPUT,
    MERGED,
    AnalysisError,
    Settings,
    parse_time,
)

GROUND_TRUTH: Final = "groundTruthData"
# Output first, whatever the order in captureIndexNames.
_ORDER: Final = (ENDPOINT_OUTPUT, ENDPOINT_INPUT)
# The image leaves out what a shadow variant answered.
_SHADOW: Final = "ShadowExperiment"
_CONTENT_ENCODINGS: Final = {"text/csv": "CSV", "application/json": "JSON"}
_ENCODINGS: Final = ("CSV", "JSON")

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Rows with the same columns.

    Attributes:
        names: of the columns; None where only their position is known.
        rows: cells as text; an empty one is missing.
    """

    names: Cells | None
    rows: tuple[Cells, ...]


def named(block: Block) -> Block:
    """Name columns that are known by position, as the image does: _c0, _c1, ..."""
    if block.names is not None or not block.rows:
        return block
    return Block(position_names(len(block.rows[0])), block.rows)


def position_names(count: int) -> Cells:
    """Return the names of columns without one, as Spark gives them."""
    return tuple(f"_c{index}" for index in range(count))


def csv_rows(lines: Iterable[str]) -> tuple[Cells, ...]:
    """Return the rows of a CSV text; blank lines are none."""
    return tuple(tuple(cell.strip() for cell in row) for row in csv.reader(lines) if any(row))


def check_widths(rows: Sequence[Cells], where: str) -> None:
    """Refuse rows of differing length.

    Raises:
        AnalysisError: a row has not as many cells as the first.
    """
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise AnalysisError(
                f"{where}: row {number} has {len(row)} columns, the first one {len(rows[0])}; "
                "every row needs the same columns"
            )


def json_block(document: Any, where: str) -> Block:
    """Return the rows of a flat object, or of a list of them; null is a missing cell.

    Raises:
        AnalysisError: it is something else.
    """
    objects = document if isinstance(document, list) else [document]
    if not all(isinstance(item, dict) for item in objects):
        raise AnalysisError(f"{where}: expected a JSON object of names and values")
    names = tuple(dict.fromkeys(name for item in objects for name in item))
    rows = (
        tuple(_cell(item.get(name), f"{where}: {name!r}") for name in names) for item in objects
    )
    return Block(names, tuple(rows))


def read_record(text: str, settings: Settings, where: str) -> Block | None:
    """Return the rows of a captured or merged record, None where it is left out.

    A record outside of start_time and end_time is left out, since SageMaker may bring more than
    the window, and so is one of a shadow variant. `where` names the line in errors.

    Raises:
        AnalysisError: it is no such record.
    """
    record = _object(_parsed(text, where), where)
    metadata = _object(record.get("eventMetadata", {}), f"{where}: eventMetadata")
    if metadata.get("invocationSource") == _SHADOW or not _in_window(metadata, settings, where):
        return None
    where = f"{where}, event {metadata.get('eventId')!r}"
    captured = _object(record.get("captureData"), f"{where}: captureData")
    wanted = [name for name in _ORDER if name in settings.dataset_format.captured]
    parts = [_object(captured.get(name), f"{where}: {name}") for name in wanted]
    encodings = [_encoding(part, where) for part in parts]
    _check_same(wanted, encodings)
    blocks = [
        _block(part, encoding, where) for part, encoding in zip(parts, encodings, strict=True)
    ]
    if settings.dataset_format.kind == MERGED:
        truth = _object(record.get(GROUND_TRUTH), f"{where}: {GROUND_TRUTH}")
        return _joined([named(_joined(blocks, where)), _truth_block(truth, where)], where)
    return _joined(blocks, where)


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise AnalysisError(f"{where}: no JSON ({error})") from error


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AnalysisError(f"{where} must be a JSON object, not {value!r}; is this captured data?")
    return value


def _in_window(metadata: Mapping[str, Any], settings: Settings, where: str) -> bool:
    if "inferenceTime" not in metadata:
        return True
    time = parse_time(str(metadata["inferenceTime"]), f"{where}: inferenceTime")
    after_start = settings.start_time is None or time >= settings.start_time
    return after_start and (settings.end_time is None or time < settings.end_time)


def _encoding(part: Mapping[str, Any], where: str) -> str:
    encoding = str(part.get("encoding")).upper()
    if encoding == "BASE64":
        content_type = str(part.get("observedContentType")).partition(";")[0].strip()
        encoding = _CONTENT_ENCODINGS.get(content_type, encoding)
    if encoding not in _ENCODINGS:
        raise AnalysisError(
            f"{where}: encoding {part.get('encoding')!r} of content type "
            f"{part.get('observedContentType')!r} cannot be analyzed; name the content type in the "
            "endpoint's CaptureContentTypeHeader"
        )
    return encoding


def _check_same(names: Sequence[str], encodings: Sequence[str]) -> None:
    """Refuse two encodings as the image does; https://github.com/aws/sagemaker-python-sdk/issues/2785."""
    if len(set(encodings)) > 1:
        found = dict(zip(names, encodings, strict=True))
        raise AnalysisError(
            f"Encoding mismatch: Encoding is {found[ENDPOINT_INPUT]} for endpointInput, but "
            f"Encoding is {found[ENDPOINT_OUTPUT]} for endpointOutput. We currently only support "
            "the same type of input and output encoding at the moment."
        )


def _block(part: Mapping[str, Any], encoding: str, where: str) -> Block:
    text = _text(part, where)
    if encoding == "CSV":
        rows = csv_rows(text.splitlines())
        check_widths(rows, where)
        return Block(None, rows)
    return json_block(_parsed(text, where), where)


def _text(part: Mapping[str, Any], where: str) -> str:
    text = str(part.get("data", ""))
    if str(part.get("encoding")).upper() != "BASE64":
        return text
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AnalysisError(f"{where}: data is not the BASE64 of a text ({error})") from error


def _truth_block(part: Mapping[str, Any], where: str) -> Block:
    """Return the labels; "data" of ground truth "only consists of label", as CSV."""
    if str(part.get("encoding", "CSV")).upper() != "CSV":
        raise AnalysisError(
            f"{where}: {GROUND_TRUTH}.encoding {part.get('encoding')!r}: only CSV is supported"
        )
    labels = csv_rows(str(part.get("data", "")).splitlines())
    if any(len(row) != 1 for row in labels):
        raise AnalysisError(f"{where}: {GROUND_TRUTH}.data must be one label a row")
    return Block((GROUND_TRUTH,), labels)


def _joined(blocks: Sequence[Block], where: str) -> Block:
    """Put the columns of several blocks beside each other, row by row."""
    count = max(len(block.rows) for block in blocks)
    blocks = [_spread(block, count) for block in blocks]
    if any(len(block.rows) != count for block in blocks):
        counts = " and ".join(str(len(block.rows)) for block in blocks)
        raise AnalysisError(f"{where}: {counts} rows cannot be matched to each other")
    rows = tuple(
        tuple(cell for row in parts for cell in row)
        for parts in zip(*(block.rows for block in blocks), strict=True)
    )
    names = tuple(name for block in blocks for name in block.names or ())
    if len(set(names)) != len(names):
        raise AnalysisError(f"{where}: input and output name the same column: {list(names)}")
    return Block(names or None, rows)


def _spread(block: Block, count: int) -> Block:
    """Take one line of predictions for many rows apart, as some containers answer."""
    if block.names is None and len(block.rows) == 1 and len(block.rows[0]) == count:
        return Block(None, tuple((cell,) for cell in block.rows[0]))
    return block


def _cell(value: Any, where: str) -> str:
    if isinstance(value, dict | list):
        raise AnalysisError(f"{where} is nested; the image analyzes flat JSON only")
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
