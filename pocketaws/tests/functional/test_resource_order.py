"""The order in which a stack's resources are made."""

from pathlib import Path

from pocketaws.runtime import LocalRuntime

TEMPLATE = """
Conditions:
  Never: !Equals [a, b]
Resources:
  Reader:
    Type: AWS::SSM::Parameter
    Properties: {Name: /in-order/topic, Type: String, Value: !Ref Named}
  Named:
    Type: AWS::SNS::Topic
    DependsOn: [Before, Nowhere]
  Before:
    Type: AWS::SQS::Queue
  Nowhere:
    Type: AWS::SQS::Queue
    Condition: Never
    DependsOn: Before
"""


def test_what_a_resource_depends_on_is_made_first_where_another_refers_to_it_too(
    pocketaws_runtime: LocalRuntime, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    pocketaws_runtime.deploy(path, stack_name="in-order")
    cloudformation = pocketaws_runtime.client("cloudformation")
    events = cloudformation.describe_stack_events(StackName="in-order")["StackEvents"]
    cloudformation.delete_stack(StackName="in-order")

    made = [
        event["LogicalResourceId"]
        for event in reversed(events)
        if event["ResourceStatus"] == "CREATE_COMPLETE" and event["LogicalResourceId"] != "in-order"
    ]
    assert made == ["Before", "Named", "Reader"]
