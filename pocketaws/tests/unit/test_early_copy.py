"""A copy that was begun early is what the file was then, or tells why there is none."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from pocketaws.early_copy import EarlyCopy

TEXT = b"0,1.5,2.25\n" * 100_000


def test_what_is_written_to_the_file_later_is_not_in_it(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    source.write_bytes(TEXT)
    early = EarlyCopy(source, tmp_path / "copy", watched=nullcontext)
    early.wait()

    with source.open("r+b") as file:
        file.write(b"changed")

    with early.handed() as body:
        assert body.read() == TEXT
        assert body.handed.is_final
        assert body.handed.digest is not None
        assert body.handed.digest.hexdigest() == hashlib.md5(TEXT).hexdigest()


def test_what_its_context_refuses_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    @contextmanager
    def refusing() -> Iterator[None]:
        yield
        raise ValueError("changed while it was read")

    (tmp_path / "rows.csv").write_bytes(TEXT)
    early = EarlyCopy(tmp_path / "rows.csv", tmp_path / "copy", watched=refusing)

    with pytest.raises(ValueError, match="changed while it was read"):
        early.handed()


def test_copies_that_nobody_wants_any_more_are_not_begun(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(TEXT)
    begun, goes_on = threading.Event(), threading.Event()

    @contextmanager
    def held() -> Iterator[None]:
        begun.set()
        goes_on.wait()
        yield

    copies = [
        EarlyCopy(tmp_path / "rows.csv", tmp_path / name, watched=watched)
        for name, watched in (("first", held), ("second", nullcontext), ("third", nullcontext))
    ]
    begun.wait()
    for early in copies:
        early.leave_out()
    goes_on.set()
    for early in copies:
        early.wait()

    assert [path.name for path in tmp_path.iterdir() if path.name != "rows.csv"] == ["first"]
    assert (tmp_path / "first").read_bytes() == TEXT
