"""Clean, encode and split the raw Abalone rows, inside a SageMaker Processing container.

Every file under `--input-dir` is read as rows of `COLUMNS` (CSV, plain or gzip, with or without a
header) and written as rows of `rings, seven numbers, is_F, is_I, is_M` without a header:

    OUTPUT/{train,validation,test}/part-HOST-N.csv    N from 0 to --parts - 1; no empty parts
    OUTPUT/rejected/part-HOST.csv                     object,line,reason,row; only if there are any
    OUTPUT/report/report-HOST.json                    the counts; written last, and only on success

A row's split is a keyed hash of its encoded text and of nothing else. So it does not depend on file
names, order, compression, line ends or the number of hosts; and identical rows always meet in one
split, so that no test row was trained on. Trees need no scaling, so nothing is fitted: the job is
one pass over the rows, its memory does not grow with the data, and hosts can share the objects.

Only the standard library of Python 3.9 is used: the script runs on any image as it is.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import math
import multiprocessing
import os
import re
import signal
import sys
import threading
import zlib
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from types import FrameType

COLUMNS = (
    "sex",
    "length",
    "diameter",
    "height",
    "whole_weight",
    "shucked_weight",
    "viscera_weight",
    "shell_weight",
    "rings",
)
USUAL_ORDER = tuple(range(len(COLUMNS)))
SPLITS = ("train", "validation", "test")
ONE_HOT = {b"F": b",1,0,0\n", b"I": b",0,1,0\n", b"M": b",0,0,1\n"}

MAX_ROW_BYTES = 64 * 1024
HASHES = 1 << 16  # Two bytes of a row's hash decide: shares are met to 1/65,536.
MAX_PARTS = 85  # Three files for each part have to be numbered by one byte.
MAX_SHOWN = 40  # Characters of a bad value that a reason repeats.
MAX_MESSAGE_BYTES = 1024  # ExitMessage of DescribeProcessingJob holds no more.
BLOCK_BYTES = 256 * 1024
POOL_FROM_BYTES = 4 * 1024 * 1024  # Below this, starting processes costs more than they save.

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
GZIP_MAGIC = b"\x1f\x8b"
WRONG_DELIMITERS = {b";": "semicolons", b"\t": "tabs", b"|": "vertical bars"}

# A number in one of these forms is passed on as it is written; any other is normalized first.
PLAIN_NUMBER = r"[0-9]{1,9}\.?[0-9]{0,20}"
PLAIN_RINGS = r"[1-9][0-9]{0,8}"
MAX_RINGS = 999_999_999

# Each match is one line: a clean row in three groups, or whatever else it is in the fourth.
# The seven numbers are written out because `(...){7}` takes half as long again.
SEVEN_NUMBERS = 7 * f",{PLAIN_NUMBER}"
LINE = re.compile(rf"(?:([FIM])({SEVEN_NUMBERS}),({PLAIN_RINGS})\r?|(.*))\n".encode())
PLAIN_NUMBER_PATTERN = re.compile(PLAIN_NUMBER)
NUMBER_PATTERN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_PATTERN = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


class PreprocessError(Exception):
    """The job cannot succeed; the text says what was wrong and what to do."""


class RowError(Exception):
    """One row is rejected."""

    def __init__(self, kind: str, detail: str) -> None:
        """Join `kind`, a fixed text to count by, and `detail`, which names the value."""
        super().__init__(f"{kind} ({detail})")
        self.kind = kind


# --- One row -----------------------------------------------------------------------------------


def parse_row(line: bytes, order: Sequence[int] | None = None) -> bytes | None:
    """Encode a line of any accepted spelling: quotes, spaces, exponents, lower case, other order.

    Args:
        line: The line without its newline.
        order: Where in the line each of `COLUMNS` stands; None for their own order.

    Returns:
        The encoded row with its newline, as `LINE` gives it; None for a blank line.

    Raises:
        RowError: The line is not a row.
    """
    if len(line) > MAX_ROW_BYTES:
        raise RowError("row too long", f"more than {MAX_ROW_BYTES} bytes")
    if not line.strip():
        return None
    fields = split_fields(line)
    if len(fields) != len(COLUMNS):
        raise RowError("wrong number of fields", f"{len(fields)} instead of {len(COLUMNS)}")
    sex, *numbers, rings = [fields[index] for index in order] if order else fields
    one_hot = ONE_HOT.get(sex.encode().upper())
    if one_hot is None:
        raise RowError("unknown sex", f"value {shown(sex)}, expected F, I or M")
    texts = map(plain_number, COLUMNS[1:-1], numbers)
    return ",".join([whole_rings(rings), *texts]).encode() + one_hot


def split_fields(line: bytes) -> list[str]:
    """Split one CSV line at its commas, and strip the fields.

    Raises:
        RowError: The line is not UTF-8, or holds a byte or a quote that CSV does not allow there.
    """
    try:
        text = line.decode().strip()
    except UnicodeDecodeError as error:
        detail = f"byte 0x{line[error.start]:02x} at position {error.start + 1} is not UTF-8"
        raise RowError("undecodable bytes", detail) from error
    if "\0" in text:
        raise RowError("NUL byte", f"at character {text.index(chr(0)) + 1}")
    if "\r" in text:
        raise RowError("carriage return inside the row", "lines must end in LF or CRLF")
    if text.count('"') % 2:
        raise RowError("malformed quotes", "a quoted field does not end on its line")
    return [value.strip() for value in next(csv.reader([text], skipinitialspace=True), [])]


def plain_number(column: str, text: str) -> str:
    """Return a number of at least 0 as it is written if plain, else in Python's shortest form.

    Raises:
        RowError: The text is not such a number.
    """
    if PLAIN_NUMBER_PATTERN.fullmatch(text):
        return text
    value = parse_number(column, text)
    if value < 0:
        raise RowError("negative", f"column {column!r}, value {shown(text)}")
    return repr(abs(value))  # abs() because -0.0 is not below 0.


def whole_rings(text: str) -> str:
    """Return the number of rings, from 1 to `MAX_RINGS`, in digits alone: `15.0` gives `15`.

    Raises:
        RowError: The text is not such a number.
    """
    value = parse_number("rings", text)
    if not (value.is_integer() and 1 <= value <= MAX_RINGS):
        raise RowError("rings must be a whole number >= 1", f"value {shown(text)}")
    return str(int(value))


def parse_number(column: str, text: str) -> float:
    """Read a finite decimal number; unlike `float`, take neither underscores nor other digits.

    Raises:
        RowError: The text is no number, or none that is finite.
    """
    detail = f"column {column!r}, value {shown(text)}"
    if NOT_FINITE_PATTERN.fullmatch(text):
        raise RowError("NaN or infinite", detail)
    if not NUMBER_PATTERN.fullmatch(text):
        raise RowError("not a number", detail)
    if math.isinf(value := float(text)):
        raise RowError("NaN or infinite", detail)
    return value


def shown(text: str) -> str:
    """Quote a value for a message, cut to `MAX_SHOWN` characters."""
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…")


# --- One object --------------------------------------------------------------------------------


class Block(NamedTuple):
    """Whole lines of one object, each with its newline."""

    object_name: str
    first_line: int
    order: tuple[int, ...] | None
    text: bytes


def list_objects(input_dir: Path) -> list[tuple[str, Path]]:
    """Return the relative name and path of every file, sorted; skip names that start with . or _.

    Raises:
        PreprocessError: There is no such folder.
    """
    if not input_dir.is_dir():
        raise PreprocessError(f"the input folder {input_dir} does not exist; check --input-dir")
    found = []
    for path in input_dir.rglob("*"):
        relative = path.relative_to(input_dir)
        if path.is_file() and not any(name.startswith((".", "_")) for name in relative.parts):
            found.append((os.fsencode(relative.as_posix()).decode(errors="backslashreplace"), path))
    return sorted(found)


@contextmanager
def open_object(name: str, path: Path) -> Iterator[io.BufferedReader | gzip.GzipFile]:
    """Open a file and, whatever it is called, decompress it if it begins as gzip does.

    Raises:
        PreprocessError: The gzip data, read within the context, is corrupt or cut short.
    """
    with path.open("rb") as raw:
        is_gzip = raw.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        raw.seek(0)
        if not is_gzip:
            yield raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            message = f"{name} is truncated or corrupt gzip ({error}); upload the object again"
            raise PreprocessError(message) from error


def read_lines(stream: io.BufferedReader | gzip.GzipFile, block_bytes: int) -> Iterator[bytes]:
    """Yield whole lines, about `block_bytes` at a time; what is far too long for a row is cut.

    A cut line is still longer than `MAX_ROW_BYTES`, even after a byte order mark is taken off it,
    so it is rejected wherever the blocks happen to end.
    """
    rest = b""
    while chunk := stream.read(block_bytes):
        lines, newline, tail = chunk.rpartition(b"\n")
        if newline:
            yield rest + lines + newline
            rest = b""
        rest = (rest + tail)[: MAX_ROW_BYTES + len(UTF8_BOM) + 1]
    if rest:
        yield rest + b"\n"


def read_blocks(name: str, path: Path, block_bytes: int) -> Iterator[Block]:
    """Yield the blocks of one object, its byte order mark removed and its header left blank.

    Raises:
        PreprocessError: The object is not CSV with commas, or its header is not `COLUMNS`.
    """
    first_line, order, begun = 1, None, False
    with open_object(name, path) as stream:
        for text in read_lines(stream, block_bytes):
            lines = text.removeprefix(UTF8_BOM) if first_line == 1 else text
            if not begun and lines.strip():
                begun = True
                head = lines.lstrip().partition(b"\n")[0]
                check_format(name, head)
                order = read_header(name, head)
                lines = lines.replace(head, b"", 1) if order else lines
            yield Block(name, first_line, None if order == USUAL_ORDER else order, lines)
            first_line += lines.count(b"\n")


def check_format(name: str, line: bytes) -> None:
    """Look at an object's first line for the usual wrong encodings and delimiters.

    Raises:
        PreprocessError: It is UTF-16 or UTF-32, or its fields are not separated by commas.
    """
    if line.startswith(UTF16_BOMS) or 3 * line.count(b"\0") > len(line):
        raise PreprocessError(f"{name} is UTF-16 or UTF-32 text; save it as UTF-8")
    for delimiter, called in WRONG_DELIMITERS.items():
        if line.count(delimiter) > max(line.count(b","), len(COLUMNS) - 3):
            raise PreprocessError(f"{name} is separated by {called}; commas are expected")


def read_header(name: str, line: bytes) -> tuple[int, ...] | None:
    """Return where each of `COLUMNS` stands if the line is a header, None if it is a row.

    A header holds words and no number, and does not begin with a sex.

    Raises:
        PreprocessError: A column is missing, unknown or there twice.
    """
    try:
        fields = split_fields(line) if len(line) <= MAX_ROW_BYTES else [""]
    except RowError:
        return None
    has_number = any(NUMBER_PATTERN.fullmatch(f) or NOT_FINITE_PATTERN.fullmatch(f) for f in fields)
    has_words = any(character.isalpha() for character in "".join(fields))
    if has_number or not has_words or fields[0].upper() in {"F", "I", "M"}:
        return None
    found = [column_key(value) for value in fields]
    expected = [column_key(column) for column in COLUMNS]
    problems = {
        "lacks": [column for column in COLUMNS if column_key(column) not in found],
        "has the unknown": [shown(f) for f in fields if column_key(f) not in expected],
        "repeats": [column for column in COLUMNS if found.count(column_key(column)) > 1],
    }
    told = [f"{what} {', '.join(those[:9])}" for what, those in problems.items() if those]
    if told:
        message = f"the header of {name} {' and '.join(told)}; expected are {', '.join(COLUMNS)}"
        raise PreprocessError(message)
    return tuple(found.index(key) for key in expected)


def column_key(column: str) -> str:
    """Reduce a column's name to what counts: `Whole weight`, `whole-weight`, `whole` are one."""
    return re.sub(r"[\s_-]", "", column.lower()).removesuffix("weight")


