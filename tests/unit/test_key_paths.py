"""Files that are named by keys of S3 stay in their folder, each by itself."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.laptop.key_paths import KeyPaths

KEYS = st.lists(
    st.text(st.sampled_from("aAbB./\\:é\u0301\x00\n-%"), min_size=1, max_size=12),
    unique=True,
    max_size=12,
)


@pytest.mark.parametrize("key", ["training/job/output/model.tar.gz", "a", "a b/ü.csv", "x/.hidden"])
def test_a_key_that_can_be_a_path_is_it(key: str, tmp_path: Path) -> None:
    paths = KeyPaths(tmp_path)

    assert paths.path_for(key) == tmp_path / key
    assert paths.changed == {}


@pytest.mark.parametrize(
    "key", ["../up", "a/../../up", "/etc/passwd", "a//b", "./a", "a/..", "..", "a\\..\\b", "c:\\x"]
)
def test_no_key_leaves_the_folder(key: str, tmp_path: Path) -> None:
    paths = KeyPaths(tmp_path)
    path = paths.path_for(key)

    assert path.resolve().is_relative_to(tmp_path)
    assert path.resolve() != tmp_path
    assert paths.changed == {key: path}


@pytest.mark.parametrize(
    "keys", [("Model.csv", "model.csv"), ("a/B/c", "a/b/c"), ("e\u0301", "\u00e9"), ("a", "a/b")]
)
def test_keys_that_a_file_system_may_take_for_one_are_kept_apart(
    keys: tuple[str, str], tmp_path: Path
) -> None:
    paths = KeyPaths(tmp_path)
    first, second = map(paths.path_for, keys)
    for path in (first, second):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(path))

    assert first.read_text() == str(first)
    assert str(first).casefold() != str(second).casefold()
    assert list(paths.changed) == [keys[1]]


def test_objects_that_would_look_alike_have_a_file_each(tmp_path: Path) -> None:
    keys = [f"evaluation/{number}/evaluation.json" for number in range(30)]
    paths = KeyPaths(tmp_path)

    found = [paths.path_for(key, "evaluation/evaluation.json") for key in keys]

    assert len(set(found)) == len(keys)
    assert found[0] == tmp_path / "evaluation" / "evaluation.json"
    assert list(paths.changed) == keys[1:]


def test_a_long_key_is_cut_and_still_its_own(tmp_path: Path) -> None:
    paths = KeyPaths(tmp_path)
    first, second = paths.path_for("ü" * 900 + "1"), paths.path_for("ü" * 900 + "2")
    first.write_text("first")
    second.write_text("second")

    assert (first.read_text(), second.read_text()) == ("first", "second")


@given(keys=KEYS)
def test_whatever_the_keys_each_has_a_file_of_its_own_inside(
    keys: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("keys")
    paths = KeyPaths(folder)
    found = {key: paths.path_for(key) for key in keys}
    for key, path in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(repr(key)))

    assert all(path.resolve().is_relative_to(folder) for path in found.values())
    assert all(path.read_bytes() == os.fsencode(repr(key)) for key, path in found.items())
