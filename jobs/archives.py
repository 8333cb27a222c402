"""What a raw object is by its first bytes: text, packed text, or nothing to be read as rows.

gzip, bzip2, xz and zip are unpacked on the way, whatever the object is called, and Parquet becomes
lines of CSV. What is known and cannot be read is refused with what to do instead.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from container import JobError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
PARQUET_MAGIC = b"PAR1"
PACKED: Mapping[bytes, tuple[Callable[[IO[bytes]], Any], str]] = {
    GZIP_MAGIC: (gzip.open, "gzip"),
    b"BZh": (bz2.open, "bzip2"),
    b"\xfd7zXZ\x00": (lzma.open, "xz"),
}
ENCRYPTED = 1  # A bit of a member's flags.
DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zipfile.BadZipFile, OSError)

AS_CSV = "save it as CSV"
# What an object begins with that is no table of lines, what it is, and what to do.
REFUSED = {
    b"\xd0\xcf\x11\xe0": ("an Excel workbook", "in Excel, save the sheet as CSV UTF-8"),
    b"%PDF": ("a PDF", "copy its table into a sheet, and save that as CSV"),
    b"<!doctype": ("a page of HTML", "download the file itself, not the page that shows it"),
    b"<html": ("a page of HTML", "download the file itself, not the page that shows it"),
    b"<?xml": ("XML", AS_CSV),
    b"@relation": ("ARFF", "delete its lines up to @data"),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it first"),
    b"Rar!": ("a RAR archive", "unpack it first"),
    b"\x28\xb5\x2f\xfd": ("packed by zstd", "unpack it first, with `unzstd FILE`"),
    b"\x89HDF": ("HDF5", f"read it with pandas, and {AS_CSV}"),
    b"\x93NUMPY": ("a NumPy array", f"load it with NumPy, and {AS_CSV}"),
    b"ARROW1": ("Feather", f"read it with pandas, and {AS_CSV} or Parquet"),
    b"Obj\x01": ("Avro", AS_CSV),
    b"SQLite format 3": ("a SQLite database", "export the table as CSV"),
    b"\x80\x04\x95": ("a pickle", f"load it in Python, and {AS_CSV}"),
    b"\x80\x05\x95": ("a pickle", f"load it in Python, and {AS_CSV}"),
}
HEAD_BYTES = 512
TAR_MAGIC, TAR_PLACE = b"ustar", 257
ROWS_AT_ONCE = 16_384
# Files that lie beside data: by what they are called, where they are texts, and by their ending.
NO_DATA_NAMES = (
    *("readme", "license", "licence", "copying", "notice", "authors", "contributing"),
    *("changelog", "citation", "index", "description", "metadata", "codebook", "manifest"),
)
TEXT_ENDINGS = ("md", "txt", "rst", "html", "htm", "json", "yaml", "yml", "cff")
NO_DATA_ENDINGS = (
    *("md", "rst", "names", "pdf", "doc", "docx", "html", "htm", "py", "r", "ipynb"),
    *("png", "jpg", "svg"),
)


class Reader(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most so many; nothing at the end."""


class Text(NamedTuple):
    """Lines of text: the name of the object, with the member of an archive, and its bytes."""

    name: str
    stream: Reader


@dataclass(frozen=True)
class Unpacking:
    """What is unpacked while it is read.

    Attributes:
        stream: of the unpacked bytes.
        what: the object and what it is packed by, for a message.
    """

    stream: IO[bytes]
    what: str

    def read(self, size: int, /) -> bytes:
        """Return the next bytes.

        Raises:
            JobError: What is packed is damaged.
        """
        try:
            return self.stream.read(size)
        except DAMAGE as error:
            raise damaged(self.what, error) from error


def damaged(what: str, error: Exception) -> JobError:
    """Tell that a packed object cannot be unpacked."""
    return JobError(f"{what} ({error}); upload the object again")


def open_texts(name: str, path: Path) -> Iterator[Text]:
    """Yield the text of a file, or of each member of a zip; one at a time is open.

    Raises:
        JobError: It is nothing that can be read, or damaged; also while the text is read.
    """
    with path.open("rb") as raw:
        head = raw.read(HEAD_BYTES)
        raw.seek(0)
        if head.startswith(ZIP_MAGIC):
            yield from members(name, raw)
        elif head.startswith(PARQUET_MAGIC):
            yield Text(name, parquet_lines(name, path))
        else:
            check_head(name, head)
            yield Text(name, unpacked(name, raw, head))


def unpacked(name: str, raw: IO[bytes], head: bytes) -> Reader:
    """Return what is packed as a stream, and anything else as it is.

    Raises:
        JobError: What is packed is damaged, or no table.
    """
    magic = next((magic for magic in PACKED if head.startswith(magic)), None)
    if magic is None:
        return raw
    opener, called = PACKED[magic]
    what = f"{name} is truncated or corrupt {called}"
    stream = opener(raw)
    try:
        inner = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    except DAMAGE as error:
        raise damaged(what, error) from error
    check_head(name, inner)
    return Unpacking(stream, what)