# --- One block ---------------------------------------------------------------------------------


class Plan(NamedTuple):
    """What decides where a row goes. Shares are fractions of the rows, from 0 to below 1."""

    seed: int
    validation_share: float
    test_share: float
    parts: int


class Encoded(NamedTuple):
    """A block's rows as text and as a count for each file, split x parts + part, and the rest.

    The rejected rows are lines of CSV: object,line,reason,row.
    """

    object_name: str
    texts: list[bytes]
    rows: list[int]
    rejected_csv: bytes
    rejected: Counter[str]
    examples: list[str]


@lru_cache(maxsize=1)
def file_of_hashes(plan: Plan) -> bytes:
    """Give each of the `HASHES` the index of a file, split x parts + part.

    The number of parts does not influence the split.
    """
    test_end = round(plan.test_share * HASHES)
    validation_end = test_end + round(plan.validation_share * HASHES)
    splits = [2] * test_end + [1] * (validation_end - test_end) + [0] * (HASHES - validation_end)
    return bytes(split * plan.parts + value % plan.parts for value, split in enumerate(splits))


def encode_block(block: Block, plan: Plan) -> Encoded:
    """Encode, split and count the rows of one block.

    The hash is a cryptographic one: rows differ in a few digits, and another seed has to give an
    unrelated split. CRC-32 is three times as fast but linear, so it would relate the splits. The
    key, always 16 bytes long, stands before the row: as good as BLAKE2's own `key=`, and faster
    from Python.
    """
    files: list[list[bytes]] = [[] for _ in range(len(SPLITS) * plan.parts)]
    rejected: list[tuple[int, RowError, bytes]] = []
    file_of = file_of_hashes(plan)
    key = blake2b(str(plan.seed).encode(), digest_size=16).digest()
    for number, (sex, numbers, rings, other) in enumerate(match_lines(block), block.first_line):
        try:
            row = rings + numbers + ONE_HOT[sex] if sex else parse_row(other, block.order)
        except RowError as error:
            rejected.append((number, error.with_traceback(None), other))
            continue
        if row:
            row_hash = blake2b(key + row).digest()
            files[file_of[row_hash[0] << 8 | row_hash[1]]].append(row)
    return Encoded(
        object_name=block.object_name,
        texts=[b"".join(rows) for rows in files],
        rows=[len(rows) for rows in files],
        rejected_csv=rejected_lines(block.object_name, rejected),
        rejected=Counter(error.kind for _, error, _ in rejected),
        examples=[f"{block.object_name} line {line}: {error}" for line, error, _ in rejected[:3]],
    )


