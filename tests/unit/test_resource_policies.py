"""What the policies of resources say, statement by statement: each one decides a request.

Buckets, queues and topics have theirs in the templates; of functions, Lambda makes a statement of
each AWS::Lambda::Permission, most of which the SAM transform writes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from pocketaws.iam.policies import Access, Statement, decide_for, statements_of
from tests.unit.rendered_template import ACCOUNT_ID, Rendered

PROJECT_DIR: Final = Path(__file__).parents[2]
WORKFLOW: Final = "template.yaml"
ENDPOINT: Final = "endpoint.yaml"
PARAMETERS: Final = {
    WORKFLOW: {"NewDataKey": "raw/_SUCCESS", "InputDataUri": "s3://houses/raw/"},
    ENDPOINT: {"CaptureSamplingPercentage": "100"},
}
DOCUMENTED: Final = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
PERMISSION: Final = "AWS::Lambda::Permission"
RULE_ARN: Final = f"arn:aws:events:eu-west-1:{ACCOUNT_ID}:rule/abalone-endpoint-new-data"
ROLE_ARN: Final = f"arn:aws:iam::{ACCOUNT_ID}:role/reader"
# A principal's own policy that allows everything: only a resource's policy can be in its way.
ANYTHING: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Request:
    """A request that a statement decides.

    Attributes:
        context: values of condition keys with which the statement applies.
        otherwise: those with which it does not.
        owned: whether the principal's own policies allow it.
    """

    principal: str
    action: str
    context: Mapping[str, str]
    otherwise: Mapping[str, str]
    owned: bool = False


def plain_http(action: str) -> Request:
    secure, plain = {"aws:SecureTransport": "true"}, {"aws:SecureTransport": "false"}
    return Request(ROLE_ARN, action, context=plain, otherwise=secure, owned=True)


def by_rule(rule_arn: str, action: str = "lambda:InvokeFunction") -> Request:
    other = f"arn:aws:events:eu-west-1:{ACCOUNT_ID}:rule/another"
    return Request(
        "events.amazonaws.com",
        action,
        context={"aws:SourceArn": rule_arn},
        otherwise={"aws:SourceArn": other},
    )


def made_rule(logical_id: str) -> str:
    """Return the ARN that `Rendered` gives a rule."""
    return f"arn:aws:sagemaker:eu-west-1:{ACCOUNT_ID}:thing/{logical_id.lower()}"


# By template, logical id and Sid; a permission of Lambda has no Sid.
REQUESTS: Final = {
    (WORKFLOW, "BucketPolicy", "RefusePlainHttp"): plain_http("s3:GetObject"),
    (WORKFLOW, "RetrainingDeadLetterQueuePolicy", "KeepWhatWasNotStarted"): by_rule(
        RULE_ARN, "sqs:SendMessage"
    ),
    (WORKFLOW, "ResumeExecutionFunctionModelPackageDecidedPermission", ""): by_rule(
        made_rule("ResumeExecutionFunctionModelPackageDecided")
    ),
    (WORKFLOW, "CloseExecutionFunctionExecutionCutShortPermission", ""): by_rule(
        made_rule("CloseExecutionFunctionExecutionCutShort")
    ),
    (WORKFLOW, "WriteReportFunctionExecutionEndedPermission", ""): by_rule(
        made_rule("WriteReportFunctionExecutionEnded")
    ),
    (WORKFLOW, "RetrainingNotStartedPermission", ""): by_rule(
        made_rule("RetrainingNotStartedRule")
    ),
    (WORKFLOW, "MessageNotSentPermission", ""): by_rule(made_rule("MessageNotSentRule")),
    (WORKFLOW, "ApprovalPageFunctionUrlPublicPermissions", ""): Request(
        "*",
        "lambda:InvokeFunctionUrl",
        context={"lambda:FunctionUrlAuthType": "NONE"},
        otherwise={"lambda:FunctionUrlAuthType": "AWS_IAM"},
    ),
    (WORKFLOW, "ApprovalPageFunctionURLInvokeAllowPublicAccess", ""): Request(
        "*",
        "lambda:InvokeFunction",
        context={"lambda:InvokedViaFunctionUrl": "true"},
        otherwise={"lambda:InvokedViaFunctionUrl": "false"},
    ),
    (ENDPOINT, "AlarmRulePermission", ""): by_rule(made_rule("AlarmRule")),
    (ENDPOINT, "RecoveryRulePermission", ""): by_rule(made_rule("RecoveryRule")),
    (ENDPOINT, "MonitorFailureRulePermission", ""): by_rule(made_rule("MonitorFailureRule")),
    (ENDPOINT, "CaptureBucketPolicy", "RefusePlainHttp"): plain_http("s3:PutObject"),
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Statement]:
    """The statements of resources' policies, as the SAM transform leaves them."""
    # It imports the transform, which takes seconds.
    from pocketaws.cloudformation.build import build
    from pocketaws.processes.warmup import TEMPLATE_NAME

    found = {}
    for name, parameters in PARAMETERS.items():
        folder = tmp_path_factory.mktemp("built")
        with pytest.MonkeyPatch.context() as environment:
            # The transform asks boto3 for a region.
            environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
            assert build(str(PROJECT_DIR / name), str(folder)) == 0
        template = json.loads((folder / TEMPLATE_NAME).read_text(encoding="utf-8"))
        for logical_id, statement in statements(Rendered(template, **parameters)):
            found[name, logical_id, statement.sid] = statement
    return found


