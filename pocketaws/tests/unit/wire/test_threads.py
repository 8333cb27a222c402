"""Threads that fail are told, and go on."""

import threading

import pytest

from pocketaws.wire.threads import Threads


def test_a_piece_of_work_that_fails_is_told_and_costs_no_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(str(args.exc_value)))
    threads, done = Threads(1), threading.Event()

    def fail() -> None:
        raise ValueError("it broke")

    assert threads.run(fail)
    # Free again, soon after.
    for _ in range(1000):
        if threads.run(done.set):
            break
        threading.Event().wait(0.01)

    assert done.wait(10)
    assert told == ["it broke"]
    threads.end()
