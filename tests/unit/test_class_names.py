"""A class's name says which one it is: none stands twice in what people read together."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.unit.modules import PROJECT_DIR

# What is deployed stands by itself: a function's own `Message` is read beside its own code only.
FOLDERS = ("workflow", "pocketaws/src/pocketaws")


def class_names(path: Path) -> list[str]:
    """The classes of a module that stand by themselves."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


def repeated(paths: dict[Path, list[str]]) -> dict[str, list[str]]:
    """The modules of each name that more than one of them has."""
    homes = defaultdict(list)
    for path, names in paths.items():
        for name in names:
            homes[name].append(str(path))
    return {name: sorted(those) for name, those in homes.items() if len(those) > 1}


def test_a_class_has_its_name_alone() -> None:
    paths = [path for folder in FOLDERS for path in (PROJECT_DIR / folder).rglob("*.py")]
    assert len(paths) > 300
    assert repeated({path.relative_to(PROJECT_DIR): class_names(path) for path in paths}) == {}


@pytest.mark.parametrize("name", ["Plan", "_Reader"])
def test_two_of_one_name_are_seen(name: str, tmp_path: Path) -> None:
    for module in ("a.py", "b.py"):
        (tmp_path / module).write_text(f"class {name}: ...\n")
    paths = {Path(module): class_names(tmp_path / module) for module in ("a.py", "b.py")}
    assert repeated(paths) == {name: ["a.py", "b.py"]}
