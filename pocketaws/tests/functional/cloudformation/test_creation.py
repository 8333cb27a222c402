"""What CreateStack refuses, what fails a stack, and what an export or an object holds back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.stacks import SmallStack, small_stack
from pocketaws.runtime import LocalRuntime

TOPIC: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {}}
TEXT = {"Type": "String"}


@pytest.fixture
def stack(runtime: LocalRuntime) -> Iterator[SmallStack]:
    with small_stack(runtime) as made:
        yield made


@pytest.fixture
def other(runtime: LocalRuntime) -> Iterator[SmallStack]:
    with small_stack(runtime) as made:
        yield made


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {}, "At least one Resources member must be defined"),
    ({"A": TOPIC}, {"Parameters": {"P": TEXT}}, "Parameters: [P] must have values"),
    ({"A": parameter({"Ref": "B"}), "B": parameter({"Ref": "A"})}, {}, "Circular dependency"),
    (
        {"A": {**TOPIC, "Condition": "No"}, "B": parameter({"Ref": "A"})},
        {"Conditions": {"No": {"Fn::Equals": ["a", "b"]}}},
        "Unresolved resource dependencies [A]",
    ),
    (
        {"A": TOPIC, "B": parameter({"Fn::GetAtt": ["A", "Colour"]})},
        {},
        "resource A does not support attribute type Colour in Fn::GetAtt",
    ),
]


@pytest.mark.parametrize(("resources", "sections", "words"), REFUSED)
def test_a_wrong_template_is_refused_and_leaves_no_stack(
    stack: SmallStack, resources: dict[str, Any], sections: dict[str, Any], words: str
) -> None:
    assert words in stack.create(resources, **sections)
    with pytest.raises(ClientError, match="does not exist"):
        stack.described()


def test_what_a_service_refuses_takes_the_stack_back(
    runtime: LocalRuntime, stack: SmallStack, other: SmallStack
) -> None:
    name = f"/{other.name}/taken"
    other.create({"Taken": parameter("x", Name=name)})

    ended = stack.create(
        {"Topic": TOPIC, "Again": {**parameter("y", Name=name), "DependsOn": "Topic"}}
    )

    assert ended.startswith("ROLLBACK_COMPLETE Again: ")
    arns = [item["TopicArn"] for item in runtime.client("sns").list_topics()["Topics"]]
    assert not [arn for arn in arns if stack.name in arn]
    assert "can not be updated" in stack.update({"Topic": TOPIC})


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ({**TOPIC, "Properties": {"Colour": "red"}}, "#: extraneous key [Colour] is not permitted"),
        (
            {
                "Type": "AWS::S3::Bucket",
                "Properties": {
                    "LifecycleConfiguration": {
                        "Rules": [{"Status": "Enabled", "ExpirationInDay": 7, "Prefix": "a/"}]
                    }
                },
            },
            "#/LifecycleConfiguration/Rules/0: extraneous key [ExpirationInDay] is not permitted",
        ),
        (
            {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String"}},
            "#: required key [Value] not found",
        ),
    ],
)
def test_a_property_that_a_type_has_not_or_lacks_takes_the_stack_back(
    stack: SmallStack, resource: dict[str, Any], words: str
) -> None:
    ended = stack.create({"Made": resource})

    assert ended.startswith("ROLLBACK_COMPLETE")
    assert f"Properties validation failed for resource Made with message:\n{words}" in ended


def test_an_update_to_such_a_property_is_taken_back(stack: SmallStack) -> None:
    stack.create({"Made": parameter("x")})

    ended = stack.update({"Made": parameter("x", Colour="red")})

    assert ended.startswith("UPDATE_ROLLBACK_COMPLETE")
    assert "#: extraneous key [Colour] is not permitted" in ended


@pytest.mark.parametrize(
    ("asked", "ends"), [({"OnFailure": "DO_NOTHING"}, True), ({"OnFailure": "DELETE"}, False)]
)
def test_a_caller_says_what_becomes_of_a_stack_that_fails(
    stack: SmallStack, asked: dict[str, Any], ends: bool
) -> None:
    wrong = {"Topic": TOPIC, "Long": {**parameter("x" * 4097), "DependsOn": "Topic"}}
    if ends:
        assert stack.create(wrong, **asked).startswith("CREATE_FAILED")
        assert stack.physical_id("Topic")
    else:
        with pytest.raises(ClientError, match="does not exist"):
            stack.create(wrong, **asked)


def test_roles_need_the_callers_word_as_in_a_change_set(runtime: LocalRuntime) -> None:
    template = '{"Resources": {"K": {"Type": "AWS::IAM::User"}}}'

    with pytest.raises(ClientError, match="CAPABILITY_IAM") as refusal:
        runtime.client("cloudformation").create_stack(StackName="no-word", TemplateBody=template)

    assert refusal.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"


def test_a_list_is_told_without_the_white_space_around_its_members(
    runtime: LocalRuntime, stack: SmallStack
) -> None:
    slots = {
        "Given": {"Type": "CommaDelimitedList"},
        "Default": {"Type": "CommaDelimitedList", "Default": "a, b ,c"},
    }
    outputs = {name: {"Value": {"Fn::Join": ["|", {"Ref": name}]}} for name in slots}

    template = {"Resources": {"Topic": TOPIC}, "Parameters": slots, "Outputs": outputs}

    runtime.client("cloudformation").create_stack(
        StackName=stack.name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Given", "ParameterValue": "d , e"}],
    )

    assert (stack.output("Given"), stack.output("Default")) == ("d|e", "a|b|c")


def test_an_export_that_is_imported_neither_goes_nor_changes(
    runtime: LocalRuntime, stack: SmallStack, other: SmallStack
) -> None:
    cloudformation = runtime.client("cloudformation")
    name = f"{stack.name}-value"

    def outputs(value: str) -> dict[str, Any]:
        return {"Value": {"Value": value, "Export": {"Name": name}}}

    stack.create({"Topic": TOPIC}, Outputs=outputs("1"))
    other.create({"Copy": parameter({"Fn::ImportValue": {"Fn::Sub": name}})})

    assert cloudformation.list_imports(ExportName=name)["Imports"] == [other.name]
    used = f"as it is in use by {other.name}"
    assert stack.update({"Topic": TOPIC}) == (
        f"UPDATE_ROLLBACK_COMPLETE Export {name} cannot be deleted {used}"
    )
    assert stack.update({"Topic": TOPIC}, Outputs=outputs("2")) == (
        f"UPDATE_ROLLBACK_COMPLETE Export {name} cannot be updated {used}"
    )
    stack.delete()
    assert stack.described()["StackStatusReason"] == f"Export {name} cannot be deleted {used}"
    other.delete()
    assert stack.update({"Topic": TOPIC}, Outputs=outputs("2")) == "UPDATE_COMPLETE"
    (exported,) = [
        item["Value"] for item in cloudformation.list_exports()["Exports"] if item["Name"] == name
    ]
    assert exported == "2"


def test_a_name_is_exported_once(stack: SmallStack, other: SmallStack) -> None:
    outputs = {"Value": {"Value": "1", "Export": {"Name": f"{stack.name}-once"}}}
    stack.create({"Topic": TOPIC}, Outputs=outputs)

    ended = other.create({"Topic": TOPIC}, Outputs=outputs)

    assert ended.startswith("ROLLBACK_COMPLETE Export with name ")
    assert ended.endswith(f" is already exported by stack {stack.name}")


def test_a_bucket_that_holds_objects_stays(runtime: LocalRuntime, stack: SmallStack) -> None:
    s3 = runtime.client("s3")
    stack.create({"Bucket": {"Type": "AWS::S3::Bucket"}})
    bucket_name = stack.physical_id("Bucket")
    s3.put_object(Bucket=bucket_name, Key="kept", Body=b"")

    stack.delete()

    assert stack.described()["StackStatus"] == "DELETE_FAILED"
    s3.delete_object(Bucket=bucket_name, Key="kept")
    stack.delete()
    with pytest.raises(ClientError):
        s3.head_bucket(Bucket=bucket_name)


def test_retained_but_by_a_creation_that_fails(runtime: LocalRuntime, stack: SmallStack) -> None:
    topic = {**TOPIC, "DeletionPolicy": "RetainExceptOnCreate"}
    stack.create({"Topic": topic})
    arn = stack.physical_id("Topic")

    stack.delete()

    sns = runtime.client("sns")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"] == arn
    sns.delete_topic(TopicArn=arn)
    stack.create({"Topic": topic, "Long": {**parameter("x" * 4097), "DependsOn": "Topic"}})
    arns = [item["TopicArn"] for item in sns.list_topics()["Topics"]]
    assert not [one for one in arns if stack.name in one]
