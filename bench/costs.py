"""What a command costs: its time in one run, its memory in another, since looking takes time."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import psutil

_SAMPLE_SECONDS: Final = 0.1
# A job's processes work in a folder of the runtime's, within one of its kind.
_OF_TRAINING: Final = "training-job"


class Cost(NamedTuple):
    """Wall and CPU seconds of all processes of a command, and a digest of the model it left."""

    seconds: float
    cpu: float
    model: str


class Memory(NamedTuple):
    """Peaks in MB, each shared page counted once (PSS): of all processes, and without training."""

    peak_mb: float
    others_mb: float


def measure(
    command: Sequence[str], out: Path, environment: Mapping[str, str], *, cwd: Path
) -> Cost:
    """Run a command to its end; the digest is of the last model.tar.gz's model below `out`.

    Raises:
        SystemExit: it ended with another exit code than 0.
    """
    used, begun = _children_cpu(), time.perf_counter()
    done = subprocess.run(
        command,
        stdout=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )
    seconds, cpu = time.perf_counter() - begun, _children_cpu() - used
    _check(command, done.returncode)
    archives = sorted(out.rglob("model.tar.gz"), key=lambda path: path.stat().st_mtime)
    digest = hashlib.sha256(_model(archives[-1])).hexdigest()[:12] if archives else ""
    return Cost(seconds, cpu, digest)


def sampled(command: Sequence[str], environment: Mapping[str, str], *, cwd: Path) -> Memory:
    """Run a command to its end, and look at the memory of its processes meanwhile.

    Raises:
        SystemExit: it ended with another exit code than 0.
    """
    peak = others_peak = 0.0
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, cwd=cwd, env={**os.environ, **environment}
    ) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            training, others = _held_mb(root)
            peak, others_peak = max(peak, training + others), max(others_peak, others)
            time.sleep(_SAMPLE_SECONDS)
    _check(command, process.returncode)
    return Memory(peak, others_peak)


def _held_mb(root: psutil.Process) -> tuple[float, float]:
    """Return what training jobs hold, and what all other processes of a tree do."""
    held = {True: 0.0, False: 0.0}
    try:
        for process in [root, *root.children(recursive=True)]:
            is_training = _OF_TRAINING in Path(process.cwd()).parts
            held[is_training] += process.memory_full_info().pss / 1e6
    except (psutil.Error, OSError):  # One ended in between; the next sample follows at once.
        return 0.0, 0.0
    return held[True], held[False]


def _check(command: Sequence[str], exit_code: int) -> None:
    if exit_code:
        raise SystemExit(f"{' '.join(command)} ended with exit code {exit_code}")


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _model(archive: Path) -> bytes:
    done = subprocess.run(
        ["tar", "-xzOf", str(archive), "xgboost-model"], capture_output=True, check=True
    )
    return done.stdout
