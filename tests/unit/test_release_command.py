"""The variables that `workflow release` gives the pipeline."""

import argparse
import json

import pytest
from botocore.session import Session

from workflow.commands import release
from workflow.errors import WorkflowError

MAXIMUM = Session().get_service_model("codepipeline").shape_for("PipelineVariableValue").metadata


def variables_of(*argv: str) -> dict[str, str]:
    parser = argparse.ArgumentParser()
    release.add_arguments(parser)
    return release.variables_of(parser.parse_args(argv))


def input_of(size: int) -> str:
    """Return an execution's input of so many characters."""
    return json.dumps({"Comment": "ü" * (size - len('{"Comment": ""}'))}, ensure_ascii=False)


def test_the_input_is_the_variable_that_the_pipeline_hands_to_the_execution() -> None:
    assert variables_of("--input", '{"split_seed":7}', "--variable", "RollBackOnAlarm=false") == {
        "ExecutionInput": '{"split_seed": 7}',
        "RollBackOnAlarm": "false",
    }


def test_an_input_as_long_as_codepipeline_takes_is_taken() -> None:
    longest = input_of(MAXIMUM["max"])

    assert variables_of("--input", longest) == {"ExecutionInput": longest}
    assert variables_of("--variable", f"Name={'x' * 1000}") == {"Name": "x" * 1000}


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--input", input_of(MAXIMUM["max"] + 1)), "ExecutionInput has 1001 characters"),
        (("--variable", "Name=" + "x" * 1001), "Name has 1001 characters, .* takes 1 to 1000"),
        (("--variable", "Name="), "Name has 0 characters"),
    ],
)
def test_a_longer_one_is_refused_with_a_remedy(argv: tuple[str, str], told: str) -> None:
    with pytest.raises(WorkflowError, match=f"{told}.*as parameters of the stack"):
        variables_of(*argv)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--variable", "ExecutionInput={"), "--variable ExecutionInput: is not JSON"),
        (("--variable", "ExecutionInput=[]"), "--variable ExecutionInput: must be a JSON object"),
        (("--input", '{"max_mes": 5}'), "max_mes = 5: no such field; did you mean 'max_mse'"),
        (("--variable", 'ExecutionInput={"max_mse": "5"}'), 'max_mse = "5": must be a number'),
        (("--variable", "A=1", "--variable", "A=2"), "--variable A: stands twice; give it once"),
    ],
)
def test_what_would_fail_after_the_build_is_refused_before_it(
    argv: tuple[str, ...], told: str
) -> None:
    with pytest.raises(WorkflowError, match=told):
        variables_of(*argv)


def test_a_parameter_that_stands_twice_is_refused() -> None:
    parser = argparse.ArgumentParser()
    release.add_arguments(parser)
    twice = ["--parameter", "ProjectName=a", "--parameter", "ProjectName=b"]

    with pytest.raises(WorkflowError, match="--parameter ProjectName: stands twice"):
        release.run(parser.parse_args(twice))
