"""Requests at a published limit pass, one past it is refused in the service's code and words."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from pocketaws.calls import Call
from pocketaws.cloudformation.resource_requests import resource_refusal
from pocketaws.gate.limits.cloudformation import template_problems
from pocketaws.gate.refusals import refusal_of

ARN = "arn:aws:sns:eu-west-1:123456789012:topic"
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:queue"
ROLE_ARN = "arn:aws:iam::123456789012:role/any"
PARAMETER: Mapping[str, Any] = {"Name": "/a/b", "Value": "v", "Type": "String"}
MESSAGE: Mapping[str, Any] = {"TopicArn": ARN, "Message": "m"}
RULE: Mapping[str, Any] = {"Name": "r", "ScheduleExpression": "rate(5 minutes)"}
STACK: Mapping[str, Any] = {"StackName": "s", "TemplateBody": "{}"}
SCHEDULE: Mapping[str, Any] = {
    "Name": "n",
    "ScheduleExpression": "rate(1 day)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": QUEUE_ARN, "RoleArn": ROLE_ARN},
}
FUNCTION: Mapping[str, Any] = {
    "FunctionName": "f",
    "Role": ROLE_ARN,
    "Code": {"ZipFile": "eA=="},
    "Handler": "app.handler",
    "Runtime": "python3.13",
}
ROLE: Mapping[str, Any] = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}
CHANGE_SET: Mapping[str, Any] = {**STACK, "ChangeSetName": "c"}
MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
MACHINE: Mapping[str, Any] = {"name": "m", "definition": "{}", "roleArn": ROLE_ARN}
LOG_GROUP = {
    "cloudWatchLogsLogGroup": {
        "logGroupArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/m:*"
    }
}
TAG = {"Key": "k", "Value": "v"}
TRAINING: Mapping[str, Any] = {
    "TrainingJobName": "t",
    "RoleArn": ROLE_ARN,
    "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://b/o"},
    "StoppingCondition": {},
}
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}
PROCESSING: Mapping[str, Any] = {
    "ProcessingJobName": "p",
    "RoleArn": ROLE_ARN,
    "AppSpecification": {"ImageUri": "i"},
    "ProcessingResources": {
        "ClusterConfig": {
            "InstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "VolumeSizeInGB": 1,
        }
    },
}
TRANSFORM: Mapping[str, Any] = {
    "TransformJobName": "t",
    "ModelName": "m",
    "TransformInput": {"DataSource": SOURCE},
    "TransformOutput": {"S3OutputPath": "s3://b/o"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
}
TUNING: Mapping[str, Any] = {
    "HyperParameterTuningJobName": "t",
    "HyperParameterTuningJobConfig": {
        "Strategy": "Random",
        "ResourceLimits": {"MaxParallelTrainingJobs": 1},
    },
}


def channels(*names: str) -> dict[str, Any]:
    return {"InputDataConfig": [{"ChannelName": name, "DataSource": SOURCE} for name in names]}


def inputs(**paths: str) -> dict[str, Any]:
    sources = {
        name.strip("_"): {"S3Uri": "s3://b/k", "S3DataType": "S3Prefix", "LocalPath": path}
        for name, path in paths.items()
    }
    found = [{"InputName": name.strip("_"), "S3Input": sources[name.strip("_")]} for name in paths]
    return {"ProcessingInputs": found}


def outputs(*names: str) -> dict[str, Any]:
    target = {"S3Uri": "s3://b/k", "LocalPath": "/opt/ml/processing/o", "S3UploadMode": "EndOfJob"}
    listed = [{"OutputName": name, "S3Output": target} for name in names]
    return {"ProcessingOutputConfig": {"Outputs": listed}}


def serverless(**numbers: int) -> dict[str, Any]:
    config = {"MemorySizeInMB": 1024, "MaxConcurrency": 2, **numbers}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": config}
    return {"ProductionVariants": [variant]}


def variants(*names: str) -> dict[str, Any]:
    return {"ProductionVariants": [{"VariantName": name, "ModelName": "m"} for name in names]}


def containers(*hosts: str) -> dict[str, Any]:
    return {
        "Containers": [{"Image": "i", **({"ContainerHostname": x} if x else {})} for x in hosts]
    }


def ranges(low: str, high: str, *names: str) -> dict[str, Any]:
    listed = [{"Name": name, "MinValue": low, "MaxValue": high} for name in names]
    config = TUNING["HyperParameterTuningJobConfig"]
    return {
        "HyperParameterTuningJobConfig": {
            **config,
            "ParameterRanges": {"ContinuousParameterRanges": listed},
        }
    }


def tagged(*keys: str) -> dict[str, Any]:
    return {"Tags": [{"Key": key, "Value": "v"} for key in keys]}


class Limit(NamedTuple):
    """A request, and what it is changed to: at the limit, and past it with code and words."""

    call: tuple[str, str]
    request: Mapping[str, Any]
    fits: Mapping[str, Any]
    past: Mapping[str, Any]
    code: str
    words: str


def padded(size: int) -> str:
    """Return a JSON object of so many characters."""
    return json.dumps({"a": "x" * (size - 8)}, separators=(",", ":"))


def entries(size: int) -> list[dict[str, str]]:
    return [{"Source": "s", "DetailType": "d", "Detail": "x" * (size - 2)}]


LIMITS: dict[str, Limit] = {
    "a state machine's log": Limit(
        ("stepfunctions", "CreateStateMachine"),
        MACHINE,
        {"loggingConfiguration": {"level": "ALL", "destinations": [LOG_GROUP]}},
        {"loggingConfiguration": {"level": "ALL", "destinations": []}},
        "InvalidLoggingConfiguration",
        "exactly one Log Destination",
    ),
    "a state machine's logs": Limit(
        ("stepfunctions", "UpdateStateMachine"),
        {"stateMachineArn": MACHINE_ARN},
        {"loggingConfiguration": {"level": "OFF"}},
        {"loggingConfiguration": {"level": "OFF", "destinations": [LOG_GROUP, LOG_GROUP]}},
        "InvalidLoggingConfiguration",
        "exactly one Log Destination",
    ),
    "a log group of a state machine": Limit(
        ("stepfunctions", "CreateStateMachine"),
        MACHINE,
        {},
        {"loggingConfiguration": {"level": "OFF", "destinations": [{}]}},
        "InvalidLoggingConfiguration",
        "no ARN of a log group",
    ),
    "a state machine's tags": Limit(
        ("stepfunctions", "CreateStateMachine"),
        MACHINE,
        {"tags": [{"key": str(number), "value": "v"} for number in range(50)]},
        {"tags": [{"key": str(number), "value": "v"} for number in range(51)]},
        "TooManyTags",
        "at most 50",
    ),
    "a tag twice": Limit(
        ("stepfunctions", "TagResource"),
        {"resourceArn": MACHINE_ARN},
        {"tags": [{"key": "a"}, {"key": "b"}]},
        {"tags": [{"key": "a"}, {"key": "a"}]},
        "ValidationException",
        "Duplicate tag keys",
    ),
    "a tag of AWS": Limit(
        ("stepfunctions", "CreateActivity"),
        {"name": "a"},
        {"tags": [{"key": "a:aws", "value": "v"}]},
        {"tags": [{"key": "aws:a", "value": "v"}]},
        "ValidationException",
        "reserved",
    ),
    "a tag without a key": Limit(
        ("stepfunctions", "TagResource"),
        {"resourceArn": MACHINE_ARN},
        {"tags": [{"key": "k"}]},
        {"tags": [{"value": "v"}]},
        "ValidationException",
        "'tags.1.member.key' failed to satisfy constraint: Member must not be null",
    ),
    "executions of nothing": Limit(
        ("stepfunctions", "ListExecutions"),
        {},
        {"stateMachineArn": MACHINE_ARN},
        {},
        "ValidationException",
        "Must provide a State Machine ARN or Map Run ARN",
    ),
    "executions of two": Limit(
        ("stepfunctions", "ListExecutions"),
        {"stateMachineArn": MACHINE_ARN},
        {},
        {"mapRunArn": "arn:aws:states:eu-west-1:123456789012:mapRun:m/l:1"},
        "ValidationException",
        "Only one of",
    ),
    "executions that wait for a redrive": Limit(
        ("stepfunctions", "ListExecutions"),
        {"stateMachineArn": MACHINE_ARN},
        {"statusFilter": "FAILED"},
        {"statusFilter": "PENDING_REDRIVE"},
        "ValidationException",
        "Map Run only",
    ),
    "an attribute of nothing": Limit(
        ("dynamodb", "PutItem"),
        {"TableName": "tab"},
        {"Item": {"a": {"L": [{"M": {"b": {"S": "x"}}}]}}},
        {"Item": {"a": {"L": [{"M": {"b": {}}}]}}},
        "ValidationException",
        "Supplied AttributeValue is empty",
    ),
    "an attribute of two types": Limit(
        ("dynamodb", "PutItem"),
        {"TableName": "tab"},
        {"Item": {"a": {"S": "x"}}},
        {"Item": {"a": {"S": "x", "N": "1"}}},
        "ValidationException",
        "has more than one datatypes set",
    ),
    "a parameter's value": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Value": "ü" * 4096},
        {"Value": "x" * 4097},
        "ValidationException",
        "maximum parameter value of 4096 characters",
    ),
    "an advanced parameter's value": Limit(
        ("ssm", "PutParameter"),
        {**PARAMETER, "Tier": "Advanced"},
        {"Value": "x" * 8192},
        {"Value": "x" * 8193},
        "ValidationException",
        "maximum parameter value of 8192 characters",
    ),
    "a parameter's empty value": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Value": "0"},
        {"Value": ""},
        "ValidationException",
        "'value' failed to satisfy constraint",
    ),
    "a parameter's levels": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Name": "/a" * 15},
        {"Name": "/a" * 16},
        "HierarchyLevelLimitExceededException",
        "maximum of 15 levels",
    ),
    "a parameter's name": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Name": "a.b_c-d"},
        {"Name": "a/b"},
        "ValidationException",
        "fully qualified name",
    ),
    "a parameter's description": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Description": "x" * 1024},
        {"Description": "x" * 1025},
        "ValidationException",
        "'description' failed to satisfy constraint: Member must have length less than or equal",
    ),
    "a parameter's tags": Limit(
        ("ssm", "PutParameter"),
        PARAMETER,
        {"Tags": [TAG] * 50},
        {"Tags": [TAG] * 51},
        "TooManyTagsError",
        "51 tags",
    ),
    "names that are read at once": Limit(
        ("ssm", "GetParameters"),
        {},
        {"Names": ["a"] * 10},
        {"Names": ["a"] * 11},
        "ValidationException",
        "'names' failed",
    ),
    "a subject's length": Limit(
        ("sns", "Publish"),
        MESSAGE,
        {"Subject": "x" * 99},
        {"Subject": "x" * 100},
        "InvalidParameter",
        "Invalid parameter: Subject",
    ),
    "a subject's characters": Limit(
        ("sns", "Publish"),
        MESSAGE,
        {"Subject": "Größe"},
        {"Subject": "a\nb"},
        "InvalidParameter",
        "Invalid parameter: Subject",
    ),
    "a message's bytes": Limit(
        ("sns", "Publish"),
        MESSAGE,
        {"Message": "ü" * 131_072},
        {"Message": "ü" * 131_072 + "x"},
        "InvalidParameter",
        "Message too long",
    ),
    "an empty message": Limit(
        ("sns", "Publish"),
        MESSAGE,
        {"Message": " "},
        {"Message": ""},
        "InvalidParameter",
        "Empty message",
    ),
    "a message by protocol": Limit(
        ("sns", "Publish"),
        {**MESSAGE, "MessageStructure": "json"},
        {"Message": '{"default": "m"}'},
        {"Message": '{"email": "m"}'},
        "InvalidParameter",
        "No default entry",
    ),
    "a batch of messages": Limit(
        ("sns", "PublishBatch"),
        {"TopicArn": ARN},
        {"PublishBatchRequestEntries": [{"Id": str(n), "Message": "m"} for n in range(10)]},
        {"PublishBatchRequestEntries": [{"Id": str(n), "Message": "m"} for n in range(11)]},
        "TooManyEntriesInBatchRequest",
        "more entries than permissible",
    ),
    "a topic's name": Limit(
        ("sns", "CreateTopic"),
        {},
        {"Name": "x" * 256},
        {"Name": "x" * 257},
        "InvalidParameter",
        "Topic Name",
    ),
    "a topic's name's characters": Limit(
        ("sns", "CreateTopic"),
        {},
        {"Name": "a-b_c"},
        {"Name": "a.b"},
        "InvalidParameter",
        "Topic Name",
    ),
    "a subscription's protocol": Limit(
        ("sns", "Subscribe"),
        {"TopicArn": ARN, "Endpoint": "me@example.com"},
        {"Protocol": "email"},
        {"Protocol": "pigeon"},
        "InvalidParameter",
        "does not support this protocol string: pigeon",
    ),
    "a subscriber's address": Limit(
        ("sns", "Subscribe"),
        {"TopicArn": ARN, "Protocol": "email"},
        {"Endpoint": "me@example.com"},
        {"Endpoint": "me"},
        "InvalidParameter",
        "Email address",
    ),
    "a rule's name": Limit(
        ("events", "PutRule"),
        RULE,
        {"Name": "x" * 64},
        {"Name": "x" * 65},
        "ValidationException",
        "'name' failed to satisfy constraint: Member must have length less than or equal to 64",
    ),
    "a rule's minutes": Limit(
        ("events", "PutRule"),
        RULE,
        {"ScheduleExpression": "cron(59 * * * ? *)"},
        {"ScheduleExpression": "cron(60 * * * ? *)"},
        "ValidationException",
        "Parameter ScheduleExpression is not valid",
    ),
    "a rule's rate": Limit(
        ("events", "PutRule"),
        RULE,
        {"ScheduleExpression": "rate(1 minute)"},
        {"ScheduleExpression": "rate(1 minutes)"},
        "ValidationException",
        "Parameter ScheduleExpression is not valid",
    ),
    "a rule's cause": Limit(
        ("events", "PutRule"),
        {"Name": "r"},
        {"EventPattern": '{"source": ["a"]}'},
        {},
        "ValidationException",
        "must be specified",
    ),
    "an event pattern": Limit(
        ("events", "PutRule"),
        {"Name": "r"},
        {"EventPattern": '{"detail": {"a": ["b"]}}'},
        {"EventPattern": '{"detail": {"a": "b"}}'},
        "InvalidEventPatternException",
        '"detail.a" must be an object or an array',
    ),
    "an event pattern's size": Limit(
        ("events", "PutRule"),
        {"Name": "r"},
        {"EventPattern": '{"a": ["' + "x" * 4085 + '"]}'},
        {"EventPattern": '{"a": ["' + "x" * 4086 + '"]}'},
        "ValidationException",
        "'eventPattern' failed",
    ),
    "a rule's targets": Limit(
        ("events", "PutTargets"),
        {"Rule": "r"},
        {"Targets": [{"Id": str(n), "Arn": QUEUE_ARN} for n in range(5)]},
        {"Targets": [{"Id": str(n), "Arn": QUEUE_ARN} for n in range(6)]},
        "LimitExceededException",
        "maximum number allowed",
    ),
    "a target's input": Limit(
        ("events", "PutTargets"),
        {"Rule": "r"},
        {"Targets": [{"Id": "a", "Arn": QUEUE_ARN, "Input": "{}"}]},
        {"Targets": [{"Id": "a", "Arn": QUEUE_ARN, "Input": "{}", "InputPath": "$"}]},
        "ValidationException",
        "Only one of Input, InputPath, or InputTransformer",
    ),
    "a target's retries": Limit(
        ("events", "PutTargets"),
        {"Rule": "r"},
        {"Targets": [{"Id": "a", "Arn": QUEUE_ARN, "RetryPolicy": {"MaximumRetryAttempts": 185}}]},
        {"Targets": [{"Id": "a", "Arn": QUEUE_ARN, "RetryPolicy": {"MaximumRetryAttempts": 186}}]},
        "ValidationException",
        "'targets.1.member.retryPolicy.maximumRetryAttempts' failed",
    ),
    "an event's bytes": Limit(
        ("events", "PutEvents"),
        {},
        {"Entries": entries(262_144)},
        {"Entries": entries(262_145)},
        "ValidationException",
        "over the limit",
    ),
    "a stack's name": Limit(
        ("cloudformation", "CreateStack"),
        STACK,
        {"StackName": "x" * 128},
        {"StackName": "x" * 129},
        "ValidationError",
        "'stackName' failed to satisfy constraint: Member must have length less than or equal to",
    ),
    "a stack's name's characters": Limit(
        ("cloudformation", "CreateStack"),
        STACK,
        {"StackName": "a1-bc"},
        {"StackName": "1abc"},
        "ValidationError",
        "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
    ),
    "a change set's name": Limit(
        ("cloudformation", "CreateChangeSet"),
        CHANGE_SET,
        {"ChangeSetName": "x" * 128},
        {"ChangeSetName": "x" * 129},
        "ValidationError",
        "'changeSetName' failed",
    ),
    "a template that is missing": Limit(
        ("cloudformation", "CreateStack"),
        {"StackName": "s"},
        {"TemplateURL": "https://b.s3.amazonaws.com/k"},
        {},
        "ValidationError",
        "Either Template URL or Template Body must be specified",
    ),
    "a stack parameter's bytes": Limit(
        ("cloudformation", "CreateStack"),
        STACK,
        {"Parameters": [{"ParameterKey": "K", "ParameterValue": "ü" * 2048}]},
        {"Parameters": [{"ParameterKey": "K", "ParameterValue": "ü" * 2048 + "x"}]},
        "ValidationError",
        "Parameter 'K' of 4097 bytes",
    ),
    "a stack's tags": Limit(
        ("cloudformation", "CreateStack"),
        STACK,
        {"Tags": [TAG] * 50},
        {"Tags": [TAG] * 51},
        "ValidationError",
        "'tags' failed",
    ),
    "a schedule's name": Limit(
        ("scheduler", "CreateSchedule"),
        SCHEDULE,
        {"Name": "x" * 64},
        {"Name": "x" * 65},
        "ValidationException",
        "'name' failed",
    ),
    "a schedule group's name": Limit(
        ("scheduler", "CreateScheduleGroup"),
        {},
        {"Name": "x" * 64},
        {"Name": "x" * 65},
        "ValidationException",
        "'name' failed",
    ),
    "a schedule's window": Limit(
        ("scheduler", "CreateSchedule"),
        SCHEDULE,
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        "ValidationException",
        "MaximumWindowInMinutes is required",
    ),
    "a schedule's input": Limit(
        ("scheduler", "CreateSchedule"),
        SCHEDULE,
        {"Target": {"Arn": QUEUE_ARN, "RoleArn": ROLE_ARN, "Input": "x" * 262_144}},
        {"Target": {"Arn": QUEUE_ARN, "RoleArn": ROLE_ARN, "Input": "x" * 262_145}},
        "ValidationException",
        "Input of 262145 bytes",
    ),
    "a path of parameters": Limit(
        ("ssm", "GetParametersByPath"),
        {"Path": "/"},
        {"Path": "/a"},
        {"Path": "a"},
        "ValidationException",
        "must begin with a forward slash",
    ),
    "a page of parameters": Limit(
        ("ssm", "DescribeParameters"),
        {},
        {"NextToken": "10"},
        {"NextToken": "ten"},
        "InvalidNextToken",
        "token isn't valid",
    ),
    "a parameter's pattern": Limit(
        ("ssm", "PutParameter"),
        {**PARAMETER, "AllowedPattern": "^\\d+$"},
        {"Value": "12"},
        {"Value": "1x"},
        "ParameterPatternMismatchException",
        "cannot be validated against allowedPattern",
    ),
    "a subscription's filter": Limit(
        ("sns", "Subscribe"),
        {"TopicArn": ARN, "Protocol": "sqs", "Endpoint": QUEUE_ARN},
        {"Attributes": {"FilterPolicy": '{"a": ["b"]}', "RawMessageDelivery": "true"}},
        {"Attributes": {"FilterPolicy": "a"}},
        "InvalidParameter",
        "FilterPolicy: failed to parse JSON",
    ),
    "a subscription's attributes": Limit(
        ("sns", "SetSubscriptionAttributes"),
        {"SubscriptionArn": f"{ARN}:1"},
        {"AttributeName": "FilterPolicyScope", "AttributeValue": "MessageBody"},
        {"AttributeName": "Filter", "AttributeValue": "{}"},
        "InvalidParameter",
        "Unknown attribute: Filter",
    ),
    "a topic's attributes": Limit(
        ("sns", "SetTopicAttributes"),
        {"TopicArn": ARN},
        {"AttributeName": "LambdaFailureFeedbackRoleArn", "AttributeValue": "a"},
        {"AttributeName": "Colour", "AttributeValue": "a"},
        "InvalidParameter",
        "Invalid parameter: AttributeName",
    ),
    "a message's text": Limit(
        ("sqs", "SendMessage"),
        {"QueueUrl": "q"},
        {"MessageBody": "a\tb"},
        {"MessageBody": "a\x01b"},
        "InvalidMessageContents",
        "Invalid characters found",
    ),
    "a message without text": Limit(
        ("sqs", "SendMessage"),
        {"QueueUrl": "q"},
        {"MessageBody": " "},
        {"MessageBody": ""},
        "MissingParameter",
        "must contain the parameter MessageBody",
    ),
    "a queue's seconds": Limit(
        ("sqs", "SetQueueAttributes"),
        {"QueueUrl": "q"},
        {"Attributes": {"VisibilityTimeout": "43200"}},
        {"Attributes": {"VisibilityTimeout": "43201"}},
        "InvalidAttributeValue",
        "parameter VisibilityTimeout",
    ),
    "a queue's other queue": Limit(
        ("sqs", "CreateQueue"),
        {"QueueName": "q"},
        {
            "Attributes": {
                "RedrivePolicy": json.dumps(
                    {"deadLetterTargetArn": QUEUE_ARN, "maxReceiveCount": "1000"}
                )
            }
        },
        {
            "Attributes": {
                "RedrivePolicy": json.dumps(
                    {"deadLetterTargetArn": QUEUE_ARN, "maxReceiveCount": 1001}
                )
            }
        },
        "InvalidParameterValue",
        "RedrivePolicy is invalid",
    ),
    "a training job's tags": Limit(
        ("sagemaker", "CreateTrainingJob"),
        TRAINING,
        tagged("a", "b"),
        tagged("a", "a"),
        "ValidationException",
        "Duplicate tag key 'a'",
    ),
    "a tag of AWS's own": Limit(
        ("sagemaker", "AddTags"),
        {"ResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:model/m"},
        tagged("an aws: tag"),
        tagged("aws:tag"),
        "ValidationException",
        "prefixed tag key names are not allowed",
    ),
    "a training job's algorithm": Limit(
        ("sagemaker", "CreateTrainingJob"),
        TRAINING,
        {"AlgorithmSpecification": {"AlgorithmName": "a", "TrainingInputMode": "File"}},
        {
            "AlgorithmSpecification": {
                "AlgorithmName": "a",
                "TrainingImage": "i",
                "TrainingInputMode": "File",
            }
        },
        "ValidationException",
        "exactly one of TrainingImage and AlgorithmName",
    ),
    "a training job's channels": Limit(
        ("sagemaker", "CreateTrainingJob"),
        TRAINING,
        channels("train", "validation"),
        channels("train", "train"),
        "ValidationException",
        "ChannelName 'train' is given several times",
    ),
    "a training job's seconds": Limit(
        ("sagemaker", "CreateTrainingJob"),
        TRAINING,
        {"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_200}},
        {"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_201}},
        "ValidationException",
        "The maximum value is 2419200",
    ),
    "a training job's instances": Limit(
        ("sagemaker", "CreateTrainingJob"),
        TRAINING,
        {"ResourceConfig": {"InstanceCount": 1, "VolumeSizeInGB": 1}},
        {"ResourceConfig": {"InstanceCount": 0, "VolumeSizeInGB": 1}},
        "ValidationException",
        "InstanceCount 0 is invalid",
    ),
    "a processing job's inputs": Limit(
        ("sagemaker", "CreateProcessingJob"),
        PROCESSING,
        inputs(a="/opt/ml/processing/a", b="/opt/ml/processing/b"),
        inputs(a="/opt/ml/processing/a", b="/opt/ml/processing/a/"),
        "ValidationException",
        "is of several ProcessingInputs",
    ),
    "the names of a processing job's inputs": Limit(
        ("sagemaker", "CreateProcessingJob"),
        PROCESSING,
        inputs(a="/opt/ml/processing/a"),
        inputs(a="/opt/ml/processing/a", a_="/opt/ml/processing/b"),
        "ValidationException",
        "InputName 'a' is given several times",
    ),
    "a processing job's folder": Limit(
        ("sagemaker", "CreateProcessingJob"),
        PROCESSING,
        inputs(a="/opt/ml/processing"),
        inputs(a="/opt/ml/processed"),
        "ValidationException",
        "must begin with /opt/ml/processing/",
    ),
    "a processing job's source": Limit(
        ("sagemaker", "CreateProcessingJob"),
        PROCESSING,
        inputs(a="/opt/ml/processing/a"),
        {"ProcessingInputs": [{"InputName": "a"}]},
        "ValidationException",
        "exactly one of S3Input and DatasetDefinition",
    ),
    "a processing job's outputs": Limit(
        ("sagemaker", "CreateProcessingJob"),
        PROCESSING,
        outputs("a", "b"),
        outputs("a", "a"),
        "ValidationException",
        "OutputName 'a' is given several times",
    ),
    "a transform job's payloads": Limit(
        ("sagemaker", "CreateTransformJob"),
        TRANSFORM,
        {"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 2},
        {"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 3},
        "ValidationException",
        "more than 100 MB",
    ),
    "a tuning job's range": Limit(
        ("sagemaker", "CreateHyperParameterTuningJob"),
        TUNING,
        ranges("0.1", "0.1", "eta"),
        ranges("1e-1", "0.01", "eta"),
        "ValidationException",
        "MinValue 1e-1 is greater than MaxValue 0.01",
    ),
    "a tuning job's ranges": Limit(
        ("sagemaker", "CreateHyperParameterTuningJob"),
        TUNING,
        ranges("0", "1", "eta", "gamma"),
        ranges("0", "1", "eta", "eta"),
        "ValidationException",
        "'eta' has several ranges",
    ),
    "a serverless variant's memory": Limit(
        ("sagemaker", "CreateEndpointConfig"),
        {"EndpointConfigName": "e"},
        serverless(MemorySizeInMB=6144),
        serverless(MemorySizeInMB=1536),
        "ValidationException",
        "MemorySizeInMB 1536 is invalid",
    ),
    "a serverless variant's concurrency": Limit(
        ("sagemaker", "CreateEndpointConfig"),
        {"EndpointConfigName": "e"},
        serverless(ProvisionedConcurrency=2),
        serverless(ProvisionedConcurrency=3),
        "ValidationException",
        "greater than MaxConcurrency 2",
    ),
    "the names of variants": Limit(
        ("sagemaker", "CreateEndpointConfig"),
        {"EndpointConfigName": "e"},
        variants("a", "b"),
        variants("a", "a"),
        "ValidationException",
        "VariantName 'a' is given several times",
    ),
    "the hosts of a model's containers": Limit(
        ("sagemaker", "CreateModel"),
        {"ModelName": "m"},
        containers("a", "b"),
        containers("a", "a"),
        "ValidationException",
        "ContainerHostname 'a' is of several containers",
    ),
    "the host of each of a model's containers": Limit(
        ("sagemaker", "CreateModel"),
        {"ModelName": "m"},
        containers("", ""),
        containers("a", ""),
        "ValidationException",
        "for each of the containers, or for none",
    ),
    "a function's name": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"FunctionName": "x" * 64},
        {"FunctionName": "x" * 65},
        "ValidationException",
        "'functionName' failed",
    ),
    "a function's environment": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Environment": {"Variables": {"AB": "ü" * 2043 + "x"}}},
        {"Environment": {"Variables": {"AB": "ü" * 2044}}},
        "InvalidParameterValueException",
        "exceeded the 4KB limit",
    ),
    "a function's reserved variables": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Environment": {"Variables": {"REGION": "x"}}},
        {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        "InvalidParameterValueException",
        "Reserved keys used in this request: AWS_REGION",
    ),
    "a function's code": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Code": {"S3Bucket": "abc", "S3Key": "k"}},
        {"Code": {"S3Bucket": "abc"}},
        "InvalidParameterValueException",
        "Please provide a source for function code.",
    ),
    "a function's one code": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Code": {"ZipFile": "eA=="}},
        {"Code": {"ZipFile": "eA==", "S3Bucket": "abc", "S3Key": "k"}},
        "InvalidParameterValueException",
        "other FunctionCode parameters",
    ),
    "a function's handler": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Code": {"ImageUri": "i"}, "PackageType": "Image", "Handler": None, "Runtime": None},
        {"Handler": None},
        "InvalidParameterValueException",
        "Runtime and Handler are mandatory parameters",
    ),
    "a function's seconds": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"Timeout": 900},
        {"Timeout": 901},
        "ValidationException",
        "'timeout' failed",
    ),
    "a function's memory": Limit(
        ("lambda", "CreateFunction"),
        FUNCTION,
        {"MemorySize": 10_240},
        {"MemorySize": 10_241},
        "ValidationException",
        "'memorySize' failed",
    ),
    "a payload that is waited for": Limit(
        ("lambda", "Invoke"),
        {"FunctionName": "f"},
        {"Payload": b"x" * 6_291_456},
        {"Payload": b"x" * 6_291_457},
        "RequestEntityTooLargeException",
        "smaller than 6291456 bytes",
    ),
    "a payload that is not waited for": Limit(
        ("lambda", "Invoke"),
        {"FunctionName": "f", "InvocationType": "Event"},
        {"Payload": b"x" * 1_048_576},
        {"Payload": b"x" * 1_048_577},
        "RequestEntityTooLargeException",
        "smaller than 1048576 bytes",
    ),
    "a role's name": Limit(
        ("iam", "CreateRole"),
        ROLE,
        {"RoleName": "x" * 64},
        {"RoleName": "x" * 65},
        "ValidationError",
        "'roleName' failed",
    ),
    "a group's name": Limit(
        ("iam", "CreateGroup"),
        {},
        {"GroupName": "x" * 128},
        {"GroupName": "x" * 129},
        "ValidationError",
        "'groupName' failed",
    ),
    "a trust policy": Limit(
        ("iam", "CreateRole"),
        ROLE,
        {"AssumeRolePolicyDocument": padded(2048)},
        {"AssumeRolePolicyDocument": padded(2049)},
        "LimitExceeded",
        "ACLSizePerRole: 2048",
    ),
    "an inline policy": Limit(
        ("iam", "PutRolePolicy"),
        {"RoleName": "r", "PolicyName": "p"},
        {"PolicyDocument": padded(10_240)},
        {"PolicyDocument": padded(10_241)},
        "LimitExceeded",
        "PolicySize: 10240",
    ),
    "a managed policy": Limit(
        ("iam", "CreatePolicy"),
        {"PolicyName": "p"},
        {"PolicyDocument": padded(6144)},
        {"PolicyDocument": padded(6145)},
        "LimitExceeded",
        "PolicySize: 6144",
    ),
    "a policy's JSON": Limit(
        ("iam", "PutRolePolicy"),
        {"RoleName": "r", "PolicyName": "p"},
        {"PolicyDocument": "{}"},
        {"PolicyDocument": "{"},
        "MalformedPolicyDocument",
        "invalid Json",
    ),
    "a table's name": Limit(
        ("dynamodb", "CreateTable"),
        {},
        {"TableName": "x" * 255},
        {"TableName": "x" * 256},
        "ValidationException",
        "at most 255 characters",
    ),
    "a log group's name": Limit(
        ("logs", "CreateLogGroup"),
        {},
        {"logGroupName": "x" * 512},
        {"logGroupName": "x" * 513},
        "InvalidParameterException",
        "'logGroupName' failed",
    ),
    "a model package group's name": Limit(
        ("sagemaker", "CreateModelPackageGroup"),
        {},
        {"ModelPackageGroupName": "x" * 63},
        {"ModelPackageGroupName": "x" * 64},
        "ValidationException",
        "'modelPackageGroupName' failed",
    ),
    "a state machine's name": Limit(
        ("stepfunctions", "CreateStateMachine"),
        {"definition": "{}", "roleArn": ROLE_ARN},
        {"name": "x" * 80},
        {"name": "x" * 81},
        "ValidationException",
        "'name' failed",
    ),
}


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_a_request_at_the_limit_passes_and_one_past_it_does_not(limit: Limit) -> None:
    passed = refusal_of(Call(*limit.call, {**limit.request, **limit.fits}))
    refused = refusal_of(Call(*limit.call, {**limit.request, **limit.past}))

    assert passed is None
    assert refused is not None
    assert refused.code == limit.code
    assert limit.words in refused.message


def test_a_field_of_a_newer_client_is_left_alone() -> None:
    assert refusal_of(Call("ssm", "PutParameter", {**PARAMETER, "Colour": "red"})) is None


def test_a_long_value_is_not_told_whole() -> None:
    refusal = refusal_of(Call("ssm", "PutParameter", {**PARAMETER, "Description": "x" * 100_000}))

    assert refusal is not None
    assert len(refusal.message) < 2000


STATEMENT = {"Effect": "Allow", "Action": "x" * 5000, "Resource": "*"}
POLICIES = [
    {"PolicyName": f"p{number}", "PolicyDocument": {"Statement": [STATEMENT]}}
    for number in range(3)
]
RESOURCES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "a parameter's value": (
        "AWS::SSM::Parameter",
        {"Value": "x" * 4096, "Tags": {"a": "b"}},
        {"Value": "x" * 4097},
        "4096 characters",
    ),
    "a topic's name": (
        "AWS::SNS::Topic",
        {"TopicName": "t", "KmsMasterKeyId": "alias/aws/sns"},
        {"TopicName": "a b"},
        "Topic Name",
    ),
    "a rule's name": (
        "AWS::Events::Rule",
        {"Name": "x" * 64, "EventPattern": {"source": ["a"]}},
        {"Name": "x" * 65, "EventPattern": {"source": ["a"]}},
        "'name' failed",
    ),
    "a rule's hours": (
        "AWS::Events::Rule",
        {"ScheduleExpression": "cron(0 23 ? * MON *)"},
        {"ScheduleExpression": "cron(0 24 ? * MON *)"},
        "'24' is no value of hours",
    ),
    "a rule's targets": (
        "AWS::Events::Rule",
        {
            "EventPattern": {"source": ["a"]},
            "Targets": [{"Id": str(n), "Arn": QUEUE_ARN} for n in range(5)],
        },
        {
            "EventPattern": {"source": ["a"]},
            "Targets": [{"Id": str(n), "Arn": QUEUE_ARN} for n in range(6)],
        },
        "maximum number allowed",
    ),
    "a role's description": (
        "AWS::IAM::Role",
        {"AssumeRolePolicyDocument": {}, "Description": "x" * 1000},
        {"AssumeRolePolicyDocument": {}, "Description": "x" * 1001},
        "'description' failed",
    ),
    "a role's inline policies together": (
        "AWS::IAM::Role",
        {"AssumeRolePolicyDocument": {}, "Policies": POLICIES[:2]},
        {"AssumeRolePolicyDocument": {}, "Policies": POLICIES},
        "Maximum policy size of 10240 bytes",
    ),
    "a role's managed policies": (
        "AWS::IAM::Role",
        {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": [ROLE_ARN] * 10},
        {"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": [ROLE_ARN] * 11},
        "PoliciesPerRole: 10",
    ),
    "a function's environment": (
        "AWS::Lambda::Function",
        {"Role": ROLE_ARN, "Timeout": "30", "Environment": {"Variables": {"AB": "x" * 4087}}},
        {"Role": ROLE_ARN, "Timeout": "30", "Environment": {"Variables": {"AB": "x" * 4088}}},
        "4KB limit",
    ),
    "a log group's name": (
        "AWS::Logs::LogGroup",
        {"LogGroupName": "/a/b", "RetentionInDays": "7"},
        {"LogGroupName": "/a b"},
        "'logGroupName' failed",
    ),
    "a model package group's name": (
        "AWS::SageMaker::ModelPackageGroup",
        {"ModelPackageGroupName": "x" * 63},
        {"ModelPackageGroupName": "x" * 64},
        "'modelPackageGroupName' failed",
    ),
    "a state machine's name": (
        "AWS::StepFunctions::StateMachine",
        {"StateMachineName": "x" * 80, "RoleArn": ROLE_ARN},
        {"StateMachineName": "x" * 81, "RoleArn": ROLE_ARN},
        "'name' failed",
    ),
    "a schedule group's name": (
        "AWS::Scheduler::ScheduleGroup",
        {"Name": "x" * 64},
        {"Name": "x" * 65},
        "'name' failed",
    ),
    "a table's name": (
        "AWS::DynamoDB::Table",
        {"TableName": "abc", "SSESpecification": {"SSEEnabled": "true"}},
        {"TableName": "ab"},
        "at least 3 characters",
    ),
}


@pytest.mark.parametrize("case", RESOURCES.values(), ids=RESOURCES)
def test_a_resource_is_refused_as_the_call_that_creates_it(
    case: tuple[str, dict[str, Any], dict[str, Any], str],
) -> None:
    resource_type, fits, past, words = case
    refused = resource_refusal(resource_type, past)

    assert resource_refusal(resource_type, fits) is None
    assert refused is not None
    assert words in refused.message


@pytest.mark.parametrize(
    ("section", "maximum"),
    [("Parameters", 200), ("Mappings", 200), ("Outputs", 200), ("Resources", 500)],
)
def test_a_template_declares_so_many_and_no_more(section: str, maximum: int) -> None:
    declared: dict[str, dict[str, str]] = {f"A{number}": {} for number in range(maximum + 1)}
    fits = dict(list(declared.items())[:maximum])
    (problem,) = template_problems({section: declared})

    assert list(template_problems({section: fits})) == []
    assert f"greater than maximum allowed, {maximum}" in problem


@pytest.mark.parametrize("name", ["a-b", "a_b", "x" * 256, "ü"])
def test_a_logical_id_is_alphanumeric(name: str) -> None:
    (problem,) = template_problems({"Resources": {name: {}}})

    assert f"Resource name {name} is non alphanumeric" in problem


def test_a_templates_description_is_counted_in_bytes() -> None:
    (problem,) = template_problems({"Description": "ü" * 512 + "x"})

    assert list(template_problems({"Description": "ü" * 512})) == []
    assert "1025, greater than 1024" in problem
