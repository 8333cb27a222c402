"""What becomes of a state machine's definition in a template."""

import json

import pytest

from pocketaws.cloudformation.plain_values import without_dates
from pocketaws.cloudformation.state_machine_definitions import (
    Location,
    definition_text,
    locations,
)
from pocketaws.errors import DeploymentError

DONE = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "Result": "${Word}", "End": True}}}
YAML = """
StartAt: Done
States:
  Done: {Type: Pass, Result: "${Word}", Comment: 2026-01-02, End: true}
"""


def read(location: Location) -> str:
    return {"plain": json.dumps(DONE), "yaml": YAML}[location.key]


@pytest.mark.parametrize(
    "form",
    [
        {"Definition": DONE},
        {"DefinitionString": json.dumps(DONE)},
        {"DefinitionString": YAML},
        {"DefinitionS3Location": {"Bucket": "b", "Key": "plain"}},
        {"DefinitionS3Location": {"Bucket": "b", "Key": "yaml"}},
    ],
)
def test_each_form_gets_its_substitutions(form: dict[str, object]) -> None:
    text = definition_text({**form, "DefinitionSubstitutions": {"Word": "hello"}}, read)

    assert json.loads(text)["States"]["Done"]["Result"] == "hello"


def test_a_value_may_hold_another_placeholder_and_one_without_a_value_stays() -> None:
    properties = {
        "DefinitionString": '{"a": "${A} ${Nothing} $.x $$.y"}',
        "DefinitionSubstitutions": {"A": "<${B}>", "B": 3},
    }

    assert definition_text(properties, read) == '{"a": "<3> ${Nothing} $.x $$.y"}'


def test_a_value_that_holds_itself_ends() -> None:
    properties = {"DefinitionString": "{${A}", "DefinitionSubstitutions": {"A": "${A}"}}

    assert definition_text(properties, read) == "{${A}"


@pytest.mark.parametrize(
    "form", [{}, {"Definition": DONE, "DefinitionString": "{}"}], ids=["none", "two"]
)
def test_exactly_one_form_is_needed(form: dict[str, object]) -> None:
    with pytest.raises(DeploymentError, match="exactly one of"):
        definition_text(form, read)


def test_only_locations_that_are_texts_can_be_read_before() -> None:
    machine = "AWS::StepFunctions::StateMachine"
    template = {
        "Resources": {
            "Now": {
                "Type": machine,
                "Properties": {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
            },
            "Later": {
                "Type": machine,
                "Properties": {"DefinitionS3Location": {"Bucket": {"Ref": "B"}, "Key": "k"}},
            },
        }
    }

    assert locations(template) == {"Now": Location("b", "k", None)}


def test_an_unquoted_date_is_the_text_that_it_looks_like() -> None:
    import yaml

    document = yaml.safe_load("Version: 2012-10-17\nStatement: [{Sid: 2012-10-17}]")

    assert without_dates(document) == {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "2012-10-17"}],
    }