def match_lines(block: Block) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """Match every line with `LINE`; in another order of columns, every line is the fourth group."""
    if block.order is None:
        return LINE.findall(block.text)
    return [(b"", b"", b"", line) for line in block.text.split(b"\n")[:-1]]


def rejected_lines(name: str, rejected: list[tuple[int, RowError, bytes]]) -> bytes:
    """Format rejected rows as CSV; one that is too long is cut, and what is not UTF-8 escaped.

    So is NUL, because Python's csv module before 3.11 cannot read it.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for number, error, line in rejected:
        row = line.rstrip(b"\r").decode(errors="backslashreplace").replace("\0", "\\x00")
        shown_row = row if len(line) <= MAX_ROW_BYTES else shown(row)
        writer.writerow([name, number, str(error), shown_row])
    return buffer.getvalue().encode()


# --- All blocks, on every core -------------------------------------------------------------------


def encode_blocks(
    blocks: Iterable[Block], plan: Plan, workers: int
) -> Generator[Encoded, None, None]:
    """Yield the encoded blocks in order, from `workers` processes, or from this one if that is 1.

    At most three blocks per process are under way, so memory is bounded.

    Raises:
        BrokenProcessPool: A worker process died.
    """
    if workers == 1:
        yield from (encode_block(block, plan) for block in blocks)
        return
    file_of_hashes(plan)  # Made before the fork, so that the workers share it.
    pending: deque[Future[Encoded]] = deque()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, fork, initializer=prepare_worker) as pool:
        for block in blocks:
            pending.append(pool.submit(encode_block, block, plan))
            if len(pending) == 3 * workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def prepare_worker() -> None:
    """Leave signals to the parent, and end with it even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the parent process to end, and end this one."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


