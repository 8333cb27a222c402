"""The documents name what there is."""

import json
import re
from pathlib import Path

import pytest

from tests.unit.modules import load

PROJECT_DIR = Path(__file__).parents[2]
STATES = json.loads((PROJECT_DIR / "workflow" / "definition" / "definition.asl.json").read_text())[
    "States"
]
FIELDS = load("prepare_execution").execution_input.FIELD_NAMES


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
