"""pipeline.yaml and buildspec.yml: AWS's own action reference, and what a reviewer looks for."""

import fnmatch
import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from pocketaws import parameter_problem
from tests.unit.rendered_template import Rendered
from workflow.template import read_template

PROJECT_DIR: Final = Path(__file__).parents[2]
PIPELINE_PATH: Final = PROJECT_DIR / "pipeline.yaml"
TEXT: Final = PIPELINE_PATH.read_text(encoding="utf-8")
TEMPLATE: Final = read_template(PIPELINE_PATH)
BUILDSPEC: Final = yaml.safe_load((PROJECT_DIR / "buildspec.yml").read_text(encoding="utf-8"))
SAM_CONFIG: Final = tomllib.loads((PROJECT_DIR / "samconfig.toml").read_text(encoding="utf-8"))

CONNECTION: Final = {
    "ConnectionArn": "arn:aws:codeconnections:eu-west-1:123456789012:connection/0f-1",
    "FullRepositoryId": "owner/name",
}
CODE_COMMIT: Final = {"SourceProvider": "CodeCommit", "RepositoryName": "workflow"}
S3: Final = {"SourceProvider": "S3", "SourceBucketName": "sources"}
SOURCES: Final = {"connection": CONNECTION, "CodeCommit": CODE_COMMIT, "S3": S3}
ROLE_ARN: Final = "arn:aws:iam::999999999999:role/pipeline"
DEPLOYMENT_ROLE_ARN: Final = "arn:aws:iam::999999999999:role/deployment"
ELSEWHERE: Final = {"WorkloadRoleArn": ROLE_ARN, "DeploymentRoleArn": DEPLOYMENT_ROLE_ARN}
BOUNDARY_ARN: Final = "arn:aws:iam::123456789012:policy/boundary"
STAGES: Final = ["Source", "Build", "Workflow", "Train", "Staging", "Production"]


@dataclass(frozen=True)
class Kind:
    """What AWS's reference says of one kind of action; of each key, whether it is required."""

    category: str
    keys: dict[str, bool]
    variables: frozenset[str] = frozenset()


# https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html, a page each; the
# CloudFormation action's required keys depend on its mode and stand below.
KINDS: Final = {
    "CodeStarSourceConnection": Kind(
        "Source",
        {
            "ConnectionArn": True,
            "FullRepositoryId": True,
            "BranchName": True,
            "OutputArtifactFormat": False,
            "DetectChanges": False,
        },
        frozenset({"AuthorDate", "BranchName", "CommitId", "CommitMessage", "FullRepositoryName"}),
    ),
    "CodeCommit": Kind(
        "Source",
        {
            "RepositoryName": True,
            "BranchName": True,
            "PollForSourceChanges": False,
            "OutputArtifactFormat": False,
        },
        frozenset({"AuthorDate", "BranchName", "CommitId", "CommitMessage", "RepositoryName"}),
    ),
    "S3": Kind(
        "Source",
        {
            "S3Bucket": True,
            "S3ObjectKey": True,
            "PollForSourceChanges": False,
            "AllowOverrideForS3ObjectKey": False,
        },
        frozenset({"BucketName", "ETag", "ObjectKey", "VersionId"}),
    ),
    "CodeBuild": Kind(
        "Build",
        {
            "ProjectName": True,
            "PrimarySource": False,
            "BatchEnabled": False,
            "CombineArtifacts": False,
            "EnvironmentVariables": False,
        },
    ),
    "CloudFormation": Kind(
        "Deploy",
        {
            "ActionMode": True,
            "StackName": True,
            "ChangeSetName": True,
            "Capabilities": False,
            "OutputFileName": False,
            "ParameterOverrides": False,
            "RoleArn": False,
            "TemplateConfiguration": False,
            "TemplatePath": False,
        },
    ),
    "StepFunctions": Kind(
        "Invoke",
        {"StateMachineArn": True, "ExecutionNamePrefix": False, "InputType": False, "Input": False},
        frozenset({"StateMachineArn", "ExecutionArn"}),
    ),
    "Commands": Kind("Compute", {}),
    "Manual": Kind(
        "Approval",
        {"NotificationArn": False, "CustomData": False, "ExternalEntityLink": False},
    ),
}
PLAN_KEYS: Final = {"TemplatePath", "RoleArn", "Capabilities"}

