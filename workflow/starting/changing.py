"""Files of the project that change together: a kill leaves all of them old, or all of them new.

What they become is written into one file first. From the moment when that stands the change counts:
it is carried out by this process or, where that was killed, by the next command.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

from pocketaws import write_whole
from workflow.errors import LocalStateError, ProjectError
from workflow.laptop import recorded_model
from workflow.laptop.arguments import DEFAULT_STATE_DIR
from workflow.project import CHANGING_NAME


def change(folder: Path, texts: Mapping[str, str], *, model_of: str = "") -> Path | None:
    """Give files of a project new texts.

    Args:
        folder: of the project.
        texts: by the files' paths in it.
        model_of: the project whose model in production is put aside, as it is of another table.

    Returns:
        Where that model is kept; None where there was none.

    Raises:
        ProjectError: a file cannot be written; all are as they were.
        LocalStateError: the model cannot be put aside; likewise.
    """
    before = {name: _text(folder / name) for name in texts}
    journal_path = folder / CHANGING_NAME
    try:
        write_whole(journal_path, json.dumps({"texts": {**texts}, "model_of": model_of}))
        return _carried_out(folder)
    except (OSError, LocalStateError) as error:
        with contextlib.suppress(OSError):
            _put_back(folder, before)
            journal_path.unlink(missing_ok=True)
        if isinstance(error, LocalStateError):
            raise
        raise ProjectError(f"{folder}: cannot be changed: {error}") from error


def finish(folder: Path) -> None:
    """Carry out what a process that was killed had begun.

    Raises:
        ProjectError: a file cannot be written.
        LocalStateError: the model cannot be put aside.
    """
    try:
        _carried_out(folder)
    except (OSError, ValueError) as error:
        raise ProjectError(
            f"{folder / CHANGING_NAME}: what a command had begun to change cannot be carried out "
            f"({error}); remove that file to leave it"
        ) from error


def _carried_out(folder: Path) -> Path | None:
    """Carry out a change, which may have been done in part; return where a model is kept."""
    journal_path = folder / CHANGING_NAME
    begun = json.loads(journal_path.read_text(encoding="utf-8"))
    kept = None
    if begun["model_of"]:
        kept = recorded_model.put_aside(folder / DEFAULT_STATE_DIR, begun["model_of"])
    for name, text in begun["texts"].items():
        write_whole(folder / name, text)
    journal_path.unlink()
    return kept


def _text(path: Path) -> str | None:
    """Return a file's text; None where there is no such file.

    Raises:
        ProjectError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path}: cannot be changed: {error}") from error


def _put_back(folder: Path, before: Mapping[str, str | None]) -> None:
    for name, text in before.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        elif _text(folder / name) != text:
            write_whole(folder / name, text)
