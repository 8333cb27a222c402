"""The rows of the raw data: how many were read, used and left out, and why."""

import collections
import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from workflow.report.record import Data, LeftOutRow
from workflow.report.sources import Sources

_REPORT_BYTES: Final = 1_000_000
_REJECTED_BYTES: Final = 64_000
_EXAMPLES: Final = 12
_EXAMPLES_A_REASON: Final = 3
_ROW_CHARACTERS: Final = 200


def data_of(prepared: Mapping[str, Any], sources: Sources) -> Data | None:
    """Return the rows of all hosts together; None where preprocessing left no report.

    jobs/preprocess.py says what its files hold.
    """
    processing = prepared.get("processing")
    if not isinstance(processing, Mapping) or "report_uri" not in processing:
        return None
    texts = _texts(str(processing["report_uri"]), _REPORT_BYTES, sources)
    reports = [report for report in map(_object, texts) if "rows_read" in report]
    if not reports:
        return None
    left_out = sum(int(report["rows_rejected"]) for report in reports)
    rejected_uri = processing.get("rejected_uri")
    examples = _examples(_texts(str(rejected_uri), _REJECTED_BYTES, sources)) if left_out else []
    return Data(
        rows_read=sum(int(report["rows_read"]) for report in reports),
        rows_kept=sum(int(report["rows_kept"]) for report in reports),
        rows_by_split=_sums(report["rows_by_split"] for report in reports),
        rows_left_out=left_out,
        left_out_by_reason=_sums(report["rejected_by_reason"] for report in reports),
        rows_by_object=_sums(report["rows_by_object"] for report in reports),
        examples=examples,
    )


def left_out_sentence(data: Data) -> str:
    """Return what was left out, with the reasons and the first example."""
    if not data.rows_left_out:
        return f"all {data.rows_read} rows were used"
    reasons = ", ".join(f"{reason}: {count}" for reason, count in data.left_out_by_reason.items())
    sentence = f"{data.rows_left_out} of {data.rows_read} rows were left out ({reasons})"
    if not data.examples:
        return sentence
    first = data.examples[0]
    return f"{sentence}; the first: {first.object_name} line {first.line}: {first.reason}"


def _texts(uri: str, maximum_bytes: int, sources: Sources) -> list[str]:
    found = (sources.read_start(item, maximum_bytes) for item in sources.uris_under(uri))
    return [content.decode(errors="replace") for content in found if content is not None]


def _examples(texts: Sequence[str]) -> list[LeftOutRow]:
    """Return the first rows of each reason; jobs/preprocess.py writes object,line,reason,row."""
    by_reason: collections.Counter[str] = collections.Counter()
    chosen: list[LeftOutRow] = []
    for row in _rows(texts):
        reason = row.reason.partition(" (")[0]
        by_reason[reason] += 1
        if by_reason[reason] <= _EXAMPLES_A_REASON and len(chosen) < _EXAMPLES:
            chosen.append(row)
    return chosen


def _rows(texts: Iterable[str]) -> Iterable[LeftOutRow]:
    for text in texts:
        # What was read of a longer file may end within a row.
        whole = text[: text.rfind("\n") + 1]
        for item in csv.DictReader(io.StringIO(whole.replace("\0", ""))):
            yield LeftOutRow(
                object_name=str(item.get("object")),
                line=str(item.get("line")),
                reason=str(item.get("reason")),
                row=str(item.get("row"))[:_ROW_CHARACTERS],
            )


def _sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: collections.Counter[str] = collections.Counter()
    for each in counts:
        total.update({str(name): int(count) for name, count in each.items()})
    return dict(total)


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
