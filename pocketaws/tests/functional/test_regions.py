"""A runtime in another region and partition: its ARNs, its keys, and what templates say of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import pocketaws

PACKAGES_DIR = Path(pocketaws.__file__).parents[1]
REGION = "cn-northwest-1"
TEMPLATE = """
Mappings:
  Place: {cn-northwest-1: {Name: Ningxia}}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Reads:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Action: s3:GetObject
          Resource: !Sub arn:${AWS::Partition}:s3:::${Bucket}/read/*
  Reader:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns:
        - !Ref Reads
        - !Sub arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          Effect: Allow
          Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}
          Action: sts:AssumeRole
Outputs:
  BucketName: {Value: !Ref Bucket}
  BucketArn: {Value: !GetAtt Bucket.Arn}
  RoleArn: {Value: !GetAtt Reader.Arn}
  Place: {Value: !FindInMap [Place, !Ref AWS::Region, Name]}
  Suffix: {Value: !Ref AWS::URLSuffix}
"""
SCRIPT = """
import json, sys, urllib.request
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from pocketaws import LocalRuntime

def refusal(call, **request):
    try:
        call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]

told = {}
with LocalRuntime(region=sys.argv[2]) as runtime:
    outputs = runtime.deploy(Path(sys.argv[1]), stack_name="away").outputs
    bucket = outputs["BucketName"]
    s3 = runtime.client("s3")
    for key in ("read/a", "b", "open"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"text")
    session = runtime.client("sts").assume_role(RoleArn=outputs["RoleArn"], RoleSessionName="away")
    keys = session["Credentials"]
    given = {"aws_access_key_id": keys["AccessKeyId"], "aws_session_token": keys["SessionToken"],
             "aws_secret_access_key": keys["SecretAccessKey"]}
    role = boto3.client("s3", **given)
    told["read"] = role.get_object(Bucket=bucket, Key="read/a")["Body"].read().decode()
    told["refused"] = refusal(role.get_object, Bucket=bucket, Key="b")
    told["caller"] = boto3.client("sts", **given).get_caller_identity()["Arn"]
    told["administrator"] = runtime.client("sts").get_caller_identity()["Arn"]
    for region in ("cn-north-1", "eu-west-1"):
        client = boto3.client("sns", region_name=region)
        told[region] = refusal(client.list_topics)
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*",
        "Action": "s3:GetObject", "Resource": outputs["BucketArn"] + "/open"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    with urllib.request.urlopen(f"{runtime.endpoint_url}/{bucket}/open") as answer:
        told["unsigned"] = answer.read().decode()
print(json.dumps({**told, **outputs}))
"""


def run(*arguments: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(PACKAGES_DIR),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("region")
    path = folder / "template.yaml"
    path.write_text(TEMPLATE)
    done = run("-c", SCRIPT, str(path), REGION, tmp_path=folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_stack_is_in_the_regions_partition(told: dict[str, Any]) -> None:
    assert told["BucketArn"] == f"arn:aws-cn:s3:::{told['BucketName']}"
    assert told["RoleArn"].startswith("arn:aws-cn:iam::123456789012:role/")
    assert (told["Place"], told["Suffix"]) == ("Ningxia", "amazonaws.com.cn")


def test_policies_of_the_partition_decide(told: dict[str, Any]) -> None:
    assert (told["read"], told["refused"]) == ("text", "AccessDenied")
    assert told["caller"].startswith("arn:aws-cn:sts::123456789012:assumed-role/")
    assert told["administrator"] == "arn:aws-cn:iam::123456789012:user/local"
    assert told["unsigned"] == "text"


def test_the_accounts_keys_are_unknown_in_other_partitions(told: dict[str, Any]) -> None:
    assert told["cn-north-1"] is None
    assert told["eu-west-1"] == "InvalidClientTokenId"


def test_a_region_that_the_template_does_not_map_is_refused_as_cloudformation_does(
    tmp_path: Path,
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    arguments = ("run", str(path), "--stack-name", "away", "--region", "eu-west-1")

    done = run("-m", "pocketaws", *arguments, tmp_path=tmp_path)

    assert done.returncode == 1
    assert "Template error: Unable to get mapping for Place::eu-west-1::Name" in done.stderr


@pytest.mark.parametrize("command", ["run", "up"])
def test_a_region_that_there_is_not_is_refused_before_anything_starts(
    tmp_path: Path, command: str
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)

    done = run("-m", "pocketaws", command, str(path), "--region", "eu-wset-1", tmp_path=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert "--region 'eu-wset-1': AWS has no such region; name one that it has" in done.stderr
    assert "eu-west-1" in done.stderr


def test_run_deploys_and_executes_in_another_partition(tmp_path: Path) -> None:
    orders = str(Path(__file__).parent / "orders")
    arguments = ("--input", '{"orders": [3]}', "--result", "result.json", "--region", REGION)

    done = run("-m", "pocketaws", "run", orders, *arguments, tmp_path=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["output"] == ["dev: 30"]
    arn = f"arn:aws-cn:states:{REGION}:123456789012:execution:Orders-dev:"
    assert result["executionArn"].startswith(arn)
