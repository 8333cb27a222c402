"""The options that several commands of this machine have."""

import argparse
from pathlib import Path

DEFAULT_STATE_DIR = Path(".workflow")
APPROVED = "Approved"
REJECTED = "Rejected"


def add_folders(parser: argparse.ArgumentParser, *, output: str, state: str) -> None:
    """Add where files go: `output_dir` and `state_dir`, with what each is for, in words."""
    parser.add_argument(
        "--output-dir",
        type=Path,
        default=Path("runs"),
        metavar="FOLDER",
        help=f"{output} (default: runs)",
    )
    add_state_folder(parser, state)


def add_state_folder(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Add `state_dir`, what outlives a command."""
    parser.add_argument(
        "--state-dir",
        type=Path,
        default=DEFAULT_STATE_DIR,
        metavar="FOLDER",
        help=f"{help_text} (default: .workflow)",
    )


def add_decision(parser: argparse.ArgumentParser, *, asked: str) -> None:
    """Add `decision`: `APPROVED`, `REJECTED`, or None to ask for it.

    Args:
        parser: of the command.
        asked: what waits for an answer, in words.
    """
    decision = parser.add_mutually_exclusive_group()
    decision.add_argument(
        "--approve",
        dest="decision",
        action="store_const",
        const=APPROVED,
        help=f"answer {asked} with yes (default: ask in the terminal)",
    )
    decision.add_argument(
        "--reject",
        dest="decision",
        action="store_const",
        const=REJECTED,
        help=f"answer {asked} with no",
    )