# --- The job -------------------------------------------------------------------------------------


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

    def add(self, encoded: Encoded, parts: int) -> None:
        """Add the rows of one block."""
        self.objects[encoded.object_name] += sum(encoded.rows) + sum(encoded.rejected.values())
        for index, split in enumerate(SPLITS):
            self.splits[split] += sum(encoded.rows[index * parts : (index + 1) * parts])
        self.rejected.update(encoded.rejected)
        self.examples += encoded.examples[: 3 - len(self.examples)]


def run(job: Job) -> str:
    """Preprocess this host's objects, write the files and return one line that sums it up.

    Raises:
        PreprocessError: The objects, or what is left of their rows, cannot be used.
    """
    objects = list_objects(job.input_dir)
    if not objects and job.hosts == 1:
        raise PreprocessError(f"there are no files in {job.input_dir}; upload the raw data first")
    prepare_output(job.output_dir, job.host)
    counts = Counts(objects=dict.fromkeys((name for name, _ in objects), 0))
    is_small = sum(path.stat().st_size for _, path in objects) < job.pool_from_bytes
    blocks = (b for name, path in objects for b in read_blocks(name, path, job.block_bytes))
    with closing(encode_blocks(blocks, job.plan, 1 if is_small else job.workers)) as encoded:
        write_rows(encoded, counts, job)
    check(counts, job)
    write_report(counts, job)
    return summarize(counts, job)


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
        PreprocessError: Too many rows were rejected, or there are too few for the splits.
    """
    rows, rejected = sum(counts.objects.values()), sum(counts.rejected.values())
    if rejected > job.max_rejected_share * rows:
        kinds = ", ".join(f"{kind}: {count}" for kind, count in counts.rejected.most_common())
        raise PreprocessError(
            f"{rejected} of {rows} rows ({rejected / rows:.1%}) were rejected, more than "
            f"--max-rejected-share {job.max_rejected_share:g} ({kinds}). "
            f"The first: {'; '.join(counts.examples)}"
        )
    if job.hosts > 1:
        return
    if not rows:
        raise PreprocessError(f"there are no rows in {job.input_dir}; its files are empty")
    wanted = SPLITS if job.plan.test_share else SPLITS[:2]
    empty = [split for split in wanted if not counts.splits[split]]
    if empty:
        raise PreprocessError(
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
        "rows_by_object": counts.objects,
    }
    path = job.output_dir / "report" / f"report-{job.host}.json"
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def summarize(counts: Counts, job: Job) -> str:
    """Return the counts on one line."""
    splits = ", ".join(f"{split} {rows}" for split, rows in counts.splits.items())
    rejected = sum(counts.rejected.values())
    rows, objects = sum(counts.objects.values()), len(counts.objects)
    return f"{job.host}: {rows} rows from {objects} object(s): {splits}, rejected {rejected}"


# --- The command line ----------------------------------------------------------------------------


class ArgumentParser(argparse.ArgumentParser):
    """A parser whose errors are reported like every other error of the job."""

    def error(self, message: str) -> NoReturn:
        """Raise PreprocessError instead of leaving with exit code 2."""
        raise PreprocessError(f"{message}; see --help")


def build_parser() -> ArgumentParser:
    """Describe the arguments."""
    parser = ArgumentParser(
        allow_abbrev=False, description="Clean, encode and split the Abalone rows."
    )
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


def count_cores() -> int:
    """Count the cores this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parse_job(argv: Sequence[str]) -> Job:
    """Check the arguments and read the hosts.

    Raises:
        PreprocessError: An argument or the resource config cannot be used.
    """
    args = build_parser().parse_args(argv)
    for name in ("validation_share", "test_share", "max_rejected_share"):
        if not 0 <= getattr(args, name) < 1:
            flag = "--" + name.replace("_", "-")
            raise PreprocessError(f"{flag} is {getattr(args, name)}; it must be in [0, 1)")
    if not args.validation_share:
        raise PreprocessError("--validation-share is 0; training needs validation rows")
    if args.validation_share + args.test_share >= 1:
        raise PreprocessError("--validation-share and --test-share add up to 1 or more; lower them")
    if not 1 <= args.parts <= MAX_PARTS:
        raise PreprocessError(f"--parts is {args.parts}; it must be from 1 to {MAX_PARTS}")
    if args.workers < 1:
        raise PreprocessError(f"--workers is {args.workers}; it must be at least 1")
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


