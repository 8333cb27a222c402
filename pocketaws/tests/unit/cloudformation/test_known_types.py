"""Which resource types CloudFormation may have."""

import pytest

from emulated import known_types as written
from pocketaws.cloudformation import known_types
from pocketaws.cloudformation.template_rules import rule_problems


def test_the_types_are_those_of_the_registry() -> None:
    """If not, write them anew: `python -m emulated.known_types`."""
    assert known_types.PATH.read_text(encoding="utf-8") == written.written()


@pytest.mark.parametrize(
    ("resource_type", "is_known"),
    [
        ("AWS::S3::Bucket", True),
        ("AWS::CodePipeline::Pipeline", True),
        ("AWS::Serverless::Function", True),
        ("AWS::CloudFormation::CustomResource", True),
        ("Custom::SmokeTest", True),
        ("Own::Kind::Of::MODULE", True),
        ("AWS::S3::Buckt", False),
        ("AWS::s3::Bucket", False),
        ("AWS::S3", False),
    ],
)
def test_a_type_of_aws_is_one_that_there_is(resource_type: str, *, is_known: bool) -> None:
    assert known_types.is_known(resource_type) == is_known


def test_every_unknown_type_of_a_template_is_told() -> None:
    template = {
        "Resources": {
            "A": {"Type": "AWS::S3::Buckt"},
            "B": {"Type": "AWS::S3::Bucket"},
            "C": {"Type": "AWS::Lamda::Function"},
        }
    }

    assert list(rule_problems(template)) == [
        "Template format error: Unrecognized resource types: [AWS::Lamda::Function, AWS::S3::Buckt]"
    ]
