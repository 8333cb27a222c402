"""What an object holds, small or large."""

import gc
import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.digests import Digest
from pocketaws.handed import Handed
from pocketaws.s3.content import Content

WRITES = st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=2000)), max_size=6)


@given(writes=WRITES, at=st.integers(0, 4000), size=st.integers(-1, 3000))
def test_it_holds_what_a_file_would(
    tmp_path_factory: pytest.TempPathFactory,
    writes: list[tuple[int, bytes]],
    at: int,
    size: int,
) -> None:
    content, file = Content(tmp_path_factory.getbasetemp() / "contents"), io.BytesIO()
    for start, part in writes:
        for one in (content, file):
            one.seek(start)
            one.write(part)

    found = [
        (one.seek(at), one.read(size), one.read(), one.seek(0), one.read())
        for one in (content, file)
    ]

    assert found[0] == found[1]


def test_what_is_written_anew_is_shorter(tmp_path: Path) -> None:
    content = Content(tmp_path)
    content.write(b"x" * 5000)

    content.seek(0)
    content.truncate()
    content.write(b"short")
    content.seek(0)

    assert content.read() == b"short"


@pytest.mark.parametrize("ends", ["close", "forget"])
def test_a_file_goes_with_its_object(tmp_path: Path, ends: str) -> None:
    content = Content(tmp_path)
    content.write(b"x" * 5000)
    assert len(list(tmp_path.iterdir())) == 1

    if ends == "close":
        content.close()
    del content
    gc.collect()

    assert list(tmp_path.iterdir()) == []


def test_joined_pieces_are_written_one_after_the_other(tmp_path: Path) -> None:
    content, other = Content(tmp_path), Content(tmp_path)
    joined = other.beside()
    for piece in (b"a" * 3000, b"", b"b" * 10):
        part = Content(tmp_path)
        part.write(piece)
        joined.add(part)

    content.write(joined.handed())
    content.seek(0)

    assert content.read() == b"a" * 3000 + b"b" * 10


@pytest.mark.parametrize("size", [10, 5000])
@pytest.mark.parametrize("change", ["write", "truncate", "close"])
def test_an_open_file_stays_what_it_was(tmp_path: Path, size: int, change: str) -> None:
    content = Content(tmp_path)
    content.write(b"x" * size)

    with content.open() as file:
        content.seek(1)
        {"write": lambda: content.write(b"changed"), "truncate": content.truncate}.get(
            change, content.close
        )()

        assert file.read() == b"x" * size


@pytest.mark.parametrize("size", [10, 5000])
def test_what_is_handed_on_stays_what_it_was(tmp_path: Path, size: int) -> None:
    content, other = Content(tmp_path), Content(tmp_path)
    content.write(b"x" * size)
    other.write(content.handed())

    content.seek(1)
    content.write(b"changed")
    other.seek(0)

    assert other.read() == b"x" * size


@pytest.mark.parametrize("size", [10, 5000])
@pytest.mark.parametrize("begun", [False, True])
def test_the_digest_is_that_of_what_stands_there_now(
    tmp_path: Path, size: int, begun: bool
) -> None:
    content = Content(tmp_path)
    for text in (b"x" * size, b"y" * size):
        content.seek(0)
        content.truncate()
        content.write(text)
        if begun:
            content.begin_md5()

        assert content.md5() == hashlib.md5(text).hexdigest()


def test_the_digest_of_a_file_that_is_handed_over_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "left"
    path.write_bytes(b"x" * 5000)
    digest = Digest(path)
    digest.hexdigest()
    content = Content(tmp_path / "contents")

    content.write(Handed(path, 5000, is_final=True, digest=digest))
    assert content.md5() == hashlib.md5(b"x" * 5000).hexdigest()
    content.seek(0)
    content.write(b"y")

    assert content.md5() == hashlib.md5(b"y" + b"x" * 4999).hexdigest()
