"""SageMaker's jobs, which `.sync` tasks wait for.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import threading
from typing import Any, Final

from pocketaws.sagemaker.jobs.jobs import TERMINAL_STATUSES, JobKind, Jobs
from pocketaws.step_functions.engine.documents import json_text, milliseconds
from pocketaws.step_functions.engine.errors import TASK_FAILED, StateError

_LOOK_SECONDS: Final = 0.5


class JobWaiter:
    """Waits for jobs; see `service_calls.Waiter`."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def __call__(self, operation: str, name: str, ended: threading.Event) -> Any:
        """Wait for a job's end and return its description; whoever ends the wait stops the job."""
        job = self._jobs.get(JobKind(operation), name)
        while not job.ended.wait(_LOOK_SECONDS):
            if ended.is_set():
                job.stopping.set()
        described = _plain(job.description())
        if job.status in TERMINAL_STATUSES and job.status != "Completed":
            raise StateError(TASK_FAILED, json_text(described))
        return described


def _plain(value: Any) -> Any:
    """Return a description as a state's output holds it: times in milliseconds since 1970."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return milliseconds(value) if hasattr(value, "timestamp") else value
