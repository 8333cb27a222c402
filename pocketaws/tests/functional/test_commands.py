"""`python -m pocketaws` as a user calls it, for a project of its own."""

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import pocketaws
from emulated.kept_up import kept_up

SECONDS = 60
ORDERS_DIR = Path(__file__).parent / "orders"
PACKAGES_DIR = Path(pocketaws.__file__).parents[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A user's, with nothing of AWS in it, and a cache of its own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(PACKAGES_DIR),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command(
    *arguments: str | Path, cwd: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pocketaws", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.fixture
def up(tmp_path: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A runtime that `up` keeps up, with the stack of the orders."""
    arguments = (str(ORDERS_DIR), "--parameter", "Stage=test")
    with kept_up(*arguments, cwd=tmp_path, environment=environment) as process:
        yield process


def test_run_deploys_executes_and_ends(tmp_path: Path, environment: dict[str, str]) -> None:
    done = command(
        *("run", ORDERS_DIR / "template.yaml", "--input", '{"orders": [3, 4]}'),
        *("--result", "result.json"),
        cwd=tmp_path,
        environment=environment,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["status"], result["output"]) == ("SUCCEEDED", ["dev: 30", "dev: 40"])
    assert {state["status"] for state in result["states"]} == {"SUCCEEDED"}


def test_run_ends_with_1_where_the_execution_failed(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = command(
        *("run", ORDERS_DIR, "--input", '{"orders": []}'), cwd=tmp_path, environment=environment
    )

    assert done.returncode == 1
    assert "error       NoOrders" in done.stdout


def test_up_answers_execute_and_ends_on_a_signal(
    up: subprocess.Popen[str], tmp_path: Path, environment: dict[str, str]
) -> None:
    done = command(
        *("execute", "Orders-test", "--input", '{"orders": [5]}', "--name", "first"),
        cwd=tmp_path,
        environment=environment,
    )
    again = command(
        *("execute", "Orders-test", "--input", '{"orders": []}', "--name", "second"),
        cwd=tmp_path,
        environment=environment,
    )
    unknown = command("execute", "Others", cwd=tmp_path, environment=environment)
    begun = time.monotonic()
    up.send_signal(signal.SIGTERM)

    assert up.wait(SECONDS) == 0
    assert time.monotonic() - begun < SECONDS / 2
    assert (done.returncode, again.returncode, unknown.returncode) == (0, 1, 1)
    assert 'output      ["test: 50"]' in done.stdout
    assert "there is no state machine 'Others'; there is Orders-test" in unknown.stderr


def test_a_second_up_in_a_folder_is_refused_and_leaves_the_first_ones_file(
    tmp_path: Path, environment: dict[str, str], up: subprocess.Popen[str]
) -> None:
    written = (tmp_path / ".pocketaws" / "local.env").read_bytes()

    second = command("up", cwd=tmp_path, environment=environment)

    assert second.returncode == 1
    assert f"a runtime that is up has written it (process {up.pid})" in second.stderr
    assert (tmp_path / ".pocketaws" / "local.env").read_bytes() == written


def test_what_up_writes_to_export_is_its_owners_alone(
    up: subprocess.Popen[str], tmp_path: Path
) -> None:
    path = tmp_path / ".pocketaws" / "local.env"
    names = [shlex.split(line)[1].partition("=")[0] for line in path.read_text().splitlines()]

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(names)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "nowhere.yaml"], "TEMPLATE nowhere.yaml: there is no such file"),
        (["run", ".", "--input", "{"], "TEMPLATE .: there is no such file"),
        (["run", str(ORDERS_DIR), "--input", "{"], "--input: is not JSON"),
        (["run", str(ORDERS_DIR), "--input", "@none.json"], "--input @none.json: cannot be read"),
        (["run", str(ORDERS_DIR), "--parameter", "Stage"], "--parameter 'Stage': write it as"),
        (["run", str(ORDERS_DIR), "--stack-name", "1abc"], "--stack-name '1abc': must begin"),
        (["run", str(ORDERS_DIR), "--result", "no/such/folder.json"], "--result no/such/folder"),
        (["run", str(ORDERS_DIR), "--name", "a b"], "--name 'a b': must not hold ' '"),
        (["up", "--port", "70000"], "--port 70000: must be 0 to 65535"),
        (["execute", "any"], ".pocketaws/local.env: cannot be read"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_starts(
    arguments: list[str], told: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    done = command(*arguments, cwd=tmp_path, environment=environment)

    assert done.returncode == 1
    assert told in done.stderr
    assert "starting" not in done.stdout


def test_execute_starts_nothing_in_an_account(tmp_path: Path, environment: dict[str, str]) -> None:
    elsewhere = {"AWS_ENDPOINT_URL": "https://states.us-east-1.amazonaws.com"}

    done = command("execute", "any", cwd=tmp_path, environment=environment | elsewhere)

    assert done.returncode == 1
    assert "is no runtime on this machine" in done.stderr
