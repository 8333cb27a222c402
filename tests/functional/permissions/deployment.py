"""What CloudFormation does in the deployment role's name, as its resource types publish it.

Each type's schema says which permissions its handlers use; cfn-lint holds the schemas:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

import importlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pocketaws.iam.policies import Access, Statement, decide
from pocketaws.runtime import ACCOUNT_ID

_HERE: Final = f"us-east-1:{ACCOUNT_ID}"
_SAGEMAKER: Final = f"arn:aws:sagemaker:{_HERE}"
_FUNCTIONS: Final = tuple(
    f"arn:aws:lambda:{_HERE}:function:abalone-{name}-1" for name in ("prod-A", "endpoint-staging-A")
)
_ROLES: Final = tuple(
    f"arn:aws:iam::{ACCOUNT_ID}:role/abalone-{name}-1" for name in ("prod-A", "endpoint-staging-A")
)
_POLICY: Final = f"arn:aws:iam::{ACCOUNT_ID}:policy/abalone-prod-Container-1"
_BUCKETS: Final = ("arn:aws:s3:::abalone-prod-bucket-1", "arn:aws:s3:::abalone-endpoint-staging-1")
_SCALING: Final = f"arn:aws:application-autoscaling:{_HERE}:scalable-target/0a1b"
_ALARM: Final = f"arn:aws:cloudwatch:{_HERE}:alarm"
_TARGET_TRACKING: Final = (
    f"{_ALARM}:TargetTracking-endpoint/abalone-staging/variant/AllTraffic-AlarmHigh-1"
)

# Of each type that template.yaml and endpoint.yaml deploy, resources as CloudFormation names them.
RESOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    # Target tracking makes its own alarms.
    "AWS::ApplicationAutoScaling::ScalableTarget": (_SCALING, _TARGET_TRACKING),
    "AWS::ApplicationAutoScaling::ScalingPolicy": (_SCALING, _TARGET_TRACKING),
    "AWS::CloudWatch::Alarm": (f"{_ALARM}:abalone-endpoint-staging-LatencyAlarm-1",),
    "AWS::CloudWatch::Dashboard": (
        f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/abalone-staging-us-east-1",
    ),
    "AWS::DynamoDB::Table": (f"arn:aws:dynamodb:{_HERE}:table/abalone-prod-ApprovalTable-1",),
    "AWS::Events::Rule": tuple(
        f"arn:aws:events:{_HERE}:rule/abalone-{name}-1" for name in ("prod-R", "endpoint-staging-R")
    ),
    "AWS::IAM::ManagedPolicy": (_POLICY, *_ROLES),
    "AWS::IAM::Role": _ROLES,
    "AWS::IAM::RolePolicy": _ROLES[:1],
    "AWS::Lambda::Alias": _FUNCTIONS[:1],
    "AWS::Lambda::Function": _FUNCTIONS,
    "AWS::Lambda::Permission": _FUNCTIONS,
    "AWS::Lambda::Url": _FUNCTIONS[:1],
    "AWS::Lambda::Version": _FUNCTIONS[:1],
    "AWS::Logs::LogGroup": tuple(
        f"arn:aws:logs:{_HERE}:log-group:/aws/{name}"
        for name in (
            "lambda/abalone-prod-start-trial",
            "lambda/abalone-endpoint-staging-smoke-test",
            "vendedlogs/states/abalone-prod",
        )
    ),
    "AWS::S3::Bucket": _BUCKETS,
    "AWS::S3::BucketPolicy": _BUCKETS,
    "AWS::SNS::Subscription": (f"arn:aws:sns:{_HERE}:abalone-prod-Topic-1",),
    "AWS::SNS::Topic": (f"arn:aws:sns:{_HERE}:abalone-prod-Topic-1",),
    "AWS::SQS::Queue": (f"arn:aws:sqs:{_HERE}:abalone-prod-RetrainingDeadLetterQueue-1",),
    "AWS::SQS::QueuePolicy": (f"arn:aws:sqs:{_HERE}:abalone-prod-RetrainingDeadLetterQueue-1",),
    "AWS::SSM::Parameter": (f"arn:aws:ssm:{_HERE}:parameter/abalone-prod/bucket-name",),
    "AWS::SageMaker::Endpoint": (
        f"{_SAGEMAKER}:endpoint/abalone-staging",
        f"{_SAGEMAKER}:endpoint/abalone-production",
        f"{_SAGEMAKER}:endpoint-config/endpointconfig-1",
    ),
    "AWS::SageMaker::EndpointConfig": (f"{_SAGEMAKER}:endpoint-config/endpointconfig-1",),
    "AWS::SageMaker::ModelPackageGroup": (f"{_SAGEMAKER}:model-package-group/abalone-prod-1",),
    "AWS::Scheduler::Schedule": (
        f"arn:aws:scheduler:{_HERE}:schedule/default/abalone-prod-WorkflowSchedule-1",
    ),
    "AWS::StepFunctions::StateMachine": (f"arn:aws:states:{_HERE}:stateMachine:abalone-prod",),
}
# What iam:PassRole is asked with, by the type that a role is given to.
_PASSED_TO: Final[Mapping[str, str]] = {
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::Scheduler::Schedule": "scheduler.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
}


def deployment_accesses(
    statements: Iterable[Statement], *, boundary_arn: str | None = None
) -> list[Access]:
    """Return what the types' handlers do and the role's statements allow.

    That nothing is missing, a test of the template holds against the same schemas.

    Args:
        statements: of the deployment role.
        boundary_arn: that every role gets.
    """
    granted = list(statements)
    found = dict.fromkeys(itertools.chain.from_iterable(map(_accesses, RESOURCES)))
    bounded = {"iam:PermissionsBoundary": boundary_arn} if boundary_arn else {}
    accesses = [_with(access, bounded) for access in found]
    return [access for access in accesses if decide(granted, access).allowed]


def _accesses(resource_type: str) -> Iterator[Access]:
    manager = importlib.import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    handlers = manager.get_resource_schema("us-east-1", resource_type).schema["handlers"]
    for name, handler in handlers.items():
        if name != "list":
            for action in handler.get("permissions", []):
                yield from _of_action(action, resource_type)


def _of_action(action: str, resource_type: str) -> Iterator[Access]:
    if action == "iam:PassRole":
        if resource_type in _PASSED_TO:
            context = (("iam:PassedToService", _PASSED_TO[resource_type]),)
            yield from (Access(action, role, context) for role in _ROLES)
        return
    attaches = action.endswith("tachRolePolicy")
    policy_arn = (("iam:PolicyARN", _POLICY),) if attaches else ()
    for resource in (*RESOURCES[resource_type], *(_ROLES if action.startswith("iam:") else ())):
        yield Access(action, resource, policy_arn)


def _with(access: Access, more: Mapping[str, str]) -> Access:
    return Access(
        access.action, access.resource, tuple(sorted({**dict(access.context), **more}.items()))
    )
