"""What is kept for ever lies in a file, and is read as it was put."""

import os
from pathlib import Path

import pytest

from pocketaws.shelf import Shelf, Shelved, ShelvedMapping


class Full(Shelf):
    def put(self, packed: bytes) -> int:
        raise OSError(28, "No space left on device", str(len(packed)))


def test_documents_are_read_as_they_were_put() -> None:
    shelf = Shelf()
    documents = [{"a": [1, "x" * 500]}, ["b"], None]
    kept = [Shelved(document, shelf) for document in documents]

    assert [one.read() for one in kept] == documents
    assert kept[0].read() is not kept[0].read()


def test_what_a_document_becomes_later_is_not_seen() -> None:
    document = {"a": 1}
    kept = Shelved(document, Shelf())
    document["a"] = 2

    assert kept.read() == {"a": 1}


def test_the_file_is_emptied_once_nobody_holds_any_of_it() -> None:
    shelf = Shelf()
    kept = [Shelved(os.urandom(1000), shelf) for _ in range(3)]
    places = [shelf.put(b"more")]
    del kept[:]
    assert places[0] > 3000

    shelf.let_go()

    assert shelf.put(b"first again") == 0
    assert shelf.get(0, 11) == b"first again"


def test_a_full_disk_leaves_a_document_in_memory() -> None:
    kept = Shelved({"a": 1}, Full())

    assert kept.read() == {"a": 1}


def test_no_name_leads_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    shelf = Shelf()
    shelf.put(b"document")

    assert list(tmp_path.iterdir()) == []


def test_a_mapping_reads_and_changes_as_one_in_memory() -> None:
    mapping = ShelvedMapping({"a": 1, "b": 2})
    mapping["c"] = 3
    del mapping["a"]

    assert dict(mapping) == {"b": 2, "c": 3}
    assert (len(mapping), mapping.get("a")) == (2, None)
