"""`jobs/preprocess.py` and the modules beside it, and the script as a container runs it."""

from __future__ import annotations

import ast
import codecs
import csv
import gzip
import io
import itertools
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulated.waiting import eventually
from tests.image_pythons import image_python
from tests.unit.modules import PROJECT_DIR, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

JOBS_DIR = PROJECT_DIR / "jobs"
HEADER = b"Sex,Length,Diameter,Height,Whole weight,Shucked_weight,viscera-weight,Shell,RINGS\n"
SPLITS = ("train", "validation", "test")


jobs = load("jobs", parent=PROJECT_DIR)


def make_rows(count: int, seed: int = 1) -> bytes:
    """Make `count` canonical rows, almost surely all different."""
    made = random.Random(seed)
    numbers = ([f"{made.random():.4f}" for _ in range(7)] for _ in range(count))
    return "".join(
        f"{made.choice('FIM')},{','.join(row)},{made.randint(1, 29)}\n" for row in numbers
    ).encode()


ROWS = make_rows(200)
ROW = b"M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,15"
ENCODED_ROW = b"15,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1\n"


@dataclass(frozen=True)
class Container:
    """A temporary folder in the place of `/opt/ml`."""

    root: Path

    @property
    def input_dir(self) -> Path:
        return self.root / "input"

    @property
    def output_dir(self) -> Path:
        return self.root / "output"

    @property
    def message(self) -> str:
        return (self.root / "deep" / "message").read_text(encoding="utf-8")

    def put(self, **files: bytes) -> None:
        """Write input files; `__` in a name is a folder's end."""
        for name, content in files.items():
            path = self.input_dir / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def argv(self, *more: str, host: str = "algo-1", hosts: int = 1) -> list[str]:
        """Return the arguments after writing the hosts."""
        self.input_dir.mkdir(exist_ok=True, parents=True)
        config = self.root / f"resourceconfig-{host}.json"
        names = [f"algo-{number}" for number in range(1, hosts + 1)]
        config.write_text(json.dumps({"current_host": host, "hosts": names}))
        flags = {
            "--input-dir": self.input_dir,
            "--output-dir": self.output_dir,
            "--resource-config": config,
            "--message-path": self.root / "deep" / "message",
        }
        return [*(str(part) for flag in flags.items() for part in flag), *more]

    def run(self, *more: str, host: str = "algo-1", hosts: int = 1) -> int:
        """Run the script's main function and return the exit code."""
        code: int = jobs.preprocess.main(self.argv(*more, host=host, hosts=hosts))
        return code

    def start(self, *more: str, python: str = sys.executable) -> subprocess.Popen[str]:
        """Start the script as a process of its own, without what is installed beside Python."""
        return subprocess.Popen(
            [python, "-EsSB", str(JOBS_DIR / "preprocess.py"), *self.argv(*more)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def files(self) -> dict[str, bytes]:
        """Return every output file but the report."""
        paths = sorted(self.output_dir.glob("[!.]*/part-*"))
        return {str(path.relative_to(self.output_dir)): path.read_bytes() for path in paths}

    def split_rows(self) -> dict[str, list[bytes]]:
        """Return the rows of each split, sorted."""
        return {
            split: sorted(
                row
                for path in (self.output_dir / split).iterdir()
                for row in path.read_bytes().splitlines()
            )
            for split in SPLITS
        }

    def report(self, host: str = "algo-1") -> dict[str, Any]:
        text = (self.output_dir / "report" / f"report-{host}.json").read_text()
        report: dict[str, Any] = json.loads(text)
        return report

    def rejected(self) -> list[dict[str, str]]:
        path = self.output_dir / "rejected" / "part-algo-1.csv"
        return list(csv.DictReader(io.StringIO(path.read_text(), newline="")))


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


@pytest.fixture
def importable_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let worker processes find by name what they are sent."""
    for name, module in vars(jobs).items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def new_container(tmp_path: Path) -> Callable[[], Container]:
    numbers = itertools.count()
    return lambda: Container(tmp_path / str(next(numbers)))


def plan(**changes: Any) -> Any:
    """Return the default plan with changes."""
    defaults = {"seed": 42, "validation_share": 0.15, "test_share": 0.15, "parts": 4}
    return jobs.splitting.Plan(**{**defaults, **changes})


def encode(text: bytes, order: tuple[int, ...] | None = None, **changes: Any) -> Any:
    """Encode one block of lines."""
    return jobs.splitting.encode_block(jobs.objects.Block("a.csv", 1, order, text), plan(**changes))


def split_of(rows: bytes, **changes: Any) -> dict[bytes, int]:
    """Return the number of the split of each encoded row."""
    texts = encode(rows, **changes, parts=1).texts
    return {row: split for split, text in enumerate(texts) for row in text.splitlines()}


# --- What is tolerated ---------------------------------------------------------------------------


def respell(rows: bytes, respell_row: Callable[[list[str]], str], newline: str = "\n") -> bytes:
    """Write the same rows in another way."""
    lines = (respell_row(line.split(",")) for line in rows.decode().splitlines())
    return "".join(line + newline for line in lines).encode()


TOLERATED = {
    "a header": HEADER + ROWS,
    "a quoted header with spaces": b' "Sex" ,' + HEADER[4:].replace(b",", b" , ") + ROWS,
    "short names": b"sex,length,diameter,height,whole,shucked,viscera,shell,rings\n" + ROWS,
    "another order": b"rings,shell,sex,length,diameter,height,whole,shucked,viscera\n"
    + respell(ROWS, lambda f: ",".join([f[8], f[7], *f[:7]])),
    "a byte order mark": codecs.BOM_UTF8 + ROWS,
    "a byte order mark before a header": codecs.BOM_UTF8 + HEADER + ROWS,
    "Windows line ends": ROWS.replace(b"\n", b"\r\n"),
    "Windows line ends and a header": (HEADER + ROWS).replace(b"\n", b"\r\n"),
    "blank lines": b"\n \r\n" + ROWS.replace(b"\n", b"\n\n") + b"\t\n\n",
    "blank lines before a header": b"\n\n" + HEADER + b"\n" + ROWS,
    "no newline at the end": ROWS.rstrip(b"\n"),
    "quotes": respell(ROWS, lambda f: ",".join(f'"{value}"' for value in f)),
    "spaces": respell(ROWS, lambda f: "  " + " ,\t".join(f) + " "),
    "quotes and spaces": respell(ROWS, lambda f: ", ".join(f'" {value} "' for value in f)),
    "lower case": ROWS.lower(),
    "rings with a fraction of zero": respell(ROWS, lambda f: ",".join(f) + ".00"),
    "rings with an exponent": respell(ROWS, lambda f: ",".join(f) + "e0"),
    "rings with a sign and a zero": respell(ROWS, lambda f: ",".join([*f[:-1], "+0" + f[-1]])),
    "semicolons": ROWS.replace(b",", b";"),
    "tabs and a header": (HEADER + ROWS).replace(b",", b"\t"),
    "gzip": gzip.compress(ROWS),
    "gzip in two members": gzip.compress(ROWS[:1000]) + gzip.compress(ROWS[1000:]),
    "gzip of Windows lines after a mark": gzip.compress(
        codecs.BOM_UTF8 + HEADER + ROWS.replace(b"\n", b"\r\n")
    ),
}


@pytest.mark.parametrize("content", list(TOLERATED.values()), ids=list(TOLERATED))
def test_the_same_rows_in_another_spelling_give_the_same_bytes(
    new_container: Callable[[], Container], content: bytes
) -> None:
    plain, other = new_container(), new_container()
    plain.put(data=ROWS)
    other.put(another_name=content)

    assert plain.run() == other.run() == 0

    assert other.files() == plain.files()
    assert other.report()["rows_read"] == 200


@pytest.mark.parametrize(
    ("line", "encoded"),
    [
        (ROW, ENCODED_ROW),
        (ROW.replace(b"0.095", b"0"), ENCODED_ROW.replace(b"0.095", b"0")),
        (ROW.replace(b"0.095", b"0.0"), ENCODED_ROW.replace(b"0.095", b"0.0")),
        (ROW.replace(b"0.095", b"-0.0"), ENCODED_ROW.replace(b"0.095", b"0.0")),
        (ROW.replace(b"0.095", b"9.5e-2"), ENCODED_ROW),
        (ROW.replace(b"0.095", b".095"), ENCODED_ROW),
        (ROW.replace(b"0.095", b"+0.095"), ENCODED_ROW),
        (ROW.replace(b"0.095", b"0." + 30 * b"1"), ENCODED_ROW.replace(b".095", b"." + 16 * b"1")),
        (ROW.replace(b"M", b"f"), ENCODED_ROW.replace(b"0,0,1\n", b"1,0,0\n")),
        (ROW.replace(b"M", b"I"), ENCODED_ROW.replace(b"0,0,1\n", b"0,1,0\n")),
        (b" \t", None),
    ],
)
def test_a_row_is_encoded_as_rings_numbers_and_one_hot_sex(
    line: bytes, encoded: bytes | None
) -> None:
    assert b"".join(encode(line + b"\n").texts) == (encoded or b"")
    assert jobs.rows.encode_row(line) == encoded


# --- What is rejected, row by row ----------------------------------------------------------------

BAD_ROWS = {
    b"M,0.455,0.365": "wrong number of fields (3 instead of 9)",
    ROW + b",1": "wrong number of fields (10 instead of 9)",
    b"\xc2\xa0": "wrong number of fields (0 instead of 9)",
    ROW.replace(b"0.365", b""): "not a number (column 'diameter', value '')",
    ROW.replace(b"0.365", b"n/a"): "not a number (column 'diameter', value 'n/a')",
    ROW.replace(b"0.365", b"1_0"): "not a number (column 'diameter', value '1_0')",
    ROW.replace(b"0.365", "٣".encode()): "not a number (column 'diameter', value '٣')",
    ROW.replace(b"0.365", b'"0,365"'): "not a number (column 'diameter', value '0,365')",
    ROW.replace(b"0.365", b"0x1"): "not a number (column 'diameter', value '0x1')",
    ROW.replace(b"0.365", 99 * b"a"): f"not a number (column 'diameter', value '{39 * 'a'}…')",
    ROW.replace(b"0.365", b"NaN"): "NaN or infinite (column 'diameter', value 'NaN')",
    ROW.replace(b"0.365", b"-inf"): "NaN or infinite (column 'diameter', value '-inf')",
    ROW.replace(b"0.365", b"1e999"): "NaN or infinite (column 'diameter', value '1e999')",
    ROW.replace(b"0.365", b"-0.1"): "negative (column 'diameter', value '-0.1')",
    ROW.replace(b"M", b"X"): "unknown sex (value 'X', expected F, I or M)",
    ROW.replace(b"M", b""): "unknown sex (value '', expected F, I or M)",
    ROW.replace(b"M", "\u0131".encode()): "unknown sex (value '\u0131', expected F, I or M)",
    ROW.replace(b",15", b",0"): "rings must be a whole number >= 1 (value '0')",
    ROW.replace(b",15", b",-3"): "rings must be a whole number >= 1 (value '-3')",
    ROW.replace(b",15", b",7.5"): "rings must be a whole number >= 1 (value '7.5')",
    ROW.replace(b",15", b",1e300"): "rings must be a whole number >= 1 (value '1e300')",
    ROW.replace(b",15", b",old"): "not a number (column 'rings', value 'old')",
    ROW.replace(b",15", b",nan"): "NaN or infinite (column 'rings', value 'nan')",
    ROW + b"\xe9": "undecodable bytes (byte 0xe9 at position 47 is not UTF-8)",
    ROW.replace(b"M", b"M\0"): "NUL byte (at character 2)",
    ROW.replace(
        b"0.365", b"0.365\r"
    ): "carriage return inside the row (lines must end in LF or CRLF)",
    b'"' + ROW: "malformed quotes (a quoted field does not end on its line)",
    ROW + b" " * 65536: "row too long (more than 65536 bytes)",
}


@pytest.mark.parametrize(("line", "reason"), list(BAD_ROWS.items()), ids=list(BAD_ROWS.values()))
def test_a_bad_row_is_left_out_and_told_with_its_reason_and_line(
    container: Container, line: bytes, reason: str
) -> None:
    container.put(folder__data=HEADER + ROWS + line + b"\n")

    assert container.run() == 0

    rejected = container.rejected()
    assert [row["object"] for row in rejected] == ["folder/data"]
    assert rejected[0]["line"] == "202"
    assert rejected[0]["reason"] == reason
    assert len(rejected[0]["row"]) < 200
    assert container.report()["rejected_by_reason"] == {reason.partition(" (")[0]: 1}
    assert container.report()["rows_kept"] == 200
    kind = reason.partition(" (")[0]
    told = f"1 of 201 rows were left out ({kind}: 1); the first: folder/data line 202: {reason}"
    assert container.message == told


def test_a_row_as_long_as_the_limit_is_still_read() -> None:
    longest = ROW + b" " * (jobs.rows.MAX_ROW_BYTES - len(ROW))

    assert jobs.rows.encode_row(longest) == ENCODED_ROW


def test_a_file_without_newlines_is_never_held_in_memory() -> None:
    sizes = itertools.repeat(b"1," * 2**19, 40)

    class Endless:
        def read(self, _size: int) -> bytes:
            return next(sizes, b"")

    lines = list(jobs.objects.read_lines(Endless(), 2**20))

    assert [len(line) for line in lines] == [jobs.rows.MAX_ROW_BYTES + 5]


# --- What makes the job fail ---------------------------------------------------------------------

GZIPPED = gzip.compress(ROWS)
FAILURES: dict[str, tuple[bytes | None, str]] = {
    "no file": (None, "there are no files in"),
    "an empty file": (b"", "there are no rows in"),
    "an empty gzip": (gzip.compress(b""), "there are no rows in"),
    "blank lines only": (b"\n\n \n", "there are no rows in"),
    "a byte order mark only": (codecs.BOM_UTF8, "there are no rows in"),
    "a header only": (HEADER, "there are no rows in"),
    "two rows": (ROWS[: ROWS.index(b"\n", 60) + 1], "2 rows are too few"),
    "UTF-16": (b"\xff\xfe" + ROWS.decode().encode("utf-16-le"), "data is UTF-16"),
    "big-endian UTF-16": (b"\xfe\xff" + ROWS.decode().encode("utf-16-be"), "data is UTF-16"),
    "UTF-16 without a mark": (ROWS.decode().encode("utf-16-le"), "data is UTF-16"),
    "semicolons and decimal commas": (
        ROWS.replace(b",", b";").replace(b".", b","),
        'put the line DECIMAL = "," into jobs/columns.py, or write points',
    ),
    "tabs in the header only": (
        HEADER.replace(b",", b"\t") + ROWS,
        "the header of data is separated by tabs, its rows by commas; use one of them throughout",
    ),
    "gzip cut short": (GZIPPED[:-20], "data is truncated or corrupt gzip"),
    "gzip with a flipped byte": (
        GZIPPED[:500] + bytes([GZIPPED[500] ^ 255]) + GZIPPED[501:],
        "data is truncated or corrupt gzip",
    ),
    "gzip followed by something else": (GZIPPED + ROWS, "data is truncated or corrupt gzip"),
    "gzip magic and no more": (b"\x1f\x8b", "data is truncated or corrupt gzip"),
    "a header without rings": (
        HEADER.replace(b",RINGS", b"") + ROWS,
        "lacks rings; expected are sex, length, diameter, height, whole_weight",
    ),
    "a header with a column too many": (HEADER[:-1] + b",id\n" + ROWS, "has the unknown 'id'"),
    "a header with another name": (
        HEADER.replace(b"Sex", b"gender") + ROWS,
        "lacks sex and has the unknown 'gender'",
    ),
    "a header with a column twice": (
        HEADER[:-1] + b",rings\n" + ROWS,
        "header of data repeats rings",
    ),
    "a text of words": (b"Dear all\n", "expected are sex, length, diameter, height"),
    "too many bad rows": (ROWS + 20 * b"M,1\n", "20 of 220 rows (9.1%) were rejected"),
    "old Macintosh line ends": (ROWS.replace(b"\n", b"\r"), "carriage return inside the row"),
    "no newline at all": (b"1," * 2**18, "row too long"),
    "random bytes": (random.Random(1).randbytes(5000), "rejected"),
}


@pytest.mark.parametrize(("content", "error"), list(FAILURES.values()), ids=list(FAILURES))
def test_data_that_cannot_be_used_fails_with_a_message(
    container: Container,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    error: str,
) -> None:
    container.put(**{"data": content} if content is not None else {"_hidden": b"x"})

    assert container.run() == 1

    assert error in container.message
    assert error in capsys.readouterr().err
    assert not list(container.output_dir.glob("report/*"))


def test_the_first_three_rejected_rows_are_in_the_message(container: Container) -> None:
    container.put(data=ROWS + b"M,1\n" + 10 * (ROW.replace(b"M", b"X") + b"\n"))

    container.run()

    assert "(unknown sex: 10, wrong number of fields: 1)" in container.message
    assert "data line 201: wrong number of fields (2 instead of 9)" in container.message
    assert "data line 203: unknown sex" in container.message
    assert "line 204" not in container.message


def test_a_message_is_cut_to_what_sagemaker_keeps(container: Container) -> None:
    container.put(**{"é" * 100: ROWS + 20 * (ROW.replace(b"M", 99 * b"X") + b"\n")})

    container.run()

    assert 1000 < len(container.message.encode()) <= 1024


@pytest.mark.parametrize(
    ("more", "error"),
    [
        (["--validation-share", "1"], "--validation-share is 1.0; it must be in [0, 1)"),
        (["--validation-share", "0"], "--validation-share is 0"),
        (["--test-share", "-0.1"], "--test-share is -0.1; it must be in [0, 1)"),
        (["--test-share", "nan"], "--test-share is nan; it must be in [0, 1)"),
        (["--test-share", "0.85"], "add up to 1 or more"),
        (["--max-rejected-share", "1"], "--max-rejected-share is 1.0"),
        (["--parts", "0"], "--parts is 0; it must be from 1 to 100"),
        (["--parts", "101"], "--parts is 101"),
        (["--workers", "0"], "--workers is 0"),
        (["--split-seed", "x"], "argument --split-seed: invalid int value: 'x'"),
        (["--unknown", "1"], "unrecognized arguments: --unknown 1"),
        (["--input-dir", "/nowhere"], "the input folder /nowhere does not exist"),
        (["--resource-config", "/nowhere"], "--resource-config /nowhere cannot be read"),
    ],
)
def test_a_wrong_argument_fails_with_a_message(
    container: Container, more: list[str], error: str
) -> None:
    container.put(data=ROWS)

    assert container.run(*more) == 1

    assert error in container.message


@pytest.mark.parametrize(
    "config",
    ["", "[]", '{"hosts": ["algo-1"]}', '{"current_host": "a/b", "hosts": ["a/b"]}'],
)
def test_a_resource_config_that_names_no_host_fails(container: Container, config: str) -> None:
    container.put(data=ROWS)
    path = container.root / "broken.json"
    path.write_text(config)

    assert container.run("--resource-config", str(path)) == 1

    assert f"--resource-config {path}" in container.message


def test_an_output_that_cannot_be_written_fails_with_a_message(container: Container) -> None:
    container.put(data=ROWS)
    container.output_dir.write_text("a file where the folder belongs")

    assert container.run() == 1

    assert str(container.output_dir) in container.message


# --- The fast and the careful path ---------------------------------------------------------------

plain_numbers = st.from_regex(jobs.kinds.PLAIN_NUMBER.pattern.encode(), fullmatch=True)
clean_lines = st.builds(
    lambda sex, numbers, rings, end: b",".join([sex, *numbers, rings]) + end,
    st.sampled_from([b"F", b"I", b"M"]),
    st.lists(plain_numbers, min_size=7, max_size=7),
    st.from_regex(jobs.kinds.PLAIN_COUNT.encode(), fullmatch=True),
    st.sampled_from([b"", b"\r"]),
)
known_lines = st.sampled_from([*ROWS.splitlines()[:3], ROW + b"\r", b"I,0,1.,00.5" + ROW[19:]])
spoiled_lines = st.builds(
    lambda line, at, piece: line[:at] + piece + line[at + len(piece) - 1 :],
    known_lines,
    st.integers(0, 60),
    st.one_of(
        st.binary(max_size=3), st.sampled_from([b",", b"-", b"e1", b'"', b" ", b"\r", b".."])
    ),
)
texts = st.lists(st.one_of(known_lines, spoiled_lines, st.binary(max_size=30)), max_size=6).map(
    lambda lines: b"".join(line + b"\n" for line in lines)
)


@given(clean_lines)
@pytest.mark.slow
def test_the_careful_path_agrees_on_every_row_that_the_fast_path_takes(line: bytes) -> None:
    [encoded] = jobs.clean_lines.encode_lines(line + b"\n").rows

    assert encoded
    assert encoded == jobs.rows.encode_row(line)


@given(texts)
@settings(max_examples=200)
def test_both_paths_agree_on_any_text(text: bytes) -> None:
    fast = encode(text)
    careful = encode(text, order=jobs.rows.USUAL_ORDER)

    assert fast == careful


@given(text=texts, block_bytes=st.integers(1, 200), mark=st.sampled_from([b"", codecs.BOM_UTF8]))
@settings(max_examples=50)
def test_where_the_blocks_end_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, block_bytes: int, mark: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    path.write_bytes(mark + ROW + b"\n" + text)

    small = list(jobs.objects.read_blocks("data", path, block_bytes))
    large = list(jobs.objects.read_blocks("data", path, 2**20))

    assert b"".join(block.text for block in small) == b"".join(block.text for block in large)
    assert [block.first_line for block in small] == list(
        itertools.accumulate((b.text.count(b"\n") for b in small[:-1]), initial=1)
    )


@pytest.mark.parametrize("length", [jobs.rows.MAX_ROW_BYTES + more for more in range(-5, 6)])
def test_the_limit_of_a_row_does_not_depend_on_the_blocks(tmp_path: Path, length: int) -> None:
    path = tmp_path / "data"
    path.write_bytes(codecs.BOM_UTF8 + ROW.ljust(length) + b"\r\n" + ROW)

    counts = {
        sum(sum(encode(block.text).rows) for block in jobs.objects.read_blocks("data", path, size))
        for size in (10_000, 2**16, 2**17)
    }

    assert counts == {2 if length < jobs.rows.MAX_ROW_BYTES else 1}


# --- The split -----------------------------------------------------------------------------------

MANY_ROWS = make_rows(20_000, seed=2)


@pytest.mark.parametrize("seed", [0, 1, 42, -7, 2**70])
def test_the_shares_are_met(seed: int) -> None:
    rows = encode(MANY_ROWS, seed=seed, test_share=0.1, validation_share=0.2, parts=1).rows

    assert sum(rows) == 20_000
    assert rows[1] == pytest.approx(4000, abs=4 * (20_000 * 0.2 * 0.8) ** 0.5)
    assert rows[2] == pytest.approx(2000, abs=4 * (20_000 * 0.1 * 0.9) ** 0.5)


def test_the_parts_are_of_about_the_same_size() -> None:
    train = encode(MANY_ROWS, parts=4).rows[:4]

    assert train == pytest.approx([3500] * 4, abs=4 * 3500**0.5)


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations([0, 1, 2, 42], 2)))
def test_two_seeds_give_independent_splits(one: int, other: int) -> None:
    splits, others = split_of(MANY_ROWS, seed=one), split_of(MANY_ROWS, seed=other)
    both = sum(splits[row] == others[row] == 2 for row in splits)
    same = sum(splits[row] == others[row] for row in splits)

    expected = 0.7**2 + 2 * 0.15**2
    assert both == pytest.approx(20_000 * 0.15**2, abs=4 * (20_000 * 0.15**2) ** 0.5)
    assert same == pytest.approx(20_000 * expected, abs=4 * (20_000 * expected / 2) ** 0.5)


@pytest.mark.parametrize("parts", [7, 100])
def test_a_row_has_its_split_whatever_its_neighbours_and_the_number_of_parts(parts: int) -> None:
    alone = {}
    for line in ROWS.splitlines(keepends=True):
        alone.update(split_of(line))
    files = encode(ROWS + MANY_ROWS, parts=parts).texts
    among_others = {row: i // parts for i, text in enumerate(files) for row in text.splitlines()}

    assert alone.items() <= among_others.items()


def test_the_split_of_a_row_never_changes_between_versions() -> None:
    assert [i for i, text in enumerate(encode(ROW + b"\n").texts) if text] == [2]


def test_identical_rows_meet_in_one_split(container: Container) -> None:
    container.put(a=ROWS + ROWS, b=gzip.compress(ROWS))

    container.run()

    splits = [set(rows) for rows in container.split_rows().values()]
    assert not any(one & other for one, other in itertools.combinations(splits, 2))
    assert sum(len(rows) for rows in container.split_rows().values()) == 600


def test_a_test_share_of_zero_gives_no_test_rows(container: Container) -> None:
    container.put(data=ROWS)

    assert container.run("--test-share", "0") == 0

    assert container.report()["rows_by_split"]["test"] == 0
    assert not list((container.output_dir / "test").iterdir())


# --- Hosts, processes, files ---------------------------------------------------------------------


def test_three_hosts_that_share_the_objects_give_the_rows_of_one(
    new_container: Callable[[], Container],
) -> None:
    objects = {f"object{number}": make_rows(50, seed=number) for number in range(7)}
    alone, *hosts = (new_container() for _ in range(4))
    alone.put(**objects)
    for index, (name, content) in enumerate(objects.items()):
        hosts[index % 3].put(**{name: content})

    codes = [host.run(host=f"algo-{i}", hosts=3) for i, host in enumerate(hosts, 1)]

    assert codes == [0, 0, 0]
    assert alone.run() == 0
    together = [host.split_rows() for host in hosts]
    assert alone.split_rows() == {
        split: sorted(itertools.chain.from_iterable(rows[split] for rows in together))
        for split in SPLITS
    }
    assert (hosts[1].output_dir / "train" / "part-algo-2-0.csv").exists()


def test_a_host_of_several_without_objects_succeeds_with_an_empty_report(
    container: Container,
) -> None:
    assert container.run(host="algo-2", hosts=2) == 0

    assert container.report("algo-2")["rows_read"] == 0
    assert {path.name for path in container.output_dir.iterdir()} == {*SPLITS, "rejected", "report"}


def job(container: Container, **changes: Any) -> Any:
    """Return a job with small blocks."""
    defaults = {
        "input_dir": container.input_dir,
        "output_dir": container.output_dir,
        "plan": plan(),
        "max_rejected_share": 0.05,
        "host": "algo-1",
        "hosts": 1,
        "workers": 2,
        "block_bytes": 10_000,
    }
    return jobs.preprocess.Job(**{**defaults, **changes})


@pytest.mark.usefixtures("importable_jobs")
def test_a_pool_gives_the_same_bytes_as_one_process(
    new_container: Callable[[], Container],
) -> None:
    one, pool = new_container(), new_container()
    for each in (one, pool):
        each.put(a=MANY_ROWS[:300_000] + b"M,1\n" + ROWS, b=gzip.compress(HEADER + ROWS))

    jobs.preprocess.run(job(one, pool_from_bytes=10**9))
    jobs.preprocess.run(job(pool, pool_from_bytes=0, workers=3))

    assert "rejected/part-algo-1.csv" in one.files()
    assert pool.files() == one.files()
    assert pool.report() == one.report()


def test_every_file_is_read_but_hidden_ones(container: Container) -> None:
    container.put(a=ROWS, deep__er__b=ROWS, _SUCCESS=b"x", _deep__c=b"x")
    container.put(**{".hidden": b"x", ".deep__c": b"x"})

    container.run()

    assert container.report()["rows_by_object"] == {"a": 200, "deep/er/b": 200}


def test_the_report_and_the_summary_count_the_rows(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    container.put(data=ROWS + b"M,1\n")

    container.run("--split-seed", "7")

    report = container.report()
    assert report["split_seed"] == 7
    assert (report["rows_read"], report["rows_kept"], report["rows_rejected"]) == (201, 200, 1)
    counted = {split: len(rows) for split, rows in container.split_rows().items()}
    assert report["rows_by_split"] == counted
    assert "algo-1: 201 rows from 1 object(s): train 1" in capsys.readouterr().out


def test_what_an_earlier_run_left_is_removed(container: Container) -> None:
    container.put(data=ROWS + b"M,1\n")
    container.run("--parts", "9")
    container.put(data=ROWS)

    container.run("--parts", "2")

    assert set(container.files()) == {f"{s}/part-algo-1-{n}.csv" for s in SPLITS for n in range(2)}


def test_a_part_without_rows_is_not_written(container: Container) -> None:
    container.put(data=ROWS[: len(ROWS) // 5])

    container.run("--parts", "100")

    assert all(container.files().values())
    assert sum(text.count(b"\n") for text in container.files().values()) == 40


# --- The script as a process ---------------------------------------------------------------------


def test_the_script_succeeds_as_a_process(container: Container) -> None:
    container.put(data=ROWS)

    process = container.start()
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert (out.count("\n"), err) == (1, "")
    assert container.message == "all 200 rows were used"


def test_the_script_fails_as_a_process_without_a_traceback(container: Container) -> None:
    process = container.start()
    out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert (out, err) == ("", container.message + "\n")
    assert "Traceback" not in err


@pytest.fixture
def busy(container: Container) -> Iterator[tuple[Container, Any, list[psutil.Process]]]:
    """A script in the middle of its work, with its worker processes."""
    container.put(data=MANY_ROWS * 40)
    process = container.start("--workers", "2")
    until = time.monotonic() + 60
    while len(workers := psutil.Process(process.pid).children()) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    yield container, process, workers
    process.kill()
    process.communicate()


def test_the_death_of_a_worker_ends_the_job_as_a_failure(busy: Any) -> None:
    container, process, workers = busy
    workers[0].kill()

    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "a worker process was killed" in err
    assert "a worker process was killed" in container.message
    assert not psutil.wait_procs(workers, timeout=60)[1]


def test_a_worker_that_is_killed_while_it_tells_its_results_ends_the_job(busy: Any) -> None:
    container, process, workers = busy
    parent = psutil.Process(process.pid)
    eventually(lambda: any(container.output_dir.glob("*/part-*")))
    # Nobody reads what the workers have done, so that they wait in the middle of telling it.
    parent.suspend()
    eventually(lambda: are_still(workers))
    for worker in workers:
        worker.kill()
    parent.resume()

    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "a worker process was killed" in err
    assert container.message in err


def are_still(processes: Sequence[psutil.Process]) -> bool:
    """Tell whether processes do nothing for a while."""
    before = [process.cpu_times() for process in processes]
    time.sleep(0.2)
    return before == [process.cpu_times() for process in processes]


def test_a_stopped_job_is_a_failure_and_leaves_no_process(busy: Any) -> None:
    container, process, workers = busy
    process.terminate()

    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "stopped by a signal" in err
    assert not list(container.output_dir.glob("report/*"))
    assert not psutil.wait_procs(workers, timeout=60)[1]


def test_the_workers_end_with_a_killed_parent(busy: Any) -> None:
    _, process, workers = busy
    process.kill()

    _, alive = psutil.wait_procs(workers, timeout=60)

    assert not alive


def test_the_python_of_the_image_gives_the_same_bytes(
    new_container: Callable[[], Container],
) -> None:
    ours, images = new_container(), new_container()
    for each in (ours, images):
        lines = [line for line in BAD_ROWS if len(line) < 1000]
        each.put(a=b"\n".join([*lines, MANY_ROWS]), b=gzip.compress(TOLERATED["quotes and spaces"]))

    process = images.start(python=image_python())
    process.communicate(timeout=60)

    assert (ours.run(), process.returncode) == (0, 0)
    assert images.files() == ours.files()
    assert images.report() == ours.report()


@pytest.mark.parametrize(
    "name",
    [
        *("archives", "categories", "cells", "clean_lines", "columns", "container", "dates"),
        *("forms", "problem", "split_rules", "table"),
        *("kinds", "numeric", "objects", "pool", "preprocess", "rows", "splitting", "workers"),
    ],
)
def test_a_job_needs_nothing_but_python_and_its_siblings(name: str) -> None:
    source = (JOBS_DIR / f"{name}.py").read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source, feature_version=(3, 11))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]

    imported = {imported.partition(".")[0] for imported in names}
    # In the image; what is read without Parquet needs it not.
    imported -= {"pyarrow"} if name == "archives" else set()
    assert imported <= sys.stdlib_module_names | set(vars(jobs))


def test_no_job_hides_a_module_of_python() -> None:
    assert not sys.stdlib_module_names & set(vars(jobs))
