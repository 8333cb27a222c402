"""Objects whose keys are no paths are read and kept all the same."""

import uuid
from pathlib import Path

import pytest

from pocketaws.runtime import LocalRuntime
from workflow.laptop import input_data
from workflow.release import kept

ODD_NAMES = ("a.csv", "A.csv", "a", "a/b", "x//y", "ü" * 400 + ".csv")


@pytest.fixture
def bucket_name(runtime: LocalRuntime) -> str:
    """A bucket with an object of each odd name below packages/; the content is the key."""
    name = f"odd-{uuid.uuid4()}"
    runtime.client("s3").create_bucket(Bucket=name)
    for odd in ODD_NAMES:
        key = f"packages/{odd}"
        runtime.client("s3").put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def test_data_is_read_whatever_its_keys(bucket_name: str, tmp_path: Path) -> None:
    uri = f"s3://{bucket_name}/packages/"
    with input_data.open_objects(uri, beside=tmp_path) as objects:
        assert all(item.path.is_relative_to(tmp_path) for item in objects)
        contents = {item.path.read_text() for item in objects}

    assert contents == {f"packages/{odd}" for odd in ODD_NAMES}


def test_a_releases_bundles_are_kept_whatever_their_keys(
    runtime: LocalRuntime, bucket_name: str, tmp_path: Path
) -> None:
    kept._keep_bundles(bucket_name, tmp_path, runtime)

    bundles = kept._bundles(tmp_path)

    assert {path.read_text(): key for path, key in bundles.items()} == {
        f"packages/{odd}": f"packages/{odd}" for odd in ODD_NAMES
    }
    assert len({str(path).casefold() for path in bundles}) == len(ODD_NAMES)


def test_bundles_that_an_earlier_version_kept_have_their_paths_keys(tmp_path: Path) -> None:
    path = tmp_path / "packages" / "a" / "b"
    path.parent.mkdir(parents=True)
    path.write_text("")

    assert kept._bundles(tmp_path) == {path: "packages/a/b"}
