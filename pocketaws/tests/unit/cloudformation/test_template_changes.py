"""What a change set would change."""

from typing import Any

from pocketaws.cloudformation.template_changes import (
    EvaluatedTemplate,
    ResourceChange,
    resource_changes,
)

TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Title"}}}
POLICY = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [{"Ref": "Topic"}]}}
QUEUE = {"Type": "AWS::SQS::Queue", "Condition": "Queued"}


def resolved(*, title: str = "news", queued: bool = False, **resources: Any) -> EvaluatedTemplate:
    return EvaluatedTemplate(
        {"Topic": TOPIC, "Queue": QUEUE, **resources}, {"Title": title}, {"Queued": queued}
    )


def test_what_is_as_before_is_not_listed() -> None:
    assert resource_changes(resolved(), resolved()) == []


def test_another_value_of_a_parameter_modifies_what_speaks_of_it() -> None:
    changes = resource_changes(resolved(), resolved(title="old news"))

    assert changes == [ResourceChange("Modify", "Topic", "AWS::SNS::Topic")]


def test_what_refers_to_something_modified_is_modified_too() -> None:
    changes = resource_changes(resolved(Policy=POLICY), resolved(Policy=POLICY, title="old news"))

    assert [change.logical_resource_id for change in changes] == ["Topic", "Policy"]


def test_a_condition_that_holds_now_adds_its_resource() -> None:
    changes = resource_changes(resolved(), resolved(queued=True))

    assert changes == [ResourceChange("Add", "Queue", "AWS::SQS::Queue")]


def test_a_condition_inside_a_property_modifies_its_resource() -> None:
    name = {"Fn::If": ["Queued", "with-queue", "alone"]}
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": name}}

    changes = resource_changes(resolved(Bus=bus), resolved(Bus=bus, queued=True))

    assert ResourceChange("Modify", "Bus", "AWS::Events::EventBus") in changes


def test_what_has_left_the_template_is_removed() -> None:
    changes = resource_changes(resolved(Policy=POLICY), resolved())

    assert changes == [ResourceChange("Remove", "Policy", "AWS::SNS::TopicPolicy")]
