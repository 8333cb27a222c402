"""A kill before any line of what writes something kept leaves the old of it, or the new."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import pytest

from pocketaws import installation_digest
from pocketaws.cloudformation import kept_builds
from tests.conftest import PROJECT_DIR
from tests.unit.killing import kill_at_each_line
from workflow.laptop import cached_outputs, run_index
from workflow.project import CHANGING_NAME
from workflow.release import kept
from workflow.release.execution import Passed, PipelineEnd
from workflow.release.pipeline import Pipeline
from workflow.release.roles import ReleaseRoles
from workflow.report.rows import RunRow
from workflow.starting import changing

pytestmark = pytest.mark.slow

OLD: Final = "old"
NEW: Final = "new"
PLACE_NAME: Final = "bucket"
CHANGED: Final = ("jobs/columns.py", "data/sample.csv", "template.yaml", "project.toml")


class Writer(NamedTuple):
    """What writes, and what is read of it.

    Attributes:
        write: has the folder keep a word in place of what it kept.
        read: returns the word that is kept, once all of it is known to be of the same word.
        files: names of the modules' files whose lines count.
    """

    write: Callable[[Path, str], object]
    read: Callable[[Path], str]
    files: frozenset[str]


class FakeAws:
    """S3 with one object and DynamoDB with one entry that names it, both of a word."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.put: dict[str, Any] = {}

    def __call__(self, _service: str) -> "FakeAws":
        return self

    client = __call__

    def get_paginator(self, operation: str) -> Any:
        key = f"packages/{self._word}" if self._word else ""
        item = {
            "kept_at": {"N": "1"},
            "answers": {"S": "{}"},
            "digests": {"S": "{}"},
            "outputs": {"S": json.dumps({"train": f"s3://{PLACE_NAME}/{key}"})},
        }
        page = {
            "scan": {"Items": [item]},
            "list_objects_v2": {"Contents": [{"Key": key, "Size": len(self._word)}]},
        }[operation]
        return SimpleNamespace(paginate=lambda **_: [page])

    def get_object(self, **_: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._word.encode())}

    def download_file(self, _bucket: str, _key: str, path: str) -> None:
        Path(path).write_text(self._word)

    def put_object(self, **request: Any) -> None:
        self.put[request["Key"]] = request["Body"].read().decode()

    def put_item(self, **request: Any) -> None:
        self.put["entry"] = request["Item"]["outputs"]["S"]


def place(aws: FakeAws) -> cached_outputs.Place:
    return cached_outputs.Place("table", PLACE_NAME, aws)


def write_index(folder: Path, word: str) -> None:
    run_index.write(folder, {word: ((1, 2, 3), RunRow(word, None, "released"))})


def read_index(folder: Path) -> str:
    ((name, (_, row)),) = run_index.read(folder).items()
    assert name == row.name
    return name


def write_outputs(folder: Path, word: str) -> None:
    cached_outputs.remember(folder, place(FakeAws(word)))


def read_outputs(folder: Path) -> str:
    aws = FakeAws("")
    assert cached_outputs.put_back(folder, place(aws)) == 1
    (key,) = aws.put.keys() - {"entry"}
    assert key in aws.put["entry"]
    assert key == f"packages/{aws.put[key]}"
    return str(aws.put[key])


def pipeline_of(word: str) -> Pipeline:
    return Pipeline(word, PLACE_NAME, {}, (), {}, ReleaseRoles.__new__(ReleaseRoles))


def write_release(folder: Path, word: str) -> None:
    passed = Passed({"Source": {"CommitId": word}}, {})
    ended = PipelineEnd([], None, {"Source": passed}, passed)
    pipeline = pipeline_of(word)
    released = kept.Succeeded(folder, word, pipeline, word, {"Name": word}, ended)
    kept.keep(folder, released, FakeAws(word))  # type: ignore[arg-type]


def read_release(folder: Path) -> str:
    def read(path: Path, parameters: Mapping[str, str]) -> Pipeline:
        assert parameters == {"Name": path.read_text()}
        return pipeline_of(path.read_text())

    found = kept.recall(folder, folder, read)
    assert found is not None
    word = found.commit_id
    assert found.pipeline.name == word
    assert found.passed == found.entered["Source"] == Passed({"Source": {"CommitId": word}}, {})
    assert (found.folder / "packages" / word).read_text() == word
    return word


