"""Compare the captured calls of a window with the baseline of the model that answered them.

    OUTPUT/report.json     what was found: see `window_report.py`
    OUTPUT/history.json    this window and those before it, in short: see `history.py`
    OUTPUT/report.html     the same as a page that needs no other file

Under `--captures-dir` lie the files of SageMaker's data capture, in any folders (see
`captures.py`), under `--truth-dir` what the rows really were (see `truths.py`). What cannot be read
is counted and shown, and fails nothing. What fails the job is a baseline that it does not know.

The files are read in pieces on every core, and of a call nothing is kept, so memory does not grow
with the calls. Nothing but the standard library is used: `compare` also runs in a Lambda function,
for windows that are too small for a machine of their own.
"""

from __future__ import annotations

import json
import math
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from captures import Calls, Expected, count_pieces
from container import ArgumentParser, JobError, count_cores, fail, leave_on_sigterm
from documents import BASELINE_MAXIMUM_BYTES
from history import add_window, read_history
from pieces import Share
from truths import read_truths
from window_page import draw_page
from window_report import Beside, Limits, draw_window
from workers import done_in_order

BASELINE_SCHEMA = "baseline/1"
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
ENDPOINT_COUNTS = ("invocations", "client_errors", "server_errors")
# Below so many pieces a process would cost more than it saves.
MIN_PIECES = 2


@dataclass(frozen=True)
class Job:
    """What to compare, and where to write it; a folder that is None or missing holds nothing."""

    baseline_path: Path
    captures_dir: Path
    output_dir: Path
    truth_dir: Path | None = None
    history_path: Path | None = None
    since: str = ""
    until: str = ""
    title: str = "Calls"
    limits: Limits = field(default_factory=Limits)
    workers: int = 1
    endpoint_calls: Mapping[str, Any] | None = None


def compare(job: Job) -> dict[str, Any]:
    """Compare, write the three files and return the content of report.json.

    Raises:
        JobError: The baseline cannot be used.
    """
    baseline = read_baseline(job.baseline_path)
    classes = [str(name) for name in baseline.get("classes") or ()]
    truth, unreadable_truths = read_truths(files_in(job.truth_dir), classes)
    expected = Expected(baseline, since=job.since, until=job.until, truth=truth)
    calls = count_calls(job.captures_dir, expected, job.workers)
    beside = Beside(unreadable_truths, job.endpoint_calls)
    report = draw_window(calls, expected, job.limits, beside)
    history = add_window(read_history(job.history_path), report)
    job.output_dir.mkdir(parents=True, exist_ok=True)
    page = draw_page(report, history, title=job.title)
    (job.output_dir / "report.html").write_text(page, encoding="utf-8")
    write_json(job.output_dir / "history.json", history)
    write_json(job.output_dir / "report.json", report)
    return report


def files_in(folder: Path | None) -> list[Path]:
    """Return every file below a folder, sorted; skip names that start with . or _."""
    if folder is None or not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith((".", "_"))
    )


def count_calls(captures_dir: Path, expected: Expected, workers: int) -> Calls:
    """Count the calls below a folder, in several processes where there is enough for them.

    Raises:
        JobError: A worker process was killed.
    """
    if workers == 1 or len([*islice(Share(captures_dir).pieces(), MIN_PIECES)]) < MIN_PIECES:
        return count_share(Share(captures_dir), expected)
    total = Calls.none(expected)
    shares = [Share(captures_dir, index, workers) for index in range(workers)]
    for calls in done_in_order(lambda share: count_share(share, expected), shares, workers):
        total.join(calls)
    return total


def count_share(share: Share, expected: Expected) -> Calls:
    """Count the calls of one process's pieces."""
    return count_pieces(share.pieces(), expected)


