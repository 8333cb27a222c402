"""Every call of a role is held against its policies, and refused in the service's own words."""

import json
import uuid
from collections.abc import Callable
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulated.images import SKLEARN_URI, XGBOOST_URI
from emulated.roles import made_role
from pocketaws.runtime import LocalRuntime

BUCKET: Final = "enforced"
SAGEMAKER: Final = "arn:aws:sagemaker:us-east-1:123456789012"
STATES: Final = "arn:aws:states:us-east-1:123456789012"
ClientOf = Callable[..., Any]


@pytest.fixture(scope="module", autouse=True)
def bucket(runtime: LocalRuntime) -> None:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="open/a", Body=b"a")
    s3.put_object(Bucket=BUCKET, Key="shut/a", Body=b"a")


def role_name_of(request: pytest.FixtureRequest, *statements: dict[str, Any]) -> str:
    """Return the name of a test's role with these statements."""
    return f"enforced-{abs(hash((request.node.name, str(statements))))}"


@pytest.fixture
def client_of(runtime: LocalRuntime, request: pytest.FixtureRequest) -> ClientOf:
    """Make clients that carry a role, by its statements: whoever assumes one gets no more."""

    def client(service: str, *statements: dict[str, Any]) -> Any:
        nothing = {"Effect": "Allow", "Action": "a:B", "Resource": "*"}
        role_name = role_name_of(request, *statements)
        role_arn = made_role(runtime, role_name, *(statements or [nothing]))
        assumed = runtime.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="me")
        credentials = assumed["Credentials"]
        return boto3.client(
            service,
            region_name="us-east-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """Make a call that has to be refused; return code and message."""
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    error = refusal.value.response["Error"]
    return error["Code"], error.get("Message", "")


def allow(action: str | list[str], resource: str, **condition: Any) -> dict[str, Any]:
    extra = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **extra}


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code", "action", "resource"),
    [
        (
            "sagemaker",
            "describe_model",
            {"ModelName": "Abalone"},
            "AccessDeniedException",
            "sagemaker:DescribeModel",
            f"{SAGEMAKER}:model/abalone",
        ),
        (
            "stepfunctions",
            "start_execution",
            {"stateMachineArn": f"{STATES}:stateMachine:m"},
            "AccessDeniedException",
            "states:StartExecution",
            f"{STATES}:stateMachine:m",
        ),
        (
            "ssm",
            "get_parameter",
            {"Name": "/abalone/model-name"},
            "AccessDeniedException",
            "ssm:GetParameter",
            "arn:aws:ssm:us-east-1:123456789012:parameter/abalone/model-name",
        ),
        (
            "dynamodb",
            "get_item",
            {"TableName": "t", "Key": {"id": {"S": "1"}}},
            "AccessDeniedException",
            "dynamodb:GetItem",
            "arn:aws:dynamodb:us-east-1:123456789012:table/t",
        ),
        (
            "lambda",
            "invoke",
            {"FunctionName": "f"},
            "AccessDeniedException",
            "lambda:InvokeFunction",
            "arn:aws:lambda:us-east-1:123456789012:function:f",
        ),
        (
            "sagemaker-runtime",
            "invoke_endpoint",
            {"EndpointName": "e", "Body": b"1"},
            "AccessDeniedException",
            "sagemaker:InvokeEndpoint",
            f"{SAGEMAKER}:endpoint/e",
        ),
        (
            "sns",
            "publish",
            {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"},
            "AuthorizationError",
            "sns:Publish",
            "arn:aws:sns:us-east-1:123456789012:t",
        ),
        (
            "cloudformation",
            "describe_stacks",
            {"StackName": "s"},
            "AccessDenied",
            "cloudformation:DescribeStacks",
            "arn:aws:cloudformation:us-east-1:123456789012:stack/s/*",
        ),
        (
            "cloudwatch",
            "put_metric_data",
            {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.0}]},
            "AccessDeniedException",
            "cloudwatch:PutMetricData",
            "*",
        ),
        (
            "s3",
            "list_objects_v2",
            {"Bucket": BUCKET},
            "AccessDenied",
            "s3:ListBucket",
            "arn:aws:s3:::enforced",
        ),
        (
            "s3",
            "put_object",
            {"Bucket": BUCKET, "Key": "new", "Body": b""},
            "AccessDenied",
            "s3:PutObject",
            "arn:aws:s3:::enforced/new",
        ),
    ],
)
def test_a_call_that_no_policy_allows_is_refused_as_aws_does(
    client_of: ClientOf,
    service: str,
    operation: str,
    arguments: dict[str, Any],
    code: str,
    action: str,
    resource: str,
) -> None:
    told = refused(getattr(client_of(service), operation), **arguments)

    assert told[0] == code
    assert "assumed-role/enforced-" in told[1]
    assert f"is not authorized to perform: {action} on resource: {resource}" in told[1]


def test_a_role_may_do_what_its_policy_says(client_of: ClientOf) -> None:
    s3 = client_of("s3", allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/open/*"))

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"a"
    assert refused(s3.get_object, Bucket=BUCKET, Key="shut/a")[0] == "AccessDenied"
    assert refused(s3.head_object, Bucket=BUCKET, Key="shut/a")[0] == "403"


def test_a_deny_is_told_from_a_missing_allow(client_of: ClientOf) -> None:
    objects = f"arn:aws:s3:::{BUCKET}/*"
    deny = {**allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/shut/*"), "Effect": "Deny"}
    s3 = client_of("s3", allow("s3:GetObject", objects), deny)

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"a"
    _, message = refused(s3.get_object, Bucket=BUCKET, Key="shut/a")
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_an_attached_policy_counts_like_an_inline_one(
    runtime: LocalRuntime, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    s3 = client_of("s3")
    iam = runtime.client("iam")
    statement = allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/open/*")
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = iam.create_policy(PolicyName="attached", PolicyDocument=json.dumps(document))
    role_name = role_name_of(request)
    iam.attach_role_policy(RoleName=role_name, PolicyArn=policy["Policy"]["Arn"])

    assert s3.get_object(Bucket=BUCKET, Key="open/a")["Body"].read() == b"a"


def test_a_missing_object_is_forbidden_to_who_may_not_list(client_of: ClientOf) -> None:
    s3 = client_of("s3", allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"))

    code, message = refused(s3.get_object, Bucket=BUCKET, Key="open/none")

    assert code == "AccessDenied"
    assert "s3:ListBucket" in message


def test_an_object_that_was_deleted_is_missing_though_its_versions_are_kept(
    runtime: LocalRuntime, client_of: ClientOf
) -> None:
    bucket, s3 = f"versions-{uuid.uuid4()}", runtime.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    s3.delete_object(Bucket=bucket, Key="a")
    reader = client_of("s3", allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))

    assert refused(reader.get_object, Bucket=bucket, Key="a")[0] == "AccessDenied"


def test_a_missing_object_is_missing_to_who_may_list(client_of: ClientOf) -> None:
    s3 = client_of(
        "s3",
        allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
        allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
    )

    assert refused(s3.get_object, Bucket=BUCKET, Key="open/none")[0] == "NoSuchKey"


def test_a_missing_bucket_is_missing_to_anybody(client_of: ClientOf) -> None:
    s3 = client_of("s3")

    assert refused(s3.list_objects_v2, Bucket="enforced-nowhere")[0] == "NoSuchBucket"


def test_a_listing_is_held_against_its_prefix(client_of: ClientOf) -> None:
    s3 = client_of(
        "s3",
        allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", StringLike={"s3:prefix": "open/*"}),
    )

    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="open/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket=BUCKET, Prefix="shut/")[0] == "AccessDenied"


def test_a_namespace_of_metrics_can_be_the_only_one(client_of: ClientOf) -> None:
    condition = {"StringLike": {"cloudwatch:namespace": ["mine/*"]}}
    cloudwatch = client_of("cloudwatch", allow("cloudwatch:PutMetricData", "*", **condition))
    data = [{"MetricName": "m", "Value": 1.0}]

    cloudwatch.put_metric_data(Namespace="mine/a", MetricData=data)
    code, _ = refused(cloudwatch.put_metric_data, Namespace="yours/a", MetricData=data)

    assert code == "AccessDeniedException"


MODEL: Final = {
    "ModelName": "enforced",
    "PrimaryContainer": {"Image": XGBOOST_URI},
}


@pytest.mark.parametrize(
    ("passed_to", "told"),
    [(None, "iam:PassRole"), ("lambda.amazonaws.com", "iam:PassRole")],
)
def test_a_role_has_to_be_passed(
    runtime: LocalRuntime, client_of: ClientOf, passed_to: str | None, told: str
) -> None:
    role_arn = made_role(runtime, "enforced-model")
    passing = allow("iam:PassRole", role_arn, StringEquals={"iam:PassedToService": passed_to})
    creating = allow("sagemaker:CreateModel", f"{SAGEMAKER}:model/*")
    sagemaker = client_of("sagemaker", creating, *([passing] if passed_to else []))

    code, message = refused(sagemaker.create_model, **MODEL, ExecutionRoleArn=role_arn)

    assert code == "AccessDeniedException"
    assert f"{told} on resource: {role_arn}" in message


def test_a_call_whose_permissions_nobody_knows_needs_the_action_of_its_name(
    client_of: ClientOf,
) -> None:
    refused_to = client_of("dynamodb", allow("dynamodb:GetItem", "*"))
    allowed_to = client_of(
        "dynamodb", allow("dynamodb:ListBackups", "arn:aws:dynamodb:*:*:table/x")
    )
    code, message = refused(refused_to.list_backups)

    assert code == "AccessDeniedException"
    assert message.endswith(
        "because no identity-based policy allows the dynamodb:ListBackups action"
    )
    assert "BackupSummaries" in allowed_to.list_backups()


def test_whoever_carries_no_role_is_the_accounts_administrator(runtime: LocalRuntime) -> None:
    listed = runtime.client("s3").list_objects_v2(Bucket=BUCKET)

    assert listed["KeyCount"] == 2


def test_a_role_is_who_it_says_it_is(client_of: ClientOf) -> None:
    assert ":assumed-role/enforced-" in client_of("sts").get_caller_identity()["Arn"]


@pytest.mark.parametrize("role", ["nobody", "somebody else's"])
def test_a_job_needs_a_role_that_sagemaker_may_assume(runtime: LocalRuntime, role: str) -> None:
    role_arn = "arn:aws:iam::123456789012:role/enforced-nobody"
    if role != "nobody":
        role_arn = made_role(runtime, "enforced-others", services=["lambda.amazonaws.com"])
    image_uri = SKLEARN_URI
    script = "/opt/ml/processing/input/a.py"

    code, message = refused(
        runtime.client("sagemaker").create_processing_job,
        ProcessingJobName="enforced",
        RoleArn=role_arn,
        AppSpecification={"ImageUri": image_uri, "ContainerEntrypoint": ["python3", script]},
        ProcessingResources={
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
    )

    assert code == "ValidationException"
    assert f"Could not assume role {role_arn}" in message
    assert "allows principal 'sagemaker.amazonaws.com'" in message


def test_a_state_machine_needs_a_role_that_step_functions_may_assume(
    runtime: LocalRuntime,
) -> None:
    role_arn = made_role(runtime, "enforced-lambda", services=["lambda.amazonaws.com"])
    definition = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}

    code, message = refused(
        runtime.client("stepfunctions").create_state_machine,
        name="enforced",
        definition=json.dumps(definition),
        roleArn=role_arn,
    )

    assert code == "AccessDeniedException"
    assert "states.amazonaws.com" in message


def test_a_state_whose_role_may_not_call_fails_with_the_refusal(runtime: LocalRuntime) -> None:
    nothing = allow("sns:Publish", "arn:aws:sns:us-east-1:123456789012:another")
    role_arn = made_role(runtime, "enforced-states", nothing)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:one", "Message": "m"},
        "End": True,
    }
    machine = runtime.client("stepfunctions").create_state_machine(
        name="enforced-refused",
        definition=json.dumps({"StartAt": "Tell", "States": {"Tell": task}}),
        roleArn=role_arn,
    )

    execution = runtime.run(machine["stateMachineArn"], {})

    assert execution.status == "FAILED"
    assert "is not authorized to perform: sns:Publish" in str(execution.cause)


def test_a_task_is_answered_by_who_may_on_its_state_machine(
    runtime: LocalRuntime, client_of: ClientOf
) -> None:
    queue_url = runtime.client("sqs").create_queue(QueueName="asked")["QueueUrl"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue_url, "MessageBody": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    sfn = runtime.client("stepfunctions")
    machine_arn = sfn.create_state_machine(
        name="asks",
        roleArn=made_role(runtime, "asks"),
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": task}}),
    )["stateMachineArn"]
    execution_arn = runtime.start_execution(machine_arn, {})
    received = runtime.client("sqs").receive_message(QueueUrl=queue_url, WaitTimeSeconds=20)
    token = json.loads(received["Messages"][0]["Body"])["token"]
    may = {"Effect": "Allow", "Action": "states:SendTaskSuccess"}

    other = client_of("stepfunctions", {**may, "Resource": f"{machine_arn}-other"})
    told = refused(other.send_task_success, taskToken=token, output="1")
    client_of("stepfunctions", {**may, "Resource": machine_arn}).send_task_success(
        taskToken=token, output="1"
    )

    assert told[0] == "AccessDeniedException"
    assert f"on resource: {machine_arn}" in told[1]
    assert runtime.wait(execution_arn).output == 1
