"""What writes the calls of an endpoint each second goes on after what fails."""

import logging
import threading
from typing import Any

import pytest

from pocketaws.sagemaker.endpoints.recorder import Recorder


class FailingCaptures:
    """Fail once, and then tell that it was asked again."""

    def __init__(self) -> None:
        self.count = 0
        self.asked_again = threading.Event()

    def flush(self) -> None:
        self.count += 1
        if self.count == 1:
            raise OSError(28, "No space left on device")
        self.asked_again.set()


def test_a_second_that_could_not_be_recorded_is_told_and_the_next_one_is_tried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    captures: Any = FailingCaptures()
    recorder = Recorder(list, captures, lambda _: None)

    with caplog.at_level(logging.WARNING):
        recorder.start()
        assert captures.asked_again.wait(10)
        recorder.stop()

    assert "were not recorded: [Errno 28] No space left on device" in caplog.text
