"""A zygote's children: how they end, what they leave, what happens when it is the zygote that ends.

The children run this module's functions.
"""

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import pocketaws
from pocketaws.errors import LocalRuntimeError
from pocketaws.processes.zygote_process import STOPPED_BY_SIGNAL, Child, Zygote

pytestmark = pytest.mark.slow

SECONDS = 20
# What a child calls here stands in this module.
_FOLDERS = (Path(pocketaws.__file__).parents[1], Path(__file__).parents[2])
FINDS_TESTS = {"PYTHONPATH": os.pathsep.join(map(str, _FOLDERS))}
Start = Callable[..., Child]


# What the children do.
def leave(code: Any) -> Any:
    return code


def exit_with(code: Any) -> None:
    sys.exit(code)


def fail() -> None:
    raise ValueError("the child's own")


def close_streams() -> None:
    sys.stdout.close()
    sys.stderr.close()
    raise ValueError("unheard")


def sleep(*, own_session: bool) -> None:
    helper = subprocess.Popen(["sleep", "60"], start_new_session=own_session)
    print(os.getpid(), helper.pid, flush=True)
    time.sleep(60)


def tell(name: str) -> None:
    told = {
        "environment": dict(os.environ),
        "folder": str(Path.cwd()),
        "temporary": tempfile.gettempdir(),
        "path": sys.path,
        "graphlib": importlib.util.find_spec("graphlib") is not None,
    }
    print(told[name])


# The tests.
@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    zygote = Zygote([], log_path=tmp_path / "zygote.log", environment=FINDS_TESTS)
    yield zygote
    zygote.stop()


@pytest.fixture
def start(zygote: Zygote, folder: Path) -> Start:
    def start_child(target: Callable[..., Any], **arguments: Any) -> Child:
        return start_in(zygote, folder, target, **arguments)

    return start_child


