"""The MD5 of a file is the same whoever makes it, and is made once."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulated.waiting import eventually
from pocketaws.digests import Digest

TEXT = b"0,1.5,2.25\n" * 400_000


def test_what_was_begun_is_there_though_the_file_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    digest = Digest(path)

    digest.begin()
    assert eventually(lambda: digest._value)
    path.unlink()

    assert digest.hexdigest() == hashlib.md5(TEXT).hexdigest()


def test_all_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT)
    digest = Digest(path)

    digest.begin()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: digest.hexdigest(), range(8)))

    assert found == {hashlib.md5(TEXT).hexdigest()}


def test_a_file_that_cannot_be_read_is_told_to_who_asks_and_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    gone, there = Digest(tmp_path / "gone"), Digest(tmp_path / "file")

    gone.begin()
    there.begin()

    assert eventually(lambda: there._value) == hashlib.md5(b"text").hexdigest()
    with pytest.raises(FileNotFoundError):
        gone.hexdigest()
