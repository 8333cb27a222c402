"""`workflow release`: the pipeline of `pipeline.yaml`, run on this machine."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workflow.errors import WorkflowError
from workflow.laptop import arguments, region

DESCRIPTION: Final = (
    "Run the stages of pipeline.yaml for a repository's HEAD against an emulated "
    "AWS on this machine: build, deploy, train, ask, deploy. No Docker, no account."
)
EXAMPLES: Final = """examples:
  python -m workflow release
  python -m workflow release --approve
  python -m workflow release --approve --offline
  python -m workflow release --approve --fresh
  python -m workflow release --approve --data rows.csv --input '{"max_mse": 5}'
"""
_ANSWERS: Final = {None: None, arguments.APPROVED: True, arguments.REJECTED: False}
# The pipeline's variable that becomes the execution's input.
_INPUT: Final = "ExecutionInput"
# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineVariable.html
_VALUE_MAXIMUM: Final = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--source",
        type=Path,
        metavar="FOLDER",
        help="a git repository; what is released is its HEAD, and its pipeline.yaml is run "
        "(default: this project)",
    )
    parser.add_argument(
        "--data",
        metavar="PATH-or-S3-URI",
        help="raw CSV, as for `run`: stands, on this machine, for what the deployed stack reads "
        "(default: the sample that project.toml names)",
    )
    parser.add_argument(
        "--input",
        metavar="JSON-or-@FILE",
        help="the training execution's input, as for `run`: the pipeline's variable ExecutionInput",
    )
    region.add_arguments(parser)
    arguments.add_decision(parser, asked="every approval")
    for option, subject in (("--variable", "variables"), ("--parameter", "parameters")):
        parser.add_argument(
            option,
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"one of the pipeline's {subject}; may be given more than once",
        )
    parser.add_argument(
        "--offline",
        action="store_true",
        help="build with the environments that this machine has, and without the SAM CLI where it "
        "has none (default: make sets them up anew, as in CodeBuild)",
    )
    arguments.add_folders(
        parser,
        output="artifacts, logs and reports go into a folder of the release's name in it",
        state="keeps what a release that succeeded left, artifacts and the recorded model: the "
        "next one starts with it and can be rolled back to it",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="release as if nothing had been released yet"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="stay up after the last stage, until Ctrl-C, for calls to the endpoints",
    )


def run(given: argparse.Namespace) -> int:
    """Run the pipeline once; return 0 where every stage succeeded, else 1.

    Raises:
        WorkflowError: the arguments cannot be used, or the pipeline asks for what is not known.
    """
    # The emulator takes seconds to import, which `--help` need not wait for.
    from workflow.project import PROJECT_DIR
    from workflow.release.local import ReleaseRequest, release

    return release(
        ReleaseRequest(
            source_dir=given.source or PROJECT_DIR,
            data=given.data,
            is_approved=_ANSWERS[given.decision],
            variables=variables_of(given),
            parameters=_pairs("--parameter", given.parameter),
            offline=given.offline,
            output_dir=given.output_dir,
            state_dir=given.state_dir,
            fresh=given.fresh,
            keep=given.keep,
            region=given.region,
        )
    )


def variables_of(given: argparse.Namespace) -> dict[str, str]:
    """Return the values of the pipeline's variables by name, as CodePipeline takes them.

    Raises:
        WorkflowError: one is given twice, is no JSON where it has to be, or is too long.
    """
    import json

    from workflow.laptop import checks
    from workflow.laptop.execution_input import parse_execution_input
    from workflow.project import PROJECT_DIR

    variables = _pairs("--variable", given.variable)
    if given.input is not None:
        if _INPUT in variables:
            raise WorkflowError(f"--input: sets the variable {_INPUT}, which --variable sets, too")
        variables[_INPUT] = json.dumps(parse_execution_input(given.input), ensure_ascii=False)
    for name, value in variables.items():
        _check_length(name, value)
    if _INPUT in variables:
        # What the execution would refuse after a quarter of an hour of building.
        execution_input = parse_execution_input(variables[_INPUT], f"--variable {_INPUT}")
        checks.check_fields(execution_input, given.source or PROJECT_DIR)
    return variables


def _check_length(name: str, value: str) -> None:
    if not 1 <= len(value) <= _VALUE_MAXIMUM:
        raise WorkflowError(
            f"the variable {name} has {len(value)} characters, and CodePipeline takes 1 to "
            f"{_VALUE_MAXIMUM}; give what holds for every execution as parameters of the stack"
        )


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            raise WorkflowError(f"{option} {text!r}: must be NAME=VALUE")
    pairs = {name: value for name, _, value in (text.partition("=") for text in texts)}
    for name in pairs:
        if sum(text.startswith(f"{name}=") for text in texts) > 1:
            raise WorkflowError(f"{option} {name}: stands twice; give it once")
    return pairs
