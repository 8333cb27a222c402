"""The accesses that a call needs, for the calls that somebody has looked up.

From the Service Authorization Reference, a page for each service:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
A call that neither is listed here nor in `added_needs` needs the action of its own name.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pocketaws.calls import Call
from pocketaws.iam import added_needs
from pocketaws.iam.policies import Access
from pocketaws.partitions import partition_of

_SAGEMAKER: Final = "sagemaker.amazonaws.com"
_CLOUDFORMATION: Final = "cloudformation.amazonaws.com"
# Services whose actions do not begin with the name that requests are signed for.
_PREFIXES: Final = {
    "monitoring": "cloudwatch",
    "email": "ses",
    "tagging": "tag",
    "stepfunctions": "states",
}
_SERVERLESS: Final = "Serverless-2016-10-31"

ResourcesOf = Callable[[Call, str], list[str]]


@dataclass(frozen=True)
class _Need:
    """An access of a call; only where the call gives `given` and not `absent`, if that is said.

    Attributes:
        context: names of parameters, by condition key.
        constant: values of condition keys.
        given: a parameter, or with a dot one inside of it.
    """

    action: str
    resources: ResourcesOf
    context: Mapping[str, str] = field(default_factory=dict)
    constant: Mapping[str, str] = field(default_factory=dict)
    given: str = ""
    absent: str = ""


def accesses_of(call: Call, account_id: str) -> list[Access]:
    """Return what a call needs, its own action first.

    Of a call that is not listed it is the action of the same name, on whatever resource: most
    services name their actions so.
    """
    said = added_needs.accesses_of(call, account_id)
    if said:
        return said
    needs = _NEEDS.get((call.service, call.operation))
    if needs is None:
        # Whatever an operation is called, what it copies is read.
        copied = _copied(call, account_id) if "CopySource" in call.parameters else []
        return [_of_its_name(call), *(Access("s3:GetObject", source) for source in copied)]
    return [
        Access(need.action, resource, _context(need, call))
        for need in needs
        if (not need.given or _parameter(call, need.given))
        and not (need.absent and call.parameters.get(need.absent))
        for resource in need.resources(call, account_id)
    ]


def _of_its_name(call: Call) -> Access:
    prefix = _PREFIXES.get(call.service, call.service)
    action = f"{prefix}:{call.operation or '*'}"
    if call.service != "s3" and call.operation:
        return Access(action, of_some_resource=True)
    if call.service != "s3":
        # What cannot be told may be about anything.
        return Access(action, "*")
    # A request of S3 always says on what.
    parts = [str(call.parameters[name]) for name in ("Bucket", "Key") if name in call.parameters]
    return Access(action, _on_s3(call, "/".join(parts)) if parts else "*")


def _on_s3(call: Call, path: str) -> str:
    """Return the ARN of a bucket or an object, which names no region."""
    return f"arn:{partition_of(call.region)}:s3:::{path}"


def _context(need: _Need, call: Call) -> tuple[tuple[str, str], ...]:
    found = {
        key: str(call.parameters[name])
        for key, name in need.context.items()
        if name in call.parameters
    }
    return tuple(sorted({**found, **need.constant}.items()))


def _anything(_: Call, __: str) -> list[str]:
    return ["*"]


def _machine_of_token(call: Call, _: str) -> list[str]:
    """Return the state machine whose task a token is of: refusals name it, and grants on it count.

    The reference of actions lists no resource for these calls; a grant on "*" counts, too.
    """
    try:
        text = base64.urlsafe_b64decode(str(call.parameters.get("taskToken", "")).encode())
        machine_arn = text.decode().partition(" ")[2]
    except ValueError:
        machine_arn = ""
    return [machine_arn or "*"]


def _parameter(call: Call, name: str) -> Any:
    """Return a parameter by its name, or one inside of it by both names with a dot between."""
    outer, _, inner = name.partition(".")
    found = call.parameters.get(outer)
    return (found or {}).get(inner) if inner else found


def _given(parameter: str) -> ResourcesOf:
    """Return the resource of which a parameter is the ARN."""
    return lambda call, _: [str(_parameter(call, parameter) or "")]


def _named(service: str, kind: str, parameter: str) -> ResourcesOf:
    """Return the resources that a parameter names, or of which it is the ARN."""

    def arn(name: str, call: Call, account_id: str) -> str:
        if name.startswith("arn:"):
            return name
        # SageMaker's ARNs are in lower case.
        name = name.lower() if service == "sagemaker" else name
        place = f"{partition_of(call.region)}:{service}:{call.region}:{account_id}"
        return f"arn:{place}:{kind}{name.removeprefix('/')}"

    def resources(call: Call, account_id: str) -> list[str]:
        given = call.parameters.get(parameter, "")
        names = given if isinstance(given, list) else [given]
        return [arn(str(name), call, account_id) for name in names]

    return resources


def _log_stream(call: Call, account_id: str) -> list[str]:
    """Return a log group's stream; of a call about all of them none is named."""
    group, stream = (call.parameters.get(name, "") for name in ("logGroupName", "logStreamName"))
    place = f"{partition_of(call.region)}:logs:{call.region}:{account_id}"
    return [f"arn:{place}:log-group:{group}:log-stream:{stream}"]


