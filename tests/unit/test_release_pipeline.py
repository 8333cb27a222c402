"""What a local release reads of pipeline.yaml, and what it refuses."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import PROJECT_DIR
from tests.unit.pseudo_parameters import PSEUDO_PARAMETERS
from workflow.errors import WorkflowError
from workflow.release.pipeline import Pipeline, read_pipeline

PIPELINE_PATH: Final = PROJECT_DIR / "pipeline.yaml"
CONNECTION: Final = {
    "ConnectionArn": "arn:aws:codeconnections:eu-west-1:123456789012:connection/"
    "00000000-0000-0000-0000-000000000000",
    "FullRepositoryId": "owner/name",
}
SOURCES: Final = {
    "CodeStarSourceConnection": CONNECTION,
    "CodeCommit": {"SourceProvider": "CodeCommit", "RepositoryName": "workflow"},
    "S3": {"SourceProvider": "S3", "SourceBucketName": "sources"},
}
BUCKET: Final = {"Type": "AWS::S3::Bucket"}


def read(path: Path, **parameters: str) -> Pipeline:
    return read_pipeline(path, parameters, pseudo_parameters=PSEUDO_PARAMETERS)


def approval(**changes: Any) -> dict[str, Any]:
    type_id = {"Category": "Approval", "Owner": "AWS", "Provider": "Manual", "Version": "1"}
    return {"Name": "Ask", "ActionTypeId": type_id, **changes}


def written(folder: Path, *actions: dict[str, Any], **stage: Any) -> Path:
    """Write a pipeline of one stage."""
    properties = {
        "Name": "small",
        "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Bucket"}},
        "Variables": [{"Name": "Greeting", "DefaultValue": "hello"}],
        "Stages": [{"Name": "Only", "Actions": list(actions), **stage}],
    }
    pipeline = {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}
    path = folder / "pipeline.yaml"
    path.write_text(json.dumps({"Resources": {"Bucket": BUCKET, "Pipeline": pipeline}}))
    return path


@pytest.mark.parametrize("provider", SOURCES)
def test_the_projects_pipeline_is_read_for_every_source(provider: str) -> None:
    pipeline = read(PIPELINE_PATH, **SOURCES[provider])

    names = [stage.name for stage in pipeline.stages]
    assert names == ["Source", "Build", "Workflow", "Train", "Staging", "Production"]
    assert pipeline.stages[0].actions[0].provider == provider
    assert [stage.name for stage in pipeline.stages if stage.rolls_back] == ["Workflow"]
    assert [action.name for action in pipeline.stages[-1].actions] == [
        *("Plan", "Read-numbers", "Approve", "Deploy-and-smoke-test")
    ]


def test_the_build_project_has_the_bucket_of_the_artifacts_in_its_environment() -> None:
    pipeline = read(PIPELINE_PATH, **CONNECTION)

    project = pipeline.projects["abalone-build"]
    assert project.environment == {"PACKAGE_BUCKET": pipeline.bucket_name}
    assert project.buildspec == "buildspec.yml"
    assert project.timeout_minutes == 60


def test_another_project_name_is_in_every_stacks_name() -> None:
    pipeline = read(PIPELINE_PATH, **CONNECTION, ProjectName="wine")

    stacks = {
        action.configuration["StackName"]
        for stage in pipeline.stages
        for action in stage.actions
        if action.provider == "CloudFormation"
    }
    assert stacks == {"wine-prod", "wine-endpoint-staging", "wine-endpoint-production"}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, "needs ConnectionArn and FullRepositoryId"),
        (
            {"ProjectName": "Not-Allowed"},
            "failed to satisfy constraint: must be 2 to 20",
        ),
        (
            {"SourceProvider": "Svn"},
            "AllowedValues: CodeConnections, CodeCommit, S3",
        ),
        ({"ApprovalTimeoutMinutes": "4"}, "must be a number not less than 5, got"),
        ({"ApprovalTimeoutMinutes": "soon"}, "must be a number"),
        ({"Project": "x"}, "there is no parameter Project; known: ApprovalTimeoutMinutes"),
    ],
)
def test_parameters_are_held_against_what_the_template_allows(
    parameters: dict[str, str], told: str
) -> None:
    with pytest.raises(WorkflowError, match=told):
        read(PIPELINE_PATH, **parameters)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"ActionTypeId": {"Category": "Deploy", "Owner": "AWS", "Provider": "ECS"}},
            "stage Only, action Ask: action type Deploy/AWS/ECS/None does not run here; known: ",
        ),
        (
            {"Configuration": {"Timeout": "5"}},
            "action Ask: Configuration: the key 'Timeout' is not known here; known: CustomData, ",
        ),
        ({"Region": "eu-west-1"}, "stage Only, action Ask: the key 'Region' is not known here"),
        ({"Commands": ["ls"]}, "the key 'Commands' is not known here"),
        ({"Configuration": {"CustomData": "x" * 1001}}, "a text of 1 to 1000 characters"),
        ({"InputArtifacts": [{"Name": "Code"}]}, "no earlier action makes the artifact Code"),
        ({"Configuration": {"CustomData": "#{Train.X}"}}, "no earlier action gives the variable"),
        ({"Configuration": {"CustomData": "#{variables.X}"}}, "gives the variable #{variables.X}"),
    ],
)
def test_an_action_that_is_not_known_is_refused_with_its_place(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    path = written(tmp_path, approval(**changes))

    with pytest.raises(WorkflowError) as raised:
        read(path)

    assert told in str(raised.value)


def test_a_configuration_without_a_required_key_is_refused(tmp_path: Path) -> None:
    type_id = {"Category": "Build", "Owner": "AWS", "Provider": "CodeBuild", "Version": "1"}
    path = written(tmp_path, {"Name": "Build", "ActionTypeId": type_id, "Configuration": {}})

    with pytest.raises(WorkflowError, match="Configuration lacks ProjectName"):
        read(path)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ({"OnFailure": {"Result": "RETRY"}}, "OnFailure.Result = 'RETRY'; known: ROLLBACK, FAIL"),
        ({"OnFailure": {"Conditions": []}}, "the key 'Conditions' is not known here"),
        ({"BeforeEntry": {}}, "stage Only: the key 'BeforeEntry' is not known here"),
    ],
)
def test_what_a_stage_cannot_do_here_is_refused(
    tmp_path: Path, stage: dict[str, Any], told: str
) -> None:
    path = written(tmp_path, approval(), **stage)

    with pytest.raises(WorkflowError) as raised:
        read(path)

    assert told in str(raised.value)


def test_actions_run_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    later, first = approval(Name="Later", RunOrder=2), approval(Name="First", RunOrder=1)

    (stage,) = read(written(tmp_path, later, first)).stages

    assert [action.name for action in stage.actions] == ["First", "Later"]


@pytest.mark.parametrize("text", ["", "[]", "a: !Nope {", "{Resources: 1}"])
def test_what_is_no_template_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(text)

    with pytest.raises(
        WorkflowError, match=r"pipeline\.yaml (is neither YAML nor JSON|has no Resources)"
    ):
        read(path)


def test_a_function_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, approval(Configuration={"CustomData": {"Fn::Base64": "x"}}))

    with pytest.raises(WorkflowError, match="Fn::Base64 is not known here; known are"):
        read(path)
