"""What a process has taken, looked at before and after executions, and what of it may grow."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import psutil
from soak_rows import Row

_MOST_KB: Final = 50
_MOST_SLOWER: Final = 1.10
# What an execution has begun ends soon after it: a report, a message, an idle connection.
_SETTLED_SECONDS: Final = 3


@dataclass(frozen=True)
class Standing:
    """What this process has: bytes, threads, open files, sockets, children."""

    rss: int
    threads: int
    files: int
    sockets: int
    children: int


def standing() -> Standing:
    """Look, after what nobody holds any more is gone."""
    gc.collect()
    process = psutil.Process()
    return Standing(
        process.memory_info().rss,
        process.num_threads(),
        process.num_fds(),
        len(process.net_connections()),
        len(process.children(recursive=True)),
    )


def growth(run: Callable[[int], None], executions: int, what: str) -> Iterator[Row]:
    """Run executions, and yield a row for everything that may not grow by them.

    Args:
        run: runs so many executions, which succeed.
        executions: how many, in two halves.
        what: they are.
    """
    before = _settled()
    first = _cpu_seconds(run, executions // 2)
    last = _cpu_seconds(run, executions - executions // 2)
    after = _settled()
    kilobytes = (after.rss - before.rss) / executions / 1000
    seen, bound = f"{kilobytes:.1f} kB", f"{_MOST_KB} kB"
    yield Row(f"memory of {what}", executions, seen, bound, kilobytes <= _MOST_KB)
    seen, bound = f"{last / first:.2f} times", f"{_MOST_SLOWER} times"
    row = f"  CPU time of the later half ({last * 1000:.0f} ms each)"
    yield Row(row, executions, seen, bound, last <= first * _MOST_SLOWER)
    for name in ("threads", "files", "sockets", "children"):
        more = getattr(after, name) - getattr(before, name)
        yield Row(f"  {name} more than before", executions, str(more), "0", more <= 0)


def _settled() -> Standing:
    time.sleep(_SETTLED_SECONDS)
    return standing()


def _cpu_seconds(run: Callable[[int], None], count: int) -> float:
    begun = time.process_time()
    run(count)
    return (time.process_time() - begun) / count