def write_project(folder: Path, word: str) -> None:
    for name in CHANGED:
        (folder / name).parent.mkdir(exist_ok=True)
    if word == NEW:
        (folder / ".workflow" / "recorded-model").mkdir(parents=True, exist_ok=True)
    changing.change(folder, dict.fromkeys(CHANGED, word), model_of="" if word == OLD else "cars")


def read_project(folder: Path) -> str:
    """Read as the next command does, which first carries out what was begun."""
    if (folder / CHANGING_NAME).is_file():
        changing.finish(folder)
    (word,) = {(folder / name).read_text() for name in CHANGED}
    model = folder / ".workflow" / "recorded-model"
    assert word == OLD or not model.exists()
    return word


def write_build(folder: Path, word: str) -> None:
    made = folder / f"made-{word}"
    (made / "bundles").mkdir(parents=True, exist_ok=True)
    for name in ("template.json", "definitions.json"):
        (made / name).write_text(word)
    digest = hashlib.sha256(word.encode()).hexdigest()
    (made / "bundles" / f"{digest}.zip").write_text(word)
    kept_builds.keep(folder / "cache", word, made)


def read_build(folder: Path) -> str:
    """Return the newest of the builds that are kept, each of which is whole."""
    for word in (NEW, OLD):
        back = folder / f"back-{word}"
        back.mkdir(exist_ok=True)
        if kept_builds.put_back(folder / "cache", word, back):
            assert {path.read_text() for path in back.rglob("*.*") if path.is_file()} == {word}
            return word
    raise AssertionError("none is kept")


def forget_new_build(folder: Path) -> None:
    (folder / "cache" / NEW).rename(folder / f"forgotten-{len(list(folder.iterdir()))}")


_SNAPSHOTS: Final = frozenset({"snapshots.py", "environment.py"})
WRITERS: Final[Mapping[str, Writer]] = {
    "index of runs": Writer(write_index, read_index, frozenset({"run_index.py", "environment.py"})),
    "outputs of jobs": Writer(
        write_outputs,
        read_outputs,
        _SNAPSHOTS | {"cached_outputs.py", "objects.py", "handed.py", "copies.py"},
    ),
    "release": Writer(write_release, read_release, _SNAPSHOTS | {"kept.py", "key_paths.py"}),
    "project": Writer(
        write_project,
        read_project,
        frozenset({"changing.py", "recorded_model.py", "environment.py"}),
    ),
    "build": Writer(write_build, read_build, frozenset({"kept_builds.py"})),
}


def kill(name: str, folder: Path) -> tuple[int, int, int]:
    """Kill a writer at each of its lines; return how many there are, and how often what was left.

    Returns:
        Lines, how often the old was left, and how often the new.
    """
    writer = WRITERS[name]
    writer.write(folder, OLD)
    seen = []

    def look() -> None:
        seen.append(writer.read(folder))
        if seen[-1] == NEW:
            forget_new_build(folder) if name == "build" else writer.write(folder, OLD)

    lines = kill_at_each_line(lambda: writer.write(folder, NEW), look, files=writer.files)
    assert seen == sorted(seen, reverse=True), f"{name}: once it is new it stays new"
    return lines, seen.count(OLD), seen.count(NEW)


def main(folder: Path) -> None:
    """Print what each writer leaves."""
    # Made once, and not by each child.
    installation_digest()
    found = {}
    for name in WRITERS:
        own = folder / name
        own.mkdir()
        found[name] = kill(name, own)
    print(json.dumps(found))


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int, int]]:
    """What each writer leaves, found in a process of its own.

    A fork of this one would have its threads' locks.
    """
    script = "import sys, pathlib; from tests.unit import test_kills; "
    script += "test_kills.main(pathlib.Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path_factory.mktemp("killed"))],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, tuple[int, int, int]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_a_kill_at_any_line_leaves_the_old_or_the_new(
    left: dict[str, tuple[int, int, int]], name: str
) -> None:
    lines, old, new = left[name]

    assert lines > 10
    assert old > 5
    assert new > 1
