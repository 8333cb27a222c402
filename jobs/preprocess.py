"""Clean, encode and split the raw rows, inside a SageMaker Processing container.

Every file under `--input-dir` is read as rows of `columns.COLUMNS` (CSV, plain or gzip, with or
without a header) and written as the encoded rows of `rows.py`, without a header:

    OUTPUT/{train,validation,test}/part-HOST-N.csv    N from 0 to --parts - 1; no empty parts
    OUTPUT/rejected/part-HOST.csv                     object,line,reason,row; only if there are any
    OUTPUT/report/report-HOST.json                    the counts; written last, and only on success

The job is one pass over the rows, which need nothing of each other: its memory does not grow with
the data, and hosts can share the objects.

The standard library and the modules beside this one, which python finds in the script's own
folder, are enough: the job runs on any image of Python 3.11 or later as it is. Where NumPy is
there, large data of many encoded columns take half of the time.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

from container import (
    STOPPED,
    ArgumentParser,
    JobError,
    count_cores,
    fail,
    leave_message,
    leave_on_sigterm,
    read_hosts,
    tell_unexpected,
)

if __name__ == "__main__":
    # Before columns.py, which anybody may edit, is imported.
    tell_unexpected("preprocessing failed", sys.argv[1:])

from archives import is_zip
from levels import levelled
from objects import data_of, list_objects, read_blocks
from pool import encode_blocks, fastest_way
from splitting import BY_PATTERN, MAX_PARTS, SPLITS, Encoded, Plan
from table import IS_SPLIT_BY_LABEL

# Of more, what a block takes is given back to the system, and taken again for the next.
BLOCK_BYTES = 192 * 1024
POOL_FROM_BYTES = 4 * 1024 * 1024  # Below this, starting processes costs more than they save.

MAX_TOLD = 9  # Columns that a message names.


@dataclass(frozen=True)
class Job:
    """What one host has to do. Shares are fractions of the rows, from 0 to below 1."""

    input_dir: Path
    output_dir: Path
    plan: Plan
    max_rejected_share: float
    host: str
    hosts: int
    workers: int
    pool_from_bytes: int = POOL_FROM_BYTES
    block_bytes: int = BLOCK_BYTES


@dataclass
class Counts:
    """The rows seen so far."""

    objects: dict[str, int]
    splits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SPLITS, 0))
    rejected: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, encoded: Encoded, parts: int) -> None:
        """Add the rows of one block."""
        rows = sum(encoded.rows) + sum(encoded.rejected.values())
        self.objects[encoded.object_name] = self.objects.get(encoded.object_name, 0) + rows
        for index, split in enumerate(SPLITS):
            self.splits[split] += sum(encoded.rows[index * parts : (index + 1) * parts])
        self.rejected.update(encoded.rejected)
        self.missing.update(encoded.missing)
        self.notes += encoded.notes
        self.examples += encoded.examples[: 3 - len(self.examples)]


class Done(NamedTuple):
    """What was done, and what was left out, a line each."""

    summary: str
    left_out: str


def run(job: Job) -> Done:
    """Preprocess this host's objects, write the files and return what was done.

    Raises:
        JobError: The objects, or what is left of their rows, cannot be used.
    """
    objects, skipped = data_of(list_objects(job.input_dir))
    if not objects and job.hosts == 1:
        text = f", but for {', '.join(skipped[:MAX_TOLD])}" if skipped else ""
        raise JobError(f"there are no files in {job.input_dir}{text}; upload the raw data first")
    prepare_output(job.output_dir, job.host)
    counts = Counts(objects=dict.fromkeys((n for n, path in objects if not is_zip(path)), 0))
    counts.notes += [f"{name}: was left out, as its name is not that of data" for name in skipped]
    is_small = sum(path.stat().st_size for _, path in objects) < job.pool_from_bytes
    blocks = (b for name, path in objects for b in read_blocks(name, path, job.block_bytes))
    workers, way = (1, BY_PATTERN) if is_small else (job.workers, fastest_way())
    with closing(encode_blocks(blocks, job.plan, workers, way)) as encoded:
        placed = levelled(encoded, job.plan) if IS_SPLIT_BY_LABEL else encoded
        write_rows(placed, counts, job)
    check(counts, job)
    write_report(counts, job)
    return Done(summarize(counts, job), tell_left_out(counts, job))


def prepare_output(output_dir: Path, host: str) -> None:
    """Create the output folders, and remove what this host left there in an earlier run."""
    for folder in (*SPLITS, "rejected", "report"):
        (output_dir / folder).mkdir(parents=True, exist_ok=True)
        for pattern in (f"part-{host}-*.csv", f"part-{host}.csv", f"report-{host}.json"):
            for path in (output_dir / folder).glob(pattern):
                path.unlink()


def write_rows(blocks: Iterable[Encoded], counts: Counts, job: Job) -> None:
    """Append every block to its files, each opened when its first row comes, and count the rows."""
    with ExitStack() as stack:

        @cache
        def opened(path: Path) -> IO[bytes]:
            return stack.enter_context(path.open("wb"))

        for block in blocks:
            counts.add(block, job.plan.parts)
            for index, text in enumerate(block.texts):
                split, part = divmod(index, job.plan.parts)
                if text:
                    name = f"part-{job.host}-{part}.csv"
                    opened(job.output_dir / SPLITS[split] / name).write(text)
            if block.rejected:
                file = opened(job.output_dir / "rejected" / f"part-{job.host}.csv")
                header = b"" if file.tell() else b"object,line,reason,row\n"
                file.write(header + block.rejected_csv)


def check(counts: Counts, job: Job) -> None:
    """Refuse what must not be trained on.

    Raises:
        JobError: Too many rows were rejected, or there are too few for the splits.
    """
    rows, rejected = sum(counts.objects.values()), sum(counts.rejected.values())
    if rejected > job.max_rejected_share * rows:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in counts.rejected.most_common())
        raise JobError(
            f"{rejected} of {rows} rows ({rejected / rows:.1%}) were rejected, more than "
            f"--max-rejected-share {job.max_rejected_share:g} ({kinds}). "
            f"The first: {'; '.join(counts.examples)}"
        )
    if job.hosts > 1:
        return
    if not rows:
        raise JobError(f"there are no rows in {job.input_dir}; its files are empty")
    wanted = SPLITS if job.plan.test_share else SPLITS[:2]
    empty = [split for split in wanted if not counts.splits[split]]
    if empty:
        raise JobError(
            f"{rows - rejected} rows are too few: {' and '.join(empty)} would be empty; "
            "add rows, or set larger shares"
        )


def write_report(counts: Counts, job: Job) -> None:
    """Write the counts as JSON."""
    rejected = sum(counts.rejected.values())
    report = {
        "host": job.host,
        "hosts": job.hosts,
        "split_seed": job.plan.seed,
        "validation_share": job.plan.validation_share,
        "test_share": job.plan.test_share,
        "rows_read": sum(counts.objects.values()),
        "rows_kept": sum(counts.splits.values()),
        "rows_by_split": counts.splits,
        "rows_rejected": rejected,
        "rejected_by_reason": dict(sorted(counts.rejected.items())),
        "missing_by_column": dict(counts.missing.most_common()),
        "rows_by_object": counts.objects,
        "notes": counts.notes,
    }
    path = job.output_dir / "report" / f"report-{job.host}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def tell_left_out(counts: Counts, job: Job) -> str:
    """Return which rows were left out, why, the first of them, and what is missing, for people."""
    rows, rejected = sum(counts.objects.values()), sum(counts.rejected.values())
    of_host = f" of {job.host}, one of {job.hosts} hosts" if job.hosts > 1 else ""
    text = f"all {rows} rows{of_host} were used"
    if rejected:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in counts.rejected.most_common())
        text = (
            f"{rejected} of {rows} rows{of_host} were left out ({kinds}); "
            f"the first: {'; '.join(counts.examples)}"
        )
    return "; ".join([text, *tell_missing(counts), *counts.notes[:MAX_TOLD]])


def tell_missing(counts: Counts) -> list[str]:
    """Return how many values are missing, of the columns that lack most; nothing for none."""
    if not counts.missing:
        return []
    shown = [f"{name}: {count}" for name, count in counts.missing.most_common(MAX_TOLD)]
    more = len(counts.missing) - len(shown)
    return [f"missing values ({', '.join([*shown, *([f'{more} more columns'] if more else [])])})"]


def summarize(counts: Counts, job: Job) -> str:
    """Return the counts on one line."""
    splits = ", ".join(f"{split} {rows}" for split, rows in counts.splits.items())
    rejected = sum(counts.rejected.values())
    rows, objects = sum(counts.objects.values()), len(counts.objects)
    text = f"{job.host}: {rows} rows from {objects} object(s): {splits}, rejected {rejected}"
    return ", ".join([text, *tell_missing(counts)])


def build_parser() -> ArgumentParser:
    """Describe the arguments."""
    parser = ArgumentParser(allow_abbrev=False, description="Clean, encode and split the rows.")
    parser.add_argument("--input-dir", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--resource-config", type=Path, required=True, help="SageMaker's hosts")
    parser.add_argument("--message-path", type=Path, required=True, help="where a failure is told")
    parser.add_argument("--validation-share", type=float, default=0.15, help="default 0.15")
    parser.add_argument("--test-share", type=float, default=0.15, help="default 0.15")
    parser.add_argument("--split-seed", type=int, default=42, help="default 42")
    parser.add_argument("--max-rejected-share", type=float, default=0.05, help="default 0.05")
    parser.add_argument("--parts", type=int, default=4, help="files per split; default 4")
    parser.add_argument("--workers", type=int, default=count_cores(), help="default every core")
    return parser


def parse_job(argv: Sequence[str]) -> Job:
    """Check the arguments and read the hosts.

    Raises:
        JobError: An argument or the resource config cannot be used.
    """
    args = build_parser().parse_args(argv)
    for name in ("validation_share", "test_share", "max_rejected_share"):
        if not 0 <= getattr(args, name) < 1:
            flag = "--" + name.replace("_", "-")
            raise JobError(f"{flag} is {getattr(args, name)}; it must be in [0, 1)")
    if not args.validation_share:
        raise JobError("--validation-share is 0; training needs validation rows")
    if args.validation_share + args.test_share >= 1:
        raise JobError("--validation-share and --test-share add up to 1 or more; lower them")
    if not 1 <= args.parts <= MAX_PARTS:
        raise JobError(f"--parts is {args.parts}; it must be from 1 to {MAX_PARTS}")
    if args.workers < 1:
        raise JobError(f"--workers is {args.workers}; it must be at least 1")
    host, hosts = read_hosts(args.resource_config)
    plan = Plan(args.split_seed, args.validation_share, args.test_share, args.parts)
    return Job(
        input_dir=args.input_dir,
        output_dir=args.output_dir,
        plan=plan,
        max_rejected_share=args.max_rejected_share,
        host=host,
        hosts=hosts,
        workers=args.workers,
    )


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code.

    `--message-path` tells why it failed (1), or which rows were left out.
    """
    try:
        done = run(parse_job(argv))
        print(done.summary)
    except (JobError, OSError) as error:
        message = str(error)
    except KeyboardInterrupt:
        message = STOPPED
    else:
        leave_message(done.left_out, argv)
        return 0
    return fail(f"preprocessing failed: {message}", argv)


if __name__ == "__main__":
    leave_on_sigterm(f"preprocessing failed: {STOPPED}", sys.argv[1:])
    sys.exit(main(sys.argv[1:]))
