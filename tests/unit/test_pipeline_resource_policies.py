"""Policies of pipeline.yaml's bucket, key and topic: without a statement, they decide otherwise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pocketaws.iam.policies import Access, Statement, decide_for, statements_of
from tests.unit.rendered_template import ACCOUNT_ID, Rendered
from workflow.template import read_template

PIPELINE_PATH: Final = Path(__file__).parents[2] / "pipeline.yaml"
OTHER_ACCOUNT: Final = "arn:aws:iam::999999999999:role/"
TEMPLATE: Final = Rendered(
    read_template(PIPELINE_PATH),
    ConnectionArn=f"arn:aws:codeconnections:eu-west-1:{ACCOUNT_ID}:connection/0f-1",
    FullRepositoryId="owner/name",
    WorkloadRoleArn=f"{OTHER_ACCOUNT}workload",
    DeploymentRoleArn=f"{OTHER_ACCOUNT}deployment",
)
END_RULE: Final = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT_ID}:thing/endrule"
# By logical id and Sid: principal, action, values of condition keys, and whether the principal's
# own policies allow it, so that only the resource's is in its way.
REQUESTS: Final[dict[tuple[str, str], tuple[str, str, dict[str, str], bool]]] = {
    ("ArtifactBucketPolicy", "RefusePlainHttp"): (
        f"arn:aws:iam::{ACCOUNT_ID}:role/reader",
        "s3:GetObject",
        {"aws:SecureTransport": "false"},
        True,
    ),
    ("ArtifactBucketPolicy", "KeepArtifactsOfTheOtherAccount"): (
        f"{OTHER_ACCOUNT}workload",
        "s3:PutObject",
        {},
        False,
    ),
    ("ArtifactBucketPolicy", "ReadBundlesInTheOtherAccount"): (
        f"{OTHER_ACCOUNT}deployment",
        "s3:GetObject",
        {},
        False,
    ),
    ("ArtifactKey", "LeaveItToIam"): (f"arn:aws:iam::{ACCOUNT_ID}:root", "kms:Decrypt", {}, False),
    ("ArtifactKey", "PublishToEncryptedTopic"): (
        "events.amazonaws.com",
        "kms:GenerateDataKey",
        {},
        False,
    ),
    ("ArtifactKey", "ReadArtifactsInTheOtherAccount"): (
        f"{OTHER_ACCOUNT}deployment",
        "kms:Decrypt",
        {},
        False,
    ),
    ("TopicPolicy", "TellOfThePipeline"): (
        "events.amazonaws.com",
        "sns:Publish",
        {"aws:SourceArn": END_RULE},
        False,
    ),
}
ANYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policies() -> Iterator[tuple[str, list[Statement]]]:
    for kind in ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::KMS::Key"):
        for name, properties in TEMPLATE.of_type(kind).items():
            document = properties.get("PolicyDocument") or properties["KeyPolicy"]
            yield name, statements_of(document, policy=name)


POLICIES: Final = dict(policies())


@pytest.mark.parametrize("key", REQUESTS, ids="-".join)
def test_without_the_statement_the_request_is_decided_otherwise(key: tuple[str, str]) -> None:
    principal, action, context, is_owned = REQUESTS[key]
    whole = POLICIES[key[0]]
    [statement] = [one for one in whole if one.sid == key[1]]
    own = statements_of({"Statement": ANYTHING}, policy="own") if is_owned else []
    resource = statement.resources[-1].replace("*", "any")
    access = Access(action, resource, tuple(context.items()))

    with_it = decide_for(principal, [*own, *whole], access).allowed
    without_it = decide_for(
        principal, [*own, *(one for one in whole if one is not statement)], access
    ).allowed

    assert with_it is (statement.effect == "Allow")
    assert with_it is not without_it


def test_every_statement_has_its_request() -> None:
    declared = {(name, one.sid) for name, found in POLICIES.items() for one in found}

    assert declared == REQUESTS.keys()


def test_nobody_else_publishes_or_reads() -> None:
    stranger = "arn:aws:iam::111111111111:role/stranger"

    for found in POLICIES.values():
        for statement in found:
            for action in statement.actions:
                access = Access(action, statement.resources[-1].replace("*", "any"))
                assert not decide_for(stranger, found, access).allowed