def read_hosts(path: Path) -> tuple[str, int]:
    """Return this host's name and the number of hosts from SageMaker's resourceconfig.json.

    Raises:
        PreprocessError: The file cannot be read or does not name this host among the hosts.
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        host, hosts = config["current_host"], config["hosts"]
        is_named = host in hosts and re.fullmatch(r"[A-Za-z0-9.-]+", host) is not None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PreprocessError(f"--resource-config {path} cannot be read: {error!r}") from error
    if not is_named:
        raise PreprocessError(f"--resource-config {path}: {host!r} is not one of the hosts {hosts}")
    return host, len(hosts)


def main(argv: Sequence[str]) -> int:
    """Run the job and return its exit code, 1 after a failure that `--message-path` tells of."""
    try:
        print(run(parse_job(argv)))
    except (PreprocessError, OSError) as error:
        return fail(str(error), argv)
    except BrokenProcessPool:
        return fail("a worker process was killed; take an instance with more memory", argv)
    except KeyboardInterrupt:
        return fail("stopped by a signal before the end; the output is not complete", argv)
    return 0


def fail(message: str, argv: Sequence[str]) -> int:
    """Write the message to stderr and, cut to what SageMaker keeps, to `--message-path`.

    The path is looked up here, because the arguments themselves may be what is wrong.
    """
    text = f"preprocessing failed: {message}".encode(errors="backslashreplace")
    sys.stderr.buffer.write(text + b"\n")
    parser = ArgumentParser(allow_abbrev=False, add_help=False)
    parser.add_argument("--message-path", type=Path, required=True)
    with suppress(PreprocessError, OSError):  # stderr has the message already.
        path = parser.parse_known_args(argv)[0].message_path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text[:MAX_MESSAGE_BYTES].decode(errors="ignore"), encoding="utf-8")
    return 1


def raise_interrupt(_signal_number: int, _frame: FrameType | None) -> NoReturn:
    """Treat SIGTERM, by which SageMaker stops a job, like an interrupt from the keyboard."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, raise_interrupt)
    sys.exit(main(sys.argv[1:]))
