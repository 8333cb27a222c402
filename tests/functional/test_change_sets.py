"""Change sets as a client sends them: a SAM template as `sam package` writes it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from samtranslator.yaml_helper import yaml_parse

from pocketaws.cloudformation import bundles
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from tests.conftest import OPEN_GATE, PROJECT_DIR, SAMPLE_PATH
from tests.pages import read_all

STACK_NAME = "abalone-change-set"
NAME = "/of-a-change-set/topic-name"
DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "of-a-change-set"}}
Deploy = Callable[..., dict[str, Any]]


@pytest.fixture
def packaged_template(runtime: LocalRuntime, stack: Stack, tmp_path: Path) -> dict[str, Any]:
    """template.yaml as `sam package` writes it; its bundles are in the emulator's S3."""
    template = yaml_parse((PROJECT_DIR / "template.yaml").read_text(encoding="utf-8"))
    bundles.package_bundles(template, PROJECT_DIR, tmp_path, requirements_cache=tmp_path)
    for path in tmp_path.iterdir():
        runtime.client("s3").upload_file(str(path), bundles.BUCKET_NAME, path.name)
    for resource in template["Resources"].values():
        for name in resource["Properties"].keys() & {"CodeUri", "DefinitionUri"}:
            place = resource["Properties"][name]
            resource["Properties"][name] = f"s3://{place['Bucket']}/{place['Key']}"
    return dict(template)


@pytest.fixture
def cloudformation(runtime: LocalRuntime) -> Iterator[Any]:
    client = runtime.client("cloudformation")
    yield client
    client.delete_stack(StackName=STACK_NAME)


@pytest.fixture
def create(cloudformation: Any) -> Callable[..., str]:
    """Create a change set, wait for it as `sam deploy` does, and return its ARN."""

    def created(template: Any, change_set_type: str = "CREATE", **more: Any) -> str:
        arn = cloudformation.create_change_set(
            StackName=STACK_NAME,
            ChangeSetName=f"set-{change_set_type.lower()}",
            ChangeSetType=change_set_type,
            TemplateBody=template if isinstance(template, str) else json.dumps(template),
            **{"Capabilities": ["CAPABILITY_IAM"], **more},
        )["Id"]
        waiter = cloudformation.get_waiter("change_set_create_complete")
        waiter.wait(ChangeSetName=arn, WaiterConfig={"Delay": 0, "MaxAttempts": 1})
        return str(arn)

    return created


