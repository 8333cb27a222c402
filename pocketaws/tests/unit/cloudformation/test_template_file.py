"""A template that has been read before is what a parser reads now, at each change of a byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketaws.cloudformation import template_file
from pocketaws.cloudformation.template_file import read_template
from pocketaws.errors import DeploymentError

TEMPLATE = b"""Description: a # b
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${AWS::StackName}-a", Size: 1, Is: true, Not: null}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "template.yaml").write_bytes(TEMPLATE)
    return tmp_path / "template.yaml"


def kept(path: Path) -> list[Path]:
    return sorted((path.parent / "cache" / "pocketaws" / "templates").glob("*"))


def read(path: Path) -> Any:
    try:
        return read_template(path)
    except DeploymentError as error:
        return str(error)


def parsed(content: bytes, path: Path) -> Any:
    """Return what is read of a template that has never been read."""
    for each in kept(path):
        each.unlink()
    path.write_bytes(content)
    return read(path)


def test_what_is_kept_is_what_was_parsed(path: Path) -> None:
    first = read_template(path)
    (file,) = kept(path)

    again = read_template(path)

    assert again == first == json.loads(file.read_bytes())
    assert repr(again) == repr(first), "types and order too"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_each_changed_byte_is_seen(path: Path, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TEMPLATE) - 1))
    byte = data.draw(st.sampled_from([*b'ab1:- {}"\n\r#!&*', 0xFF]))
    changed = TEMPLATE[:place] + bytes([byte]) + TEMPLATE[place + 1 :]
    expected = parsed(changed, path)

    path.write_bytes(TEMPLATE)
    read_template(path)
    path.write_bytes(changed)
    found = [read(path) for _ in range(2)]

    assert repr(found) == repr([expected] * 2)


@pytest.mark.parametrize(
    "more",
    [
        "Metadata: {When: 2020-01-01}",
        "Metadata: {1: a}",
        "Metadata: {No: a}",
        "Metadata: {a: &a [1], b: *a}",
        "Metadata: {a: .nan}",
    ],
)
def test_what_json_would_change_is_not_kept(path: Path, more: str) -> None:
    path.write_bytes(TEMPLATE + more.encode())

    first, again = (read_template(path) for _ in range(2))

    assert repr(first) == repr(again)
    assert kept(path) == []


def test_what_another_installation_has_parsed_is_not_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_template(path)
    monkeypatch.setattr(template_file, "installation_digest", lambda: "another")

    read_template(path)

    assert len(kept(path)) == 2
