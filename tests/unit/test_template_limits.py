"""What the templates' parameters may be, and that the largest of them make nothing too long.

Parameters are held to what the templates allow as CloudFormation holds them. With the longest that
they take, each resource is held to the lengths in CloudFormation's own schemas (cfn-lint has them),
and what the schemas do not say to what AWS documents.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]  # cfn-lint brings it without its stubs
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from pocketaws.cloudformation.parameter_rules import parameter_problem
from tests.unit.modules import PROJECT_DIR
from tests.unit.rendered_template import Rendered
from workflow.template import read_template

TEMPLATES: Final = {
    name: read_template(PROJECT_DIR / f"{name}.yaml")
    for name in ("template", "endpoint", "pipeline")
}
# What the SAM transform adds and the templates refer to.
TEMPLATES["template"]["Resources"] |= {
    "PublishJobsFunction.Version": {"Type": "AWS::Lambda::Version"},
    "ApprovalPageFunctionUrl": {"Type": "AWS::Lambda::Url"},
}
URI, POLICY = "s3://bucket/", "arn:aws:iam::123456789012:policy/"
ROLE: Final = "arn:aws:iam::123456789012:role/"
KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/"

# The template, the parameter, a value that it just takes and one past it.
LIMITS: Final[list[tuple[str, str, str, str]]] = [
    ("template", "InputDataUri", URI + "k" * 1012, URI + "k" * 1013),
    ("template", "InputDataUri", URI + "\u00fc" * 288, URI + "\u00fc" * 289),
    ("template", "NewDataKey", "k" * 1024, "k" * 1025),
    ("template", "RetrainingSchedule", f"cron(0 3 ? * {'MON,' * 59}MON *)", f"cron({'1' * 251})"),
    ("template", "RetrainingTimeZone", "A" * 50, "A" * 51),
    ("template", "GitCommit", "c" * 64, "c" * 65),
    ("template", "MlflowTrackingUri", "https://".ljust(508, "h"), "https://".ljust(509, "h")),
    ("template", "MaxMse", "0.000000000001", "0"),
    ("template", "MaxMse", "1e12", "1.1e12"),
    ("template", "MaxMseIncrease", "10", "10.1"),
    ("template", "MaxRejectedShare", "0.99", "1"),
    ("template", "ApprovalMinImprovement", "0.99", "1"),
    ("template", "ApprovalTimeoutSeconds", "31449600", "31449601"),
    ("template", "ApprovalPageConcurrency", "100", "101"),
    ("template", "DataRetentionDays", "36500", "36501"),
    ("template", "ProcessingInstanceCount", "100", "101"),
    ("template", "ProcessingVolumeSizeGb", "16384", "16385"),
    ("template", "ProcessingMaxRuntimeSeconds", "777600", "777601"),
    ("template", "TrainingInstanceCount", "100", "101"),
    ("template", "TrainingVolumeSizeGb", "16384", "16385"),
    ("template", "TrainingMaxRuntimeSeconds", "2419200", "2419201"),
    ("template", "TrainingMaxWaitSeconds", "2419200", "2419201"),
    ("template", "LogRetentionDays", "731", "732"),
    *(
        (name, "PermissionsBoundaryArn", POLICY.ljust(700, "p"), POLICY.ljust(701, "p"))
        for name in ("template", "endpoint")
    ),
    ("pipeline", "PermissionsBoundaryArn", POLICY.ljust(330, "p"), POLICY.ljust(331, "p")),
    *(
        ("endpoint", name, "/".ljust(1011, "p"), "/".ljust(1012, "p"))
        for name in (
            "ModelName",
            "ModelRoleName",
            "WorkflowBucketName",
            "StateMachineArn",
            "TopicArn",
        )
    ),
    ("endpoint", "EndpointName", "e" * 48, "e" * 49),
    ("endpoint", "KmsKeyArn", KEY.ljust(2048, "k"), KEY.ljust(2049, "k")),
    ("endpoint", "MaxDeploymentSeconds", "28800", "28801"),
    ("endpoint", "MaxDeploymentSeconds", "600", "599"),
    ("endpoint", "TrafficStepPercent", "50", "51"),
    ("endpoint", "TrafficWaitSeconds", "3600", "3601"),
    ("endpoint", "TerminationWaitSeconds", "3600", "3601"),
    ("endpoint", "ServerlessMaxConcurrency", "200", "201"),
    ("endpoint", "ServerlessMemoryMb", "6144", "7168"),
    ("endpoint", "CaptureSamplingPercentage", "100", "101"),
    ("pipeline", "ProjectName", "p" * 20, "p" * 21),
    ("pipeline", "ApprovalTimeoutMinutes", "86400", "86401"),
    ("pipeline", "ApprovalTimeoutMinutes", "5", "4"),
    ("pipeline", "FullRepositoryId", "o/".ljust(1000, "r"), "o/".ljust(1001, "r")),
    ("pipeline", "RepositoryName", "r" * 100, "r" * 101),
    ("pipeline", "BranchName", "b" * 200, "b" * 201),
    ("pipeline", "SourceObjectKey", "k" * 200, "k" * 201),
    ("pipeline", "SourceBucketName", "b" * 63, "b" * 64),
    ("pipeline", "WorkloadRoleArn", ROLE.ljust(640, "r"), ROLE.ljust(641, "r")),
    ("pipeline", "DeploymentRoleArn", ROLE.ljust(640, "r"), ROLE.ljust(641, "r")),
]
# The longest stack's name that functions/publish_jobs lets pass, and CloudFormation's own.
NAME_OF_54, NAME_OF_128 = "s" * 54, "s" * 128
LONGEST: Final[dict[str, dict[str, Any]]] = {
    "template": {
        "InputDataUri": f"s3://{'b' * 63}/".ljust(1024, "k"),
        "NewDataKey": "k" * 1024,
        "RetrainingSchedule": "rate(99999 minutes)",
        "RetrainingTimeZone": "Z" * 50,
        "RetrainingInput": '{"a":"' + "i" * 4088 + '"}',
        "GitCommit": "c" * 64,
        "MlflowTrackingUri": "https://".ljust(508, "h"),
        "NotificationEmail": "somebody@example.com",
        "PermissionsBoundaryArn": POLICY.ljust(700, "p"),
        "ProcessingInstanceType": "ml.p4de.24xlarge",
        "TrainingInstanceType": "ml.p4de.24xlarge",
        "MaxMse": "999999999999.999",
        "MaxMseIncrease": "0.0000000001",
        "ApprovalPage": "true",
        "ApprovalPageConcurrency": 100,
    },
    "endpoint": {
        "EndpointName": "e" * 48,
        "KmsKeyArn": KEY.ljust(2048, "k"),
        "CaptureSamplingPercentage": 100,
        "RetrainOnDrift": "true",
        "TrafficShifting": "LINEAR",
        "InitialInstanceCount": 2,
        "EnableAutoscaling": "true",
        "MinInstanceCount": 2,
        "PermissionsBoundaryArn": POLICY.ljust(700, "p"),
    },
    "pipeline": {
        "ProjectName": "p" * 20,
        "SourceProvider": "CodeConnections",
        "ConnectionArn": "arn:aws:codeconnections:eu-west-1:123456789012:connection/" + "c" * 36,
        "FullRepositoryId": "o/".ljust(1000, "r"),
        "BranchName": "b" * 200,
        "NotificationEmail": "somebody@example.com",
        "PermissionsBoundaryArn": POLICY.ljust(330, "p"),
    },
}
STACK_NAMES: Final = {"template": NAME_OF_54, "endpoint": NAME_OF_128, "pipeline": NAME_OF_128}
# What rules the lengths in a schema, and leads there.
_KEYWORDS: Final = ("$ref", "items", "maxItems", "maxLength", "maximum", "properties")
LengthValidator: Final = jsonschema.validators.create(
    meta_schema={},
    validators={name: jsonschema.Draft7Validator.VALIDATORS[name] for name in _KEYWORDS},
)


def rendered(name: str, stack_name: str | None = None, **pseudo: str) -> Rendered:
    longest = stack_name or STACK_NAMES[name]
    stack_id = f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{longest}/0a0a0a0a-1-2-3-4"
    return Rendered(
        TEMPLATES[name],
        {"AWS::StackName": longest, "AWS::StackId": stack_id, **pseudo},
        **LONGEST[name],
    )


def too_long(resource_type: str, properties: Mapping[str, Any]) -> Iterator[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource_type).schema
    for error in LengthValidator(schema).iter_errors(properties):
        yield f"{error.json_path}: {str(error.message)[-200:]}"


@pytest.mark.parametrize(("template", "name", "good", "bad"), LIMITS)
def test_a_parameter_is_taken_at_its_limit_and_refused_past_it(
    template: str, name: str, good: str, bad: str
) -> None:
    slot = TEMPLATES[template]["Parameters"][name]

    assert parameter_problem(name, slot, good) == ""
    assert name in parameter_problem(name, slot, bad)


@pytest.mark.parametrize("name", TEMPLATES)
def test_with_the_longest_parameters_no_resource_is_too_long_for_its_schema(name: str) -> None:
    resources = rendered(name).resources
    problems = [
        f"{logical_id}: {problem}"
        for logical_id, resource in resources.items()
        if resource["Type"].startswith("AWS::") and "Serverless" not in resource["Type"]
        for problem in too_long(resource["Type"], resource.get("Properties", {}))
    ]

    assert problems == []


def test_a_longer_name_of_the_stack_is_too_long_for_the_registrys_group() -> None:
    resources = rendered("template", "s" * 55).resources
    group = resources["ModelPackageGroup"]

    assert list(too_long(group["Type"], group["Properties"]))
    assert group["DependsOn"] == resources["NewDataRule"]["DependsOn"] == "JobScripts"


@pytest.mark.parametrize("name", ["template", "endpoint"])
def test_with_the_longest_parameters_every_environment_fits_into_4_kb(name: str) -> None:
    functions = rendered(name).of_type("AWS::Serverless::Function")
    variables = [item.get("Environment", {}).get("Variables", {}) for item in functions.values()]
    # As Lambda measures them, with what JSON escapes.
    sizes = [len(json.dumps(item, separators=(",", ":")).encode()) for item in variables]

    assert sizes
    assert max(sizes) <= 4096


def test_a_longer_uri_of_other_characters_would_not_fit_into_the_environment() -> None:
    uri = URI + "\U0001f642" * 1012
    template = Rendered(TEMPLATES["template"], **{**LONGEST["template"], "InputDataUri": uri})
    environment = template.of_type("AWS::Serverless::Function")["PrepareExecutionFunction"]

    variables = environment["Environment"]["Variables"]
    assert len(json.dumps(variables, ensure_ascii=False).encode()) > 4096
    slot = TEMPLATES["template"]["Parameters"]["InputDataUri"]
    assert "300 where one is not of ASCII" in parameter_problem("InputDataUri", slot, uri)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_no_more_than_cloudformation_takes(name: str) -> None:
    path, template = PROJECT_DIR / f"{name}.yaml", TEMPLATES[name]

    # A template in S3; what CreateStack takes in its body, 51,200, is not what anybody sends.
    assert path.stat().st_size <= 1_000_000
    assert len(template["Description"].encode()) <= 1024
    assert len(template["Resources"]) <= 250  # The transform makes up to two of one.
    assert len(template["Parameters"]) <= 200
    assert len(template["Outputs"]) <= 200
    assert len(template.get("Mappings", {})) <= 200
    for parameter in template["Parameters"].values():
        assert len(parameter["Description"]) <= 4000


@pytest.mark.parametrize("name", TEMPLATES)
def test_policies_are_no_longer_than_iam_takes(name: str) -> None:
    # Where ARNs are longest.
    place = {"AWS::Partition": "aws-us-gov", "AWS::Region": "us-gov-west-1"}
    template = rendered(name, **place)
    for role in template.of_type("AWS::IAM::Role").values():
        inline = sum(_length(policy["PolicyDocument"]) for policy in role.get("Policies", []))

        assert inline <= 10_240
        assert _length(role["AssumeRolePolicyDocument"]) <= 2048
    for policy in template.of_type("AWS::IAM::ManagedPolicy").values():
        assert _length(policy["PolicyDocument"]) <= 6144


@pytest.mark.parametrize("name", ["template", "endpoint"])
def test_functions_are_described_timed_and_sized_within_lambdas_limits(name: str) -> None:
    for function in rendered(name).of_type("AWS::Serverless::Function").values():
        assert len(function["Description"]) <= 256
        assert function.get("Timeout", 30) <= 900
        assert function.get("MemorySize", 256) <= 10_240


def test_an_events_pattern_is_no_longer_than_eventbridge_takes() -> None:
    patterns = [
        resource["Properties"]["EventPattern"]
        for name in TEMPLATES
        for resource in rendered(name).resources.values()
        if resource["Type"] == "AWS::Events::Rule"
    ]

    assert patterns
    assert all(len(json.dumps(pattern)) <= 4096 for pattern in patterns)


def test_an_update_is_rolled_back_by_no_more_alarms_than_sagemaker_takes() -> None:
    (endpoint,) = rendered("endpoint").of_type("AWS::SageMaker::Endpoint").values()

    assert 1 <= len(endpoint["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]) <= 10


def test_the_definition_is_no_larger_than_step_functions_takes() -> None:
    path = PROJECT_DIR / "workflow" / "definition" / "definition.asl.json"

    assert path.stat().st_size < 1_000_000 // 2  # Names and ARNs that are put into it have room.


def _length(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy without white space, which IAM does not count."""
    return len("".join(json.dumps(document, separators=(",", ":")).split()))