# What the providers of these types can also do and these templates do not ask for.
UNUSED: Final = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "ScheduledAction$|ProvisionedConcurrency",
    "AWS::DynamoDB::Table": "Import|Replica|Item|Query|Scan|ResourcePolicy|Kinesis|Insights",
    "AWS::IAM::ManagedPolicy": "(Group|User)Policy",
    "AWS::IAM::Role": "DeleteRolePermissionsBoundary",
    "AWS::Lambda::Alias": "ProvisionedConcurrency",
    "AWS::Lambda::Function": (
        "CodeSigningConfig$|Concurrency|LayerVersion|CapacityProvider|RuntimeAlias|"
        "Put(FunctionRecursion|FunctionScaling|RuntimeManagement)Config"
    ),
    "AWS::Lambda::Version": "Put(ProvisionedConcurrency|FunctionScaling|RuntimeManagement)Config",
    "AWS::Logs::LogGroup": (
        "KmsKey|LogDelivery|(Delete|Put)(DataProtection|Index|Resource)Policy|BearerToken|"
        "DeletionProtection"
    ),
    "AWS::S3::Bucket": (
        "(Delete|Put).*(Accelerate|Analytics|Abac|Acl|CORS|Cors|Logging|ObjectLock|"
        "Replication|Website|Tiering|Inventory|Metrics)|(Create|Delete|Update)BucketMetadata|"
        "DeleteBucket(Encryption|Lifecycle)|DeleteObject|PUT"
    ),
    "AWS::SNS::Topic": "PutDataProtectionPolicy",
    "AWS::SageMaker::ModelPackageGroup": "(Delete|Put)ModelPackageGroupPolicy",
}


def rendered(**parameters: Any) -> Rendered:
    return Rendered(TEMPLATE, **{**CONNECTION, **parameters})


def stages(whole: Rendered) -> list[dict[str, Any]]:
    return list(whole.resources["Pipeline"]["Properties"]["Stages"])


def actions(whole: Rendered) -> list[tuple[str, dict[str, Any]]]:
    """Return each action with its stage's name, in the order in which they run."""
    return [
        (stage["Name"], action)
        for stage in stages(whole)
        for action in sorted(stage["Actions"], key=lambda action: action.get("RunOrder", 1))
    ]


def provider(action: dict[str, Any]) -> str:
    return str(action["ActionTypeId"]["Provider"])


def configurations(whole: Rendered) -> Iterator[tuple[str, dict[str, str]]]:
    for stage, action in actions(whole):
        yield f"{stage} {action['Name']}", action.get("Configuration", {})


def planned(stage_name: str, whole: Rendered) -> dict[str, str]:
    """Return the configuration of the stage's action that makes a change set."""
    (configuration,) = (
        configuration
        for name, configuration in configurations(whole)
        if name == f"{stage_name} Plan"
    )
    return configuration


def statements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("Effect") == "Allow":
            yield value
        for item in value.values():
            yield from statements(item)
    elif isinstance(value, list):
        for item in value:
            yield from statements(item)


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def sam_parameters(table: str) -> dict[str, Any]:
    return dict(SAM_CONFIG[table]["deploy"]["parameters"])


# ------------------------------------------------------------------------------------ as a template