@pytest.fixture
def deploy(cloudformation: Any, create: Callable[..., str]) -> Deploy:
    """Create and execute a change set; return the stack."""

    def deployed(template: Any, change_set_type: str = "CREATE", **more: Any) -> dict[str, Any]:
        arn = create(template, change_set_type, **more)
        cloudformation.execute_change_set(ChangeSetName=arn)
        (described,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
        return dict(described)

    return deployed


def with_machine(**properties: Any) -> dict[str, Any]:
    machine = {
        "Type": "AWS::Serverless::StateMachine",
        "Properties": {"Definition": DEFINITION, "Name": "of-a-change-set"} | properties,
    }
    transform = "AWS::Serverless-2016-10-31"
    return {"Transform": transform, "Resources": {"Machine": machine, "Topic": TOPIC}}


def changes_of(cloudformation: Any, arn: str) -> set[tuple[str, str]]:
    found = cloudformation.describe_change_set(ChangeSetName=arn)["Changes"]
    return {
        (item["ResourceChange"]["Action"], item["ResourceChange"]["LogicalResourceId"])
        for item in found
    }


def test_an_execution_runs_in_a_stack_that_a_change_set_created(
    runtime: LocalRuntime, deploy: Deploy, packaged_template: dict[str, Any]
) -> None:
    stack = deploy(packaged_template)

    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    # Jobs may read the own stack's bucket only.
    bucket_name, key = outputs["BucketName"], "input/abalone.csv"
    runtime.client("s3").upload_file(str(SAMPLE_PATH), bucket_name, key)
    execution = runtime.run(
        outputs["StateMachineArn"], {"input_data_uri": f"s3://{bucket_name}/{key}", **OPEN_GATE}
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert execution.status == "SUCCEEDED"
    assert not [name for name in outputs if name.startswith("Local")]


def test_a_change_set_lists_what_it_would_create_and_creates_nothing(
    runtime: LocalRuntime, cloudformation: Any, create: Callable[..., str]
) -> None:
    arn = create(with_machine())

    (stack,) = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    topics = read_all(runtime.client("sns"), "list_topics")["Topics"]
    assert ("Add", "Machine") in changes_of(cloudformation, arn)
    assert stack["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert not [topic for topic in topics if topic["TopicArn"].endswith("of-a-change-set")]


def test_an_update_changes_what_the_template_changes_and_lists_it(
    runtime: LocalRuntime, cloudformation: Any, create: Callable[..., str], deploy: Deploy
) -> None:
    deploy(with_machine())
    definition = {**DEFINITION, "Comment": "another one"}

    arn = create(with_machine(Definition=definition), "UPDATE")
    cloudformation.execute_change_set(ChangeSetName=arn)

    machine = cloudformation.describe_stack_resource(
        StackName=STACK_NAME, LogicalResourceId="Machine"
    )["StackResourceDetail"]
    described = runtime.client("stepfunctions").describe_state_machine(
        stateMachineArn=machine["PhysicalResourceId"]
    )
    assert changes_of(cloudformation, arn) == {("Modify", "Machine")}
    assert json.loads(described["definition"])["Comment"] == "another one"


def test_a_change_set_without_changes_says_so_as_sam_deploy_expects(
    create: Callable[..., str], deploy: Deploy
) -> None:
    deploy(with_machine())

    with pytest.raises(WaiterError) as raised:
        create(with_machine(), "UPDATE")

    assert raised.value.last_response["Status"] == "FAILED"
    assert "didn't contain changes" in raised.value.last_response["StatusReason"]


def test_the_template_is_given_back_as_it_was_sent(cloudformation: Any, deploy: Deploy) -> None:
    deploy(with_machine())

    sent = cloudformation.get_template(StackName=STACK_NAME)["TemplateBody"]
    processed = cloudformation.get_template(StackName=STACK_NAME, TemplateStage="Processed")

    assert "AWS::Serverless::StateMachine" in json.dumps(sent)
    assert "AWS::StepFunctions::StateMachine" in json.dumps(processed["TemplateBody"])


def test_folders_of_the_machine_that_serves_are_not_read(create: Callable[..., str]) -> None:
    with pytest.raises(WaiterError) as raised:
        create(with_machine(Definition=None, DefinitionUri="/etc/hostname"))

    reason = raised.value.last_response["StatusReason"]
    assert reason.startswith("Transform AWS::Serverless-2016-10-31 failed with: ")
    assert "'DefinitionUri'" in reason


def test_a_definition_that_is_not_in_the_bucket_fails_the_change_set(
    create: Callable[..., str], stack: Stack
) -> None:
    uri = f"s3://{bundles.BUCKET_NAME}/nowhere.json"

    with pytest.raises(WaiterError) as raised:
        create(with_machine(Definition=None, DefinitionUri=uri))

    assert f"Machine: no definition at {uri}" in raised.value.last_response["StatusReason"]


def test_roles_are_made_only_for_who_says_so(create: Callable[..., str]) -> None:
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_IAM\]"):
        create(with_machine(), Capabilities=[])


def test_a_parameter_that_the_template_lacks_is_named(create: Callable[..., str]) -> None:
    with pytest.raises(ClientError, match=r"\[Colour\] do not exist in the template"):
        create(with_machine(), Parameters=[{"ParameterKey": "Colour", "ParameterValue": "red"}])


def reading(name: str) -> dict[str, Any]:
    """Return a template whose topic has the name that Parameter Store holds."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Name"}}}
    slot = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}
    return {"Parameters": {"Name": slot}, "Resources": {"Topic": topic}}


def topic_name(cloudformation: Any) -> str:
    topic = cloudformation.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId="Topic")
    return str(topic["StackResourceDetail"]["PhysicalResourceId"].rpartition(":")[2])


@pytest.fixture
def stored(runtime: LocalRuntime) -> Iterator[Callable[[str], None]]:
    """Store a value in Parameter Store under one name."""
    ssm = runtime.client("ssm")
    yield lambda value: ssm.put_parameter(Name=NAME, Value=value, Type="String", Overwrite=True)
    ssm.delete_parameter(Name=NAME)


def test_what_is_executed_is_what_the_change_set_has_read_of_parameter_store(
    cloudformation: Any, create: Callable[..., str], stored: Callable[[str], None]
) -> None:
    stored("read")
    arn = create(reading(NAME))
    stored("written-since")

    cloudformation.execute_change_set(ChangeSetName=arn)

    (parameter,) = cloudformation.describe_change_set(ChangeSetName=arn)["Parameters"]
    assert (parameter["ParameterValue"], parameter["ResolvedValue"]) == (NAME, "read")
    assert topic_name(cloudformation) == "read"


def test_another_value_in_parameter_store_is_a_change(
    cloudformation: Any,
    create: Callable[..., str],
    deploy: Deploy,
    stored: Callable[[str], None],
) -> None:
    stored("first")
    deploy(reading(NAME))
    stored("second")

    arn = create(reading(NAME), "UPDATE")

    assert changes_of(cloudformation, arn) == {("Modify", "Topic")}


def test_the_name_of_an_open_change_set_is_not_given_twice(create: Callable[..., str]) -> None:
    create(with_machine())

    with pytest.raises(ClientError, match=r"ChangeSet \[set-create\] already exists") as raised:
        create(with_machine())

    assert raised.value.response["Error"]["Code"] == "AlreadyExistsException"


def test_deleting_a_change_set_leaves_another_stacks_of_the_same_name(
    cloudformation: Any, create: Callable[..., str]
) -> None:
    arn = create(with_machine())

    cloudformation.delete_change_set(StackName="another", ChangeSetName="set-create")
    described = cloudformation.describe_change_set(ChangeSetName=arn)
    cloudformation.delete_change_set(StackName=STACK_NAME, ChangeSetName="set-create")

    assert described["Status"] == "CREATE_COMPLETE"
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_change_set(StackName=STACK_NAME, ChangeSetName="set-create")


def test_a_value_that_the_template_does_not_allow_is_refused(create: Callable[..., str]) -> None:
    template = {**with_machine(), "Parameters": {"Days": {"Type": "Number", "MinValue": 1}}}

    with pytest.raises(ClientError, match="'Days' must be a number not less than 1, got '0'"):
        create(template, Parameters=[{"ParameterKey": "Days", "ParameterValue": "0"}])


def test_a_stack_that_fails_is_rolled_back_and_says_why(
    runtime: LocalRuntime, cloudformation: Any, deploy: Deploy
) -> None:
    template = with_machine()
    template["Resources"]["Failing"] = {
        "Type": "Custom::Failing",
        "DependsOn": "Topic",
        "Properties": {"ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:nowhere"},
    }

    stack = deploy(template)

    topics = read_all(runtime.client("sns"), "list_topics")["Topics"]
    events = read_all(cloudformation, "describe_stack_events", StackName=STACK_NAME)["StackEvents"]
    assert stack["StackStatus"] == events[0]["ResourceStatus"] == "ROLLBACK_COMPLETE"
    assert events[0]["ResourceStatusReason"]
    assert not [topic for topic in topics if topic["TopicArn"].endswith("of-a-change-set")]


def test_create_stack_takes_a_sam_template_too(runtime: LocalRuntime, cloudformation: Any) -> None:
    cloudformation.create_stack(
        StackName=STACK_NAME,
        TemplateBody=json.dumps(with_machine()),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )

    machines = read_all(runtime.client("stepfunctions"), "list_state_machines")["stateMachines"]
    assert "of-a-change-set" in [machine["name"] for machine in machines]
