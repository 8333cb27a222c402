"""What CloudFormation gives a template by itself."""

from typing import Final

PSEUDO_PARAMETERS: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "pipeline",
    "AWS::URLSuffix": "amazonaws.com",
}
