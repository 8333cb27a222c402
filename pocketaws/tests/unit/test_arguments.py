"""What the command line refuses before anything starts."""

import pytest

from pocketaws import empty_argument
from pocketaws.__main__ import main
from pocketaws.commands import arguments
from pocketaws.errors import ArgumentError


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["up", ""], "an argument: is empty; give a value"),
        (["up", "--env-file", ""], "--env-file: is empty"),
        (["run", "template.yaml", "--result="], "--result: is empty"),
        (["run", "template.yaml", "--stack-name", ""], "--stack-name: is empty"),
    ],
)
def test_an_empty_argument_is_told_and_nothing_starts(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_parameter_may_be_empty() -> None:
    assert empty_argument(["up", "template.yaml", "--parameter", "Stage="]) is None
    assert empty_argument(["up", "template.yaml", "--parameter=Stage="]) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@", "names no file; write it like @input.json"),
        ('{"a": 1, "a": 2}', "'a' stands twice in an object; give it once"),
        ('{"a": [{"b": 1, "b": 1}]}', "'b' stands twice"),
        ('{"a": NaN}', "NaN is no number of JSON's"),
        ("[-Infinity]", "-Infinity is no number"),
    ],
)
def test_an_input_that_only_python_takes_is_refused(text: str, told: str) -> None:
    with pytest.raises(ArgumentError, match=f"^--input.*{told}"):
        arguments.execution_input(text)
