"""The project's names: read from project.toml, spelt out in the templates, changed by a command."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from workflow.errors import ProjectError
from workflow.project import MAX_NAME_LENGTH, project, read_project
from workflow.starting.renaming import FILES, renamed

REGION = 'region = "eu-west-1"\n'


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in (*FILES, "project.toml"):
        shutil.copyfile(PROJECT_DIR / name, tmp_path / name)
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "project.toml"
    path.write_text(text)
    return path


def test_the_sample_is_there() -> None:
    assert project().sample_path.is_file()


def test_stacks_and_endpoints_are_called_after_the_project(tmp_path: Path) -> None:
    told = read_project(
        write(tmp_path, 'name = "houses"\nsample = "rows.csv"\nregion = "eu-west-1"\n')
    )

    assert told.sample_path == tmp_path / "rows.csv"
    assert (told.stack_name, told.local_stack_name) == ("houses-dev", "houses-local")
    assert (told.endpoint_stack_name, told.endpoint_name) == ("houses-endpoint", "houses")


@pytest.mark.parametrize("name", FILES)
def test_what_must_spell_the_name_out_has_the_projects(name: str) -> None:
    text = (PROJECT_DIR / name).read_text()
    stacks = re.findall(r'^stack_name = "(.*)"$', text, re.MULTILINE)
    parameters = re.findall(r"/([a-z-]+)/(?:model-name|bucket-name|topic-arn)", text)

    assert stacks or parameters or name == "pipeline.yaml"
    assert all(found.startswith(f"{project().name}-") for found in (*stacks, *parameters))


def test_a_renamed_project_has_the_new_name_everywhere_but_in_the_samples_path(copy: Path) -> None:
    old = project().name

    changed = renamed(copy, "houses")

    assert changed == [copy / name for name in (*FILES, "project.toml")]
    assert read_project(copy / "project.toml").name == "houses"
    assert read_project(copy / "project.toml").sample_path.name == project().sample_path.name
    for name in FILES:
        before, after = (PROJECT_DIR / name).read_text(), (copy / name).read_text()
        assert old not in after
        assert after.replace("houses", old) == before


def test_a_project_that_is_renamed_back_is_as_it_was(copy: Path) -> None:
    renamed(copy, "houses")
    renamed(copy, project().name)

    for name in (*FILES, "project.toml"):
        assert (copy / name).read_bytes() == (PROJECT_DIR / name).read_bytes()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "cannot be read"),
        ('name = "a"\n', "must have name, region, sample, and has name, region"),
        ('name = "a"\nsample = "b"\nport = 1\n', "and has name, port, region, sample"),
        ('name = 7\nsample = "b"\n', "name = 7: must be a text"),
        ('name = "A"\nsample = "b"\n', "name = 'A': must be at most"),
        ('name = "a_b"\nsample = "b"\n', "name = 'a_b': must be at most"),
        ('name = "a--b"\nsample = "b"\n', "name = 'a--b': must be at most"),
        (f'name = "{"a" * (MAX_NAME_LENGTH + 1)}"\nsample = "b"\n', "must be at most"),
    ],
)
def test_what_cannot_be_a_project_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=told):
        read_project(write(tmp_path, text + REGION))


def test_the_longest_name_can_be_one(tmp_path: Path) -> None:
    name = "a" * MAX_NAME_LENGTH

    assert read_project(write(tmp_path, f'name = "{name}"\nsample = "b"\n{REGION}')).name == name
