"""Descriptions of services as they are kept say what botocore's own say, but for its texts."""

import json
import os
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
from botocore.exceptions import UnknownServiceError

from pocketaws.model_files import KeptFiles, ModelLoader, undocumented

# The larger ones of what a run asks for, and an endpoint's rules.
ASKED = [
    ("sagemaker", "service-2"),
    ("s3", "service-2"),
    ("stepfunctions", "service-2"),
    ("s3", "endpoint-rule-set-1"),
    ("stepfunctions", "paginators-1"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "pocketaws" / "models"


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(large("a text")), encoding="utf-8")
    return path


def large(text: str) -> dict[str, Any]:
    members = {f"Member{number}": {"shape": "String"} for number in range(1000)}
    return {"documentation": text, "members": members | {"documentation": {"shape": "String"}}}


def read(original: Path) -> Any:
    return KeptFiles().load_file(str(original.with_suffix("")))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = [each for item in value.values() for each in texts(item)]
        text = value.get("documentation")
        return [*found, text] if isinstance(text, str) else found
    return [each for item in value for each in texts(item)] if isinstance(value, list) else []


@pytest.mark.parametrize(("service", "kind"), ASKED)
@pytest.mark.usefixtures("folder")
def test_what_is_kept_is_botocores_own_without_texts(service: str, kind: str) -> None:
    own = botocore.loaders.create_loader().load_service_model(service, kind)

    first, again = (ModelLoader().load_service_model(service, kind) for _ in range(2))

    assert first == again == undocumented(own)
    assert not any(texts(again))
    assert list(again) == list(own), "the order counts"


def test_a_member_that_is_called_documentation_stays(folder: Path, original: Path) -> None:
    assert read(original) == large("") == read(original)
    assert len(list(folder.iterdir())) == 1


def test_a_file_that_has_changed_is_read_anew(folder: Path, original: Path) -> None:
    read(original)
    status = original.stat()
    original.write_text(json.dumps(large("b text") | {"other": 1}), encoding="utf-8")
    assert read(original)["other"] == 1

    # Of the same size, at another time.
    original.write_text(json.dumps(large("b text") | {"other": 2}), encoding="utf-8")
    os.utime(original, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert read(original)["other"] == 2
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("left", ["", '{"documentation": "', "\0\0\0"])
def test_what_is_kept_and_not_whole_is_made_anew(folder: Path, original: Path, left: str) -> None:
    read(original)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_text(left, encoding="utf-8")

    assert read(original) == large("")
    assert kept.read_bytes() == whole


def test_only_the_last_ones_are_kept(folder: Path, original: Path) -> None:
    folder.mkdir(parents=True)
    for number in range(120):
        (folder / f"{number}.json").touch()
        os.utime(folder / f"{number}.json", (number, number))

    read(original)

    left = {path.name for path in folder.iterdir()}
    assert len(left) == 100
    assert {"119.json", "21.json"} < left
    assert "20.json" not in left


def test_where_nothing_can_be_kept_files_are_read_all_the_same(
    folder: Path, original: Path
) -> None:
    folder.parent.mkdir()
    folder.write_text("no folder", encoding="utf-8")

    assert read(original) == large("")


@pytest.mark.usefixtures("folder")
def test_a_service_that_is_not_there_is_told_as_botocore_tells_it() -> None:
    with pytest.raises(UnknownServiceError) as theirs:
        botocore.loaders.create_loader().load_service_model("nosuch", "service-2")
    with pytest.raises(UnknownServiceError) as ours:
        ModelLoader().load_service_model("nosuch", "service-2")

    assert str(ours.value) == str(theirs.value)
