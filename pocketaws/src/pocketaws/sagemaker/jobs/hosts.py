"""The hosts of one job: a folder tree and a child process each."""

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.processes.zygote_process import Child, Zygote
from pocketaws.sagemaker.jobs.jobs import Job, now
from pocketaws.sagemaker.jobs.opt_ml import ROOT, OptMl

# SageMaker's limit for a job that names none.
DEFAULT_MAX_SECONDS: Final = 86_400
_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Host:
    """One instance of a job.

    Attributes:
        name: algo-1, algo-2, ...
        opt_ml: its tree.
        log_path: its container's output.
    """

    name: str
    opt_ml: OptMl
    log_path: Path

    @property
    def home_dir(self) -> Path:
        """The folder that holds all of this host, temporary files too."""
        return self.opt_ml.base.parent

    @property
    def temporary_dir(self) -> Path:
        """What TMPDIR names."""
        return self.home_dir / "tmp"


@contextmanager
def made_hosts(job: Job, names: Sequence[str], jobs_dir: Path) -> Iterator[list[Host]]:
    """Make the folders of a job's hosts; only their logs stay when the context ends."""
    job_dir = jobs_dir / job.kind.arn_type / job.name
    hosts = [_made(name, job_dir / name) for name in names]
    job.log_paths = [host.log_path for host in hosts]
    try:
        yield hosts
    finally:
        for host in hosts:
            shutil.rmtree(host.opt_ml.base, ignore_errors=True)
            shutil.rmtree(host.temporary_dir, ignore_errors=True)


def _made(name: str, home_dir: Path) -> Host:
    host = Host(name, OptMl(home_dir / "ml"), home_dir / "log.txt")
    for folder in (host.opt_ml.base, host.opt_ml.output_dir, host.temporary_dir):
        folder.mkdir(parents=True)
    return host


def container_environment(host: Host, job: Job, more: Mapping[str, str]) -> dict[str, str]:
    """Return a container's environment: its own variables, and no way to a real account."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(host.home_dir),
        "TMPDIR": str(host.temporary_dir),
        "PYTHONUNBUFFERED": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        f"{job.kind.value.upper()}_JOB_NAME": job.name,
        f"{job.kind.value.upper()}_JOB_ARN": job.arn,
        **{name: host.opt_ml.rewritten(value) for name, value in more.items()},
    }


def start(
    host: Host,
    job: Job,
    zygote: Zygote,
    *,
    target: str,
    arguments: Mapping[str, Any],
    environment: Mapping[str, str],
    more_folders: Sequence[Path] = (),
    read_only: Sequence[Path] = (),
) -> Child:
    """Start the container of one host."""
    return zygote.start_child(
        target,
        arguments,
        environment=environment,
        folders=[host.home_dir, *more_folders],
        read_only=read_only,
        log_path=host.log_path,
        subject=f"{job.kind.value.lower()} job {job.name} on {host.name}",
    )


def stand_ins(host: Host, *, also: Sequence[Path] = ()) -> dict[str, Any]:
    """Return what a script is told of the folders that stand for others; see `script.run`."""
    return {
        "stand_ins": {
            ROOT: str(host.opt_ml.base),
            "/tmp": str(host.temporary_dir),  # noqa: S108 - where scripts look
        },
        "own": [str(path) for path in (host.home_dir, *also)],
    }


def wait(children: Sequence[Child], job: Job, zygote: Zygote, *, max_seconds: int) -> list[int]:
    """Wait until every container of a job has ended, and return their exit codes.

    All are killed when the job is stopped, when its time is up (which stops the job, as
    SageMaker does), or when one of them fails.
    """
    job.details[f"{job.kind.value}StartTime"] = now()
    deadline = time.monotonic() + max_seconds
    running = list(children)
    while running:
        out_of_time = time.monotonic() > deadline
        if out_of_time:
            job.details["SecondaryStatus"] = "MaxRuntimeExceeded"
            job.stopping.set()
        failed = any(child.exit_code.result() for child in children if child.exit_code.done())
        if job.stopping.is_set() or failed:
            for child in running:
                zygote.kill(child)
        try:
            running[0].exit_code.result(timeout=_LOOK_SECONDS)
        except TimeoutError:
            continue
        running = [child for child in running if not child.exit_code.done()]
    return [child.exit_code.result() for child in children]