def read_baseline(path: Path) -> dict[str, Any]:
    """Read baseline.json.

    Raises:
        JobError: It is not there, too large, or not of the schema that this job knows.
    """
    try:
        size = path.stat().st_size
        if size > BASELINE_MAXIMUM_BYTES:
            raise JobError(
                f"the baseline {path.name} has {size} bytes, and at most {BASELINE_MAXIMUM_BYTES} "
                "are read; it is none that the evaluation of a model leaves"
            )
        baseline = json.loads(path.read_bytes())
        schema = baseline["schema"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise JobError(
            f"the baseline {path.name} cannot be read ({error!r}); the evaluation of a model "
            "leaves it, so release a model anew"
        ) from error
    if schema != BASELINE_SCHEMA:
        raise JobError(
            f"the baseline is of the schema {schema!r}, and this job knows {BASELINE_SCHEMA!r}; "
            "release a model anew, so that both come from the same version"
        )
    check_columns(baseline)
    return dict(baseline)


def check_columns(baseline: dict[str, Any]) -> None:
    """Check what the comparison relies on.

    Raises:
        JobError: A part of the baseline is missing or does not fit the others.
    """
    try:
        columns, features = baseline["columns"], baseline["features"]
        named = [
            name
            for one in features
            for name in ([one["name"]] if one["kind"] == "number" else one["columns"])
        ]
        numbers = [one for one in features if one["kind"] == "number"]
        fits = sorted(named) == sorted(columns) and all(
            len(one["counts"]) == len(one["edges"]) + 1
            and all(math.isfinite(one[key]) for key in ("mean", "minimum", "maximum", "rows"))
            for one in [*numbers, baseline["predictions"]]
        )
    except (KeyError, TypeError) as error:
        raise JobError(f"the baseline lacks a part: {error!r}; release a model anew") from error
    if not fits:
        raise JobError("the parts of the baseline do not fit each other; release a model anew")


def write_json(path: Path, document: Any) -> None:
    """Write a document."""
    path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def build_parser() -> ArgumentParser:
    """Describe the arguments."""
    default = Limits()
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--baseline-path", type=Path, required=True, help="baseline.json")
    parser.add_argument("--captures-dir", type=Path, required=True, help="the captured calls")
    parser.add_argument("--output-dir", type=Path, required=True, help="where the files go")
    parser.add_argument("--truth-dir", type=Path, help="what the rows really were")
    parser.add_argument("--history-path", type=Path, help="history.json of the window before")
    parser.add_argument("--from", dest="since", default="", help="2026-11-23T08:00:00Z")
    parser.add_argument("--until", default="", help="the first second that counts no more")
    parser.add_argument("--endpoint-calls", help="JSON; the endpoint's numbers of the window")
    parser.add_argument("--title", default="Calls", help="of the page")
    parser.add_argument("--level", type=float, default=default.level, help="of significance")
    parser.add_argument("--min-effect", type=float, default=default.min_effect, help="from 0 to 1")
    parser.add_argument("--min-rows", type=int, default=default.min_rows, help="to judge")
    parser.add_argument("--max-bad-share", type=float, default=default.max_bad_share, help="0 to 1")
    parser.add_argument("--workers", type=int, default=count_cores(), help="default: the cores")
    parser.add_argument("--message-path", type=Path, required=True, help="where a failure is told")
    return parser


def parse_job(argv: Sequence[str]) -> Job:
    """Check the arguments.

    Raises:
        JobError: An argument cannot be used.
    """
    args = build_parser().parse_args(argv)
    for name in ("since", "until"):
        if getattr(args, name) and not TIME.fullmatch(getattr(args, name)):
            flag = "--from" if name == "since" else "--until"
            raise JobError(f"{flag} must be a time such as 2026-11-23T08:00:00Z")
    for name in ("level", "min_effect", "max_bad_share"):
        if not 0 <= getattr(args, name) <= 1:
            raise JobError(f"--{name.replace('_', '-')} must be from 0 to 1")
    for name in ("min_rows", "workers"):
        if getattr(args, name) < 1:
            raise JobError(f"--{name.replace('_', '-')} must be at least 1")
    return Job(
        baseline_path=args.baseline_path,
        captures_dir=args.captures_dir,
        output_dir=args.output_dir,
        truth_dir=args.truth_dir,
        history_path=args.history_path,
        since=args.since,
        until=args.until,
        title=args.title,
        limits=Limits(args.level, args.min_effect, args.min_rows, args.max_bad_share),
        workers=args.workers,
        endpoint_calls=read_endpoint_calls(args.endpoint_calls),
    )


def read_endpoint_calls(text: str | None) -> Mapping[str, Any] | None:
    """Return what `--endpoint-calls` holds; None without it.

    Raises:
        JobError: It is not what functions/find_captures passes on.
    """
    if text is None:
        return None
    try:
        document = json.loads(text)
        whole = all(type(document[key]) is int for key in ENDPOINT_COUNTS)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise JobError(f"--endpoint-calls cannot be read: {error!r}") from error
    if not whole:
        raise JobError(f"--endpoint-calls must hold numbers of calls: {', '.join(ENDPOINT_COUNTS)}")
    return dict(document)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code, 1 after a failure that `--message-path` tells of."""
    try:
        print(compare(parse_job(argv))["note"])
    except (JobError, OSError) as error:
        message = str(error)
    except KeyboardInterrupt:
        message = STOPPED
    else:
        return 0
    return fail(f"monitoring failed: {message}", argv)


STOPPED = "stopped by a signal before the end; nothing was compared"

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    leave_on_sigterm(f"monitoring failed: {STOPPED}", sys.argv[1:])
    sys.exit(main(sys.argv[1:]))
