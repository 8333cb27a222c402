"""A command that somebody ends stops what it has started, and says so once."""

import signal
from collections.abc import Iterator

import pytest

from pocketaws.terminal.ended import in_order

ASKED = (signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in ASKED}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, *ASKED])
def test_a_signal_ends_the_work_and_is_told(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = []

    def work() -> int:
        try:
            signal.raise_signal(number)
        finally:
            stopped.append(True)
        return 0

    assert in_order(work) == 128 + number
    assert stopped == [True]
    words = "interrupted" if number == signal.SIGINT else f"ended by {number.name}"
    assert capsys.readouterr().err == f"{words}; what was started has been stopped\n"


def test_a_second_signal_does_not_interrupt_the_stopping() -> None:
    stopped = []

    def work() -> int:
        try:
            signal.raise_signal(signal.SIGHUP)
        finally:
            signal.raise_signal(signal.SIGTERM)
            stopped.append(True)
        return 0

    assert in_order(work) == 128 + signal.SIGHUP
    assert stopped == [True]


def test_what_is_ignored_from_the_start_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def work() -> int:
        signal.raise_signal(signal.SIGHUP)
        return 7

    assert in_order(work) == 7
