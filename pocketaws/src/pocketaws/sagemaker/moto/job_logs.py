"""SageMaker's logs: what a job's containers print, in one group for all jobs of a kind."""

from typing import Final

from moto.logs.models import LogsBackend

from pocketaws.sagemaker.jobs.jobs import Job, JobKind

# https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
_GROUPS: Final = {
    JobKind.PROCESSING: "/aws/sagemaker/ProcessingJobs",
    JobKind.TRAINING: "/aws/sagemaker/TrainingJobs",
    JobKind.TRANSFORM: "/aws/sagemaker/TransformJobs",
}


def write(job: Job, logs: LogsBackend) -> None:
    """Write the log of an ended job in the name of its role, `job.request["RoleArn"]`.

    All lines get the time of the job's end.
    """
    group = _GROUPS.get(job.kind)
    if group is None:
        # A tuning job's training jobs have logs, itself has none.
        return
    milliseconds = int(job.details["LastModifiedTime"].timestamp() * 1000)
    for path in job.log_paths:
        if not path.exists():
            continue
        lines = path.read_text(errors="replace").splitlines()
        stream = f"{job.name}/{path.parent.name}-{int(job.created.timestamp())}"
        logs.ensure_log_group(group)
        logs.ensure_log_stream(group, stream)
        events = [{"timestamp": milliseconds, "message": _shown(line)} for line in lines]
        logs.put_log_events(group, stream, events)


def _shown(line: str) -> str:
    """Return a line as CloudWatch shows it: SageMaker's agent writes a tab as `#011`."""
    return line.replace("\t", "#011")
