"""`kill -9` of `workflow serve`, and of what works below it while it serves."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import psutil
from soak_commands import Place, ended_at_last
from soak_kills import ZYGOTES, family_ports, in_folder, row_of_what_is_left
from soak_rows import Row

_UP = "Ctrl-C stops it"
_START_SECONDS = 300
# Within which the command notices what became of a child.
_NOTICED_SECONDS = 5
_LOOK_SECONDS = 0.05


def killed_serves(place: Place, times: int, seed: int) -> list[Row]:
    """Kill the main process at random moments of its start and soon after.

    Args:
        place: has a recorded model, which is served.
        times: how often.
        seed: of the moments.
    """
    begun = time.monotonic()
    process = _started(place)
    with ended_at_last(process):
        _wait_until_up(place, process)
        length = time.monotonic() - begun
        process.send_signal(signal.SIGINT)
        ended = place.end_of(process)
    well = ended.exit_code == 0 and not place.left()
    rows = [Row("serve, stopped once it serves", 1, f"exit code {ended.exit_code}", "0", well)]
    moments = random.Random(seed)
    gone, kept = [], 0
    for _ in range(times):
        process = _started(place)
        with ended_at_last(process):
            time.sleep(moments.uniform(0, length * 1.2))
            ports = family_ports(process)
            process.kill()
            process.wait()
            gone.append(place.seconds_until_gone(ports))
        kept += place.keeps_a_model()
    rows.append(row_of_what_is_left("kill -9 of serve, at random moments", gone))
    lost = f"{times - kept} lost"
    return [*rows, Row("  the recorded model after each", times, lost, "0", kept == times)]


def killed_while_serving(place: Place, kind: str) -> Row:
    """Kill what serves or what it is forked from; the command goes on or says why not, and ends.

    Args:
        place: has a recorded model, which is served.
        kind: of `SERVING`.
    """
    process = _started(place)
    with ended_at_last(process):
        _wait_until_up(place, process)
        ports = family_ports(process)
        victim = _found(process, SERVING[kind])
        if victim is None:
            return Row(f"kill -9 of a {kind} of serve", 0, "none was seen", "some", held=False)
        victim.kill()
        time.sleep(_NOTICED_SECONDS)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        ended = place.end_of(process)
        gone = place.seconds_until_gone(ports)
    held = ended.told and gone is not None and place.keeps_a_model()
    left = "nothing left" if gone is not None else f"left {place.left(ports)}"
    seen = f"exit code {ended.exit_code}, {left}: {ended.last_line}"
    return Row(f"kill -9 of a {kind} of serve", 1, seen, "a sentence, nothing left", held)


def _started(place: Place) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "workflow", "serve", "--no-train", "--port", "0"]
    return place.start([*command, "--state-dir", str(place.state)])


def _wait_until_up(place: Place, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while _UP not in place.output:
        assert process.poll() is None, place.output
        assert time.monotonic() < deadline, place.output
        time.sleep(_LOOK_SECONDS)


def _found(
    process: subprocess.Popen[str], wanted: Callable[[psutil.Process, int], bool]
) -> psutil.Process | None:
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if wanted(child, process.pid):
                return child
        except psutil.Error:
            continue
    return None


def _is_worker(process: psutil.Process, main_id: int) -> bool:
    """Tell whether it is forked from what serves."""
    parent = process.parent()
    return parent is not None and _IN_ENDPOINTS(process, main_id) and _is_container(parent, main_id)


def _is_container(process: psutil.Process, main_id: int) -> bool:
    parent = process.parent()
    is_first = parent is not None and not _IN_ENDPOINTS(parent, main_id)
    return is_first and _IN_ENDPOINTS(process, main_id)


_IN_ENDPOINTS = in_folder("/endpoints/")
SERVING: Mapping[str, Callable[[psutil.Process, int], bool]] = {
    "serving container": _is_container,
    "serving worker": _is_worker,
    **ZYGOTES,
}
