"""What becomes of one resource when one property of it changes, by its type."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from emulated.roles import made_role
from emulated.stacks import SmallStack, small_stack
from pocketaws.runtime import LocalRuntime

Client = Callable[[str], Any]


@pytest.fixture
def stack(runtime: LocalRuntime) -> Iterator[SmallStack]:
    with small_stack(runtime) as made:
        yield made


class Case(NamedTuple):
    """A type, its properties, what changes, and what its service tells then."""

    resource_type: str
    properties: dict[str, Any]
    changed: dict[str, Any]
    told: Callable[[Client, str], Any]
    expected: Any


TAGS = [{"Key": "team", "Value": "blue"}]
KEY = {"KeyType": "HASH", "AttributeName": "id"}
TABLE = {
    "KeySchema": [KEY],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}
OTHER_POLICY = {**POLICY, "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
RULE = {"EventPattern": {"source": ["shop"]}, "EventBusName": "default"}


def topic_attribute(name: str) -> Callable[[Client, str], Any]:
    return lambda client, arn: client("sns").get_topic_attributes(TopicArn=arn)["Attributes"][name]


def queue_attribute(name: str) -> Callable[[Client, str], Any]:
    def told(client: Client, url: str) -> Any:
        answer = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return answer["Attributes"][name]

    return told


def managed_policy(client: Client, arn: str) -> Any:
    iam = client("iam")
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def key_rotation(client: Client, key_id: str) -> Any:
    return client("kms").get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def table(client: Client, name: str) -> dict[str, Any]:
    return dict(client("dynamodb").describe_table(TableName=name)["Table"])


def tags(service: str, operation: str, member: str) -> Callable[[Client, str], Any]:
    def told(client: Client, physical_id: str) -> Any:
        answer = getattr(client(service), operation)(**{member: physical_id})
        return answer.get("Tags") or answer.get("TagList") or answer.get("tags")

    return told


CASES = [
    Case("AWS::SNS::Topic", {}, {"DisplayName": "Bell"}, topic_attribute("DisplayName"), "Bell"),
    Case(
        "AWS::SNS::Topic",
        {"DisplayName": "Bell"},
        {"DisplayName": None},
        topic_attribute("DisplayName"),
        "",
    ),
    Case(
        "AWS::SNS::Topic",
        {},
        {"Subscription": [{"Protocol": "email", "Endpoint": "someone@example.com"}]},
        lambda client, arn: [
            item["Endpoint"]
            for item in client("sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        ],
        ["someone@example.com"],
    ),
    Case(
        "AWS::SNS::Topic",
        {},
        {"Tags": TAGS},
        tags("sns", "list_tags_for_resource", "ResourceArn"),
        TAGS,
    ),
    Case(
        "AWS::SQS::Queue",
        {},
        {"MessageRetentionPeriod": 600},
        queue_attribute("MessageRetentionPeriod"),
        "600",
    ),
    Case(
        "AWS::SQS::Queue",
        {"VisibilityTimeout": 7},
        {"VisibilityTimeout": None},
        queue_attribute("VisibilityTimeout"),
        "30",
    ),
    Case(
        "AWS::SQS::Queue",
        {"Tags": [{"Key": "old", "Value": "1"}]},
        {"Tags": TAGS},
        lambda client, url: client("sqs").list_queue_tags(QueueUrl=url)["Tags"],
        {"team": "blue"},
    ),
    Case(
        "AWS::SSM::Parameter",
        {"Type": "String", "Value": "1"},
        {"Value": "2"},
        lambda client, name: [
            client("ssm").get_parameter(Name=name)["Parameter"][key] for key in ("Value", "Version")
        ],
        ["2", 2],
    ),
    Case(
        "AWS::S3::Bucket",
        {},
        {"VersioningConfiguration": {"Status": "Enabled"}},
        lambda client, name: client("s3").get_bucket_versioning(Bucket=name)["Status"],
        "Enabled",
    ),
    Case(
        "AWS::S3::Bucket",
        {"Tags": TAGS},
        {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": "3"}]}},
        lambda client, name: client("s3").get_bucket_lifecycle_configuration(Bucket=name)["Rules"][
            0
        ]["Expiration"],
        {"Days": 3},
    ),
    Case(
        "AWS::S3::Bucket",
        {},
        {
            "CorsConfiguration": {
                "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
            }
        },
        lambda client, name: client("s3").get_bucket_cors(Bucket=name)["CORSRules"][0][
            "AllowedMethods"
        ],
        ["GET"],
    ),
    Case(
        "AWS::DynamoDB::Table",
        TABLE,
        {"TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": True}},
        lambda client, name: client("dynamodb").describe_time_to_live(TableName=name)[
            "TimeToLiveDescription"
        ]["AttributeName"],
        "ends",
    ),
    Case(
        "AWS::DynamoDB::Table",
        TABLE,
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": {"ReadCapacityUnits": "2", "WriteCapacityUnits": 3},
        },
        lambda client, name: table(client, name)["ProvisionedThroughput"]["ReadCapacityUnits"],
        2,
    ),
    Case(
        "AWS::DynamoDB::Table",
        TABLE,
        {
            "GlobalSecondaryIndexes": [
                {"IndexName": "by-id", "KeySchema": [KEY], "Projection": {"ProjectionType": "ALL"}}
            ]
        },
        lambda client, name: table(client, name)["GlobalSecondaryIndexes"][0]["IndexName"],
        "by-id",
    ),
    Case(
        "AWS::IAM::ManagedPolicy",
        {"PolicyDocument": POLICY},
        {"PolicyDocument": OTHER_POLICY},
        managed_policy,
        OTHER_POLICY,
    ),
    Case(
        "AWS::IAM::Role",
        {"AssumeRolePolicyDocument": TRUST},
        {"MaxSessionDuration": 7200, "Tags": TAGS},
        lambda client, name: [
            client("iam").get_role(RoleName=name)["Role"][key]
            for key in ("MaxSessionDuration", "Tags")
        ],
        [7200, TAGS],
    ),
    Case("AWS::KMS::Key", {"KeyPolicy": POLICY}, {"EnableKeyRotation": True}, key_rotation, True),
    Case(
        "AWS::Logs::LogGroup",
        {"RetentionInDays": 3},
        {"RetentionInDays": None},
        lambda client, name: (
            client("logs")
            .describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]
            .get("retentionInDays")
        ),
        None,
    ),
    Case(
        "AWS::Events::Rule",
        RULE,
        {"State": "DISABLED"},
        lambda client, name: client("events").describe_rule(Name=name)["State"],
        "DISABLED",
    ),
    Case(
        "AWS::CloudWatch::Dashboard",
        {"DashboardBody": json.dumps({"widgets": []})},
        {"DashboardBody": json.dumps({"widgets": [], "start": "-PT1H"})},
        lambda client, name: json.loads(
            client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
        ),
        {"widgets": [], "start": "-PT1H"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.resource_type} {[*case.changed]}")
def test_a_property_that_needs_no_replacement_changes_in_place(
    runtime: LocalRuntime, stack: SmallStack, case: Case
) -> None:
    assert stack.create({"It": {"Type": case.resource_type, "Properties": case.properties}}) == (
        "CREATE_COMPLETE"
    )
    before = stack.physical_id("It")
    properties = {**case.properties, **case.changed}
    properties = {name: value for name, value in properties.items() if value is not None}

    end = stack.update({"It": {"Type": case.resource_type, "Properties": properties}})

    assert end == "UPDATE_COMPLETE"
    assert stack.physical_id("It") == before
    assert case.told(runtime.client, before) == case.expected


def test_an_update_leaves_a_tables_items(runtime: LocalRuntime, stack: SmallStack) -> None:
    stack.create({"It": {"Type": "AWS::DynamoDB::Table", "Properties": TABLE}})
    dynamodb, name = runtime.client("dynamodb"), stack.physical_id("It")
    dynamodb.put_item(TableName=name, Item={"id": {"S": "kept"}})

    stack.update(
        {
            "It": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {**TABLE, "DeletionProtectionEnabled": False, "Tags": TAGS},
            }
        }
    )

    assert dynamodb.scan(TableName=name)["Items"] == [{"id": {"S": "kept"}}]


def test_a_property_of_creation_replaces_what_has_no_name_of_its_own(stack: SmallStack) -> None:
    policy = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": POLICY}}
    stack.create({"It": policy})
    before = stack.physical_id("It")

    end = stack.update(
        {"It": {**policy, "Properties": {**policy["Properties"], "Description": "x"}}}  # type: ignore[dict-item]
    )

    assert end == "UPDATE_COMPLETE"
    assert stack.physical_id("It") != before


def test_what_has_a_name_is_not_replaced_under_that_name(stack: SmallStack) -> None:
    named = {"ManagedPolicyName": stack.name, "PolicyDocument": POLICY}
    stack.create({"It": {"Type": "AWS::IAM::ManagedPolicy", "Properties": named}})

    end = stack.update(
        {"It": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {**named, "Description": "x"}}}
    )

    assert end.startswith("UPDATE_ROLLBACK_COMPLETE")
    assert (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        f"Rename {stack.name} and update the stack again." in end
    )


def test_an_alias_follows_the_version_that_its_template_names(
    runtime: LocalRuntime, stack: SmallStack
) -> None:
    role_arn = made_role(runtime, "small-function")

    def resources(word: str) -> dict[str, Any]:
        source = f"def handler(event, context):\n    return '{word} ' + context.function_version\n"
        function = {
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": role_arn,
            "Code": {"ZipFile": source},
        }
        alias = {
            "FunctionName": {"Ref": "Function"},
            "FunctionVersion": {"Fn::GetAtt": [f"Version{word}", "Version"]},
            "Name": "live",
        }
        return {
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            # As SAM's AutoPublishAlias names it by its code.
            f"Version{word}": {
                "Type": "AWS::Lambda::Version",
                "DeletionPolicy": "Retain",
                "Properties": {"FunctionName": {"Ref": "Function"}},
            },
            "Live": {"Type": "AWS::Lambda::Alias", "Properties": alias},
        }

    assert stack.create(resources("first")) == "CREATE_COMPLETE"
    arn = stack.physical_id("Live")

    assert stack.update(resources("second")) == "UPDATE_COMPLETE"

    answers = [
        json.loads(runtime.client("lambda").invoke(FunctionName=name)["Payload"].read())
        for name in (arn, f"{arn.removesuffix('live')}1")
    ]
    assert arn.endswith(":live")
    assert answers == ["second 2", "first 1"]