@pytest.mark.slow
def test_cfn_lint_finds_nothing() -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(PIPELINE_PATH)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)

    assert finished.stdout + finished.stderr == ""
    assert finished.returncode == 0


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("accounts", [{}, ELSEWHERE], ids=["here", "elsewhere"])
def test_every_reference_resolves_for_every_source_and_account(
    name: str, accounts: dict[str, str]
) -> None:
    whole = rendered(**SOURCES[name], **accounts)

    assert whole.refusals() == []
    assert [stage["Name"] for stage in stages(whole)] == STAGES


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        ({"ConnectionArn": ""}, "ConnectionArn"),
        ({"FullRepositoryId": ""}, "FullRepositoryId"),
        ({"SourceProvider": "CodeCommit"}, "RepositoryName"),
        ({"SourceProvider": "S3"}, "SourceBucketName"),
        ({"WorkloadRoleArn": ROLE_ARN}, "DeploymentRoleArn"),
    ],
)
def test_a_parameter_that_another_one_needs_is_asked_for(
    parameters: dict[str, str], missing: str
) -> None:
    (refusal,) = rendered(**parameters).refusals()

    assert missing in refusal


def test_aliases_of_yaml_are_not_used_since_cloudformation_refuses_them() -> None:
    tokens = [type(token).__name__ for token in yaml.scan(TEXT)]

    assert not {"AnchorToken", "AliasToken"} & set(tokens)


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_stands_in_the_document(name: str) -> None:
    assert f"`{name}`" in (PROJECT_DIR / "docs" / "deploy.md").read_text(encoding="utf-8")


# -------------------------------------------------------------------------------------- the actions


@pytest.mark.parametrize("name", SOURCES)
def test_every_action_has_the_keys_of_aws_reference(name: str) -> None:
    for stage, action in actions(rendered(**SOURCES[name])):
        kind, keys = KINDS[provider(action)], set(action.get("Configuration", {}))

        where = f"{stage} {action['Name']}"
        assert action["ActionTypeId"]["Category"] == kind.category, where
        assert action["ActionTypeId"]["Owner"] == "AWS", where
        assert action["ActionTypeId"]["Version"] == "1", where
        assert keys <= set(kind.keys), where
        assert {key for key, required in kind.keys.items() if required} <= keys, where
        if action.get("Configuration", {}).get("ActionMode") == "CHANGE_SET_REPLACE":
            assert keys >= PLAN_KEYS, where


@pytest.mark.parametrize("account", [ELSEWHERE, {}], ids=["elsewhere", "here"])
def test_a_value_of_a_configuration_is_a_text_of_at_most_a_thousand_characters(
    account: dict[str, str],
) -> None:
    boundary = BOUNDARY_ARN.ljust(
        TEMPLATE["Parameters"]["PermissionsBoundaryArn"]["MaxLength"], "b"
    )
    longest = rendered(ProjectName="a" * 20, PermissionsBoundaryArn=boundary, **account)

    for where, configuration in configurations(longest):
        for key, value in configuration.items():
            assert isinstance(value, str), f"{where} {key}"
            assert 0 < len(value) <= 1000, f"{where} {key}"


@pytest.mark.parametrize("name", SOURCES)
def test_an_input_artifact_comes_from_an_earlier_action(name: str) -> None:
    produced: list[str] = []

    for stage, action in actions(rendered(**SOURCES[name])):
        for artifact in action.get("InputArtifacts", []):
            assert artifact["Name"] in produced, f"{stage} {action['Name']}"
        produced += [artifact["Name"] for artifact in action.get("OutputArtifacts", [])]
    assert len(set(produced)) == len(produced)


@pytest.mark.parametrize("name", SOURCES)
def test_a_variable_is_declared_or_comes_from_an_earlier_action(name: str) -> None:
    whole = rendered(**SOURCES[name])
    declared = {item["Name"] for item in whole.resources["Pipeline"]["Properties"]["Variables"]}
    known = {"variables": declared}

    for stage, action in actions(whole):
        for namespace, variable in re.findall(r"#\{(\w+)\.(\w+)\}", json.dumps(action)):
            assert variable in known.get(namespace, ()), f"{stage} {action['Name']}"
        if "Namespace" in action:
            known[action["Namespace"]] = _variables_of(action)


def _variables_of(action: dict[str, Any]) -> set[str]:
    if provider(action) == "CloudFormation":
        # The outputs of the stack; the namespace is an endpoint's.
        return set(read_template(PROJECT_DIR / "endpoint.yaml")["Outputs"])
    if provider(action) == "Commands":
        return set(action["OutputVariables"])
    return set(KINDS[provider(action)].variables)


