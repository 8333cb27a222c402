"""What statements decide, by IAM's own rules."""

import re
from typing import Any

import pytest

from pocketaws.calls import Call
from pocketaws.errors import LocalRuntimeError
from pocketaws.iam.permissions import accesses_of, known_calls
from pocketaws.iam.policies import Access, decide, statements_of, trusts
from tests.unit.service_reference import pattern, reference

pytestmark = pytest.mark.slow

BUCKET_ARN = "arn:aws:s3:::shelf"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET_ARN}/input/*"}


def is_allowed(access: Access, *statements: dict[str, Any]) -> bool:
    return decide(statements_of({"Statement": list(statements)}, policy="p"), access).allowed


def get(key: str, **context: str) -> Access:
    return Access("s3:GetObject", f"{BUCKET_ARN}/{key}", tuple(context.items()))


def listing(**context: str) -> Access:
    given = tuple((f"s3:{name}", value) for name, value in context.items())
    return Access("s3:ListBucket", BUCKET_ARN, given)


def list_if(**condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": BUCKET_ARN,
        "Condition": condition,
    }


@pytest.mark.parametrize(
    ("statement", "access", "allowed"),
    [
        (READ, get("input/a.csv"), True),
        (READ, get("input/deeper/a.csv"), True),
        (READ, get("output/a.csv"), False),
        (READ, Access("s3:PutObject", f"{BUCKET_ARN}/input/a"), False),
        ({**READ, "Action": ["s3:PutObject", "s3:getobject"]}, get("input/a"), True),
        ({**READ, "Action": "s3:Get*"}, get("input/a"), True),
        ({**READ, "Action": "s3:Get?bject"}, get("input/a"), True),
        ({**READ, "Resource": f"{BUCKET_ARN}/INPUT/*"}, get("input/a"), False),
        ({**READ, "Resource": f"{BUCKET_ARN}/input/a.csv"}, get("input/axcsv"), False),
        ({**READ, "Resource": f"{BUCKET_ARN}/[a]"}, get("a"), False),
        ({**READ, "Resource": [BUCKET_ARN, "*"]}, get("any"), True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, get("any"), True),
        ({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}, get("any"), False),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET_ARN}/secret/*"},
            get("secret/a"),
            False,
        ),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": f"{BUCKET_ARN}/secret/*"},
            get("open/a"),
            True,
        ),
    ],
)
def test_a_statement_allows_what_it_names_and_nothing_else(
    statement: dict[str, Any], access: Access, *, allowed: bool
) -> None:
    assert is_allowed(access, statement) is allowed


@pytest.mark.parametrize(
    ("condition", "context", "allowed"),
    [
        ({"StringLike": {"s3:prefix": "jobs/*"}}, {"prefix": "jobs/x/"}, True),
        ({"StringLike": {"s3:prefix": "jobs/*"}}, {"prefix": "input/"}, False),
        ({"StringLike": {"s3:prefix": "jobs/*"}}, {}, False),
        ({"StringLikeIfExists": {"s3:prefix": "jobs/*"}}, {}, True),
        ({"StringLikeIfExists": {"s3:prefix": "jobs/*"}}, {"prefix": "input/"}, False),
        ({"StringEquals": {"S3:Prefix": ["a", "b"]}}, {"prefix": "b"}, True),
        ({"StringEquals": {"s3:prefix": "b*"}}, {"prefix": "bb"}, False),
        ({"StringNotEquals": {"s3:prefix": "a"}}, {"prefix": "b"}, True),
        ({"StringNotEquals": {"s3:prefix": ["a", "b"]}}, {"prefix": "b"}, False),
        ({"StringNotLike": {"s3:prefix": "a*"}}, {}, True),
        ({"Bool": {"s3:prefix": True}}, {"prefix": "true"}, True),
        ({"Null": {"s3:prefix": "true"}}, {}, True),
        ({"Null": {"s3:prefix": "false"}}, {}, False),
        (
            {"StringEquals": {"s3:prefix": "a"}, "StringLike": {"s3:delimiter": "/"}},
            {"prefix": "a"},
            False,
        ),
        (
            {"StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"}},
            {"prefix": "a", "delimiter": "/"},
            True,
        ),
    ],
)
def test_a_condition_narrows_a_statement(
    condition: dict[str, Any], context: dict[str, str], *, allowed: bool
) -> None:
    assert is_allowed(listing(**context), list_if(**condition)) is allowed


def test_a_deny_wins_over_every_allow() -> None:
    deny = {**READ, "Effect": "Deny", "Sid": "NotThis", "Resource": f"{BUCKET_ARN}/input/private/*"}

    assert is_allowed(get("input/a"), READ, deny)
    assert not is_allowed(get("input/private/a"), READ, deny)
    assert not is_allowed(get("input/private/a"), deny, READ)


def test_nothing_is_allowed_without_a_statement() -> None:
    assert not is_allowed(get("input/a"))


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"DateGreaterThan": {"aws:CurrentTime": "2026"}}, "DateGreaterThan"),
        ({"StringEquals": {"s3:prefix": "${aws:username}"}}, "policy variables"),
    ],
)
def test_a_condition_that_is_not_known_is_an_error_and_never_ignored(
    condition: dict[str, Any], told: str
) -> None:
    with pytest.raises(LocalRuntimeError, match=told):
        is_allowed(listing(prefix="a"), list_if(**condition))


TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "states.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
}


@pytest.mark.parametrize(
    ("service", "account_id", "trusted"),
    [
        ("states.amazonaws.com", "123456789012", True),
        ("states.amazonaws.com", "999999999999", False),
        ("lambda.amazonaws.com", "123456789012", False),
    ],
)
def test_a_role_is_assumed_by_whom_it_trusts_only(
    service: str, account_id: str, *, trusted: bool
) -> None:
    statements = statements_of({"Statement": [TRUST]}, policy="trust")

    assert trusts(statements, service=service, account_id=account_id) is trusted


PARAMETERS = {
    name: f"the-{name}"
    for name in (
        "ProcessingJobName",
        "TrainingJobName",
        "ModelName",
        "ModelPackageGroupName",
        "ExperimentName",
        "TrialName",
        "EndpointName",
        "EndpointConfigName",
        "FunctionName",
        "Name",
        "TableName",
        "StackName",
        "Bucket",
        "Key",
        "CopySource",
        "AlarmNames",
    )
} | {
    "ModelPackageName": "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1",
    "ModelPackageArn": "arn:aws:sagemaker:us-east-1:123456789012:model-package/group/1",
    "RoleArn": "arn:aws:iam::123456789012:role/jobs",
    "ExecutionRoleArn": "arn:aws:iam::123456789012:role/jobs",
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:topic",
    "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
    "executionArn": "arn:aws:states:us-east-1:123456789012:execution:machine:1",
    "Tags": [{"Key": "a", "Value": "b"}],
    "CopySource": "bucket/key",
}


@pytest.mark.parametrize("call", sorted(known_calls()), ids="-".join)
def test_what_a_call_needs_is_in_aws_reference(call: tuple[str, str]) -> None:
    known = reference()
    accesses = accesses_of(Call(*call, PARAMETERS, "us-east-1"), "123456789012")

    for access in accesses:
        service, _, action = access.action.partition(":")
        types = known[service]["Actions"][action.lower()].get("Resources", [])
        formats = [
            item for name in types for item in known[service]["Resources"][name]["ARNFormats"]
        ]
        fits = [item for item in formats if re.fullmatch(pattern(item), access.resource)]
        assert fits or (access.resource == "*" and not formats) or access.action in NARROWER, access


# AWS has resources for these, which a call of ours does not name.
NARROWER = {
    "cloudwatch:GetMetricData",
    "cloudwatch:PutMetricData",
    "sagemaker:ListModelPackages",
}


def test_a_call_that_nobody_has_looked_up_needs_the_action_of_its_name() -> None:
    [access] = accesses_of(Call("monitoring", "ListMetrics"), "123456789012")

    assert (access.action, access.of_some_resource) == ("cloudwatch:ListMetrics", True)


@pytest.mark.parametrize(
    ("effect", "resource", "allowed"),
    [
        ("Allow", "arn:aws:sqs:*:*:a", True),
        ("Deny", "arn:aws:sqs:*:*:a", True),
        ("Deny", "*", False),
    ],
)
def test_an_access_of_some_resource_is_denied_on_all_of_them_only(
    effect: str, resource: str, allowed: bool
) -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:b"},
            {"Effect": effect, "Action": "sqs:*", "Resource": resource},
        ]
    }
    access = Access("sqs:ListQueues", of_some_resource=True)

    assert decide(statements_of(document, policy="p"), access).allowed is allowed
