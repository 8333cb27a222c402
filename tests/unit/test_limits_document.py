"""docs/limits.md: each limit has a source that says the number, and a file and a test."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from botocore.session import Session
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.unit.modules import PROJECT_DIR

DOCUMENT: Final = PROJECT_DIR / "docs" / "limits.md"
LINK: Final = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<target>[^)]+)\)")
BOTOCORE: Final = re.compile(r"botocore (?P<service>[\w-]+) (?P<shape>\w+)(, less (?P<less>\d+))?")
SCHEMA: Final = re.compile(r"schema (?P<type>AWS::\w+::\w+) (?P<property>\w+)")
# What no page of AWS says, and a test asks.
OWN_SOURCES: Final = ("XGBoost 3.2.0", "this repository", "writer and reader", "botocore's models")
LEAST_ROWS: Final = 40
SESSION: Final = Session()


class Row(NamedTuple):
    """A row of the document's tables."""

    what: str
    limit: str
    source: str
    held_in: str
    test: str

    @property
    def number(self) -> int:
        """The first number of the limit, which is the published one."""
        digits = re.search(r"[0-9][0-9,]*", self.limit)
        assert digits, self.limit
        return int(digits[0].replace(",", ""))


def rows() -> list[Row]:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return [Row(*row) for row in cells if row[0] != "what" and not row[0].startswith("-")]


ROWS: Final = rows()


def readable(row: Row) -> str:
    return row.what[:40]


def linked(cell: str) -> tuple[str, Path]:
    """Return the text of the one link in a cell, and the file that it leads to."""
    (link,) = LINK.finditer(cell)
    return link["text"], (DOCUMENT.parent / link["target"]).resolve()


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(ROWS) >= LEAST_ROWS
    assert len({(row.what, row.test) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=readable)
def test_the_file_that_holds_a_limit_is_there(row: Row) -> None:
    name, path = linked(row.held_in)

    assert path.is_file()
    assert path.name == name
    assert PROJECT_DIR in path.parents


@pytest.mark.parametrize("row", ROWS, ids=readable)
def test_the_test_of_a_limit_is_there(row: Row) -> None:
    name, path = linked(row.test)

    assert path.name.startswith("test_")
    assert re.search(rf"^def {re.escape(name)}\(", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=readable)
def test_the_source_of_a_limit_says_the_number(row: Row) -> None:
    botocore, schema, page = (
        BOTOCORE.fullmatch(row.source),
        SCHEMA.fullmatch(row.source),
        LINK.fullmatch(row.source),
    )
    if botocore:
        model = SESSION.get_service_model(botocore["service"])
        less = int(botocore["less"] or 0)
        assert row.number == model.shape_for(botocore["shape"]).metadata["max"] - less
    elif schema:
        assert row.number == _schema_maximum(schema["type"], schema["property"])
    elif page:
        assert page["target"].startswith("https://docs.aws.amazon.com/")
    else:
        assert row.source.startswith(OWN_SOURCES)


def _schema_maximum(resource_type: str, name: str) -> int:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource_type).schema
    maximum: int = schema["properties"][name]["maxLength"]
    return maximum