def start_in(zygote: Zygote, folder: Path, target: Callable[..., Any], **arguments: Any) -> Child:
    return zygote.start_child(
        f"unit.processes.test_processes:{target.__name__}",
        arguments,
        environment={"OWN": "variable", "PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        folders=[folder],
        log_path=folder / "log",
        subject="the child",
    )


def log(folder: Path) -> str:
    return (folder / "log").read_text()


def pids(folder: Path) -> list[int]:
    """Wait until a sleeping child has told its own id and that of what it has started."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError):
            if log(folder).endswith("\n"):
                return [int(pid) for pid in log(folder).split()]
        time.sleep(0.01)
    raise TimeoutError("the child has not told its id")


def are_gone(processes: list[int]) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and any(map(is_alive, processes)):
        time.sleep(0.01)
    return not any(map(is_alive, processes))


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("target", "code", "exit_code"),
    [
        (leave, 0, 0),
        (leave, None, 0),
        (leave, 7, 7),
        (leave, "text", 1),
        (exit_with, None, 0),
        (exit_with, 3, 3),
        (exit_with, "text", 1),
        (exit_with, -1, 255),
        (exit_with, 2**40 + 9, 9),
    ],
)
def test_a_childs_exit_code_is_told(
    start: Start, target: Callable[..., Any], code: Any, exit_code: int
) -> None:
    assert start(target, code=code).exit_code.result(SECONDS) == exit_code


def test_an_error_is_exit_code_1_and_in_the_log(start: Start, folder: Path) -> None:
    assert start(fail).exit_code.result(SECONDS) == 1
    assert "ValueError: the child's own" in log(folder)


def test_a_child_that_closes_its_streams_ends_like_any_other(start: Start) -> None:
    assert start(close_streams).exit_code.result(SECONDS) == 1
    assert start(leave, code=2).exit_code.result(SECONDS) == 2


def test_a_target_that_is_not_there_is_told(start: Start, zygote: Zygote, folder: Path) -> None:
    child = zygote.start_child(
        "unit.processes.no_such_module:f",
        {},
        environment={},
        folders=[folder],
        log_path=folder / "log",
        subject="the child",
    )

    assert child.exit_code.result(SECONDS) == 1
    assert "no_such_module" in log(folder)


def test_a_child_has_its_own_environment_and_folders_only(start: Start, folder: Path) -> None:
    for name in ("environment", "folder", "temporary"):
        start(tell, name=name).exit_code.result(SECONDS)

    environment, where, temporary = log(folder).splitlines()
    assert "'OWN': 'variable'" in environment
    assert "PYTHONPATH" not in environment
    assert where == temporary == os.path.realpath(folder)


def test_a_child_does_not_see_the_folder_that_the_parent_runs_in(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    zygote = Zygote([], log_path=tmp_path / "zygote.log", environment=FINDS_TESTS)
    try:
        start_in(zygote, folder, tell, name="path").exit_code.result(SECONDS)
    finally:
        zygote.stop()

    assert str(tmp_path) not in log(folder)


@pytest.mark.parametrize("own_session", [False, True])
def test_killing_a_child_ends_all_that_it_started(
    start: Start, zygote: Zygote, folder: Path, *, own_session: bool
) -> None:
    child = start(sleep, own_session=own_session)
    started = pids(folder)

    zygote.kill(child)

    assert child.exit_code.result(SECONDS) == STOPPED_BY_SIGNAL
    assert are_gone(started)


def test_a_child_is_killed_however_early(start: Start, zygote: Zygote) -> None:
    for _ in range(20):
        child = start(sleep, own_session=False)
        zygote.kill(child)

        assert child.exit_code.result(SECONDS) == STOPPED_BY_SIGNAL


def test_killing_a_child_that_has_ended_does_nothing(start: Start, zygote: Zygote) -> None:
    child = start(leave, code=0)
    child.exit_code.result(SECONDS)

    zygote.kill(child)

    assert child.exit_code.result() == 0


@pytest.mark.parametrize("own_session", [False, True])
def test_stopping_the_zygote_ends_children_and_grandchildren(
    tmp_path: Path, folder: Path, *, own_session: bool
) -> None:
    zygote = Zygote([], log_path=tmp_path / "zygote.log", environment=FINDS_TESTS)
    child = start_in(zygote, folder, sleep, own_session=own_session)
    started = pids(folder)

    zygote.stop()

    assert are_gone(started)
    with pytest.raises(LocalRuntimeError, match="jobs and functions ended with exit code 0"):
        child.exit_code.result(SECONDS)
    zygote.stop()


def test_a_zygotes_death_is_an_error_and_no_hang(
    zygote: Zygote, start: Start, folder: Path
) -> None:
    child = start(sleep, own_session=False)
    own_pid, _ = pids(folder)

    os.kill(zygote._process.pid, signal.SIGKILL)

    with pytest.raises(LocalRuntimeError, match=r"jobs and functions was killed \(SIGKILL\)"):
        child.exit_code.result(SECONDS)
    with pytest.raises(LocalRuntimeError):
        start(leave, code=0)
    with pytest.raises(LocalRuntimeError):
        zygote.kill(Child(99, type(child.exit_code)()))
    assert are_gone([own_pid])


def test_a_signal_to_the_whole_group_is_the_parents_to_answer(
    zygote: Zygote, start: Start, folder: Path
) -> None:
    assert start(leave, code=0).exit_code.result(SECONDS) == 0
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(zygote._process.pid, number)

    assert start(leave, code=3).exit_code.result(SECONDS) == 3
    child = start(sleep, own_session=False)
    own_pid, _ = pids(folder)
    os.kill(own_pid, signal.SIGTERM)
    assert child.exit_code.result(SECONDS) == -signal.SIGTERM


def test_a_module_that_cannot_be_imported_is_the_errors_text(tmp_path: Path, folder: Path) -> None:
    zygote = Zygote(
        ["no_such_module_at_all"], log_path=tmp_path / "zygote.log", environment=FINDS_TESTS
    )
    try:
        with pytest.raises(LocalRuntimeError, match="No module named 'no_such_module_at_all'"):
            start_in(zygote, folder, leave, code=0).exit_code.result(SECONDS)
    finally:
        zygote.stop()


def test_modules_are_hidden_while_importing_and_there_for_the_children(
    tmp_path: Path, folder: Path
) -> None:
    zygote = Zygote(
        ["unit.processes.test_processes"],
        without=["graphlib"],
        log_path=tmp_path / "zygote.log",
        environment=FINDS_TESTS,
    )
    try:
        start_in(zygote, folder, tell, name="graphlib").exit_code.result(SECONDS)
        seen = log(folder)
    finally:
        zygote.stop()
    failing = Zygote(
        ["graphlib"],
        without=["graphlib"],
        log_path=tmp_path / "failing.log",
        environment=FINDS_TESTS,
    )
    try:
        with pytest.raises(LocalRuntimeError, match="graphlib"):
            start_in(failing, folder, leave, code=0).exit_code.result(SECONDS)
    finally:
        failing.stop()

    assert seen == "True\n"


def test_the_cleanup_folder_is_removed_when_the_parent_is_gone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "file").touch()
    zygote = Zygote([], log_path=tmp_path / "zygote.log", cleanup_dir=tmp_path / "home")

    zygote.stop()

    assert not (tmp_path / "home").exists()
