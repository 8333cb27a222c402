"""Model Monitor, of which moto keeps definitions only: `monitoring.Monitoring`."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.sagemaker.monitor.definitions import MonitoringType
from pocketaws.sagemaker.monitor.schedules import SCHEDULED, STOPPED, Monitoring
from pocketaws.sagemaker.moto.monitoring_resources import RESOURCES
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors
from pocketaws.sagemaker.registry.model_registry import page

Handler = Callable[[SageMakerResponse], ActionResult]
Answer = Callable[[Monitoring, Mapping[str, Any]], dict[str, Any] | None]

# The answers' names of what a filter of the List calls is held against.
_FILTERS: Final = {
    "EndpointName": "EndpointName",
    "MonitoringScheduleName": "MonitoringScheduleName",
    "MonitoringJobDefinitionName": "MonitoringJobDefinitionName",
    "MonitoringTypeEquals": "MonitoringType",
}


def changes(monitoring: Monitoring) -> list[Change]:
    """Return what to change in moto's SageMaker."""
    handlers = dict(_SCHEDULE_CALLS)
    for kind in MonitoringType:
        word = f"{kind.value.removesuffix('Quality').lower()}_quality"
        handlers |= {
            f"create_{word}_job_definition": _create_definition(kind),
            f"describe_{word}_job_definition": _describe_definition(kind),
            f"list_{word}_job_definitions": _list_definitions(kind),
            f"delete_{word}_job_definition": _delete_definition(kind),
        }
    return [
        *(
            Change(
                SageMakerResponse,
                name,
                _handler(monitoring, answer),
                adds=not hasattr(SageMakerResponse, name),
            )
            for name, answer in handlers.items()
        ),
        *(Change(resource, "monitoring", monitoring, adds=True) for resource in RESOURCES),
    ]


def _handler(monitoring: Monitoring, answer: Answer) -> Handler:
    def handle(self: SageMakerResponse) -> ActionResult:
        with sagemaker_errors():
            answered = answer(monitoring, json.loads(self.body))
        return EmptyResult() if answered is None else ActionResult(answered)

    return handle


def _create_definition(kind: MonitoringType) -> Answer:
    return lambda monitoring, request: {
        "JobDefinitionArn": monitoring.create_definition(kind, request).arn
    }


def _describe_definition(kind: MonitoringType) -> Answer:
    return lambda monitoring, request: monitoring.definition(
        kind, request["JobDefinitionName"]
    ).description()


def _list_definitions(kind: MonitoringType) -> Answer:
    def listed(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
        summaries = (definition.summary() for definition in monitoring.definitions(kind))
        return _page(summaries, request, "JobDefinitionSummaries", "MonitoringJobDefinitionName")

    return listed


def _delete_definition(kind: MonitoringType) -> Answer:
    return lambda monitoring, request: monitoring.delete_definition(
        kind, request["JobDefinitionName"]
    )


def _create_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"MonitoringScheduleArn": monitoring.create_schedule(request).arn}


def _update_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
    return {"MonitoringScheduleArn": monitoring.update_schedule(request).arn}


def _describe_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
    return monitoring.schedule(request["MonitoringScheduleName"]).description()


def _list_schedules(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
    summaries = (
        schedule.summary()
        for schedule in monitoring.schedules()
        if request.get("StatusEquals") in (None, schedule.status)
    )
    return _page(summaries, request, "MonitoringScheduleSummaries", "MonitoringScheduleName")


def _delete_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> None:
    monitoring.delete_schedule(request["MonitoringScheduleName"])


def _start_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> None:
    monitoring.set_status(request["MonitoringScheduleName"], SCHEDULED)


def _stop_schedule(monitoring: Monitoring, request: Mapping[str, Any]) -> None:
    monitoring.set_status(request["MonitoringScheduleName"], STOPPED)


def _list_executions(monitoring: Monitoring, request: Mapping[str, Any]) -> dict[str, Any]:
    summaries = (
        execution.summary()
        for execution in monitoring.executions()
        if request.get("StatusEquals") in (None, execution.status)
    )
    return _page(summaries, request, "MonitoringExecutionSummaries", "MonitoringScheduleName")


_SCHEDULE_CALLS: Final[Mapping[str, Answer]] = {
    "create_monitoring_schedule": _create_schedule,
    "update_monitoring_schedule": _update_schedule,
    "describe_monitoring_schedule": _describe_schedule,
    "list_monitoring_schedules": _list_schedules,
    "delete_monitoring_schedule": _delete_schedule,
    "start_monitoring_schedule": _start_schedule,
    "stop_monitoring_schedule": _stop_schedule,
    "list_monitoring_executions": _list_executions,
}


def _page(
    summaries: Iterable[dict[str, Any]], request: Mapping[str, Any], answer_name: str, name: str
) -> dict[str, Any]:
    """Return the page of a list that a call asks for; the newest come first unless it says so."""
    wanted = [
        summary
        for summary in summaries
        if all(
            filter_name not in request or summary.get(member) == request[filter_name]
            for filter_name, member in _FILTERS.items()
        )
        and request.get("NameContains", "") in summary[name]
    ]
    by = {"Name": name, "Status": "MonitoringExecutionStatus"}.get(
        request.get("SortBy", ""), "CreationTime"
    )
    descending = request.get("SortOrder", "Descending") == "Descending"
    wanted.sort(key=lambda summary: summary.get(by, summary["CreationTime"]), reverse=descending)
    found, token = page(wanted, request)
    return {answer_name: found, "NextToken": token}
