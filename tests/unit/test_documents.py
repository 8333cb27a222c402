"""The documents name what there is."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.modules import load

PROJECT_DIR = Path(__file__).parents[2]
STATES = [
    state
    for name in ("definition.asl.json", "monitor.asl.json")
    for state in json.loads((PROJECT_DIR / "workflow" / "definition" / name).read_text())["States"]
]
FIELDS = load("prepare_execution").execution_input.FIELD_NAMES
DOCUMENT_PATHS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "pocketaws/*.md", "pocketaws/docs/*.md", "bench/*.md")
    for path in PROJECT_DIR.glob(pattern)
    if path.name != "CHANGELOG.md"
)


@pytest.mark.parametrize("name", STATES)
def test_every_state_stands_in_the_table_of_states(name: str) -> None:
    rows = (PROJECT_DIR / "docs" / "states.md").read_text().splitlines()

    assert any(row.startswith(f"| {name} |") for row in rows)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_stands_in_the_table_of_the_execution_input(name: str) -> None:
    rows = (PROJECT_DIR / "docs" / "execution-input.md").read_text().splitlines()

    assert any(row.startswith(f"| `{name}` |") for row in rows)


@pytest.mark.parametrize("path", [PROJECT_DIR / "README.md", *(PROJECT_DIR / "docs").glob("*.md")])
def test_the_documents_name_the_images_of_the_template(path: Path) -> None:
    template = (PROJECT_DIR / "template.yaml").read_text()
    name = re.compile(r"(?:XGBoost |xgboost:|scikit-learn[ :])(\d+\.\d+-\d+)")

    tags = set(name.findall(template))
    assert len(tags) == 2
    assert set(name.findall(path.read_text())) <= tags


def test_the_readme_stays_short() -> None:
    assert len((PROJECT_DIR / "README.md").read_text().splitlines()) <= 150


def _identity(path: Path) -> str:
    return str(path.relative_to(PROJECT_DIR))


@pytest.mark.parametrize("path", DOCUMENT_PATHS, ids=_identity)
def test_the_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text())

    assert [link for link in links if not _leads(path, link)] == []


def _leads(path: Path, link: str) -> bool:
    """Return whether the file is there, and the heading that the link names."""
    target, _, heading = link.partition("#")
    target_path = path.parent / target if target else path
    return target_path.exists() and (not heading or heading in _headings(target_path))


def _headings(path: Path) -> set[str]:
    """Return the headings as links name them: lower case, spaces as dashes, no punctuation."""
    titles = re.findall(r"(?m)^#+ (.+)$", path.read_text())
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENT_PATHS, ids=_identity)
def test_the_files_that_documents_name_are_there(path: Path) -> None:
    folders = r"functions|jobs|workflow|pocketaws|tests|regions|security|requirements|data"
    named = re.findall(rf"`((?:{folders})/[\w./-]*)`", path.read_text())

    assert [name for name in named if not (PROJECT_DIR / name).exists()] == []
