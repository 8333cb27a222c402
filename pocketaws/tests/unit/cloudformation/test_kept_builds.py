"""A build is put back where all that it was made of is the same, and made anew else."""

import json
from pathlib import Path
from typing import Any

import pytest

from pocketaws.cloudformation.build import build
from pocketaws.cloudformation.kept_builds import keep, put_back

TEMPLATE = """
Resources:
  Handler:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code/, Handler: app.handler, Runtime: python3.12}
"""


@pytest.fixture
def template_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    path = tmp_path / "project" / "template.yaml"
    (path.parent / "code").mkdir(parents=True)
    path.write_text(TEMPLATE)
    (path.parent / "code" / "app.py").write_text("first")
    return path


def built(template_path: Path, name: str, installation: str = "1") -> dict[str, Any]:
    """Build into a folder of a name, and return all that is in it."""
    folder = template_path.parents[1] / name
    folder.mkdir()
    cache = template_path.parents[1] / "cache"
    given = {"builds_cache": str(cache), "installation": installation}
    assert build(str(template_path), str(folder), **given) == 0
    bundles = {path.name: path.read_bytes() for path in (folder / "bundles").iterdir()}
    return {"template": json.loads((folder / "template.json").read_text()), "bundles": bundles}


def kept(template_path: Path) -> set[str]:
    return {path.name for path in (template_path.parents[1] / "cache").iterdir()}


def test_the_same_is_put_back_and_nothing_else(
    template_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = built(template_path, "first")
    (key,) = kept(template_path)
    mark = template_path.parents[1] / "cache" / key / "definitions.json"
    mark.write_text('{"put": "back"}')

    assert built(template_path, "again") == first
    assert (template_path.parents[1] / "again" / "definitions.json").read_text() == mark.read_text()
    (template_path.parent / "code" / "app.py").write_text("second")
    changed = built(template_path, "changed")
    assert changed["bundles"].keys() != first["bundles"].keys()
    built(template_path, "newer", installation="2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    built(template_path, "elsewhere")
    assert len(kept(template_path)) == 4


def test_what_is_kept_and_not_whole_is_made_anew(template_path: Path) -> None:
    first = built(template_path, "first")
    (key,) = kept(template_path)
    folder = template_path.parents[1] / "cache" / key
    for spoil in (
        lambda: next((folder / "bundles").iterdir()).write_bytes(b"other"),
        (folder / "template.json").unlink,
    ):
        spoil()

        assert (
            built(template_path, f"again-{len(list(template_path.parents[1].iterdir()))}") == first
        )
        assert (folder / "template.json").exists()


def test_the_few_that_were_used_last_are_kept(tmp_path: Path) -> None:
    made = tmp_path / "made"
    (made / "bundles").mkdir(parents=True)
    for name in ("template.json", "definitions.json"):
        (made / name).write_text("{}")
    for number in range(12):
        keep(tmp_path / "cache", f"key-{number}", made)

    assert len(list((tmp_path / "cache").iterdir())) == 8
    (tmp_path / "back").mkdir()
    assert put_back(tmp_path / "cache", "key-11", tmp_path / "back")
    assert not put_back(tmp_path / "cache", "never", tmp_path / "back")
    assert list((tmp_path / "back").iterdir()) == []
