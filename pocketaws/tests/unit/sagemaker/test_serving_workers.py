"""The workers of a serving container, and when they are stopped."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

# Each worker says when it has begun, and hears SIGTERM only some time later.
SCRIPT = """
import os, signal, sys, time
from pocketaws.sagemaker.xgboost.serving_workers import run_workers

def work(hears_sigterm):
    os.write(1, b"begun\\n")
    time.sleep(0.3)
    if len(sys.argv) > 1:
        # The second of the two fails.
        os.mkdir(sys.argv[1])
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    os.write(1, b"hears\\n")
    hears_sigterm()
    while not stopped:
        time.sleep(0.01)

sys.exit(run_workers(2, work, started=lambda: os.write(1, b"started\\n")))
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def lines(process: "subprocess.Popen[str]", count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip() for _ in range(count)]


def test_the_start_is_told_once_every_worker_hears_sigterm(start: Start) -> None:
    process = start()

    told = lines(process, 5)
    process.send_signal(signal.SIGTERM)

    assert told == ["begun", "begun", "hears", "hears", "started"]
    assert process.wait(timeout=60) == 0


def test_workers_that_are_asked_to_end_while_they_begin_end_without_an_error(start: Start) -> None:
    process = start()
    lines(process, 2)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 0


def test_no_start_is_told_where_a_worker_has_ended_before(start: Start, tmp_path: Path) -> None:
    process = start(str(tmp_path / "taken"))

    output, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "started" not in output
    assert errors.count("FileExistsError") == 1


def test_workers_end_with_a_container_that_is_killed(start: Start) -> None:
    process = start()
    lines(process, 5)
    workers = psutil.Process(process.pid).children()

    process.kill()

    assert len(workers) == 2
    assert psutil.wait_procs(workers, timeout=60)[1] == []
