"""What AWS refuses is refused here, too, with its code and the words that matter."""

import copy
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulated.images import REGISTRY, SKLEARN_URI, XGBOOST_URI
from emulated.roles import made_role
from emulated.signing import own_credentials, send, signed, target
from pocketaws.errors import DeploymentError, UnsupportedResourceError
from pocketaws.runtime import LocalRuntime

OTHER_DIR = Path(__file__).parent / "other_workflow"
ROLE_ARN = "arn:aws:iam::123456789012:role/jobs"
S3_URI = "s3://refusals/data/"

PROCESSING: dict[str, Any] = {
    "ProcessingJobName": "NEW",
    "RoleArn": ROLE_ARN,
    "AppSpecification": {
        "ImageUri": SKLEARN_URI,
        "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/x.py"],
    },
    "ProcessingInputs": [
        {
            "InputName": "code",
            "S3Input": {
                "S3Uri": S3_URI,
                "LocalPath": "/opt/ml/processing/input/code",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
    ],
    "ProcessingResources": {
        "ClusterConfig": {
            "InstanceCount": 1,
            "InstanceType": "ml.t3.medium",
            "VolumeSizeInGB": 1,
        }
    },
}
TRAINING: dict[str, Any] = {
    "TrainingJobName": "NEW",
    "RoleArn": ROLE_ARN,
    "AlgorithmSpecification": {"TrainingImage": XGBOOST_URI, "TrainingInputMode": "File"},
    "HyperParameters": {"num_round": "1"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3_URI}},
        }
    ],
    "OutputDataConfig": {"S3OutputPath": "s3://refusals/out"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}
MODEL: dict[str, Any] = {
    "ModelName": "NEW",
    "ExecutionRoleArn": ROLE_ARN,
    "PrimaryContainer": {"Image": XGBOOST_URI, "ModelDataUrl": "s3://refusals/model.tar.gz"},
}
MACHINE: dict[str, Any] = {
    "name": "NEW",
    "roleArn": ROLE_ARN,
    "definition": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
}
CALLS = {
    "create_processing_job": ("sagemaker", PROCESSING),
    "create_training_job": ("sagemaker", TRAINING),
    "create_model": ("sagemaker", MODEL),
    "create_state_machine": ("stepfunctions", MACHINE),
}
CLUSTER = ("ProcessingResources", "ClusterConfig")
STOPPING = "StoppingCondition"
# A text, so that the cases have the same names in each process that runs tests.
LEFT_OUT = "(left out)"


def task(resource: str, parameters: dict[str, Any] | None = None) -> str:
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters or {}, "End": True}
    return json.dumps({"StartAt": "Work", "States": {"Work": state}})


