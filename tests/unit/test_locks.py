"""Each lock holds what those who install from it declare, in one version."""

import re
import tomllib
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).parents[2]
PINNED = re.compile(r"(?m)^([a-z0-9.-]+)==([^ ;\\]+)")
OURS = "pocketaws"


def declared(path: str) -> set[str]:
    """Return the names of what a distribution needs, without those that it holds itself."""
    tables = tomllib.loads((PROJECT_DIR / path).read_text(encoding="utf-8"))
    names = [re.split(r"[^A-Za-z0-9.-]", text)[0] for text in tables["project"]["dependencies"]]
    return {name.lower() for name in names} - {OURS}


def pinned(name: str) -> dict[str, set[str]]:
    """Return the versions of a lock by package; several where they differ by platform."""
    found: dict[str, set[str]] = {}
    for package, version in PINNED.findall((PROJECT_DIR / "requirements" / name).read_text()):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("path", ["pyproject.toml", "pocketaws/pyproject.toml"])
@pytest.mark.parametrize("name", ["run.txt", "project.txt"])
def test_a_lock_holds_what_is_installed_without_its_dependencies(name: str, path: str) -> None:
    assert declared(path) - pinned(name).keys() == set()


def test_a_run_has_the_versions_that_are_tested() -> None:
    run, project = pinned("run.txt"), pinned("project.txt")

    assert {name: versions for name, versions in run.items() if project[name] != versions} == {}


@pytest.mark.parametrize("name", ["sagemaker", "stepfunctions", "nvidia-nccl-cu12"])
def test_a_run_installs_no_sdk_and_no_library_for_graphics_cards(name: str) -> None:
    assert name not in pinned("run.txt")