def test_the_source_of_git_is_cloned_since_a_zip_file_loses_the_symbolic_link() -> None:
    for parameters in (CONNECTION, CODE_COMMIT):
        source = dict(configurations(rendered(**parameters)))["Source Source"]

        assert source["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    # Only CodeBuild can read such an artifact.
    readers = {
        provider(action)
        for _, action in actions(rendered())
        if {"Name": "Code"} in action.get("InputArtifacts", [])
    }
    assert readers == {"CodeBuild"}


# ----------------------------------------------------------------------------------- what they mean


def test_a_rejected_model_stops_the_pipeline_before_any_endpoint() -> None:
    order = [(stage, provider(action), str(action)) for stage, action in actions(rendered())]
    (train,) = (index for index, item in enumerate(order) if item[1] == "StepFunctions")
    endpoints = [index for index, item in enumerate(order) if "-endpoint-" in item[2]]

    assert order[train][0] == "Train"
    assert min(endpoints) > train
    for stage in stages(rendered())[STAGES.index("Train") :]:
        # Neither retries, nor skips, nor anything else that goes on after a failure.
        assert stage.keys() == {"Name", "Actions"}, stage["Name"]


def test_the_training_action_waits_for_the_deployed_state_machine() -> None:
    training = dict(configurations(rendered()))["Train Train"]

    assert training["StateMachineArn"].endswith(":123456789012:stateMachine:abalone-prod")
    assert planned("Workflow", rendered())["StackName"] == "abalone-prod"
    assert training["Input"] == "#{variables.ExecutionInput}"


def test_executions_overtake_those_that_wait_and_a_broken_workflow_is_rolled_back() -> None:
    pipeline = rendered().resources["Pipeline"]["Properties"]

    assert pipeline["PipelineType"] == "V2"
    # A stage can be rolled back in this mode, and not in PARALLEL.
    assert pipeline["ExecutionMode"] == "SUPERSEDED"
    (workflow,) = (stage for stage in pipeline["Stages"] if stage["Name"] == "Workflow")
    assert workflow["OnFailure"] == {"Result": "ROLLBACK"}


def test_a_person_approves_the_very_change_set_that_is_then_deployed() -> None:
    production = [action for stage, action in actions(rendered()) if stage == "Production"]

    assert [action["Name"] for action in production] == [
        "Plan",
        "Read-numbers",
        "Approve",
        "Deploy-and-smoke-test",
    ]
    assert len({action["RunOrder"] for action in production}) == len(production)
    plan, *_, deploy = (action.get("Configuration", {}) for action in production)
    for key in ("StackName", "ChangeSetName"):
        assert plan[key] == deploy[key]


def test_the_question_holds_the_numbers_and_links_that_it_is_decided_by() -> None:
    approval = dict(configurations(rendered()))["Production Approve"]

    assert approval["NotificationArn"] == "topic"
    for needed in ("#{Numbers.TRAINED}", "#{Numbers.NUMBERS}", "#{Source.CommitId}", "https://"):
        assert needed in approval["CustomData"]
    assert approval["ExternalEntityLink"].endswith("/details/#{Train.ExecutionArn}")


@pytest.mark.parametrize(
    ("stage", "template", "tables"),
    [
        ("Workflow", "template.yaml", ["prod"]),
        ("Staging", "endpoint.yaml", ["staging"]),
        ("Production", "endpoint.yaml", ["production"]),
    ],
)
def test_a_stack_is_the_one_that_sam_deploys_by_hand(
    stage: str, template: str, tables: list[str]
) -> None:
    configuration = planned(stage, rendered())
    (table,) = tables
    by_hand = sam_parameters(table)

    overrides = json.loads(configuration["ParameterOverrides"])
    assert configuration["StackName"] == by_hand["stack_name"]
    assert overrides.keys() <= read_template(PROJECT_DIR / template)["Parameters"].keys()
    given = dict(item.split("=", 1) for item in by_hand["parameter_overrides"])
    if "EndpointName" in given:
        assert overrides["EndpointName"] == given["EndpointName"]
        assert overrides["ModelName"] == "/abalone-prod/model-name"
        assert overrides["RunSmokeTest"] == "true"


def test_production_is_shifted_to_as_a_canary() -> None:
    given = sam_parameters("production")["parameter_overrides"]

    assert "TrafficShifting=CANARY" in given
    assert "TrafficShifting" not in planned("Production", rendered())["ParameterOverrides"]


@pytest.mark.parametrize("name", SOURCES)
def test_the_workflow_learns_which_version_of_the_source_it_is(name: str) -> None:
    overrides = json.loads(planned("Workflow", rendered(**SOURCES[name]))["ParameterOverrides"])

    expected = "VersionId" if name == "S3" else "CommitId"
    assert overrides == {"GitCommit": f"#{{Source.{expected}}}"}


@pytest.mark.parametrize(
    "version",
    [
        "c" * 40,
        # The examples of the API references of S3 and MWAA have a slash and a plus; "null" is that
        # of an object that is older than its bucket's versions.
        "3/" + "L" * 37,
        "3+" + "L" * 62,
        "null",
    ],
)
def test_every_form_of_a_sources_version_is_taken_by_the_workflow(version: str) -> None:
    slot = read_template(PROJECT_DIR / "template.yaml")["Parameters"]["GitCommit"]

    assert parameter_problem("GitCommit", slot, version) == ""


@pytest.mark.parametrize("name", SOURCES)
def test_a_new_version_of_the_source_starts_the_pipeline_in_one_way(name: str) -> None:
    whole = rendered(**SOURCES[name])

    by_trigger = "Triggers" in whole.resources["Pipeline"]["Properties"]
    by_event = "StartRule" in whole.resources
    assert [by_trigger, by_event] == [name == "connection", name != "connection"]
    if by_event:
        source = whole.resources["StartRule"]["Properties"]["EventPattern"]["source"]
        assert source == [f"aws.{name.lower()}"]
        assert dict(configurations(whole))["Source Source"]["PollForSourceChanges"] == "false"


def test_success_and_every_failed_action_are_told() -> None:
    rules = rendered().of_type("AWS::Events::Rule")

    told = {
        rule["EventPattern"]["detail-type"][0]: rule["EventPattern"]["detail"]["state"]
        for rule in rules.values()
    }
    assert told == {
        "CodePipeline Pipeline Execution State Change": ["SUCCEEDED", "STOPPED"],
        "CodePipeline Action Execution State Change": ["FAILED"],
    }
    assert all(rule["Targets"][0]["Arn"] == "topic" for rule in rules.values())


# ------------------------------------------------------------------ the commands before an approval

EXECUTION_OUTPUT: Final = {
    "judgement": {
        "mse": 4.81,
        "production_mse": None,
        "allowed_mse": 6.0,
        "max_mse": 6.0,
        "r2": 0.55,
        "rows": 627,
        "reason": "mse 4.81 is at most max_mse 6.0",
    },
    "recorded": {"ModelName": "abalone-1-0a0a0a0a"},
}


def run_commands(folder: Path, output: dict[str, Any], *, planned_model: str) -> tuple[int, str]:
    """Run the action's commands as one shell does; `aws` answers with the planned model.

    Returns:
        The exit code, and what the commands said with the two variables at its end.
    """
    (action,) = (action for _, action in actions(rendered()) if provider(action) == "Commands")
    assert all("\n" not in command for command in action["Commands"])
    (folder / "artifact").mkdir()
    (folder / "artifact" / "some-name.json").write_text(json.dumps(output), encoding="utf-8")
    aws = f"aws() {{ echo {planned_model}; }}"
    script = "\n".join(["set -e", aws, *action["Commands"], 'echo "$TRAINED: $NUMBERS"'])
    finished = subprocess.run(
        ["bash", "-c", script],
        cwd=folder / "artifact",
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout


needs_jq = pytest.mark.skipif(
    subprocess.run(["bash", "-c", "command -v jq"], capture_output=True, check=False).returncode
    != 0,
    reason="jq is not installed; CodeBuild's image has it",
)


@needs_jq
def test_the_numbers_of_the_question_are_the_executions_own(tmp_path: Path) -> None:
    code, said = run_commands(tmp_path, EXECUTION_OUTPUT, planned_model="abalone-1-0a0a0a0a")

    assert code == 0
    assert said.strip() == (
        "abalone-1-0a0a0a0a: mse 4.81, of production none, allowed 6, max_mse 6, r2 0.55, "
        "on 627 rows: mse 4.81 is at most max_mse 6.0"
    ).replace("6,", f"{_jq_number('6.0')},")


def _jq_number(text: str) -> str:
    """Return a number as this machine's jq writes it; versions differ in keeping `.0`."""
    done = subprocess.run(["jq", "-r", "."], input=text, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@needs_jq
def test_a_model_that_was_recorded_meanwhile_is_not_asked_about(tmp_path: Path) -> None:
    code, said = run_commands(tmp_path, EXECUTION_OUTPUT, planned_model="abalone-2-0b0b0b0b")

    assert code != 0
    assert "The change set is for model abalone-2-0b0b0b0b" in said


@needs_jq
def test_an_output_without_numbers_fails_before_anybody_is_asked(tmp_path: Path) -> None:
    code, _ = run_commands(tmp_path, {"recorded": {}}, planned_model="abalone-1-0a0a0a0a")

    assert code != 0


# ---------------------------------------------------------------------------------------- the roles

ALLOWED: Final = list(statements(TEMPLATE["Resources"]))


@pytest.mark.parametrize("statement", ALLOWED, ids=lambda item: item.get("Sid", "assume"))
def test_no_action_is_a_wildcard(statement: dict[str, Any]) -> None:
    assert not any("*" in action for action in listed(statement["Action"]))


def test_a_wildcard_resource_has_its_reason_beside_it() -> None:
    lines = TEXT.splitlines()
    wildcards = [number for number, line in enumerate(lines) if line.strip() == "Resource: '*'"]

    assert wildcards
    for number in wildcards:
        assert lines[number - 1].strip().startswith("#"), f"line {number + 1}"


def test_a_role_can_be_changed_and_passed_only_if_it_belongs_to_a_deployed_stack() -> None:
    whole = rendered()
    passed = [
        item
        for item in statements(whole.resources)
        for action in listed(item["Action"])
        if re.fullmatch(r"iam:(Attach|Create|Delete|Pass|Put|Update)\w*", action)
    ]

    assert passed
    for item in passed:
        for arn in listed(item["Resource"]):
            name = arn.partition("/")[2]
            assert name.startswith(
                ("abalone-prod-", "abalone-endpoint-", "aws-service-role/", "deploymentrole")
            ), arn
            # This stack's roles are called abalone-pipeline-…
            assert not fnmatch.fnmatch("abalone-pipeline-PipelineRole-1", name)
        if "iam:PassRole" in listed(item["Action"]):
            assert item["Condition"]["StringEquals"]["iam:PassedToService"]


def test_the_stack_of_the_pipeline_is_not_among_those_that_it_may_deploy() -> None:
    name = sam_parameters("pipeline")["stack_name"]

    assert not name.startswith(("abalone-prod", "abalone-endpoint-"))
    assert sam_parameters("pipeline")["template_file"] == "pipeline.yaml"


@pytest.fixture(scope="module")
def deployed_types(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    # It imports the transform, which takes seconds.
    from pocketaws.cloudformation.build import build
    from pocketaws.processes.warmup import TEMPLATE_NAME

    types: set[str] = set()
    for name in ("template.yaml", "endpoint.yaml"):
        folder = tmp_path_factory.mktemp("build")
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
            assert build(str(PROJECT_DIR / name), str(folder)) == 0
        resources = json.loads((folder / TEMPLATE_NAME).read_text(encoding="utf-8"))["Resources"]
        types |= {resource["Type"] for resource in resources.values()}
    return {name for name in types if not name.startswith("Custom::")}


def test_cloudformation_may_do_what_it_says_it_does_for_each_type(deployed_types: set[str]) -> None:
    # CloudFormation publishes with each type which permissions its handlers use; cfn-lint has it.
    manager = importlib.import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    policies = rendered().of_type("AWS::IAM::ManagedPolicy")
    granted = {action for item in statements(policies) for action in listed(item["Action"])}

    assert deployed_types
    for name in sorted(deployed_types):
        schema = manager.get_resource_schema("us-east-1", name).schema
        handlers = {key: item for key, item in schema["handlers"].items() if key != "list"}
        needed = {action for item in handlers.values() for action in item.get("permissions", [])}
        missing = {action for action in needed - granted if _is_own(action, name, needed)}
        unused = re.compile(UNUSED.get(name, "(?!)"))
        assert {action for action in missing if not unused.search(action)} == set(), name


def _is_own(action: str, resource_type: str, needed: set[str]) -> bool:
    """Return whether an action is the type's own service's, not of a feature that uses another."""
    services = {"AWS::ApplicationAutoScaling": "application-autoscaling", "AWS::StepFunctions": ""}
    name, _, _ = resource_type.rpartition("::")
    service = services.get(name, name.removeprefix("AWS::").lower()) or "states"
    assert any(other.startswith(f"{service}:") for other in needed), resource_type
    return action.partition(":")[0] in {service, "iam"}


def test_no_policy_is_longer_than_iam_takes() -> None:
    whole = rendered(ProjectName="a" * 20, PermissionsBoundaryArn=BOUNDARY_ARN)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, less what the
    # longest region's name adds here.
    managed, inline = 6144 - 500, 10240 - 500

    for name, policy in whole.of_type("AWS::IAM::ManagedPolicy").items():
        assert _length(policy["PolicyDocument"]) <= managed, name
    for name, role in whole.of_type("AWS::IAM::Role").items():
        lengths = [_length(policy["PolicyDocument"]) for policy in role.get("Policies", [])]
        assert sum(lengths) <= inline, name


def _length(document: dict[str, Any]) -> int:
    return len(json.dumps(document, separators=(",", ":")))


@pytest.mark.parametrize("name", SOURCES)
def test_a_boundary_bounds_every_role(name: str) -> None:
    roles = rendered(**SOURCES[name], PermissionsBoundaryArn=BOUNDARY_ARN).of_type("AWS::IAM::Role")

    assert len(roles) == (3 if name == "connection" else 4)
    assert all(role["PermissionsBoundary"] == BOUNDARY_ARN for role in roles.values())


# Those that the key applies to, and that give a role permissions:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
GIVING: Final = {
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
}


@pytest.mark.parametrize("boundary", ["", BOUNDARY_ARN])
def test_a_role_is_made_and_given_permissions_only_within_the_boundary(boundary: str) -> None:
    policies = rendered(PermissionsBoundaryArn=boundary).of_type("AWS::IAM::ManagedPolicy")
    giving = [item for item in statements(policies) if GIVING & set(listed(item["Action"]))]
    required = {
        item.get("Condition", {}).get("StringEquals", {}).get("iam:PermissionsBoundary", "")
        for item in giving
    }

    granted = {action for item in statements(policies) for action in listed(item["Action"])}
    assert granted >= GIVING
    assert required == {boundary}
    assert "iam:DeleteRolePermissionsBoundary" not in granted


@pytest.mark.parametrize("stage_name", ["Workflow", "Staging", "Production"])
def test_the_boundary_reaches_the_stacks_of_this_account_only(stage_name: str) -> None:
    here = planned(stage_name, rendered(PermissionsBoundaryArn=BOUNDARY_ARN))
    unbound = planned(stage_name, rendered())
    elsewhere = planned(stage_name, rendered(**ELSEWHERE, PermissionsBoundaryArn=BOUNDARY_ARN))

    overrides = [json.loads(it["ParameterOverrides"]) for it in (here, unbound, elsewhere)]
    given = [item.get("PermissionsBoundaryArn") for item in overrides]
    assert given == [BOUNDARY_ARN, None, None]


def test_in_another_account_every_action_but_source_build_and_approval_has_its_role() -> None:
    own = {"Source", "CodeBuild", "Commands", "Manual", "CodeStarSourceConnection"}

    for stage, action in actions(rendered(**ELSEWHERE)):
        expected = None if provider(action) in own else ROLE_ARN
        assert action.get("RoleArn") == expected, f"{stage} {action['Name']}"
    assert all("RoleArn" not in action for _, action in actions(rendered()))


def test_another_account_gets_the_artifacts_and_the_pipeline_none_of_its_permissions() -> None:
    whole = rendered(**ELSEWHERE)

    assert "DeploymentRole" not in whole.resources
    assert planned("Staging", whole)["RoleArn"] == DEPLOYMENT_ROLE_ARN
    (machine,) = (it["StateMachineArn"] for _, it in configurations(whole) if "Input" in it)
    assert ":999999999999:stateMachine:" in machine
    role = whole.resources["PipelineRole"]
    (act,) = (it for it in statements(role) if it.get("Sid") == "ActInTheOtherAccount")
    assert act["Resource"] == ROLE_ARN
    assert "states:StartExecution" not in json.dumps(role)
    for resource in ("ArtifactKey", "ArtifactBucketPolicy"):
        assert ROLE_ARN in json.dumps(whole.resources[resource])
        assert "999999999999" not in json.dumps(rendered().resources[resource])


def test_artifacts_are_encrypted_with_an_own_key_private_and_expire() -> None:
    whole = rendered()
    bucket = whole.resources["ArtifactBucket"]["Properties"]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    (policy,) = whole.of_type("AWS::S3::BucketPolicy").values()
    pipeline = whole.resources["Pipeline"]["Properties"]

    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert whole.resources["ArtifactKey"]["Properties"]["EnableKeyRotation"] is True
    assert pipeline["ArtifactStore"]["EncryptionKey"]["Type"] == "KMS"
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    deny = policy["PolicyDocument"]["Statement"][0]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    # The bundles stay: a stack that is on its way back reads those that it had before.
    expiring = {rule.get("Prefix") for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert expiring == {f"{pipeline['Name']}/", "cache/", None}
    assert whole.resources["Topic"]["Properties"]["KmsMasterKeyId"]


# ------------------------------------------------------------------------------------ the buildspec


def make_targets() -> list[str]:
    commands = [
        command for phase in BUILDSPEC["phases"].values() for command in phase.get("commands", [])
    ]
    assert all(re.match(r"(make|python -m workflow)( |$)", command) for command in commands)
    return [command.split()[1] for command in commands if command.startswith("make ")]


def test_the_buildspec_runs_what_a_laptop_runs_and_nothing_else() -> None:
    targets = make_targets()

    assert targets == ["pr", "package"]
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


def test_every_file_that_the_pipeline_reads_is_packaged() -> None:
    named = set(re.findall(r"Packaged::([\w.]+)", TEXT))

    assert named == {
        "workflow.yaml",
        "workflow.json",
        "endpoint.yaml",
        "staging.json",
        "production.json",
    }
    makefile = (PROJECT_DIR / "Makefile").read_text(encoding="utf-8")
    folder = BUILDSPEC["artifacts"]["base-directory"]
    for name in named:
        assert f"{folder}/{name}" in makefile


def test_test_reports_and_dependencies_are_kept() -> None:
    (name,) = BUILDSPEC["reports"]
    report = BUILDSPEC["reports"][name]
    project = rendered().resources["BuildProject"]["Properties"]
    group = rendered().resources["TestReports"]["Properties"]

    # CodeBuild calls the group like this: CodeBuild User Guide, "Create test reports".
    assert group["Name"] == f"{project['Name']}-{name}"
    written = f"{report['base-directory']}/{report['files'][0]}"
    assert BUILDSPEC["env"]["variables"]["PYTEST_ADDOPTS"] == f"--junitxml={written}"
    assert project["Cache"]["Type"] == "S3"
    assert any("/uv/" in path for path in BUILDSPEC["cache"]["paths"])
