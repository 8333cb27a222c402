"""`kill -9` of a run: of its main process at random moments, of each kind of child at its work."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping

import psutil
from soak_commands import GONE_SECONDS, Place, ended_at_last
from soak_rows import Row

_LOOK_SECONDS = 0.01
_LONGEST_SECONDS = 300
_IS_ZYGOTE = "pocketaws.processes.zygote"


def killed_mains(place: Place, times: int, seed: int) -> Iterator[Row]:
    """Kill the main process of a run at random moments; the next command is the next run.

    Args:
        place: gets a recorded model first.
        times: how often.
        seed: of the moments.
    """
    begun = time.monotonic()
    first = place.ran(place.run_arguments())
    length = time.monotonic() - begun
    assert first.exit_code == 0, first.text
    moments = random.Random(seed)
    gone, kept = [], 0
    for _ in range(times):
        process = place.start(place.run_arguments())
        with ended_at_last(process):
            time.sleep(moments.uniform(0, length))
            ports = family_ports(process)
            process.kill()
            process.wait()
            gone.append(place.seconds_until_gone(ports))
        kept += place.keeps_a_model()
    yield row_of_what_is_left("kill -9 of a run's main process, at random moments", gone)
    yield Row("  the recorded model after each", times, f"{times - kept} lost", "0", kept == times)
    following = place.ran(place.run_arguments())
    told = f"exit code {following.exit_code}"
    yield Row("  the next run", 1, told, "exit code 0", following.exit_code == 0)


def killed_children(place: Place, kinds: list[str], seed: int) -> Iterator[Row]:
    """Kill a child of each kind while it works; the command ends by itself and says so.

    Args:
        place: has a recorded model.
        kinds: of `KINDS`.
        seed: of the moments.
    """
    moments = random.Random(seed)
    for kind in kinds:
        # A job that is answered by an earlier one's outputs has no process.
        process = place.start(place.run_arguments("--no-cache"))
        with ended_at_last(process):
            if not _killed(process, KINDS[kind], moments):
                yield Row(f"kill -9 of a {kind}", 0, "none was seen", "some", held=False)
                continue
            ports = family_ports(process)
            ended = place.end_of(process)
            gone = place.seconds_until_gone(ports)
        held = ended.told and gone is not None and place.keeps_a_model()
        left = "nothing left" if gone is not None else f"left {place.left(ports)}"
        seen = f"exit code {ended.exit_code}, {left}: {ended.last_line}"
        yield Row(f"kill -9 of a {kind}", 1, seen, "a sentence, nothing left", held)


def row_of_what_is_left(what: str, gone: list[float | None]) -> Row:
    """Return the row of how long it took until nothing was left; None where something stayed."""
    left = sum(seconds is None for seconds in gone)
    slowest = max((seconds for seconds in gone if seconds is not None), default=0.0)
    seen = f"{left} left something, the slowest was gone after {slowest:.1f} s"
    return Row(what, len(gone), seen, f"{GONE_SECONDS} s", not left)


def family_ports(process: subprocess.Popen[str]) -> list[int]:
    """Return the ports that a command and all below it listen on."""
    try:
        family = [psutil.Process(process.pid)]
        family += family[0].children(recursive=True)
        found = [item for one in family for item in one.net_connections("tcp")]
    except psutil.Error:
        return []
    return sorted({item.laddr.port for item in found if item.status == psutil.CONN_LISTEN})


def _found(
    process: subprocess.Popen[str], wanted: Callable[[psutil.Process, int], bool]
) -> psutil.Process | None:
    """Return the first descendant of the wanted kind, or None where none comes."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    main = psutil.Process(process.pid)
    while process.poll() is None and time.monotonic() < deadline:
        for child in _children(main):
            try:
                if wanted(child, process.pid):
                    return child
            except psutil.Error:
                continue
        time.sleep(_LOOK_SECONDS)
    return None


def _killed(
    process: subprocess.Popen[str],
    wanted: Callable[[psutil.Process, int], bool],
    moments: random.Random,
) -> bool:
    """Kill the first of the wanted kind that is still there a moment after it was seen."""
    while victim := _found(process, wanted):
        time.sleep(moments.uniform(0, 0.2))
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
        return True
    return False


def _children(main: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = main.children(recursive=True)
    except psutil.Error:
        return []
    return found


def _zygote(module: str) -> Callable[[psutil.Process, int], bool]:
    def is_one(process: psutil.Process, main_id: int) -> bool:
        command = process.cmdline()
        return _IS_ZYGOTE in command and module in command and process.ppid() == main_id

    return is_one


def _working_zygote(module: str) -> Callable[[psutil.Process, int], bool]:
    is_zygote = _zygote(module)

    def is_one(process: psutil.Process, main_id: int) -> bool:
        # It is about to work for somebody: a child of its own is there.
        return is_zygote(process, main_id) and bool(process.children())

    return is_one


def in_folder(part: str) -> Callable[[psutil.Process, int], bool]:
    """Return what tells a child by the folder that it works in."""

    def is_one(process: psutil.Process, main_id: int) -> bool:
        if process.ppid() == main_id:
            return False
        return part in process.cwd()

    return is_one


# A child of a zygote works in a folder of its own, by which its kind is known.
KINDS: Mapping[str, Callable[[psutil.Process, int], bool]] = {
    "build": in_folder("/build-"),
    "function": in_folder("/functions/"),
    "processing job": in_folder("/jobs/processing-job/"),
    "training job": in_folder("/jobs/training-job/"),
    "zygote of functions and scripts": _working_zygote("pocketaws.lambda_.lambda_function"),
    "zygote of trainings": _working_zygote("pocketaws.sagemaker.xgboost.training"),
}
ZYGOTES: Mapping[str, Callable[[psutil.Process, int], bool]] = {
    "zygote of functions and scripts": _zygote("pocketaws.lambda_.lambda_function"),
    "zygote of trainings": _zygote("pocketaws.sagemaker.xgboost.training"),
}
