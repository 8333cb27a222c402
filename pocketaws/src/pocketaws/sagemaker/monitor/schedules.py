"""Model Monitor's job definitions, schedules and executions, as SageMaker keeps them.

A schedule does not wait for its time here: `run` runs an execution when it is asked to.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pocketaws.errors import ServiceError
from pocketaws.sagemaker.jobs.jobs import now
from pocketaws.sagemaker.monitor.definitions import Definition, MonitoringType, check, inner_request
from pocketaws.sagemaker.monitor.execution import MonitoringExecution

SCHEDULED: Final = "Scheduled"
STOPPED: Final = "Stopped"
# Hourly, daily, every so many hours, or once; SageMaker knows no other.
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
_SCHEDULE: Final = re.compile(
    r"NOW|cron\(0 (\*|([01]?[0-9]|2[0-3])(/([1-9]|1[0-9]|2[0-4]))?) \? \* \* \*\)"
)


@dataclass(frozen=True)
class Schedule:
    """A monitoring schedule.

    Attributes:
        config: the request's MonitoringScheduleConfig.
        definition: what it runs.
        executions: the oldest first.
    """

    name: str
    arn: str
    config: Mapping[str, Any]
    definition: Definition
    status: str = SCHEDULED
    created: datetime = field(default_factory=now)
    modified: datetime = field(default_factory=now)
    executions: tuple[MonitoringExecution, ...] = ()

    @property
    def endpoint_name(self) -> str:
        """The endpoint that is monitored."""
        return str(self.definition.endpoint_input["EndpointName"])

    def summary(self) -> dict[str, Any]:
        """Return what ListMonitoringSchedules answers."""
        told = {
            "MonitoringScheduleName": self.name,
            "MonitoringScheduleArn": self.arn,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "MonitoringScheduleStatus": self.status,
            "EndpointName": self.endpoint_name,
            "MonitoringJobDefinitionName": self.definition.name,
            "MonitoringType": self.definition.kind.value,
        }
        return {key: value for key, value in told.items() if value is not None}

    def description(self) -> dict[str, Any]:
        """Return what DescribeMonitoringSchedule answers."""
        told = self.summary()
        told.pop("MonitoringJobDefinitionName", None)
        told["MonitoringScheduleConfig"] = dict(self.config)
        if self.executions:
            told["LastMonitoringExecutionSummary"] = self.executions[-1].summary()
        return told


class Monitoring:
    """What one account has of Model Monitor.

    Args:
        arn_prefix: of what SageMaker keeps, up to the account.
        check_endpoint: raises ServiceError for an endpoint that captures nothing.
    """

    def __init__(self, *, arn_prefix: str, check_endpoint: Callable[[str], object]) -> None:
        self._arn_prefix = arn_prefix
        self._check_endpoint = check_endpoint
        self._definitions: dict[tuple[MonitoringType, str], Definition] = {}
        self._schedules: dict[str, Schedule] = {}
        self._lock = threading.Lock()

    def create_definition(self, kind: MonitoringType, request: Mapping[str, Any]) -> Definition:
        """Keep a definition.

        Args:
            kind: of monitoring.
            request: of the Create call, already held against botocore's model.

        Raises:
            ServiceError: with SageMaker's code.
        """
        name = request["JobDefinitionName"]
        definition = self._checked(kind, name, request)
        with self._lock:
            if (kind, name.lower()) in self._definitions:
                raise _in_use(definition.arn)
            self._definitions[kind, name.lower()] = definition
        return definition

    def definition(self, kind: MonitoringType, name: str) -> Definition:
        """Return a definition.

        Upper and lower case are the same: a template takes the name from the ARN, which has it in
        lower case.

        Raises:
            ServiceError: there is none of that name.
        """
        try:
            return self._definitions[kind, name.lower()]
        except KeyError:
            raise _not_found(self._definition_arn(kind, name)) from None

    def definitions(self, kind: MonitoringType) -> list[Definition]:
        """Return the definitions of a kind, the oldest first."""
        return [found for (its_kind, _), found in self._definitions.items() if its_kind is kind]

    def delete_definition(self, kind: MonitoringType, name: str) -> None:
        """Forget a definition; a schedule that has it keeps it.

        Raises:
            ServiceError: there is none of that name.
        """
        self.definition(kind, name)
        del self._definitions[kind, name.lower()]

    def create_schedule(self, request: Mapping[str, Any]) -> Schedule:
        """Keep a schedule.

        Raises:
            ServiceError: with SageMaker's code.
        """
        name, config = request["MonitoringScheduleName"], request["MonitoringScheduleConfig"]
        arn = f"{self._arn_prefix}:monitoring-schedule/{name.lower()}"
        schedule = Schedule(name, arn, config, self._scheduled(config, arn))
        with self._lock:
            if name in self._schedules:
                raise _in_use(arn)
            self._schedules[name] = schedule
        return schedule

    def update_schedule(self, request: Mapping[str, Any]) -> Schedule:
        """Give a schedule another config; its executions stay.

        Raises:
            ServiceError: with SageMaker's code.
        """
        before = self.schedule(request["MonitoringScheduleName"])
        config = request["MonitoringScheduleConfig"]
        definition = self._scheduled(config, before.arn)
        return self._changed(before.name, config=config, definition=definition)

    def schedule(self, name: str) -> Schedule:
        """Return a schedule.

        Raises:
            ServiceError: there is none of that name.
        """
        try:
            return self._schedules[name]
        except KeyError:
            raise _not_found(f"{self._arn_prefix}:monitoring-schedule/{name.lower()}") from None

    def schedules(self) -> list[Schedule]:
        """Return every schedule, the oldest first."""
        return list(self._schedules.values())

    def set_status(self, name: str, status: str) -> None:
        """Start or stop a schedule.

        Raises:
            ServiceError: there is none of that name.
        """
        self._changed(name, status=status)

    def delete_schedule(self, name: str) -> None:
        """Forget a schedule and its executions.

        Raises:
            ServiceError: there is none of that name, or an execution of it is running.
        """
        schedule = self.schedule(name)
        with self._lock:
            del self._schedules[schedule.name]

    def keep_execution(self, execution: MonitoringExecution) -> MonitoringExecution:
        """Add an execution to its schedule, or put it in the place of what it was before.

        A schedule that has been deleted meanwhile keeps nothing.
        """
        with self._lock:
            schedule = self._schedules.get(execution.schedule_name)
            if schedule is not None:
                others = [one for one in schedule.executions if one.created != execution.created]
                self._schedules[schedule.name] = replace(schedule, executions=(*others, execution))
        return execution

    def executions(self) -> list[MonitoringExecution]:
        """Return every execution of every schedule."""
        return [one for schedule in self.schedules() for one in schedule.executions]

    def _scheduled(self, config: Mapping[str, Any], schedule_arn: str) -> Definition:
        """Return what a schedule's config says to run, checked."""
        _check_expression(config)
        inner, name = config.get("MonitoringJobDefinition"), config.get(_DEFINITION_NAME)
        if (inner is None) == (name is None):
            raise _refusal(
                "'monitoringScheduleConfig' needs exactly one of MonitoringJobDefinition and "
                f"{_DEFINITION_NAME}"
            )
        kind = _kind(config, default=None if inner is None else MonitoringType.DATA_QUALITY)
        if inner is not None:
            return replace(self._checked(kind, None, inner_request(inner, kind)), arn=schedule_arn)
        try:
            return self.definition(kind, str(name))
        except ServiceError as error:
            # Of a call that does not know ResourceNotFound.
            raise _refusal(str(error)) from error

    def _checked(
        self, kind: MonitoringType, name: str | None, request: Mapping[str, Any]
    ) -> Definition:
        check(kind, request)
        definition = Definition(kind, name, self._definition_arn(kind, name or ""), request)
        self._check_endpoint(definition.endpoint_input["EndpointName"])
        return definition

    def _definition_arn(self, kind: MonitoringType, name: str) -> str:
        return f"{self._arn_prefix}:{kind.arn_type}/{name.lower()}"

    def _changed(self, name: str, **changes: Any) -> Schedule:
        self.schedule(name)
        with self._lock:
            changed = replace(self._schedules[name], modified=now(), **changes)
            self._schedules[name] = changed
        return changed


