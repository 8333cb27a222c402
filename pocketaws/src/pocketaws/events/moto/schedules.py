"""EventBridge Scheduler: schedules are checked, and stacks create them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html
"""

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.core.common_models import CloudFormationModel
from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.cloudformation.moto.template_resource import TemplateResource
from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.errors import ServiceError
from pocketaws.events.schedules import schedule_problems

MakeClient = Callable[[str], Any]

_MAX_NAME: Final = 64
_DEFAULT_GROUP: Final = "default"


def changes(make_client: MakeClient) -> list[Change]:
    """Return what to change in moto's EventBridge Scheduler.

    Args:
        make_client: returns a client of an emulated service by its name.
    """
    backend = EventBridgeSchedulerBackend
    return [
        Change(ScheduleResource, "make_client", staticmethod(make_client), adds=True),
        Change(backend, "create_schedule", _checked(backend.create_schedule)),
        Change(backend, "update_schedule", _checked(backend.update_schedule)),
    ]


def _checked(original: Callable[..., Any]) -> Callable[..., Any]:
    def checked(self: EventBridgeSchedulerBackend, **members: Any) -> Any:
        request = {
            "ScheduleExpression": members["schedule_expression"],
            "ScheduleExpressionTimezone": members["schedule_expression_timezone"],
            "Target": members["target"],
        }
        problems = list(schedule_problems(request))
        if problems:
            raise ValidationException("; ".join(problems))
        # UpdateSchedule takes the defaults for what it is not given; moto keeps nothing.
        members["state"] = members.get("state") or "ENABLED"
        return original(self, **members)

    return checked


class ScheduleResource(TemplateResource, CloudFormationModel):  # type: ignore[misc]
    """AWS::Scheduler::Schedule; a Ref of it is its name."""

    TYPE = "AWS::Scheduler::Schedule"
    NAMED_BY = "Name"
    ATTRIBUTES = ("Arn",)

    make_client: MakeClient

    def __init__(self, name: str, group_name: str, arn: str) -> None:
        self.name = name
        self.group_name = group_name
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
        account_id: str,  # noqa: ARG003 - the client's, as the region
        region_name: str,  # noqa: ARG003
        **_: Any,
    ) -> "ScheduleResource":
        """Create the schedule; a name that CloudFormation makes up is short enough."""
        properties = {"Name": resource_name[-_MAX_NAME:], **cloudformation_json["Properties"]}
        return cls._put("CreateSchedule", properties)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "ScheduleResource",
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,  # noqa: ARG003
    ) -> "ScheduleResource":
        """Change the schedule in place."""
        properties = {**cloudformation_json["Properties"], "Name": original_resource.name}
        return cls._put("UpdateSchedule", properties)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the schedule with its stack."""
        scheduler = self.make_client("scheduler")
        scheduler.delete_schedule(Name=self.name, GroupName=self.group_name)

    @classmethod
    def _put(cls, operation: str, properties: dict[str, Any]) -> "ScheduleResource":
        scheduler = cls.make_client("scheduler")
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(properties, "scheduler", operation)
            calls = {
                "CreateSchedule": scheduler.create_schedule,
                "UpdateSchedule": scheduler.update_schedule,
            }
            try:
                answer = calls[operation](**request)
            except ClientError as error:
                details = error.response["Error"]
                raise ServiceError(details["Code"], details["Message"]) from error
        group_name = request.get("GroupName", _DEFAULT_GROUP)
        return cls(request["Name"], group_name, answer["ScheduleArn"])