def is_zip(path: Path) -> bool:
    """Tell whether a file begins as a zip does."""
    with path.open("rb") as raw:
        return raw.read(len(ZIP_MAGIC)) == ZIP_MAGIC


def members(name: str, raw: IO[bytes]) -> Iterator[Text]:
    """Yield the files of a zip that may be data.

    Raises:
        JobError: It is a workbook, encrypted, damaged, or holds no such file.
    """
    what = f"{name} is a truncated or corrupt zip"
    try:
        archive = zipfile.ZipFile(raw)
    except DAMAGE as error:
        raise damaged(what, error) from error
    check_office(name, archive.namelist())
    kept = [item for item in archive.infolist() if may_be_data(item.filename)]
    if not kept:
        raise JobError(f"{name} is a zip without a file of data in it; put one in")
    for item in kept:
        if item.flag_bits & ENCRYPTED:
            raise JobError(f"{name} is an encrypted zip; unpack it, and upload the file")
        try:
            opened: Any = archive.open(item)
            stream = io.BufferedReader(opened)
            head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        except (*DAMAGE, NotImplementedError) as error:
            raise damaged(what, error) from error
        inner = f"{name}/{item.filename}"
        check_head(inner, head, is_member=True)
        yield Text(inner, Unpacking(stream, what))


def check_office(name: str, names: list[str]) -> None:
    """Refuse the documents that are zips."""
    if any(inner.startswith("xl/") for inner in names):
        raise JobError(
            f"{name} is an Excel workbook; in Excel, save the sheet as CSV UTF-8, and upload that"
        )
    if {"mimetype", "content.xml"} <= set(names):
        raise JobError(f"{name} is an OpenDocument sheet; save it as CSV, and upload that")


def check_head(name: str, head: bytes, *, is_member: bool = False) -> None:
    """Refuse what begins like something known that is no table of lines.

    Raises:
        JobError: It does.
    """
    begin = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, (called, instead) in REFUSED.items():
        if head.startswith(magic) or begin.startswith(magic):
            raise JobError(f"{name} is {called}; {instead}")
    if begin.startswith(b"["):
        raise JobError(f"{name} is one JSON list; write a line per row, with `jq -c '.[]' FILE`")
    if head[TAR_PLACE:].startswith(TAR_MAGIC):
        raise JobError(f"{name} is a tar archive; unpack it first")
    if is_member and head.startswith((*PACKED, ZIP_MAGIC, PARQUET_MAGIC)):
        raise JobError(f"{name} is packed twice; unpack the zip first")


def may_be_data(name: str) -> bool:
    """Tell whether a file's name speaks for data; that of a README, say, does not."""
    *folders, file = name.split("/")
    stem, dot, ending = file.lower().rpartition(".")
    if not file or any(part.startswith((".", "_")) for part in (*folders, file)):
        return False
    known = (stem if dot else ending) in NO_DATA_NAMES and (not dot or ending in TEXT_ENDINGS)
    return not (known or (dot and ending in NO_DATA_ENDINGS))


def parquet_lines(name: str, path: Path) -> Reader:
    """Return the rows of a Parquet file as CSV with a header.

    Raises:
        JobError: pyarrow is not there, or cannot read it.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise JobError(
            f"{name} is Parquet, which takes pyarrow to read: SageMaker's image has it; on this "
            "machine install it into .venv, or save the table as CSV"
        ) from error
    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise JobError(f"{name} is no intact Parquet ({first}); upload the object again") from error
    return io.BufferedReader(ParquetLines(name, file))


class ParquetLines(io.RawIOBase):
    """The rows of a Parquet file as lines of CSV, made a batch at a time."""

    def __init__(self, name: str, file: Any) -> None:
        """Begin with the header."""
        self.name = name
        self.batches = file.iter_batches(batch_size=ROWS_AT_ONCE)
        header = ",".join('"{}"'.format(n.replace('"', '""')) for n in file.schema_arrow.names)
        self.rest = f"{header}\n".encode()

    def readable(self) -> bool:
        """Tell that it is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer.

        Raises:
            JobError: The file is damaged, or a column holds lists or records.
        """
        import pyarrow as pa
        from pyarrow import csv

        while not self.rest:
            try:
                batch = next(self.batches, None)
                if batch is None:
                    return 0
                lines = io.BytesIO()
                csv.write_csv(plain(batch), lines, csv.WriteOptions(include_header=False))
            except (pa.ArrowException, OSError) as error:
                first = str(error).splitlines()[0]
                raise JobError(f"{self.name} cannot be read as rows: {first}") from error
            self.rest = lines.getvalue()
        size = min(len(buffer), len(self.rest))
        buffer[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


def plain(batch: Any) -> Any:
    """Return the batch with categories as the texts that they stand for."""
    import pyarrow as pa

    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
