"""One folder an execution, one command at a time on a state folder."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from workflow.errors import LocalStateError, OutputError
from workflow.laptop import held

HOLD_STATE = """
import sys
from pathlib import Path
from workflow.laptop import held
with held.state_folder(Path(sys.argv[1]), "workflow run", print, stays=sys.argv[2] == "stays"):
    print("held", flush=True)
    sys.stdin.readline()
"""
HOLD_RUN = """
import sys
from pathlib import Path
from workflow.laptop import held
with held.run_folder(Path(sys.argv[1]), sys.argv[2], numbered=False) as folder:
    (folder.path / "model.tar.gz").write_text("half")
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextlib.contextmanager
def holding(script: str, folder: Path, argument: str) -> Iterator["subprocess.Popen[str]"]:
    """Yield another process once it holds the folder; a line to its input ends it."""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder), argument],
        cwd=PROJECT_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_command_waits_and_says_for_whom(tmp_path: Path) -> None:
    with holding(HOLD_STATE, tmp_path / "state", "ends") as other:
        told: list[str] = []

        def tell(line: str) -> None:
            told.append(line)
            assert other.stdin is not None
            other.stdin.write("\n")
            other.stdin.close()

        with held.state_folder(tmp_path / "state", "workflow run", tell):
            assert other.wait(timeout=60) == 0

    assert told[0].startswith(f"waiting for `workflow run` (process {other.pid}, since ")


def test_a_holder_that_has_not_said_yet_who_it_is_is_waited_for_until_it_does(
    tmp_path: Path,
) -> None:
    with holding(HOLD_STATE, tmp_path, "stays"):
        holder = tmp_path / "holder.json"
        text = holder.read_text()
        holder.unlink()
        later = threading.Timer(0.5, holder.write_text, [text])
        later.start()

        with (
            pytest.raises(LocalStateError, match="which stays up"),
            held.state_folder(tmp_path, "workflow run", print),
        ):
            pytest.fail("both hold it")
        later.join()


def test_nobody_waits_for_a_command_that_stays(tmp_path: Path) -> None:
    with (
        holding(HOLD_STATE, tmp_path, "stays") as other,
        pytest.raises(LocalStateError, match=rf"held by `workflow run` \(process {other.pid}, "),
        held.state_folder(tmp_path, "workflow run", print),
    ):
        pytest.fail("both hold it")


def test_what_a_killed_command_held_is_free(tmp_path: Path) -> None:
    with holding(HOLD_STATE, tmp_path, "stays") as other:
        other.kill()
        other.wait()

    with held.state_folder(tmp_path, "workflow run", pytest.fail):
        pass


def test_an_error_under_the_lock_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), held.state_folder(tmp_path, "workflow run", print):
        raise FileNotFoundError

    with held.state_folder(tmp_path, "workflow run", pytest.fail):
        pass


def test_a_folder_that_cannot_hold_state_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(LocalStateError, match=r"--state-dir .*file: cannot be used"),
        held.state_folder(tmp_path / "file", "workflow run", print),
    ):
        pytest.fail("a file is no folder")


def test_two_executions_of_the_same_second_get_a_folder_each(tmp_path: Path) -> None:
    with (
        held.run_folder(tmp_path, "local-1", numbered=True) as first,
        held.run_folder(tmp_path, "local-1", numbered=True) as second,
    ):
        for folder in (first, second):
            (folder.path / "file").write_text("")
            folder.is_complete = True

    assert [folder.path.name for folder in (first, second)] == ["local-1", "local-1-2"]
    assert [path.name for path in tmp_path.rglob("*.*")] == []


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("complete", "; give another name, or remove it"),
        ("a file", ", and no folder"),
        ("interrupted", "of a run that was interrupted"),
        ("killed at once", "of a run that was interrupted"),
        ("going on", "an execution of that name is going on"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_what_stands_there(
    tmp_path: Path, state: str, told: str
) -> None:
    with contextlib.ExitStack() as exits:
        if state == "complete":
            (tmp_path / "mine").mkdir()
            (tmp_path / "mine" / "model.tar.gz").write_text("")
        elif state == "a file":
            (tmp_path / "mine").write_text("")
        elif state == "killed at once":
            (tmp_path / "mine").mkdir()
        else:
            other = exits.enter_context(holding(HOLD_RUN, tmp_path, "mine"))
            if state == "interrupted":
                other.kill()
                other.wait()

        with (
            pytest.raises(OutputError, match=f"--name mine: .*mine is there already.*{told}"),
            held.run_folder(tmp_path, "mine", numbered=False),
        ):
            pytest.fail("both have it")


def test_a_killed_command_leaves_its_folder_marked(tmp_path: Path) -> None:
    with holding(HOLD_RUN, tmp_path, "mine") as other:
        other.kill()

    assert "was interrupted" in (tmp_path / "mine" / "unfinished.txt").read_text()


def test_what_fails_leaves_a_marked_folder_or_none(tmp_path: Path) -> None:
    for name, file_names in (("some", ["file"]), ("none", [])):
        with pytest.raises(ValueError), held.run_folder(tmp_path, name, numbered=False) as folder:  # noqa: PT011, PT012
            for file_name in file_names:
                (folder.path / file_name).write_text("")
            raise ValueError

    assert [path.name for path in tmp_path.iterdir()] == ["some"]
    assert (tmp_path / "some" / "unfinished.txt").exists()
