"""What is wrong with a command's arguments, told before the emulator starts.

What the project's own scripts know better (the fields of an execution input, the columns) they are
asked, each as a process of its own that runs while other things begin.
"""

import contextlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pocketaws import execution_name_problem
from workflow.errors import ColumnsError, ExecutionInputError, InputDataError, OutputError
from workflow.project import PROJECT_DIR

_INPUT_SCRIPT: Final = Path("functions", "prepare_execution", "check_input.py")
_COLUMNS_SCRIPT: Final = Path("jobs", "encode.py")
_BATCH_SCRIPT: Final = Path("jobs", "encode_batch.py")
_BAYESIAN: Final = "Bayesian"
_PROBLEMS: Final = 3  # The exit code of check_input.py, and of encode_batch.py.
_COLUMNS_LINE: Final = re.compile(r'columns\.py", line ([0-9]+)')
_ERROR: Final = re.compile(r"^(?:\w+\.)*(\w+): (.*)$")


def check_name(name: str | None) -> None:
    """Check the name of an execution, which is a folder's, too.

    Raises:
        ExecutionInputError: Step Functions would refuse it, or no folder can have it.
    """
    if name is None:
        return
    problem = execution_name_problem(name)
    if not problem and not name.strip("."):
        problem = "is no name of a folder; left out, one is made of the time"
    if problem:
        raise ExecutionInputError(f"--name {name!r}: {problem}")


def check_tuning(
    given: Mapping[str, Any], *, is_installed: Callable[[str], object] = importlib.util.find_spec
) -> None:
    """Check that this machine can search as an input asks, which it would find out after a job.

    Args:
        given: the input's fields.
        is_installed: tells of a package.

    Raises:
        ExecutionInputError: it lacks what Bayesian tuning takes here.
    """
    tuning = given.get("tuning")
    if not isinstance(tuning, dict) or not tuning.get("ranges"):
        return
    if tuning.get("strategy", _BAYESIAN) == _BAYESIAN and not is_installed("optuna"):
        raise ExecutionInputError(
            f'tuning.strategy = "{_BAYESIAN}": is done here by optuna, which is not installed; '
            f'{sys.executable} -m pip install optuna, or give "strategy": "Random"'
        )


def check_result(path: Path | None, *, folders: Iterable[Path] = ()) -> None:
    """Check that a file can be written to a path, and leave none there.

    Args:
        path: of the result; None where none is asked for.
        folders: that the command makes where they are not there.

    Raises:
        OutputError: it cannot.
    """
    if path is None:
        return
    for folder in folders:
        if path.resolve() in (folder.resolve(), *folder.resolve().parents):
            raise OutputError(f"--result {path}: the command makes a folder of it; name a file")
    if path.is_dir():
        raise OutputError(f"--result {path}: is a folder; name a file, such as {path / 'r.json'}")
    if path.exists():
        _check_writable(path, lambda: path.open("ab").close())
        return
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    _check_writable(path, lambda: tempfile.TemporaryFile(dir=folder).close())


def check_result_is_not_read(path: Path | None, read: Iterable[Path]) -> None:
    """Check that a result does not replace what the command reads.

    Args:
        path: of the result; None where none is asked for.
        read: the files of data, of a batch and of the input.

    Raises:
        OutputError: it would.
    """
    if path is not None and path.exists() and any(path.samefile(one) for one in read):
        raise OutputError(
            f"--result {path}: is a file that the command reads, and the result would replace it; "
            "name another"
        )


def _check_writable(path: Path, write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as error:
        raise OutputError(f"--result {path}: cannot be written: {error.strerror}") from error


@contextlib.contextmanager
def asked(
    execution_input: Mapping[str, Any],
    *,
    batch_path: Path | None = None,
    project_dir: Path = PROJECT_DIR,
) -> Iterator[Callable[[], None]]:
    """Begin to ask the project's scripts; yield what waits for their answers.

    Yields:
        Raises ExecutionInputError where the input's fields cannot work, ColumnsError where
        jobs/columns.py cannot be used, InputDataError where the batch holds no rows to predict for.
    """
    with contextlib.ExitStack() as exits:
        columns = exits.enter_context(_script(project_dir / _COLUMNS_SCRIPT, ""))
        given = None
        if execution_input:
            text = json.dumps(execution_input)
            given = exits.enter_context(_script(project_dir / _INPUT_SCRIPT, text))
        batch = None
        if batch_path is not None:
            options = ("--check", str(batch_path))
            batch = exits.enter_context(_script(project_dir / _BATCH_SCRIPT, "", *options))

        def wait() -> None:
            _check_columns(columns)
            if given is not None:
                _check_input(given)
            if batch is not None:
                _check_batch(batch, batch_path)

        yield wait


def check_fields(execution_input: Mapping[str, Any], project_dir: Path) -> None:
    """Check the fields of an execution's input by the script of a project, if it has one.

    Raises:
        ExecutionInputError: they cannot work.
    """
    with _script(project_dir / _INPUT_SCRIPT, json.dumps(execution_input)) as given:
        _check_input(given)


@contextlib.contextmanager
def _script(path: Path, text: str, *options: str) -> Iterator["subprocess.Popen[str]"]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as stdin:
        stdin.write(text)
        stdin.seek(0)
        # -B: what lies beside the scripts is deployed with them.
        with subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-B", str(path), *options],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _check_input(process: "subprocess.Popen[str]") -> None:
    problems, _ = process.communicate()
    if process.returncode == _PROBLEMS:
        raise ExecutionInputError(problems.rstrip())


def _check_batch(process: "subprocess.Popen[str]", path: Path | None) -> None:
    problem, _ = process.communicate()
    if process.returncode == _PROBLEMS:
        raise InputDataError(f"--batch {path}: {problem.rstrip()}")


def _check_columns(process: "subprocess.Popen[str]") -> None:
    _, traceback = process.communicate()
    if process.returncode == 0:
        return
    last = (traceback.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
    error, line = _ERROR.match(last), _COLUMNS_LINE.findall(traceback)
    told = error[2] if error and error[1] == "ColumnsError" else last
    where = f"line {line[-1]}: " if line and told == last else ""
    raise ColumnsError(f"jobs/columns.py cannot be used: {where}{told}")