_DEFINITION_NAME: Final = "MonitoringJobDefinitionName"


def _check_expression(config: Mapping[str, Any]) -> None:
    expression = config.get("ScheduleConfig", {}).get("ScheduleExpression")
    if expression is not None and not _SCHEDULE.fullmatch(expression):
        raise _refusal(
            f"Value {expression!r} at 'monitoringScheduleConfig.scheduleConfig.scheduleExpression' "
            "is no schedule; give cron(0 * ? * * *), cron(0 12 ? * * *), cron(0 0/6 ? * * *) or NOW"
        )


def _kind(config: Mapping[str, Any], *, default: MonitoringType | None) -> MonitoringType:
    word = config.get("MonitoringType")
    if word is None and default is not None:
        return default
    known = [kind.value for kind in MonitoringType]
    if word not in known:
        raise _refusal(
            f"Value {word!r} at 'monitoringScheduleConfig.monitoringType' is not run locally; "
            f"give {' or '.join(known)}"
        )
    return MonitoringType(word)


def _in_use(arn: str) -> ServiceError:
    return ServiceError("ResourceInUse", f"{arn} exists already; names are unique in an account")


def _not_found(arn: str) -> ServiceError:
    return ServiceError("ResourceNotFound", f"Could not find {arn!r}.")


def _refusal(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)
