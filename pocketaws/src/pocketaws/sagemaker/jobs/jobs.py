"""SageMaker's jobs: accept a request or refuse it, do the work in a thread, tell how it went."""

import datetime
import threading
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from botocore import xform_name

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.gate.faults import JobEnd, job_end
from pocketaws.happened import HAPPENED
from pocketaws.sagemaker.jobs.training_progress import training_progress
from pocketaws.shelf import ShelvedMapping

TERMINAL_STATUSES: Final = ("Completed", "Failed", "Stopped")


class JobKind(StrEnum):
    """A kind of job; the value is the word that SageMaker's fields start with."""

    PROCESSING = "Processing"
    TRAINING = "Training"
    TRANSFORM = "Transform"
    TUNING = "HyperParameterTuning"

    @property
    def arn_type(self) -> str:
        """The word in the ARN."""
        return f"{self.snake.replace('_', '-')}-job"

    @property
    def snake(self) -> str:
        """The word in Python's names."""
        return str(xform_name(self.value))


def now() -> datetime.datetime:
    """Return the time as SageMaker states it."""
    return datetime.datetime.now(tz=datetime.UTC)


@dataclass(slots=True)
class Job:
    """A job that was accepted.

    Attributes:
        request: of the Create call, as it came.
        details: what the work adds to the description (artifacts, metrics, messages).
        log_paths: the containers' output, one a host.
        stopping: set when somebody asks the job to stop; where it has ended, in any case.
        ended: set when `status` will not change any more.
        end: how it ends where a fault decides that; see `faults.JobEnd`.
        trials: of a tuning job, what is told of its training jobs.
    """

    kind: JobKind
    name: str
    arn: str
    request: Mapping[str, Any]
    status: str = "InProgress"
    details: MutableMapping[str, Any] = field(default_factory=dict)
    log_paths: list[Path] = field(default_factory=list)
    created: datetime.datetime = field(default_factory=now)
    stopping: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    end: JobEnd | None = None
    trials: list[dict[str, Any]] = field(default_factory=list)

    def shelve(self) -> None:
        """Say that it has ended, and have out of memory what does not change any more."""
        self.request, self.details = ShelvedMapping(self.request), ShelvedMapping(self.details)
        self.ended.set()
        self.ended = self.stopping = HAPPENED

    def description(self) -> dict[str, Any]:
        """Return what the Describe call answers."""
        word = self.kind.value
        fields = {
            **self.request,
            f"{word}JobName": self.name,
            f"{word}JobArn": self.arn,
            f"{word}JobStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.created,
            **self._of_its_kind(),
            **self.details,
        }
        lacks = self.end.lacks if self.end else ()
        return {name: value for name, value in fields.items() if name not in lacks}

    def _of_its_kind(self) -> dict[str, Any]:
        """Return what SageMaker tells of every job of the kind, however far it is."""
        if self.kind is JobKind.TRAINING:
            return training_progress(
                self.name,
                self.request,
                self.details,
                status=self.status,
                created=self.created,
            )
        if self.kind is JobKind.TUNING:
            return {"TrainingJobStatusCounters": {}, "ObjectiveStatusCounters": {}}
        return {}


class Container(Protocol):
    """What does one kind of job."""

    def check(self, request: Mapping[str, Any]) -> None:
        """Raise ServiceError for a request that SageMaker would refuse."""

    def run(self, job: Job) -> None:
        """Do the work; raise JobFailure where it fails, return early where it is stopping."""


class Jobs:
    """All jobs of one runtime, by kind and name."""

    def __init__(self, containers: Mapping[JobKind, Container], *, arn_prefix: str) -> None:
        self._containers = containers
        self._arn_prefix = arn_prefix
        self._jobs: dict[tuple[JobKind, str], Job] = {}
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._lock = threading.Lock()

    def create(
        self,
        kind: JobKind,
        request: Mapping[str, Any],
        *,
        record: Callable[[], Any],
        on_end: Callable[[Job], None],
    ) -> Job:
        """Accept a job and start its work.

        Args:
            kind: of the job.
            request: of the Create call, already held against botocore's model.
            record: writes down elsewhere that the job was accepted, before its work begins.
            on_end: told when it has ended.

        Raises:
            ServiceError: with SageMaker's code, where the request is refused.
        """
        name = request[f"{kind.value}JobName"]
        arn = f"{self._arn_prefix}:{kind.arn_type}/{name.lower()}"
        self._containers[kind].check(request)
        job = Job(kind, name, arn, request, end=job_end())
        with self._lock:
            if self._stopping:
                raise ServiceError("InternalFailure", "the local runtime is being stopped")
            if (kind, name) in self._jobs:
                raise ServiceError(
                    "ResourceInUse",
                    f"{kind.value} job names must be unique within an AWS account and region, and "
                    f"a {kind.value.lower()} job with this name already exists ({arn})",
                )
            record()
            thread = threading.Thread(target=self._work, args=(job, on_end), daemon=True)
            thread.start()
            self._jobs[kind, name] = job
            self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
        return job

    def get(self, kind: JobKind, name: str) -> Job:
        """Return a job.

        Raises:
            ServiceError: there is none of that name.
        """
        try:
            return self._jobs[kind, name]
        except KeyError:
            raise ServiceError("ValidationException", "Requested resource not found.") from None

    def tell(self, job: Job, name: str, value: Any) -> None:
        """Add to a job's description, whether it has ended or not."""
        with self._lock:
            job.details[name] = value

    def all(self) -> list[Job]:
        """Return every job, oldest first."""
        return list(self._jobs.values())

    def stop(self, kind: JobKind, name: str) -> None:
        """Ask a job to stop; it does so soon.

        Raises:
            ServiceError: there is none of that name, or it has ended.
        """
        job = self.get(kind, name)
        with self._lock:
            if job.status in TERMINAL_STATUSES:
                raise ServiceError(
                    "ValidationException",
                    f"The request was rejected because the {kind.value.lower()} job is in status "
                    f"{job.status}.",
                )
            job.status = "Stopping"
        job.stopping.set()

    def stop_all(self, *, timeout_seconds: float) -> None:
        """Accept no more jobs, stop every one and wait for their threads."""
        with self._lock:
            self._stopping = True
        for job in self.all():
            job.stopping.set()
        for thread in self._threads:
            thread.join(timeout_seconds)

    def _work(self, job: Job, on_end: Callable[[Job], None]) -> None:
        status = "Completed"
        try:
            self._run(job)
            if job.stopping.is_set():
                status = "Stopped"
        except JobFailure as failure:
            status = "Failed"
            job.details["FailureReason"] = str(failure)
        except Exception as error:
            status = "Failed"
            job.details["FailureReason"] = f"InternalServerError: {type(error).__name__}: {error}"
        job.details[f"{job.kind.value}EndTime"] = job.details["LastModifiedTime"] = now()
        with self._lock:
            job.status = status
        try:
            on_end(job)
        finally:
            with self._lock:
                job.shelve()

    def _run(self, job: Job) -> None:
        end = job.end or JobEnd("Completed")
        if end.endless:
            job.stopping.wait()
        if end.status == "Failed":
            raise JobFailure(end.reason)
        if end.status == "Stopped":
            job.stopping.set()
            return
        self._containers[job.kind].run(job)
