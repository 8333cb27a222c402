"""`workflow run`: one execution of the deployed definition on this machine."""

import argparse
from pathlib import Path
from typing import Final

from workflow.laptop import arguments, region

DESCRIPTION: Final = (
    "Deploy template.yaml to an emulated AWS on this machine and run one execution "
    "of its state machine, doing the real work. No Docker, no account, no network."
)
EXAMPLES: Final = """examples:
  python -m workflow run
  python -m workflow run --data rows.csv
  python -m workflow run --data raw/ --input '{"hyperparameters": {"num_round": 100}}'
  python -m workflow run --batch new-rows.csv
  python -m workflow run --input '{"max_mse": 1.0}' --fresh
  python -m workflow run --input '{"approval": "required"}' --approve
  python -m workflow run --no-cache
  python -m workflow run --region eu-central-1
  python -m workflow run --input @execution-input.json --result result.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--data",
        metavar="PATH-or-S3-URI",
        help="raw CSV: a file, a folder, or an S3 URI that is read with your own AWS "
        "configuration (default: the sample that project.toml names)",
    )
    parser.add_argument(
        "--batch",
        type=Path,
        metavar="FILE",
        help="CSV of raw rows, with or without a label: the released model predicts for them",
    )
    parser.add_argument(
        "--input",
        default="{}",
        metavar="JSON-or-@FILE",
        help="the execution's input, as in the Step Functions console (default: {})",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="the execution's name (default: made of the time)"
    )
    arguments.add_folders(
        parser,
        output="splits, model and logs go into a folder of the execution's name in it",
        state="keeps the recorded model from run to run, to compare the next one with, and what "
        "jobs made, to reuse it",
    )
    parser.add_argument(
        "--fresh", action="store_true", help="run as if no model had been recorded yet"
    )
    parser.add_argument(
        "--own",
        action="store_true",
        help="start an emulated AWS of its own, though one is up for this folder",
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="run every job, though one of the same image, code, data and settings was run before",
    )
    region.add_arguments(parser)
    arguments.add_decision(parser, asked="an execution that waits for a person")
    parser.add_argument("--result", type=Path, metavar="FILE", help="write the outcome as JSON")


def run(given: argparse.Namespace) -> int:
    """Run one execution; return 0 where it succeeded, else 1.

    Raises:
        WorkflowError: the arguments cannot be used, or the emulator cannot be set up.
    """
    from workflow.laptop import run as execution
    from workflow.laptop.run_execution import RunRequest

    return execution.run(
        RunRequest(
            data=given.data,
            execution_input=given.input,
            execution_name=given.name,
            output_dir=given.output_dir,
            state_dir=given.state_dir,
            fresh=given.fresh,
            result_path=given.result,
            decision=given.decision,
            region=given.region,
            own=given.own,
            reuses=not given.no_cache,
            batch=given.batch,
        )
    )