def _sagemaker(kind: str, parameter: str) -> ResourcesOf:
    return _named("sagemaker", f"{kind}/", parameter)


def _package_of_group(call: Call, account_id: str) -> list[str]:
    [group] = _sagemaker("model-package-group", "ModelPackageGroupName")(call, account_id)
    return [group.replace(":model-package-group/", ":model-package/") + "/*"]


def _stack(call: Call, account_id: str) -> list[str]:
    [arn] = _named("cloudformation", "stack/", "StackName")(call, account_id)
    return [arn if call.parameters.get("StackName", "").startswith("arn:") else f"{arn}/*"]


def _transforms(call: Call, _: str) -> list[str]:
    """Return the transforms that a template asks for.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
    """
    template = call.parameters.get("TemplateBody", "")
    region = call.region
    prefix = f"arn:{partition_of(region)}:cloudformation:{region}:aws:transform/"
    return [f"{prefix}{_SERVERLESS}"] if f"AWS::{_SERVERLESS}" in template else []


def _bucket(call: Call, _: str) -> list[str]:
    return [_on_s3(call, str(call.parameters["Bucket"]))]


def _object(call: Call, _: str) -> list[str]:
    return [_on_s3(call, f"{call.parameters['Bucket']}/{call.parameters['Key']}")]


def _all_objects(call: Call, _: str) -> list[str]:
    return [_on_s3(call, f"{call.parameters['Bucket']}/*")]


def _copied(call: Call, _: str) -> list[str]:
    return [_on_s3(call, str(call.parameters["CopySource"]))]


def _creating(action: str, kind: str, name: str, role: str = "") -> list[_Need]:
    """Return what creating something in SageMaker needs.

    Tags need sagemaker:AddTags, a role iam:PassRole:
    https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    """
    resources = _sagemaker(kind, name)
    passing = _Need(
        "iam:PassRole", _given(role), constant={"iam:PassedToService": _SAGEMAKER}, given=role
    )
    adding_tags = _Need("sagemaker:AddTags", resources, given="Tags")
    needs = [_Need(f"sagemaker:{action}", resources), adding_tags]
    return [*needs, passing] if role else needs


def _on(action: str, resources: ResourcesOf) -> list[_Need]:
    return [_Need(action, resources)]


def _reading(action: str) -> list[_Need]:
    """Return what an operation on an object needs, and on one of its versions.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    """
    return [
        _Need(action, _object, absent="versionId"),
        _Need(f"{action}Version", _object, given="versionId"),
    ]


_COPYING: Final = [_Need("s3:PutObject", _object), _Need("s3:GetObject", _copied)]
_PROCESSING_JOB: Final = _sagemaker("processing-job", "ProcessingJobName")
_TRAINING_JOB: Final = _sagemaker("training-job", "TrainingJobName")
_TUNING_JOB: Final = _sagemaker("hyper-parameter-tuning-job", "HyperParameterTuningJobName")
_TRANSFORM_JOB: Final = _sagemaker("transform-job", "TransformJobName")
_PACKAGE_ARN: Final = _given("ModelPackageArn")
_PACKAGE: Final = _sagemaker("model-package", "ModelPackageName")
_PARAMETER: Final = _named("ssm", "parameter/", "Name")
_TABLE: Final = _named("dynamodb", "table/", "TableName")
_MACHINE: Final = _given("stateMachineArn")
_FUNCTION: Final = _named("lambda", "function:", "FunctionName")
_LIST: Final = [
    _Need(
        "s3:ListBucket",
        _bucket,
        context={"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys"},
    )
]

