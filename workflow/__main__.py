"""The command line: `python -m workflow COMMAND`, or `workflow COMMAND` once installed."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from pocketaws import PocketawsError
from workflow import release
from workflow.commands import invoke, rollback, serve, status
from workflow.errors import SdkNotInstalledError, WorkflowError

_BUILD_EXAMPLES = """examples:
  python -m workflow build --output workflow/definition/definition.asl.json
"""
_RUN_EXAMPLES = """examples:
  python -m workflow run
  python -m workflow run --data abalone.csv
  python -m workflow run --data raw/ --input '{"hyperparameters": {"num_round": 100}}'
  python -m workflow run --input '{"max_mse": 1.0}' --fresh
  python -m workflow run --input '{"approval": "required"}' --approve
  python -m workflow run --input @execution-input.json --result result.json
"""
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0 only where it did what was asked."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        return int(arguments.run_command(arguments))
    except (WorkflowError, PocketawsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); what is left of it goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted; what was started has been stopped", file=sys.stderr)
        return _INTERRUPTED


def run_and_leave() -> NoReturn:
    """Run one command and leave at once.

    Everything has been stopped and flushed by then; letting the interpreter take the emulator's
    thousands of modules apart as well costs a second.
    """
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workflow",
        description="Train, judge, release and watch a SageMaker model with Step Functions.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser(
        "build",
        help="render the state machine's definition",
        description="Render the definition with the Data Science SDK, as Amazon States Language.",
        epilog=_BUILD_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="where to write it"
    )
    build.set_defaults(run_command=_build)
    run = commands.add_parser(
        "run",
        help="run the deployed definition on this machine",
        description="Deploy template.yaml to an emulated AWS on this machine and run one execution "
        "of its state machine, doing the real work. No Docker, no account, no network.",
        epilog=_RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_run_arguments(run)
    run.set_defaults(run_command=_run)
    serving = commands.add_parser(
        "serve",
        help="keep the emulated AWS up, with the endpoint of the recorded model",
        description="Deploy template.yaml and endpoint.yaml to an emulated AWS on this machine, "
        "train, and serve until Ctrl-C. No Docker, no account, no network.",
        epilog=serve.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_arguments(serving)
    serving.set_defaults(run_command=serve.run)
    releasing = commands.add_parser(
        "release",
        help="run the pipeline of pipeline.yaml on this machine",
        description="Run the stages of pipeline.yaml for a repository's HEAD against an emulated "
        "AWS on this machine: build, deploy, train, ask, deploy. No Docker, no account.",
        epilog=release.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    release.add_arguments(releasing)
    releasing.set_defaults(run_command=release.run)
    _add_command(commands, status, "say what is recorded and served, and where they differ")
    _add_command(commands, rollback, "make an earlier recorded model the recorded one again")
    _add_command(commands, invoke, "have the endpoint predict for the rows of a file")
    return parser


def _add_command(commands: Any, module: ModuleType, summary: str) -> None:
    """Add the command that a module of the same name holds."""
    parser = commands.add_parser(
        module.__name__.rpartition(".")[2],
        help=summary,
        description=f"{summary.capitalize()}, with your own boto3 configuration: in AWS, or in "
        "the local runtime that AWS_ENDPOINT_URL leads to.",
        epilog=module.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    parser.set_defaults(run_command=module.run)


def _add_run_arguments(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "--data",
        metavar="PATH-or-S3-URI",
        help="raw CSV: a file, a folder, or an S3 URI that is read with your own AWS "
        "configuration (default: the simulated data/abalone-sample.csv)",
    )
    run.add_argument(
        "--input",
        default="{}",
        metavar="JSON-or-@FILE",
        help="the execution's input, as in the Step Functions console (default: {})",
    )
    run.add_argument(
        "--name", metavar="NAME", help="the execution's name (default: made of the time)"
    )
    run.add_argument(
        "--output-dir",
        type=Path,
        default=Path("runs"),
        metavar="FOLDER",
        help="splits, model and logs go into a folder of the execution's name in it "
        "(default: runs)",
    )
    run.add_argument(
        "--state-dir",
        type=Path,
        default=Path(".workflow"),
        metavar="FOLDER",
        help="keeps the recorded model from run to run, to compare the next one with "
        "(default: .workflow)",
    )
    run.add_argument(
        "--fresh", action="store_true", help="run as if no model had been recorded yet"
    )
    decision = run.add_mutually_exclusive_group()
    decision.add_argument(
        "--approve",
        dest="decision",
        action="store_const",
        const="Approved",
        help="answer an execution that waits for a person with yes (default: ask in the terminal)",
    )
    decision.add_argument(
        "--reject",
        dest="decision",
        action="store_const",
        const="Rejected",
        help="answer it with no",
    )
    run.add_argument("--result", type=Path, metavar="FILE", help="write the outcome as JSON")


def _build(arguments: argparse.Namespace) -> int:
    # The SDK takes seconds to import, and has an environment of its own, so only this command does.
    try:
        from workflow.definition.render import render
    except ModuleNotFoundError as error:
        if error.name not in ("sagemaker", "stepfunctions"):
            raise
        raise SdkNotInstalledError(error.name) from error

    arguments.output.write_text(render(), encoding="utf-8")
    print(f"wrote {arguments.output}")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    from workflow.commands.run import RunRequest, run

    return run(
        RunRequest(
            data=arguments.data,
            execution_input=arguments.input,
            execution_name=arguments.name,
            output_dir=arguments.output_dir,
            state_dir=arguments.state_dir,
            fresh=arguments.fresh,
            result_path=arguments.result,
            decision=arguments.decision,
        )
    )


def _on_terminate(signal_number: int, _frame: object) -> NoReturn:
    # As an exception, so that what was started is stopped on the way out.
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    run_and_leave()
