"""Join the hosts of a distributed training job, which are processes on this machine.

They find each other through files in a directory that they share, and then talk through XGBoost's
own collective on 127.0.0.1.

Source: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/distributed.py`.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from xgboost import collective
from xgboost.core import XGBoostError
from xgboost.tracker import RabitTracker

from pocketaws.sagemaker.xgboost.log import (
    FAILED_BEFORE,
    LOST_HOSTS,
    WAITED_IN_VAIN,
    TrainingError,
    brief,
)

LOCAL_IP: Final = "127.0.0.1"
POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class Rendezvous:
    """Where one host meets the others.

    Attributes:
        directory: Shared by all hosts of the job, and empty at first.
        hosts: The names of all, sorted.
        current_host: The name of this one.
        timeout_seconds: How long it waits for the others, each time.
    """

    directory: Path
    hosts: tuple[str, ...]
    current_host: str
    timeout_seconds: int


def announce(rendezvous: Rendezvous, state: str) -> None:
    """Tell the other hosts whether this one is "ready", has "no data" or has "failed"."""
    _publish(_state_path(rendezvous, rendezvous.current_host), state)


def await_members(rendezvous: Rendezvous) -> list[str]:
    """Wait for the word of every host; return those with data, the master first.

    Raises:
        TrainingError: A host did not come or has failed, or none has data.
    """
    deadline = time.monotonic() + rendezvous.timeout_seconds
    hosts = rendezvous.hosts
    states = {host: _await(_state_path(rendezvous, host), deadline) for host in hosts}
    failed = [host for host, state in states.items() if state == "failed"]
    if failed:
        raise TrainingError(f"Host {failed[0]} {FAILED_BEFORE}")
    members = [host for host, state in states.items() if state == "ready"]
    if not members:
        raise TrainingError("No hosts received training data.")
    return members


@contextmanager
def joined(rendezvous: Rendezvous, members: Sequence[str]) -> Iterator[None]:
    """Join XGBoost's collective, whose tracker runs on the first member.

    Raises:
        TrainingError: A member did not come, died, or did not answer in time.
    """
    address_path = rendezvous.directory / "tracker.json"
    # Ranks go by task name, so that the first member is rank 0, which prints the evaluations.
    task_name = f"{members.index(rendezvous.current_host):04}"
    timeout_seconds = rendezvous.timeout_seconds
    try:
        with _tracker(rendezvous, members, address_path):
            address = json.loads(_await(address_path, time.monotonic() + timeout_seconds))
            with collective.CommunicatorContext(
                **address, dmlc_task_id=task_name, dmlc_timeout=timeout_seconds
            ):
                yield
    except XGBoostError as error:
        if isinstance(error.__context__, TrainingError):
            # Training failed here first; that leaving the others failed too is no news.
            raise error.__context__ from error
        raise TrainingError(f"{LOST_HOSTS}: {brief(error)}") from error


@contextmanager
def _tracker(rendezvous: Rendezvous, members: Sequence[str], address_path: Path) -> Iterator[None]:
    """Run the tracker and publish its address if this host is the first member."""
    if rendezvous.current_host != members[0]:
        yield
        return
    timeout_seconds = rendezvous.timeout_seconds
    tracker = RabitTracker(
        n_workers=len(members), host_ip=LOCAL_IP, sortby="task", timeout=timeout_seconds
    )
    try:
        tracker.start()
        _publish(address_path, json.dumps(tracker.worker_args()))
        yield
        tracker.wait_for(timeout_seconds)
    finally:
        with suppress(XGBoostError):
            tracker.free()


def _state_path(rendezvous: Rendezvous, host: str) -> Path:
    return rendezvous.directory / f"{host}.state"


def _publish(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all."""
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _await(path: Path, deadline: float) -> str:
    """Return the text of a file that another host writes, before `deadline` (monotonic seconds)."""
    while not path.exists():
        if time.monotonic() > deadline:
            raise TrainingError(f"{WAITED_IN_VAIN} {path.name} of the other hosts")
        time.sleep(POLL_SECONDS)
    return path.read_text("utf-8")