_NEEDS: Final[Mapping[tuple[str, str], list[_Need]]] = {
    ("sagemaker", "CreateProcessingJob"): _creating(
        "CreateProcessingJob", "processing-job", "ProcessingJobName", "RoleArn"
    ),
    ("sagemaker", "DescribeProcessingJob"): _on("sagemaker:DescribeProcessingJob", _PROCESSING_JOB),
    ("sagemaker", "StopProcessingJob"): _on("sagemaker:StopProcessingJob", _PROCESSING_JOB),
    ("sagemaker", "CreateTrainingJob"): _creating(
        "CreateTrainingJob", "training-job", "TrainingJobName", "RoleArn"
    ),
    ("sagemaker", "DescribeTrainingJob"): _on("sagemaker:DescribeTrainingJob", _TRAINING_JOB),
    ("sagemaker", "StopTrainingJob"): _on("sagemaker:StopTrainingJob", _TRAINING_JOB),
    ("sagemaker", "CreateHyperParameterTuningJob"): _creating(
        "CreateHyperParameterTuningJob",
        "hyper-parameter-tuning-job",
        "HyperParameterTuningJobName",
        "TrainingJobDefinition.RoleArn",
    ),
    ("sagemaker", "DescribeHyperParameterTuningJob"): _on(
        "sagemaker:DescribeHyperParameterTuningJob", _TUNING_JOB
    ),
    ("sagemaker", "StopHyperParameterTuningJob"): _on(
        "sagemaker:StopHyperParameterTuningJob", _TUNING_JOB
    ),
    ("sagemaker", "CreateTransformJob"): _creating(
        "CreateTransformJob", "transform-job", "TransformJobName"
    ),
    ("sagemaker", "DescribeTransformJob"): _on("sagemaker:DescribeTransformJob", _TRANSFORM_JOB),
    ("sagemaker", "StopTransformJob"): _on("sagemaker:StopTransformJob", _TRANSFORM_JOB),
    ("sagemaker", "CreateModel"): _creating(
        "CreateModel", "model", "ModelName", "ExecutionRoleArn"
    ),
    ("sagemaker", "DescribeModel"): _on(
        "sagemaker:DescribeModel", _sagemaker("model", "ModelName")
    ),
    ("sagemaker", "CreateModelPackage"): [
        _Need("sagemaker:CreateModelPackage", _package_of_group),
        _Need("sagemaker:AddTags", _package_of_group, given="Tags"),
    ],
    ("sagemaker", "DescribeModelPackage"): _on("sagemaker:DescribeModelPackage", _PACKAGE),
    ("sagemaker", "UpdateModelPackage"): _on("sagemaker:UpdateModelPackage", _PACKAGE_ARN),
    ("sagemaker", "ListModelPackages"): _on("sagemaker:ListModelPackages", _anything),
    ("sagemaker", "CreateExperiment"): _creating(
        "CreateExperiment", "experiment", "ExperimentName"
    ),
    ("sagemaker", "DescribeExperiment"): _on(
        "sagemaker:DescribeExperiment", _sagemaker("experiment", "ExperimentName")
    ),
    ("sagemaker", "CreateTrial"): [
        *_creating("CreateTrial", "experiment-trial", "TrialName"),
        _Need("sagemaker:CreateTrial", _sagemaker("experiment", "ExperimentName")),
    ],
    ("sagemaker", "DescribeTrial"): _on(
        "sagemaker:DescribeTrial", _sagemaker("experiment-trial", "TrialName")
    ),
    ("sagemaker", "DescribeEndpoint"): _on(
        "sagemaker:DescribeEndpoint", _sagemaker("endpoint", "EndpointName")
    ),
    ("sagemaker", "DescribeEndpointConfig"): _on(
        "sagemaker:DescribeEndpointConfig", _sagemaker("endpoint-config", "EndpointConfigName")
    ),
    ("sagemaker-runtime", "InvokeEndpoint"): _on(
        "sagemaker:InvokeEndpoint", _sagemaker("endpoint", "EndpointName")
    ),
    ("lambda", "Invoke"): _on("lambda:InvokeFunction", _FUNCTION),
    ("logs", "DescribeLogStreams"): _on("logs:DescribeLogStreams", _log_stream),
    ("logs", "GetLogEvents"): _on("logs:GetLogEvents", _log_stream),
    ("sns", "Publish"): _on("sns:Publish", _given("TopicArn")),
    ("ssm", "GetParameter"): _on("ssm:GetParameter", _PARAMETER),
    ("ssm", "GetParameterHistory"): _on("ssm:GetParameterHistory", _PARAMETER),
    ("ssm", "PutParameter"): [
        _Need("ssm:PutParameter", _PARAMETER),
        _Need("ssm:AddTagsToResource", _PARAMETER, given="Tags"),
    ],
    ("dynamodb", "GetItem"): _on("dynamodb:GetItem", _TABLE),
    ("dynamodb", "PutItem"): _on("dynamodb:PutItem", _TABLE),
    ("dynamodb", "UpdateItem"): _on("dynamodb:UpdateItem", _TABLE),
    ("dynamodb", "DeleteItem"): _on("dynamodb:DeleteItem", _TABLE),
    ("dynamodb", "Query"): _on("dynamodb:Query", _TABLE),
    ("stepfunctions", "StartExecution"): _on("states:StartExecution", _MACHINE),
    ("stepfunctions", "ListExecutions"): _on("states:ListExecutions", _MACHINE),
    ("stepfunctions", "DescribeStateMachine"): _on("states:DescribeStateMachine", _MACHINE),
    ("stepfunctions", "DescribeExecution"): _on("states:DescribeExecution", _given("executionArn")),
    ("stepfunctions", "DescribeStateMachineForExecution"): _on(
        "states:DescribeStateMachineForExecution", _given("executionArn")
    ),
    ("stepfunctions", "GetExecutionHistory"): _on(
        "states:GetExecutionHistory", _given("executionArn")
    ),
    # The three know no resource: a token is enough, and names none.
    ("stepfunctions", "SendTaskSuccess"): _on("states:SendTaskSuccess", _machine_of_token),
    ("stepfunctions", "SendTaskFailure"): _on("states:SendTaskFailure", _machine_of_token),
    ("stepfunctions", "SendTaskHeartbeat"): _on("states:SendTaskHeartbeat", _machine_of_token),
    ("cloudwatch", "PutMetricData"): [
        _Need("cloudwatch:PutMetricData", _anything, context={"cloudwatch:namespace": "Namespace"})
    ],
    ("cloudwatch", "GetMetricData"): _on("cloudwatch:GetMetricData", _anything),
    ("cloudwatch", "DescribeAlarms"): _on(
        "cloudwatch:DescribeAlarms", _named("cloudwatch", "alarm:", "AlarmNames")
    ),
    ("cloudformation", "CreateChangeSet"): [
        _Need("cloudformation:CreateChangeSet", _stack),
        _Need("cloudformation:CreateChangeSet", _transforms),
        _Need(
            "iam:PassRole",
            _given("RoleARN"),
            constant={"iam:PassedToService": _CLOUDFORMATION},
            given="RoleARN",
        ),
    ],
    ("cloudformation", "DeleteChangeSet"): _on("cloudformation:DeleteChangeSet", _stack),
    ("cloudformation", "DescribeChangeSet"): _on("cloudformation:DescribeChangeSet", _stack),
    ("cloudformation", "ExecuteChangeSet"): _on("cloudformation:ExecuteChangeSet", _stack),
    ("cloudformation", "DescribeStackEvents"): _on("cloudformation:DescribeStackEvents", _stack),
    ("cloudformation", "DescribeStacks"): _on("cloudformation:DescribeStacks", _stack),
    # Whoever is signed for may know who that is.
    ("sts", "GetCallerIdentity"): [],
    ("s3", "ListBuckets"): _on("s3:ListAllMyBuckets", _anything),
    ("s3", "CreateBucket"): _on("s3:CreateBucket", _bucket),
    ("s3", "ListObjects"): _LIST,
    ("s3", "ListObjectsV2"): _LIST,
    ("s3", "HeadBucket"): _LIST,
    ("s3", "GetBucketLocation"): _on("s3:GetBucketLocation", _bucket),
    ("s3", "GetObject"): _reading("s3:GetObject"),
    ("s3", "HeadObject"): _reading("s3:GetObject"),
    ("s3", "PutObject"): _on("s3:PutObject", _object),
    ("s3", "CopyObject"): _COPYING,
    ("s3", "UploadPartCopy"): _COPYING,
    ("s3", "CreateMultipartUpload"): _on("s3:PutObject", _object),
    ("s3", "UploadPart"): _on("s3:PutObject", _object),
    ("s3", "CompleteMultipartUpload"): _on("s3:PutObject", _object),
    ("s3", "AbortMultipartUpload"): _on("s3:AbortMultipartUpload", _object),
    ("s3", "DeleteObject"): _reading("s3:DeleteObject"),
    # Each of the keys, which the body has; here it takes the right to all of them.
    ("s3", "DeleteObjects"): _on("s3:DeleteObject", _all_objects),
    ("s3", "ListParts"): _on("s3:ListMultipartUploadParts", _object),
    ("s3", "ListMultipartUploads"): _on("s3:ListBucketMultipartUploads", _bucket),
    ("s3", "ListObjectVersions"): _on("s3:ListBucketVersions", _bucket),
}


def listing_of(call: Call) -> Access:
    """Return what it takes to be told that an object is missing, instead of that it is forbidden.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html; no listing is asked for, so
    there is no s3:prefix.
    """
    return Access("s3:ListBucket", _on_s3(call, str(call.parameters["Bucket"])))


def known_calls() -> Mapping[tuple[str, str], Any]:
    """Return service and operation of every call that is listed."""
    return _NEEDS
