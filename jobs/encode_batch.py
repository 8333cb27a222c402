"""Encode the rows that a batch is predicted for, inside a SageMaker Processing container.

Every file under `--input-dir` is read as preprocessing reads raw data (`archives.py`, `forms.py`),
with the label or without it. A row becomes what the model takes, as `encode.py` encodes it for the
endpoint, then its line's number, then its own cells as they stand in the file, an id among them:

    OUTPUT/rows/NAME                FEATURES...,LINE,CELLS...   a file for each one read
    OUTPUT/rejected/part-HOST.csv   object,line,reason,row      only if there are any

A transform job takes the first `len(FEATURES)` cells, and writes the others with the prediction
after them. NAME is the file's, of ASCII letters, digits and `._-` alone; where that changes it, a
part of its hash keeps it apart from others.

With `--check FILE` nothing is written: the file's form and its first rows are looked at, before an
execution begins. Exit code 3, and why on stdout, if none of these rows can be predicted for.

Rows are read one by one, so memory does not grow with them, and hosts can share the objects. Only
the standard library and the modules beside this one are used.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from container import (
    STOPPED,
    ArgumentParser,
    JobError,
    fail,
    leave_message,
    leave_on_sigterm,
    read_hosts,
    tell_unexpected,
)

if __name__ == "__main__":
    # Before columns.py, which anybody may edit, is imported.
    tell_unexpected("encoding the batch failed", sys.argv[1:])

from archives import Text, open_texts
from conversion import joined
from forms import Form, find_form
from kinds import RowError
from objects import UTF8_BOM, data_of, list_objects, read_lines, with_two_rows, without_lines
from rows import LABELLED, UNLABELLED, encode_features, split_fields
from splitting import rejected_lines

BLOCK_BYTES = 256 * 1024
NAME_CHARACTERS = re.compile(r"[^A-Za-z0-9._-]")
HASH_CHARACTERS = 8
MAX_EXAMPLES = 3
CHECKED_ROWS = 1000
NO_ROWS = 3  # The exit code.


class Line(NamedTuple):
    """A line of a file: its number from 1, as it stands there, and comma-separated."""

    number: int
    text: bytes
    row: bytes


@dataclass
class Counts:
    """The rows seen so far."""

    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """What one host has to do; the share is a fraction of the rows."""

    input_dir: Path
    output_dir: Path
    max_rejected_share: float
    host: str
    hosts: int


def run(job: Job) -> str:
    """Encode this host's objects, and return which rows were used and which were left out.

    Raises:
        JobError: The objects, or what is left of their rows, cannot be used.
    """
    objects, _ = data_of(list_objects(job.input_dir))
    rows_dir, rejected_dir = job.output_dir / "rows", job.output_dir / "rejected"
    for folder in (rows_dir, rejected_dir):
        folder.mkdir(parents=True, exist_ok=True)
    counts = Counts()
    for name, path in objects:
        for text in open_texts(name, path):
            with (rows_dir / output_name(text.name)).open("wb") as encoded:
                rejected = encode_text(text, encoded, counts)
            if rejected:
                tell_rejected(text.name, rejected, rejected_dir / f"part-{job.host}.csv", counts)
    for empty in [path for path in rows_dir.iterdir() if not path.stat().st_size]:
        empty.unlink()
    return check(counts, job)


def output_name(name: str) -> str:
    """Return the name of what comes of an object, another one for each."""
    plain = NAME_CHARACTERS.sub("_", name)
    if plain == name:
        return name
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:HASH_CHARACTERS]}"


def encode_text(
    text: Text, encoded: IO[bytes], counts: Counts
) -> list[tuple[int, RowError, bytes]]:
    """Encode the rows of a text, and return those that are none.

    Raises:
        JobError: It is no table, or its header is not that of the columns.
    """
    rejected: list[tuple[int, RowError, bytes]] = []
    for line, form in lines_of(text):
        try:
            features = encode_features(line.row, form.columns, form.order)
            cells = line.row if form.delimiter is None else line.text
            own = split_fields(cells, form.delimiter or ",")
        except RowError as error:
            rejected.append((line.number, error.with_traceback(None), line.text))
            continue
        if features:
            counts.rows += 1
            encoded.write(b"%s,%s\n" % (features[:-1], joined([str(line.number), *own])))
    return rejected


def lines_of(text: Text) -> Iterator[tuple[Line, Form]]:
    """Yield the lines of a text that are not blank, its header left out, with its form.

    Raises:
        JobError: It is no table, or its header is not that of the columns.
    """
    first, form = 1, None
    for lines in with_two_rows(read_lines(text.stream, BLOCK_BYTES)):
        content = lines.removeprefix(UTF8_BOM) if first == 1 else lines
        if form is None and content.strip():
            form = form_of(text.name, content)
            content = without_lines(content, form.skipped)
        if form:
            pairs = zip(content.split(b"\n"), form.convert(content).split(b"\n"), strict=True)
            for number, (own, row) in enumerate(pairs, first):
                if row.strip():
                    yield Line(number, own, row), form
        first += lines.count(b"\n")


def form_of(name: str, content: bytes) -> Form:
    """Find the form of a text by its first lines.

    Raises:
        JobError: It has none.
    """
    try:
        return find_form(name, content, (LABELLED, UNLABELLED))
    except RowError as error:
        raise JobError(f"the first row of {name}: {error}") from error


def tell_rejected(
    name: str, rejected: list[tuple[int, RowError, bytes]], path: Path, counts: Counts
) -> None:
    """Append the rejected rows of an object to their file, and count them."""
    header = b"" if path.exists() else b"object,line,reason,row\n"
    with path.open("ab") as file:
        file.write(header + rejected_lines(name, rejected))
    counts.rejected.update(error.kind for _, error, _ in rejected)
    room = MAX_EXAMPLES - len(counts.examples)
    counts.examples += [f"{name} line {number}: {error}" for number, error, _ in rejected[:room]]


def check(counts: Counts, job: Job) -> str:
    """Return what was done, in a sentence.

    Raises:
        JobError: Too many rows are none, or there are none at all.
    """
    rejected = sum(counts.rejected.values())
    rows = counts.rows + rejected
    if job.hosts == 1 and not rows:
        raise JobError(f"there are no rows in {job.input_dir}; upload the batch first")
    kinds = ", ".join(f"{kind}: {count}" for kind, count in counts.rejected.most_common())
    first = f"the first: {'; '.join(counts.examples)}"
    if rejected > job.max_rejected_share * rows:
        raise JobError(
            f"{rejected} of {rows} rows ({rejected / rows:.1%}) cannot be predicted for, more than "
            f"--max-rejected-share {job.max_rejected_share:g} ({kinds}); {first}"
        )
    of_host = f" of {job.host}, one of {job.hosts} hosts" if job.hosts > 1 else ""
    if rejected:
        return f"{rejected} of {rows} rows{of_host} were left out ({kinds}); {first}"
    return f"all {rows} rows{of_host} were encoded"


def check_file(path: Path) -> None:
    """Look at the form and the first rows of a file, without writing anything.

    Raises:
        JobError: The file cannot be read, or none of its first rows can be predicted for.
    """
    objects, skipped = data_of([(path.name, path)])
    if skipped:
        raise JobError(f"the name {path.name} is not that of data; call it such as rows.csv")
    rows, told = 0, ""
    for name, source in objects:
        for text in open_texts(name, source):
            for line, form in islice(lines_of(text), CHECKED_ROWS):
                rows += 1
                try:
                    encode_features(line.row, form.columns, form.order)
                except RowError as error:
                    told = told or f"{text.name} line {line.number}: {error}"
                else:
                    return
    if not rows:
        raise JobError(f"there are no rows in {path.name}")
    raise JobError(f"none of the first {rows} rows can be predicted for; the first: {told}")


def parse_job(argv: Sequence[str]) -> Job:
    """Check the arguments and read the hosts.

    Raises:
        JobError: An argument or the resource config cannot be used.
    """
    parser = ArgumentParser(allow_abbrev=False, description="Encode the rows of a batch.")
    parser.add_argument("--input-dir", type=Path, required=True)
    parser.add_argument("--output-dir", type=Path, required=True)
    parser.add_argument("--resource-config", type=Path, required=True, help="SageMaker's hosts")
    parser.add_argument("--message-path", type=Path, required=True, help="where a failure is told")
    parser.add_argument("--max-rejected-share", type=float, default=0.05, help="default 0.05")
    args = parser.parse_args(argv)
    if not 0 <= args.max_rejected_share < 1:
        raise JobError(f"--max-rejected-share is {args.max_rejected_share}; it must be in [0, 1)")
    host, hosts = read_hosts(args.resource_config)
    return Job(args.input_dir, args.output_dir, args.max_rejected_share, host, hosts)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code.

    `--message-path` tells why it failed, or which rows were left out.
    """
    if argv[:1] == ["--check"]:
        return main_check(Path(argv[1]))
    try:
        done = run(parse_job(argv))
    except (JobError, OSError) as error:
        return fail(f"encoding the batch failed: {error}", argv)
    print(done)
    leave_message(done, argv)
    return 0


def main_check(path: Path) -> int:
    """Check a file, print what is wrong, and return the exit code."""
    try:
        check_file(path)
    except (JobError, OSError) as error:
        print(error)
        return NO_ROWS
    return 0


if __name__ == "__main__":
    leave_on_sigterm(f"encoding the batch failed: {STOPPED}", sys.argv[1:])
    sys.exit(main(sys.argv[1:]))
