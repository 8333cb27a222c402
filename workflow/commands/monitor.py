"""`workflow monitor`: compare a window of captured calls with the baseline, now."""

import argparse
import datetime
from pathlib import Path
from typing import Final

from workflow.account import aws
from workflow.commands import SUMMARIES
from workflow.errors import OutputError, WorkflowError

DESCRIPTION: Final = (
    aws.described(SUMMARIES["monitor"])
    + " With --captures a folder on this machine is compared, and no account is asked."
)
EXAMPLES: Final = """examples:
  workflow monitor
  workflow monitor --from 2026-11-23T08:00:00Z --until 2026-11-23T09:00:00Z
  workflow monitor --captures capture/ --baseline runs/NAME/evaluation/baseline.json
"""
_HOUR: Final = datetime.timedelta(hours=1)
# What functions/find_captures looks at.
_LONGEST: Final = datetime.timedelta(days=1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--from", dest="since", metavar="TIME", help="such as 2026-11-23T08:00:00Z (an hour before)"
    )
    parser.add_argument("--until", metavar="TIME", help="the first second not to count (now)")
    parser.add_argument(
        "--captures", type=Path, metavar="FOLDER", help="captured calls on this machine"
    )
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="with --captures: the model's baseline.json"
    )
    parser.add_argument(
        "--truth", type=Path, metavar="FOLDER", help="with --captures: what the rows really were"
    )
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("runs", "monitor"),
        metavar="FOLDER",
        help="gets report.json and report.html (default: runs/monitor)",
    )
    aws.add_endpoint_name(parser)
    aws.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, say what moved and where the page lies; return 0 where the window was compared.

    Raises:
        WorkflowError: an argument cannot be used, or the comparison failed.
    """
    from pocketaws import plain

    _make(arguments.output_dir)
    if arguments.captures is not None:
        note = _compared_here(arguments)
    elif arguments.baseline is not None or arguments.truth is not None:
        raise WorkflowError("--baseline and --truth go with --captures; an account has its own")
    else:
        note = _compared_there(arguments)
    print(plain(note))
    print(arguments.output_dir / "report.html")
    return 0


def _make(folder: Path) -> None:
    """Make the folder of the report before anything is compared for it.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"--output-dir {folder}: cannot be written: {error.strerror}") from error


def _compared_here(arguments: argparse.Namespace) -> str:
    # It knows the runtime's templates, which the account's commands need not wait for.
    from workflow.laptop.captured import compare_folder

    if arguments.baseline is None:
        raise WorkflowError("--captures needs --baseline, which the evaluation of a model leaves")
    settings = {
        "--baseline-path": str(arguments.baseline),
        **({"--truth-dir": str(arguments.truth)} if arguments.truth else {}),
        **({"--from": arguments.since} if arguments.since else {}),
        **({"--until": arguments.until} if arguments.until else {}),
    }
    return compare_folder(arguments.captures, arguments.output_dir, settings)


def _compared_there(arguments: argparse.Namespace) -> str:
    from workflow.account.monitor_window import (
        TIME_FORM,
        compare_window,
        fetch_page,
        read_monitor,
    )

    now = datetime.datetime.now(tz=datetime.UTC).replace(microsecond=0)
    until = _time("--until", arguments.until) if arguments.until else now
    since = _time("--from", arguments.since) if arguments.since else until - _HOUR
    if not datetime.timedelta() < until - since <= _LONGEST:
        raise WorkflowError(
            f"--from {since:{TIME_FORM}} --until {until:{TIME_FORM}}: the second must be after the "
            "first, by a day at most"
        )
    clients = aws.clients(arguments)
    monitor = read_monitor(aws.endpoint_name(arguments), clients)
    told = compare_window(monitor, since, until, clients)
    fetch_page(monitor, until, arguments.output_dir, clients)
    return str(told["note"])


def _time(flag: str, text: str) -> datetime.datetime:
    from workflow.account.monitor_window import TIME_FORM

    try:
        return datetime.datetime.strptime(text, TIME_FORM).replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise WorkflowError(
            f"{flag} {text}: must be a time in UTC such as 2026-11-23T08:00:00Z"
        ) from error
