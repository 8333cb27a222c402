"""Time commands in turns, so that a slow spell of the machine falls on all of them alike."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

Seconds = dict[str, list[float]]


class CommandFailedError(Exception):
    """A command ended with another exit code than 0, so that its time says nothing."""

    def __init__(self, name: str, exit_code: int, output: str) -> None:
        """Keep the end of what the command printed: the reason is there."""
        super().__init__(f"{name} ended with exit code {exit_code}:\n{output[-2000:]}")


def alternate(
    commands: Mapping[str, Sequence[str]],
    pairs: int,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Seconds:
    """Run the commands `pairs` times, A B C A B C …, and return each one's wall-clock seconds.

    Sample i of every command comes from turn i. Nothing is warmed up, repeated or left out.

    Raises:
        CommandFailedError: at the first exit code that is not 0.
        ValueError: if `pairs` is below 1.
    """
    if pairs < 1:
        raise ValueError(f"pairs must be at least 1, not {pairs}")
    seconds: Seconds = {name: [] for name in commands}
    for _ in range(pairs):
        for name, command in commands.items():
            seconds[name].append(_time(name, command, cwd, environment))
    return seconds


def _time(
    name: str, command: Sequence[str], cwd: Path | None, environment: Mapping[str, str] | None
) -> float:
    start = perf_counter()
    finished = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    elapsed = perf_counter() - start
    if finished.returncode:
        raise CommandFailedError(name, finished.returncode, finished.stdout)
    return elapsed


def ratios(seconds: Seconds, name: str, baseline: str) -> list[float]:
    """Divide the two commands' seconds turn by turn, which cancels what slowed a whole turn."""
    return [own / base for own, base in zip(seconds[name], seconds[baseline], strict=True)]


def table(seconds: Seconds, baseline: str) -> str:
    """Lay out median and range of the seconds, and of the per-turn ratios to `baseline`."""
    width = max(map(len, seconds))
    lines = [f"{'':{width}}  median s  min..max s      ratio  min..max"]
    for name, own in seconds.items():
        to_base = ratios(seconds, name, baseline)
        lines.append(
            f"{name:{width}}  {median(own):8.2f}  {min(own):5.2f}..{max(own):<7.2f} "
            f"{median(to_base):6.2f}  {min(to_base):.2f}..{max(to_base):.2f}"
        )
    return "\n".join([*lines, noise(seconds[baseline])])


def noise(same_work: Sequence[float]) -> str:
    """Say how far the machine alone moved the seconds of one command."""
    low, high = min(same_work), max(same_work)
    return (
        f"{len(same_work)} alternating turns; machine noise: the same work took "
        f"{low:.2f}..{high:.2f} s ({high / low - 1:.0%} apart)"
    )
