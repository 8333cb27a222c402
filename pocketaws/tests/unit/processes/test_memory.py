"""What was freed is kept, or returned to the system, as a process asks for."""

import platform
import subprocess
import sys

import pytest

# Six blocks like those of a large request, ten times; the first time is no work that comes again.
FAULTS_A_ROUND = """
import resource
from pocketaws.processes import memory

{settings}
def work():
    return len([b"x" * 700_000 for _ in range(6)])

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 10)
"""


def faults_a_round(settings: str) -> int:
    code = FAULTS_A_ROUND.format(settings=settings)
    finished = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return int(finished.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others are left as they are")
def test_memory_that_is_kept_is_not_asked_for_again() -> None:
    kept, by_default = faults_a_round("memory.keep_memory()"), faults_a_round("")

    assert kept < 10
    assert by_default > 500
