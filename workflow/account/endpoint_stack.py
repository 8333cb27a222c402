"""What CloudFormation tells of an endpoint's stack: how the last deployment ended, and its alarms.

An endpoint that no stack made has none; everything else about it can be told all the same.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflow.account.aws import call_or_none

_SMOKE_TEST: Final = "Custom::SmokeTest"
_ALARM: Final = "AWS::CloudWatch::Alarm"
_BEGINNINGS: Final = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")


@dataclass(frozen=True)
class SmokeTest:
    """The resource's status, such as UPDATE_COMPLETE, and since when."""

    status: str
    at: datetime.datetime


@dataclass(frozen=True)
class EndpointStack:
    """The stack.

    Attributes:
        status: CloudFormation's, such as UPDATE_ROLLBACK_COMPLETE.
        deployed_at: when the last deployment began.
        failure: which resource failed first in it and why; None unless it was rolled back.
        smoke_test: None where the stack has none.
    """

    name: str
    status: str
    deployed_at: datetime.datetime
    failure: str | None
    smoke_test: SmokeTest | None
    alarm_names: Sequence[str]

    @property
    def rolled_back(self) -> bool:
        """Whether the last deployment was, or is being, taken back."""
        return "ROLLBACK" in self.status


def read_endpoint_stack(endpoint_arn: str, *, cloudformation: Any) -> EndpointStack | None:
    """Return the stack that made an endpoint, None where none did.

    CloudFormation finds a stack by a resource's physical ID, which for an endpoint is its ARN:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    """
    answer = call_or_none(cloudformation.describe_stack_resources, PhysicalResourceId=endpoint_arn)
    resources = answer["StackResources"] if answer else []
    if not resources:
        return None
    described = call_or_none(cloudformation.describe_stacks, StackName=resources[0]["StackId"])
    if described is None:
        return None
    (stack,) = described["Stacks"]
    status = stack["StackStatus"]
    events = _last_deployment(stack["StackId"], cloudformation) if "ROLLBACK" in status else ()
    return EndpointStack(
        name=stack["StackName"],
        status=status,
        deployed_at=stack.get("LastUpdatedTime", stack["CreationTime"]),
        failure=_first_failure(events),
        smoke_test=next(map(_smoke_test, _of_type(resources, _SMOKE_TEST)), None),
        alarm_names=[
            resource["PhysicalResourceId"]
            for resource in _of_type(resources, _ALARM)
            if resource.get("PhysicalResourceId")
        ],
    )


def _of_type(resources: Sequence[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    return (resource for resource in resources if resource["ResourceType"] == kind)


def _smoke_test(resource: Mapping[str, Any]) -> SmokeTest:
    return SmokeTest(resource["ResourceStatus"], resource["Timestamp"])


def _last_deployment(stack_id: str, cloudformation: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the events of the last deployment, the newest first."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    for event in (event for page in pages for event in page["StackEvents"]):
        yield event
        is_stack = event.get("PhysicalResourceId") == stack_id
        if is_stack and event.get("ResourceStatus") in _BEGINNINGS:
            return


def _first_failure(events: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> str | None:
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("_FAILED")]
    if not failed:
        return None
    # What CloudFormation cancels because of a failure comes after it.
    first = failed[-1]
    reason = " ".join(first.get("ResourceStatusReason", "").split())
    return f"{first['LogicalResourceId']}: {reason or 'no reason was given'}"
