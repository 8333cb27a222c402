"""CloudWatch's alarms: stacks create them, metrics move them, and a change of state is an event.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.common_models import CloudFormationModel

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import client_errors, resource_errors
from pocketaws.cloudformation.moto.template_resource import TemplateResource
from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.cloudwatch.alarm_rules import alarm_problems
from pocketaws.cloudwatch.alarms import Alarms, alarm_time, is_judged, measured
from pocketaws.cloudwatch.metric_rules import metric_problems
from pocketaws.events.moto import events
from pocketaws.service_models import operation_model

MakeClient = Callable[[str], Any]

_FIRST_STATE: Final = "INSUFFICIENT_DATA"


def changes(make_client: MakeClient) -> list[Change]:
    """Return what to change in moto's CloudWatch.

    Args:
        make_client: returns a client of an emulated service by its name.
    """
    return [
        Change(AlarmResource, "make_client", staticmethod(make_client), adds=True),
        Change(CloudWatchBackend, "put_metric_alarm", _stateful_put_metric_alarm()),
        Change(CloudWatchResponse, "put_metric_alarm", _checked_put_metric_alarm()),
        Change(CloudWatchBackend, "set_alarm_state", _set_alarm_state_with_event()),
        Change(CloudWatchBackend, "put_metric_data", _judged_put_metric_data(make_client)),
        Change(CloudWatchResponse, "put_metric_data", _checked_put_metric_data()),
    ]


def _checked_put_metric_alarm() -> Callable[[CloudWatchResponse], Any]:
    original = CloudWatchResponse.put_metric_alarm
    model = operation_model("cloudwatch", "PutMetricAlarm")
    assert model is not None, "CloudWatch has the call"  # noqa: S101
    members = list(model.input_shape.members)

    def put_metric_alarm(self: CloudWatchResponse) -> Any:
        request = {name: self._get_param(name) for name in members}
        for problem in alarm_problems(request):
            raise ValidationError(problem)
        return original(self)

    return put_metric_alarm


def _checked_put_metric_data() -> Callable[[CloudWatchResponse], Any]:
    original = CloudWatchResponse.put_metric_data

    def put_metric_data(self: CloudWatchResponse) -> Any:
        request = {name: self._get_param(name) for name in ("Namespace", "MetricData")}
        now = datetime.datetime.now(tz=datetime.UTC)
        for problem in metric_problems(request, now=now):
            raise InvalidParameterValue(problem)
        return original(self)

    return put_metric_data


def _stateful_put_metric_alarm() -> Callable[..., Alarm]:
    original = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(self: CloudWatchBackend, name: str, *more: Any, **named: Any) -> Alarm:
        before = self.alarms.get(name)
        alarm = original(self, name, *more, **named)
        # moto begins with OK, and at an update, too; CloudWatch leaves the state as it was.
        alarm.state_value = before.state_value if before else _FIRST_STATE
        if before:
            alarm.state_reason, alarm.state_reason_data = (
                before.state_reason,
                before.state_reason_data,
            )
            alarm.state_updated_timestamp = before.state_updated_timestamp
        return alarm

    return put_metric_alarm


def _judged_put_metric_data(make_client: MakeClient) -> Callable[..., None]:
    original = CloudWatchBackend.put_metric_data
    # It remembers from one call to the next, and most commands need no such client.
    alarms: list[Alarms] = []

    def put_metric_data(
        self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]
    ) -> None:
        original(self, namespace, metric_data)
        if not is_judged(namespace):
            return
        if not alarms:
            alarms.append(Alarms(make_client("cloudwatch")))
        now = datetime.datetime.now(tz=datetime.UTC)
        alarms[0].judge(measured(namespace, metric_data), time=now)

    return put_metric_data


def _set_alarm_state_with_event() -> Callable[..., None]:
    original = CloudWatchBackend.set_alarm_state

    def set_alarm_state(
        self: CloudWatchBackend, alarm_name: str, reason: str, reason_data: str, state_value: str
    ) -> None:
        alarm = self.alarms.get(alarm_name)
        before = None if alarm is None else _state(alarm)
        original(self, alarm_name, reason, reason_data, state_value)
        if alarm is not None and before is not None and before["value"] != state_value:
            events.raise_event(
                "CloudWatch Alarm State Change",
                _event_detail(alarm, before),
                source="aws.cloudwatch",
                resource_arn=alarm.alarm_arn,
            )

    return set_alarm_state


def _event_detail(alarm: Alarm, before: Mapping[str, Any]) -> dict[str, Any]:
    configuration = {"description": alarm.description, "metrics": _metrics(alarm)}
    return {
        "alarmName": alarm.name,
        "configuration": {key: value for key, value in configuration.items() if value is not None},
        "previousState": dict(before),
        "state": _state(alarm),
    }


def _state(alarm: Alarm) -> dict[str, Any]:
    state = {
        "reason": alarm.state_reason,
        "reasonData": alarm.state_reason_data,
        "timestamp": alarm_time(alarm.state_updated_timestamp),
        "value": alarm.state_value,
    }
    return {key: value for key, value in state.items() if value is not None}


def _metrics(alarm: Alarm) -> list[dict[str, Any]]:
    """Return the alarm's metrics as its events tell them."""
    if alarm.metric_name:
        stat = alarm.statistic or alarm.extended_statistic
        metric = _metric(alarm.namespace, alarm.metric_name, alarm.dimensions)
        stated = {"metric": metric, "period": alarm.period, "stat": stat}
        return [{"id": str(uuid.uuid4()), "metricStat": stated, "returnData": True}]
    return [_query(query) for query in alarm.metric_data_queries]


def _query(query: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": query.id, "returnData": query.return_data}
    if query.label:
        fields["label"] = query.label
    if query.expression:
        return {**fields, "expression": query.expression}
    stat = query.metric_stat
    metric = _metric(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions)
    return {**fields, "metricStat": {"metric": metric, "period": stat.period, "stat": stat.stat}}


def _metric(namespace: str, name: str, dimensions: list[Any]) -> dict[str, Any]:
    named = {dimension.name: dimension.value for dimension in dimensions}
    return {"namespace": namespace, "name": name, "dimensions": named}


class AlarmResource(TemplateResource, CloudFormationModel):  # type: ignore[misc]
    """AWS::CloudWatch::Alarm; a Ref of it is its name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-alarm.html
    """

    TYPE = "AWS::CloudWatch::Alarm"
    NAMED_BY = "AlarmName"
    ATTRIBUTES = ("Arn",)

    make_client: MakeClient

    def __init__(self, name: str, arn: str) -> None:
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return self.name

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "AlarmResource":
        """Create the alarm."""
        properties = cloudformation_json["Properties"]
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(
                {"AlarmName": resource_name, **properties}, "cloudwatch", "PutMetricAlarm"
            )
        with resource_errors(cls.cloudformation_type()), client_errors():
            cls.make_client("cloudwatch").put_metric_alarm(**request)
        name = request["AlarmName"]
        alarms = cloudwatch_backends[account_id][region_name].alarms
        return cls(name, alarms[name].alarm_arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "AlarmResource",
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> "AlarmResource":
        """Change the alarm in place; its state stays."""
        return cls.create_from_cloudformation_json(
            original_resource.name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the alarm with its stack."""
        cloudwatch_backends[account_id][region_name].delete_alarms([self.name])
