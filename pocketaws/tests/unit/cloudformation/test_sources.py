"""The digest of what a stack is built of changes with each of it, and with nothing else."""

from pathlib import Path
from typing import Any

import pytest

from pocketaws.cloudformation.sources import sources_digest

TEMPLATE: dict[str, Any] = {
    "Globals": {"Function": {"CodeUri": "common/"}},
    "Resources": {
        "One": {"Properties": {"CodeUri": "one/"}},
        "Machine": {"Properties": {"DefinitionUri": "machine.asl.json"}},
        "Elsewhere": {"Properties": {"CodeUri": "s3://bucket/key"}},
    },
}
NAMES = ("template.yaml", "common/app.py", "one/app.py", "one/deep/part.py", "machine.asl.json")


@pytest.fixture
def template_path(tmp_path: Path) -> Path:
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "template.yaml"


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_file_is_seen(template_path: Path, name: str) -> None:
    before = sources_digest(template_path, TEMPLATE)
    (template_path.parent / name).write_text(f"{name}.")

    assert before != sources_digest(template_path, TEMPLATE)


def test_a_file_that_is_added_or_renamed_is_seen(template_path: Path) -> None:
    seen = {sources_digest(template_path, TEMPLATE)}
    (template_path.parent / "one" / "new.py").touch()
    seen.add(sources_digest(template_path, TEMPLATE))
    (template_path.parent / "one" / "new.py").rename(template_path.parent / "one" / "newer.py")
    seen.add(sources_digest(template_path, TEMPLATE))

    assert len(seen) == 3


def test_what_is_not_packed_does_not_count(template_path: Path) -> None:
    before = sources_digest(template_path, TEMPLATE)
    (template_path.parent / "one" / "__pycache__").mkdir()
    (template_path.parent / "one" / "__pycache__" / "app.cpython-312.pyc").touch()
    (template_path.parent / "README.md").touch()

    assert sources_digest(template_path, TEMPLATE) == before


def test_of_a_path_that_a_loop_makes_up_nothing_can_be_told(template_path: Path) -> None:
    looped = {"Resources": {"Fn::ForEach::Each": ["Name", ["a"], {"CodeUri": "${Name}/"}]}}

    assert sources_digest(template_path, looped) == ""
