"""The end of a process, in words."""

import pytest

from pocketaws.processes.ends import container_end, end_of


@pytest.mark.parametrize(
    ("exit_code", "told"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-15, "was ended by SIGTERM"),
        (-9, "was killed (SIGKILL), which the system does, too, where memory is short"),
        (-99, "was ended by signal 99"),
    ],
)
def test_an_end_names_its_code_or_signal(exit_code: int, told: str) -> None:
    assert end_of(exit_code) == told


def test_a_container_that_was_killed_has_the_code_that_docker_gives() -> None:
    assert container_end(2) == ("", 2)
    text, code = container_end(-9)
    assert code == 137
    assert text.startswith("the container was killed (SIGKILL)")
