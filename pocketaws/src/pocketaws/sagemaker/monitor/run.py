"""Run an execution of a monitoring schedule now, over what was captured since the last one.

On AWS a schedule's cron says when, and an execution looks at the hours since; nobody waits for an
hour here. Two executions never look at the same record: a record's time is a whole second, so one
execution ends, and the next begins, between two seconds.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure, LocalRuntimeError, ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.sagemaker.jobs.jobs import JobKind, Jobs, now
from pocketaws.sagemaker.monitor import merge
from pocketaws.sagemaker.monitor.capture import captured_hours, destination_uri, paths
from pocketaws.sagemaker.monitor.definitions import MonitoringType
from pocketaws.sagemaker.monitor.execution import (
    FAILED,
    IN_PROGRESS,
    NO_DATA,
    MonitoringExecution,
    status_of,
)
from pocketaws.sagemaker.monitor.job import Source, processing_request, report_uri
from pocketaws.sagemaker.monitor.schedules import STOPPED, Monitoring, Schedule

# ISO 8601, as far as SageMaker's offsets go: -P8D, -PT6H.
_OFFSET: Final = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


@dataclass(frozen=True)
class MonitoringRun:
    """What runs executions.

    Attributes:
        monitoring: has the schedules.
        jobs: do the analysis.
        make_client: returns a client of an emulated service by its name.
        roles: as which captured data are looked for and merged.
        flush: has the endpoints write what they have captured so far.
    """

    monitoring: Monitoring
    jobs: Jobs
    make_client: Callable[[str], Any]
    roles: AssumedRoles
    flush: Callable[[], None]

    def execute(self, schedule_name: str) -> MonitoringExecution:
        """Run one execution and return it when it has ended, violations, alarms and all.

        Raises:
            LocalRuntimeError: there is no such schedule, or it is stopped.
        """
        schedule = self._schedule(schedule_name)
        end = _next_whole_second()
        self.flush()
        execution = self.monitoring.keep_execution(_begun(schedule, end))
        try:
            source = self._source(schedule, end)
        except (ServiceError, JobFailure) as error:
            return self._end(execution, status=FAILED, failure_reason=str(error))
        if source is None:
            return self._end(execution, status=FAILED, failure_reason=NO_DATA)
        return self._analyze(execution, schedule, source)

    def _schedule(self, name: str) -> Schedule:
        try:
            schedule = self.monitoring.schedule(name)
        except ServiceError as error:
            known = ", ".join(one.name for one in self.monitoring.schedules()) or "none"
            raise LocalRuntimeError(
                f"there is no monitoring schedule {name!r}; there are: {known}"
            ) from error
        if schedule.status == STOPPED:
            raise LocalRuntimeError(
                f"the monitoring schedule {name!r} is stopped; call StartMonitoringSchedule first"
            )
        return schedule

    def _source(self, schedule: Schedule, end: datetime) -> Source | None:
        """Return what the execution looks at; None where nothing was captured."""
        role_arn = schedule.definition.role_arn
        s3 = self.roles.client(role_arn, "s3")
        sagemaker = self.roles.client(role_arn, "sagemaker")
        uri = destination_uri(schedule.endpoint_name, sagemaker)
        begin, end = _window(schedule, end)
        hours = captured_hours(uri, schedule.endpoint_name, written_since=begin, s3=s3)
        if not hours:
            return None
        source = Source(
            f"{uri}/{schedule.endpoint_name}", paths(hours), begin or hours[0].begin, end
        )
        if schedule.definition.kind is MonitoringType.DATA_QUALITY:
            return source
        return merge.merged(source, schedule.definition, s3=s3)

    def _analyze(
        self, execution: MonitoringExecution, schedule: Schedule, source: Source
    ) -> MonitoringExecution:
        request = processing_request(schedule.definition, source, schedule_name=schedule.name)
        # Of the clock, not of the window, which may lie days back.
        request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = execution.report_uri
        try:
            created = self.make_client("sagemaker").create_processing_job(**request)
        except ClientError as error:
            message = error.response["Error"]["Message"]
            return self._end(execution, status=FAILED, failure_reason=message)
        execution = self.monitoring.keep_execution(
            replace(execution, processing_job_arn=created["ProcessingJobArn"])
        )
        job = self.jobs.get(JobKind.PROCESSING, request["ProcessingJobName"])
        job.details["MonitoringScheduleArn"] = schedule.arn
        job.ended.wait()
        described = job.description()
        return self._end(
            execution,
            status=status_of(described),
            failure_reason=described.get("FailureReason"),
            exit_message=described.get("ExitMessage"),
        )

    def _end(self, execution: MonitoringExecution, **changes: Any) -> MonitoringExecution:
        return self.monitoring.keep_execution(replace(execution, modified=now(), **changes))


def offset(text: str) -> timedelta:
    """Return a duration such as -P8D or -PT6H.

    Raises:
        ServiceError: it is none.
    """
    match = _OFFSET.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ServiceError(
            "ValidationException", f"Value {text!r} is no offset; give one such as -P1D or -PT6H"
        )
    days, hours, minutes = (int(number or 0) for number in match.groups()[1:])
    duration = timedelta(days=days, hours=hours, minutes=minutes)
    return -duration if match[1] else duration


def _begun(schedule: Schedule, end: datetime) -> MonitoringExecution:
    time_created = now()
    return MonitoringExecution(
        schedule_name=schedule.name,
        kind=schedule.definition.kind,
        endpoint_name=schedule.endpoint_name,
        scheduled=end,
        created=time_created,
        modified=time_created,
        status=IN_PROGRESS,
        report_uri=report_uri(schedule.definition, schedule.name, end),
        definition_name=schedule.definition.name,
    )


def _window(schedule: Schedule, end: datetime) -> tuple[datetime | None, datetime]:
    """Return the first moment, None for all that there is, and the moment after the last."""
    given = schedule.definition.endpoint_input
    if "StartTimeOffset" in given or "EndTimeOffset" in given:
        start_offset = offset(given.get("StartTimeOffset", "-PT1H"))
        return end + start_offset, end + offset(given.get("EndTimeOffset", "-PT0H"))
    earlier = [one for one in schedule.executions if one.scheduled < end]
    return (earlier[-1].scheduled if earlier else None), end


def _next_whole_second() -> datetime:
    """Wait for less than a second and return the second that has begun."""
    reached = datetime.now(tz=UTC)
    time.sleep(1 - reached.microsecond / 1_000_000)
    return reached.replace(microsecond=0) + timedelta(seconds=1)