SAGEMAKER = "arn:aws:states:::sagemaker:"
# Operation, the fields to change (a path and its value), AWS's code, the words that matter.
REFUSED: list[tuple[str, list[tuple[tuple[Any, ...], Any]], str, str]] = [
    # names
    *(
        (operation, [((f"{kind}Name",), name)], "ValidationException", told)
        for operation, kind in (
            ("create_processing_job", "ProcessingJob"),
            ("create_training_job", "TrainingJob"),
            ("create_model", "Model"),
        )
        for name, told in (
            ("under_score", "Member must satisfy regular expression pattern"),
            ("a" * 64, "Member must"),
            ("", "Member must"),
            (7, "has the wrong type: expected string"),
            (LEFT_OUT, "Member must not be null"),
        )
    ),
    # processing jobs
    ("create_processing_job", [(("RoleArn",), LEFT_OUT)], "ValidationException", "'roleArn'"),
    ("create_processing_job", [(("RoleArn",), "me")], "ValidationException", "'roleArn'"),
    (
        "create_processing_job",
        [((*CLUSTER, "InstanceCount"), 0)],
        "ValidationException",
        "Member must have value greater than or equal to 1",
    ),
    (
        "create_processing_job",
        [((*CLUSTER, "InstanceCount"), "1")],
        "ValidationException",
        "expected integer",
    ),
    (
        "create_processing_job",
        [((*CLUSTER, "InstanceType"), "ml.huge.42xlarge")],
        "ValidationException",
        "Member must satisfy enum value set: [ml.",
    ),
    (
        "create_processing_job",
        [((*CLUSTER, "VolumeSizeInGB"), 99_999)],
        "ValidationException",
        "less than or equal to 16384",
    ),
    (
        "create_processing_job",
        [(("AppSpecification", "ImageUri"), f"{REGISTRY}/my-own:1")],
        "ValidationException",
        SKLEARN_URI.partition("/")[2],
    ),
    (
        "create_processing_job",
        [(("AppSpecification", "ImageUri"), f"{REGISTRY}/sagemaker-scikit-learn:9.9-9-cpu-py3")],
        "ValidationException",
        "does not stand for",
    ),
    (
        "create_processing_job",
        [(("AppSpecification", "ContainerEntrypoint"), ["bash", "-c", "true"])],
        "ValidationException",
        'give ["python3"',
    ),
    (
        "create_processing_job",
        [(("AppSpecification", "ContainerEntrypoint"), LEFT_OUT)],
        "ValidationException",
        "containerEntrypoint",
    ),
    (
        "create_processing_job",
        [(("ProcessingInputs", 0, "S3Input", "S3DataType"), "ManifestFile")],
        "ValidationException",
        "use S3Prefix",
    ),
    (
        "create_processing_job",
        [(("ProcessingInputs", 0, "S3Input"), LEFT_OUT)],
        "ValidationException",
        "exactly one of S3Input",
    ),
    # training jobs
    (
        "create_training_job",
        [(("AlgorithmSpecification", "TrainingImage"), SKLEARN_URI)],
        "ValidationException",
        "trainingImage",
    ),
    (
        "create_training_job",
        [(("AlgorithmSpecification", "TrainingImage"), f"{REGISTRY}/sagemaker-xgboost:1.7-1")],
        "ValidationException",
        XGBOOST_URI.partition("/")[2],
    ),
    (
        "create_training_job",
        [(("ResourceConfig", "InstanceType"), "m5.large")],
        "ValidationException",
        "enum value set",
    ),
    (
        "create_training_job",
        [(("HyperParameters", "num_round"), 1)],
        "ValidationException",
        "expected string",
    ),
    (
        "create_training_job",
        [(("EnableManagedSpotTraining",), True)],
        "ValidationException",
        "spot training needs one",
    ),
    (
        "create_training_job",
        [(("EnableManagedSpotTraining",), True), ((STOPPING, "MaxWaitTimeInSeconds"), 59)],
        "ValidationException",
        "not below MaxRuntimeInSeconds",
    ),
    (
        "create_training_job",
        [((STOPPING, "MaxWaitTimeInSeconds"), 90)],
        "ValidationException",
        "only be specified when EnableManagedSpotTraining",
    ),
    (
        "create_training_job",
        [(("InputDataConfig", 0, "CompressionType"), "Gzip")],
        "ValidationException",
        "CompressionType is not run locally",
    ),
    (
        "create_training_job",
        [
            (
                ("InputDataConfig", 0, "DataSource"),
                {
                    "FileSystemDataSource": {
                        "FileSystemId": "fs-12345678901",
                        "FileSystemAccessMode": "ro",
                        "FileSystemType": "EFS",
                        "DirectoryPath": "/x",
                    }
                },
            )
        ],
        "ValidationException",
        "needs S3DataSource",
    ),
    (
        "create_training_job",
        [(("ResourceConfig",), LEFT_OUT)],
        "ValidationException",
        "the local runtime needs InstanceCount",
    ),
    (
        "create_training_job",
        [(("AlgorithmSpecification",), LEFT_OUT)],
        "ValidationException",
        "exactly one of TrainingImage",
    ),
    # models
    ("create_model", [(("ModelName",), "taken")], "ValidationException", "already existing model"),
    (
        "create_model",
        [(("PrimaryContainer", "Image"), f"{REGISTRY}/my-own:1")],
        "ValidationException",
        "'primaryContainer.image'",
    ),
    (
        "create_model",
        [(("PrimaryContainer", "ModelDataUrl"), "s3://refusals/none.tar.gz")],
        "ValidationException",
        "Could not find model data at s3://refusals/none.tar.gz",
    ),
    ("create_model", [(("PrimaryContainer",), LEFT_OUT)], "ValidationException", "Exactly one of"),
    # state machines
    (
        "create_state_machine",
        [(("definition",), task(f"{SAGEMAKER}createTrainingJob.sync", {"TrainingJob": "x"}))],
        "InvalidDefinition",
        'SCHEMA_VALIDATION_FAILED: The field "TrainingJob" is not supported',
    ),
    (
        "create_state_machine",
        [
            (
                ("definition",),
                task(
                    f"{SAGEMAKER}createProcessingJob.sync",
                    {"ProcessingResources": {"ClusterConfig": {"Count.$": "$.n"}}},
                ),
            )
        ],
        "InvalidDefinition",
        "/States/Work/Parameters/ProcessingResources/ClusterConfig/Count.$",
    ),
    (
        "create_state_machine",
        [(("definition",), task("arn:aws:states:::glue:startJobRun.sync"))],
        "InvalidDefinition",
        "state 'Work' asks for arn:aws:states:::glue:startJobRun.sync",
    ),
    (
        "create_state_machine",
        [(("definition",), task(f"{SAGEMAKER}createModel.sync"))],
        "InvalidDefinition",
        "is not recognized",
    ),
    (
        "create_state_machine",
        [(("definition",), task("arn:aws:states:::batch:submitJob.sync"))],
        "InvalidDefinition",
        "batch:submitJob.sync",
    ),
    ("create_state_machine", [(("definition",), "{")], "InvalidDefinition", "Expecting property"),
    (
        "create_state_machine",
        [(("definition",), "[]")],
        "InvalidDefinition",
        "The definition must be a JSON object",
    ),
    (
        "create_state_machine",
        [(("definition",), json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pas"}}}))],
        "InvalidDefinition",
        "State type must be one of",
    ),
    ("create_state_machine", [(("roleArn",), LEFT_OUT)], "ValidationException", "'roleArn'"),
    ("create_state_machine", [(("name",), "")], "ValidationException", "'name'"),
]


@pytest.fixture(scope="module")
def clients(runtime: LocalRuntime) -> dict[str, Any]:
    """Clients that leave it to the service to refuse."""
    made_role(runtime, "jobs")
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket="refusals")
    s3.put_object(Bucket="refusals", Key="model.tar.gz", Body=b"")
    s3.put_object(Bucket="refusals", Key="data/x.py", Body=b"pass")
    config = Config(parameter_validation=False, retries={"max_attempts": 0})
    made = {
        service: boto3.client(service, region_name="us-east-1", config=config)
        for service in ("sagemaker", "stepfunctions")
    }
    made["sagemaker"].create_model(**changed(MODEL, [(("ModelName",), "taken")]))
    return made


def changed(request: dict[str, Any], changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    """Return a request with a new name, and with what is changed in it."""
    request = copy.deepcopy(request)
    request.update({key: f"n-{uuid.uuid4()}" for key, value in request.items() if value == "NEW"})
    for path, value in changes:
        place: Any = request
        for step in path[:-1]:
            place = place[step]
        if value is LEFT_OUT:
            del place[path[-1]]
        else:
            place[path[-1]] = value
    return request


@pytest.mark.parametrize(
    ("operation", "changes", "code", "told"), REFUSED, ids=lambda value: str(value)[:50]
)
def test_a_request_that_aws_refuses_is_refused(
    runtime: LocalRuntime,
    clients: dict[str, Any],
    operation: str,
    changes: list[tuple[tuple[Any, ...], Any]],
    code: str,
    told: str,
) -> None:
    jobs = len(runtime.jobs)
    service, request = CALLS[operation]

    with pytest.raises(ClientError) as refusal:
        getattr(clients[service], operation)(**changed(request, changes))

    assert refusal.value.response["Error"]["Code"] == code
    assert told in refusal.value.response["Error"]["Message"]
    assert len(runtime.jobs) == jobs


def test_a_field_that_the_call_has_not_is_refused(runtime: LocalRuntime) -> None:
    # No client sends one, and so no client of boto3 asks.
    asked = target("sagemaker", "CreateProcessingJob", **changed(PROCESSING, []), Colour="red")
    url, headers = signed(runtime.endpoint_url, asked, own_credentials())

    told = send(url, asked, headers)

    answer = json.loads(told.body)
    assert answer["__type"] == "ValidationException"
    assert "Unknown field 'colour'; known are ProcessingInputs" in answer["message"]


@pytest.mark.parametrize("operation", ["create_processing_job", "create_training_job"])
def test_a_jobs_name_is_taken_for_good(
    runtime: LocalRuntime, clients: dict[str, Any], operation: str
) -> None:
    request = changed(CALLS[operation][1], [])
    create = getattr(clients["sagemaker"], operation)
    create(**request)
    runtime.jobs[-1].ended.wait(20)

    with pytest.raises(ClientError, match=r"ResourceInUse.*job names must be unique"):
        create(**request)


@pytest.mark.parametrize("kind", ["processing", "training"])
def test_a_job_that_nobody_created_is_not_found(clients: dict[str, Any], kind: str) -> None:
    name = {f"{kind.capitalize()}JobName": "nobodys"}

    for verb in ("describe", "stop"):
        with pytest.raises(ClientError, match="Requested resource not found"):
            getattr(clients["sagemaker"], f"{verb}_{kind}_job")(**name)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "a b"}, "InvalidName"),
        ({"name": "a" * 81}, "ValidationException"),
        ({"name": ""}, "ValidationException"),
        ({"name": "a*b"}, "InvalidName"),
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"input": f'"{"x" * 262_143}"'}, "ValidationException"),
        ({"input": f'"{"ü" * 131_071}x"'}, "InvalidExecutionInput"),
        ({"input": "[" * 201 + "]" * 201}, "InvalidExecutionInput"),
        ({"stateMachineArn": "machine"}, "InvalidArn"),
        (
            {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"},
            "StateMachineDoesNotExist",
        ),
        ({"stateMachineArn": None}, "ValidationException"),
    ],
)
def test_an_execution_that_aws_refuses_is_refused(
    clients: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    machine = clients["stepfunctions"].create_state_machine(**changed(MACHINE, []))
    request = {"stateMachineArn": machine["stateMachineArn"], "name": "fine", "input": "{}"}

    with pytest.raises(ClientError) as refusal:
        clients["stepfunctions"].start_execution(**{**request, **changes})

    assert refusal.value.response["Error"]["Code"] == code


def test_an_input_of_262144_bytes_is_the_longest(clients: dict[str, Any]) -> None:
    machine = clients["stepfunctions"].create_state_machine(**changed(MACHINE, []))
    longest = '"' + "ü" * 131_071 + '"'
    started = clients["stepfunctions"].start_execution(
        stateMachineArn=machine["stateMachineArn"], input=longest
    )

    assert started["executionArn"]


# ------------------------------------------------------------------------------------ deployment

BUCKET = "Resources: {Shelf: {Type: AWS::S3::Bucket}}"
HEAD = "Transform: AWS::Serverless-2016-10-31\n"
FUNCTION = HEAD + (
    "Resources: {F: {Type: AWS::Serverless::Function, Properties: "
    "{Runtime: python3.12, Handler: app.handler, CodeUri: code}}}"
)
MACHINE_OF = HEAD + (
    "Resources: {M: {Type: AWS::Serverless::StateMachine, Properties: "
    "{DefinitionUri: definition.json, Role: arn:aws:iam::123456789012:role/x}}}"
)

UNDEPLOYABLE: dict[str, tuple[dict[str, str], str]] = {
    "no template": ({}, "no template at"),
    "broken YAML": ({"template.yaml": "Resources: {A: [}"}, "is neither YAML nor JSON"),
    "not UTF-8": ({"template.yaml": "Resources: \udcff"}, "is neither YAML nor JSON"),
    "no resources": ({"template.yaml": "Parameters: {}"}, "has no Resources"),
    "a list": ({"template.yaml": "[1, 2]"}, "has no Resources"),
    "resources in a list": ({"template.yaml": "Resources: [1]"}, "has no Resources"),
    "a resource without type": ({"template.yaml": "Resources: {A: {}}"}, "resource A has no Type"),
    "no code": ({"template.yaml": FUNCTION}, "F.CodeUri: 'code' is not there; looked for"),
    "no definition": ({"template.yaml": MACHINE_OF}, "M.DefinitionUri: 'definition.json'"),
    "a transform error": (
        {
            "template.yaml": FUNCTION.replace(
                "Runtime: python3.12, ", "Runtime: python3.12, X: 1, "
            ),
            "code/app.py": "",
        },
        "the SAM transform refuses the template",
    ),
    "a definition that is not JSON": (
        {"template.yaml": MACHINE_OF, "definition.json": "{"},
        "M: Invalid State Machine Definition: INVALID_JSON_DESCRIPTION: ",
    ),
    "an unknown SageMaker field": (
        {
            "template.yaml": MACHINE_OF,
            "definition.json": task(f"{SAGEMAKER}createProcessingJob.sync", {"Nmae": "x"}),
        },
        'M: Invalid State Machine Definition: SCHEMA_VALIDATION_FAILED: The field "Nmae"',
    ),
    "a substitution that is not given": (
        {"template.yaml": MACHINE_OF, "definition.json": task("${FunctionArn}")},
        "Value is not a valid resource ARN at /States/",
    ),
    "a reference to what is not created": (
        {
            "template.yaml": "Resources: {Purse: {Type: AWS::Budgets::Budget}, Note: {Type: "
            "AWS::SSM::Parameter, Properties: {Name: n, Type: String, Value: {Ref: Purse}}}}"
        },
        (
            "[Purse] in the Resources block of the template; the local runtime does not create "
            "Purse (AWS::Budgets::Budget)"
        ),
    ),
    "a reference to nothing": (
        {
            "template.yaml": "Resources: {Note: {Type: AWS::SSM::Parameter, Properties: "
            "{Name: n, Type: String, Value: {Ref: Nothing}}}}"
        },
        "Nothing",
    ),
    "what the emulator breaks on": (
        {
            "template.yaml": "Resources: {Bell: {Type: AWS::SNS::Topic, Properties: "
            "{Subscription: [{Protocol: sqs}]}}}"
        },
        "the emulator broke: KeyError",
    ),
}


@pytest.fixture
def deploy(
    runtime: LocalRuntime, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Deploy files in vain; return the error's text, having seen that nothing else was told."""

    def deploy_in_vain(files: dict[str, str], error: type[Exception] = DeploymentError) -> str:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
        with pytest.raises(error) as refusal:
            runtime.deploy(tmp_path / "template.yaml", stack_name="in-vain")
        told = capfd.readouterr()
        assert "Traceback" not in told.err + told.out + str(refusal.value)
        return str(refusal.value)

    return deploy_in_vain


@pytest.mark.parametrize("case", UNDEPLOYABLE)
def test_what_cannot_be_deployed_is_told_in_one_clear_text(
    deploy: Callable[..., str], case: str
) -> None:
    files, told = UNDEPLOYABLE[case]

    assert told in deploy(files)


def test_a_state_that_is_not_run_here_is_told_with_what_is(deploy: Callable[..., str]) -> None:
    definition = task("arn:aws:states:::glue:startJobRun.sync")
    files = {"template.yaml": MACHINE_OF, "definition.json": definition}

    told = deploy(files, UnsupportedResourceError)

    assert "state 'Work' asks for arn:aws:states:::glue:startJobRun.sync" in told
    assert "createProcessingJob(.sync)" in told


def test_what_refers_to_it_under_a_false_condition_does_no_harm(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "Conditions: {Never: !Equals [a, b]}\n"
        "Resources:\n"
        "  Purse: {Type: AWS::Budgets::Budget, Condition: Never}\n"
        "  Note: {Type: AWS::SSM::Parameter, Condition: Never, Properties: {Value: !Ref Purse}}\n"
        "  Shelf: {Type: AWS::S3::Bucket}\n"
        "Outputs: {Purse: {Value: !Sub 'it is ${Purse}'}, Shelf: {Value: !Ref Shelf}}\n"
    )

    stack = runtime.deploy(path, stack_name="conditional")

    assert stack.resources.keys() == {"Shelf"}
    assert stack.outputs.keys() == {"Shelf"}


def test_a_failed_deployment_leaves_the_stacks_name_free(
    runtime: LocalRuntime, deploy: Callable[..., str], tmp_path: Path
) -> None:
    deploy(UNDEPLOYABLE["a reference to nothing"][0])
    path = tmp_path / "sound.yaml"
    path.write_text(BUCKET)

    assert runtime.deploy(path, stack_name="in-vain").resources.keys() == {"Shelf"}

    runtime.client("cloudformation").delete_stack(StackName="in-vain")


def test_a_stack_that_is_deployed_again_unchanged_stays_as_it_is(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(BUCKET)
    first = runtime.deploy(path, stack_name="taken")

    again = runtime.deploy(path, stack_name="taken")

    assert again.resources == first.resources
    listed = runtime.client("cloudformation").describe_stack_resources(StackName="taken")
    (resource,) = listed["StackResources"]
    assert resource["PhysicalResourceId"] == first.resources["Shelf"]


def test_a_parameter_that_the_template_has_not_is_refused(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(f"Parameters: {{Size: {{Type: String, Default: x}}}}\n{BUCKET}")

    with pytest.raises(DeploymentError, match="has no parameter Sise; it has Size"):
        runtime.deploy(path, stack_name="in-vain", parameters={"Sise": "y"})


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        ("refused", "Registration: Received response status [FAILED] from custom resource."),
        ("refused", "Message returned: no number for refused"),
        ("broken", "failed without an answer: RuntimeError: the register is broken"),
        ("silent", "its function ended without an answer to event['ResponseURL']"),
    ],
)
def test_a_custom_resource_that_fails_fails_the_deployment(
    runtime: LocalRuntime, owner: str, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DeploymentError) as refusal:
        runtime.deploy(
            OTHER_DIR / "template.yaml",
            stack_name=f"corner-shop-{owner}",
            parameters={"Currency": owner},
        )

    assert told in str(refusal.value)
    assert "Traceback" not in capfd.readouterr().err
