"""The model in production that is kept from one command to the next: nothing loses it."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_DIR
from workflow.errors import LocalStateError
from workflow.laptop import recorded_model, snapshots

OLD, NEW = "first-00000000-11111111", "second-00000000-22222222"


class FakeAws:
    """The three services that are asked about the recorded model, whose name is also its bytes."""

    def __init__(self, model_name: str) -> None:
        self._name = model_name

    def __call__(self, _service: str) -> "FakeAws":
        return self

    def describe_parameters(self, **_: Any) -> dict[str, Any]:
        return {"Parameters": [{"Description": f"of {self._name}"}]}

    def get_parameter(self, **_: Any) -> dict[str, Any]:
        return {"Parameter": {"Value": self._name}}

    def describe_model(self, **_: Any) -> dict[str, Any]:
        url = f"s3://bucket/{self._name}/model.tar.gz"
        return {"PrimaryContainer": {"Image": "image", "ModelDataUrl": url}}

    def list_objects_v2(self, **_: Any) -> dict[str, Any]:
        return {"KeyCount": 1}

    def get_object(self, **_: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self._name.encode())}


def remember(state_dir: Path, model_name: str) -> None:
    recorded_model.remember(
        state_dir, bucket_name="bucket", parameter_name="/p", clients=FakeAws(model_name)
    )


def kept(state_dir: Path) -> str:
    """Return the name of the kept model, once its files are known to be the same model's."""
    found = recorded_model.recall(state_dir)
    assert found is not None
    name = found.model.model_name
    assert (found.folder / "model.tar.gz").read_bytes() == name.encode()
    assert (found.folder / "known-answers.json").read_bytes() == name.encode()
    return name


def test_a_missing_value_of_a_known_row_is_sent_as_one() -> None:
    answers = json.dumps({"rows": [{"features": [0.5, None, 2], "predicted": 1}]})

    row = recorded_model.known_row(OLD, FakeAws(answers))

    assert row == "0.5,nan,2"


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    assert recorded_model.recall(tmp_path) is None


def test_the_last_model_is_kept_and_nothing_else(tmp_path: Path) -> None:
    remember(tmp_path, OLD)
    remember(tmp_path, NEW)

    assert kept(tmp_path) == NEW
    assert len(list((tmp_path / "recorded-model").iterdir())) == 2


@pytest.mark.slow
def test_a_kill_at_any_line_leaves_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    # In a process of its own: a fork of this one would have its threads' locks.
    script = f"""
from pathlib import Path
from tests.unit.killing import kill_at_each_line
from tests.unit.test_recorded_model import NEW, OLD, kept, remember
folder = Path({str(tmp_path)!r})
remember(folder, OLD)
seen = []
lines = kill_at_each_line(
    lambda: remember(folder, NEW),
    lambda: (seen.append(kept(folder)), seen[-1] == OLD or remember(folder, OLD)),
    files=frozenset({{"recorded_model.py", "snapshots.py", "objects.py", "environment.py"}}),
)
assert seen == sorted(seen), "once it is new it stays new"
print(lines, seen.count(OLD), seen.count(NEW))
"""

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_DIR, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    lines, old, new = map(int, done.stdout.split())
    assert lines > 50
    assert old > 20
    assert new > 1


def fail(_: Path) -> None:
    raise OSError(28, "No space left on device")


def interrupt(_: Path) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fill", "error"), [(fail, LocalStateError), (interrupt, KeyboardInterrupt)]
)
def test_what_fails_while_it_is_written_leaves_what_was_kept(
    tmp_path: Path, fill: Callable[[Path], None], error: type[BaseException]
) -> None:
    remember(tmp_path, OLD)

    with pytest.raises(error):
        snapshots.replace(tmp_path / "recorded-model", fill)

    assert kept(tmp_path) == OLD
    assert len(list((tmp_path / "recorded-model").iterdir())) == 2


def damage_artifact(folder: Path) -> None:
    path = next(folder.glob("*/model.tar.gz"))
    path.write_bytes(path.read_bytes()[:-1])


def remove_artifact(folder: Path) -> None:
    next(folder.glob("*/model.tar.gz")).unlink()


def cut_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def change_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": {}}))


@pytest.mark.parametrize(
    "damage", [damage_artifact, remove_artifact, cut_manifest, change_manifest]
)
def test_what_cannot_be_understood_is_kept_aside_and_told_once(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    remember(tmp_path, OLD)
    damage(tmp_path / "recorded-model")

    with pytest.raises(LocalStateError, match=r"it is kept as .*recorded-model\.unreadable-1: put"):
        recorded_model.recall(tmp_path)

    assert (tmp_path / "recorded-model.unreadable-1" / "manifest.json").exists()
    assert recorded_model.recall(tmp_path) is None


def test_a_model_that_is_replaced_while_it_is_looked_at_is_the_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(tmp_path, OLD)
    check = snapshots._check_files

    def replaced_first(folder: Path, digests: Mapping[str, str]) -> None:
        monkeypatch.undo()
        remember(tmp_path, NEW)
        check(folder, digests)

    monkeypatch.setattr(snapshots, "_check_files", replaced_first)

    assert kept(tmp_path) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["recorded-model"]


def test_what_a_newer_version_wrote_is_left_where_it_is(tmp_path: Path) -> None:
    remember(tmp_path, OLD)
    path = tmp_path / "recorded-model" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))

    with pytest.raises(LocalStateError, match="written by a newer version"):
        recorded_model.recall(tmp_path)

    assert path.exists()


def test_what_an_earlier_version_kept_is_recalled_and_then_replaced(tmp_path: Path) -> None:
    record = {"model_name": OLD, "description": "", "image_uri": "image"}
    (tmp_path / "recorded-model.json").write_text(json.dumps(record))
    for name in ("model.tar.gz", "known-answers.json"):
        (tmp_path / name).write_text(OLD)
    assert kept(tmp_path) == OLD

    remember(tmp_path, NEW)

    assert kept(tmp_path) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["recorded-model"]


def test_the_model_of_another_table_is_put_aside_and_lost_by_nothing(tmp_path: Path) -> None:
    assert recorded_model.put_aside(tmp_path, "abalone") is None

    for number, name in enumerate((OLD, NEW), start=1):
        remember(tmp_path, name)
        aside = recorded_model.put_aside(tmp_path, "abalone")

        assert aside == tmp_path / f"recorded-model.abalone-{number}"
        assert recorded_model.recall(tmp_path) is None
        (artifact,) = aside.rglob("model.tar.gz")
        assert artifact.read_bytes() == name.encode()

    # Whoever puts it back has it in production again.
    (tmp_path / "recorded-model.abalone-1").rename(tmp_path / "recorded-model")
    assert kept(tmp_path) == OLD