def statements(template: Rendered) -> Iterator[tuple[str, Statement]]:
    for resource_type in DOCUMENTED:
        for logical_id, properties in template.of_type(resource_type).items():
            for statement in statements_of(properties["PolicyDocument"], policy=logical_id):
                yield logical_id, statement
    for logical_id, properties in template.of_type(PERMISSION).items():
        [statement] = statements_of({"Statement": permission(properties)}, policy=logical_id)
        yield logical_id, statement


def permission(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement that Lambda makes.

    https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html and
    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    principal = properties["Principal"]
    condition: dict[str, Any] = {}
    if "SourceArn" in properties:
        condition["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
    if "FunctionUrlAuthType" in properties:
        auth_type = properties["FunctionUrlAuthType"]
        condition["StringEquals"] = {"lambda:FunctionUrlAuthType": auth_type}
    if "InvokedViaFunctionUrl" in properties:
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": properties["InvokedViaFunctionUrl"]}
    return {
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {"Service": principal},
        "Action": properties["Action"],
        "Resource": properties["FunctionName"],
        "Condition": condition,
    }


def is_allowed(request: Request, context: Mapping[str, str], *policies: Statement) -> bool:
    own = statements_of({"Statement": ANYTHING}, policy="own") if request.owned else []
    resource = policies[0].resources[-1] if policies else "arn:aws:any"
    access = Access(request.action, resource.replace("*", "any"), tuple(context.items()))
    return decide_for(request.principal, [*own, *policies], access).allowed


@pytest.mark.parametrize("key", REQUESTS, ids=lambda key: "-".join(filter(None, key)))
def test_the_statement_decides_its_request(
    declared: dict[tuple[str, str, str], Statement], key: tuple[str, str, str]
) -> None:
    request, statement = REQUESTS[key], declared[key]

    with_it = is_allowed(request, request.context, statement)
    otherwise = is_allowed(request, request.otherwise, statement)
    without_it = is_allowed(request, request.context)
    assert with_it is (statement.effect == "Allow")
    assert with_it is not otherwise
    assert with_it is not without_it


@pytest.mark.parametrize("key", REQUESTS, ids=lambda key: "-".join(filter(None, key)))
def test_the_statement_says_nothing_about_other_principals_or_resources(
    declared: dict[tuple[str, str, str], Statement], key: tuple[str, str, str]
) -> None:
    request, statement = REQUESTS[key], declared[key]
    elsewhere = Access(request.action, "arn:aws:elsewhere", tuple(request.context.items()))

    assert not statement.applies_to(elsewhere)
    if "*" not in statement.principals:
        other = decide_for(
            "ses.amazonaws.com",
            [statement],
            Access(request.action, statement.resources[0], tuple(request.context.items())),
        )
        assert not other.allowed


def test_every_statement_of_a_resources_policy_has_its_request(
    declared: dict[tuple[str, str, str], Statement],
) -> None:
    assert declared.keys() == REQUESTS.keys()
