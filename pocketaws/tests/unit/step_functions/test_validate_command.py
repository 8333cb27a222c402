"""`python -m pocketaws validate`: the same verdicts, for people and for scripts."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from emulated.definitions import RIGHT, WRONG, Right, Wrong
from emulated.machines import alone, machine
from pocketaws.__main__ import main

WARNED = alone(Type="Wait", Seconds=1, Comment="c")
MISSING = machine(A={"Type": "Pass", "Next": "X"}, B={"Type": "Succeed"})


def validated(definition: Any, tmp_path: Path, *options: str) -> int:
    path = tmp_path / "definition.asl.json"
    path.write_text(json.dumps(definition), encoding="utf-8")
    return main(["validate", str(path), *options])


@pytest.mark.parametrize("case", [*RIGHT, *WRONG], ids=lambda case: case.name)
def test_the_exit_code_is_the_verdict(case: Right | Wrong, tmp_path: Path) -> None:
    code = validated(case.definition, tmp_path, "--no-placeholders")

    assert code == (0 if isinstance(case, Right) else 1)


def test_what_is_wrong_is_told_with_severity_code_and_location(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validated(MISSING, tmp_path) == 1

    assert capsys.readouterr().out.splitlines() == [
        "ERROR MISSING_TRANSITION_TARGET /States/A/Next",
        "  Missing 'Next' target: X",
        "ERROR MISSING_TRANSITION_TARGET /States/B",
        '  State "B" is not reachable.',
        "FAIL",
    ]


def test_a_warning_keeps_nothing_from_being_created(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validated(alone(Type="Pass", Result={"a": "$.x"}), tmp_path) == 0

    told = capsys.readouterr().out.splitlines()
    assert told[0] == "WARNING PASS_RESULT_IS_STATIC /States/A/Result/a"
    assert told[-1] == "OK"


def test_as_json_it_is_the_answer_of_the_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validated(MISSING, tmp_path, "--json") == 1

    answer = json.loads(capsys.readouterr().out)
    assert answer["result"] == "FAIL"
    assert answer["truncated"] is False
    assert answer["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: X",
        "location": "/States/A/Next",
    }


@pytest.mark.parametrize(("definition", "code"), [(WARNED, 0), (MISSING, 1), (None, 1)])
def test_a_dash_is_standard_input(
    definition: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "" if definition is None else json.dumps(definition)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    assert main(["validate", "-"]) == code


def test_yaml_is_read_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "definition.asl.yaml"
    path.write_text("StartAt: A\nStates:\n  A: {Type: Succeed}\n", encoding="utf-8")

    assert main(["validate", str(path)]) == 0


def test_express_machines_have_rules_of_their_own(tmp_path: Path) -> None:
    waits = alone(
        Type="Task",
        Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters={"QueueUrl": "u", "MessageBody": "b"},
    )

    assert validated(waits, tmp_path) == 0
    assert validated(waits, tmp_path, "--type", "EXPRESS") == 1


def test_placeholders_are_a_templates_unless_said_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definition = alone(Type="Task", Resource="${FunctionArn}")

    assert validated(definition, tmp_path) == 0
    assert "left to DefinitionSubstitutions: ${FunctionArn}\nOK\n" in capsys.readouterr().out
    assert validated(definition, tmp_path, "--no-placeholders") == 1


@pytest.mark.parametrize("name", ["no-such-file.json", "."])
def test_a_file_that_cannot_be_read_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", name]) == 1

    assert f"error: FILE {name}: cannot be read" in capsys.readouterr().err


def test_yaml_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.yml"
    path.write_text("{", encoding="utf-8")

    assert main(["validate", str(path)]) == 1
    assert "is no YAML of JSON's values" in capsys.readouterr().err
