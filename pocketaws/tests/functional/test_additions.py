"""An image and a permission that the emulator does not know by itself, in a runtime of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import json
import sys
from pathlib import Path

from pocketaws import LocalRuntime, additions_beside
import boto3

version = "2012-10-17"
trust = {"Version": version, "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "sagemaker.amazonaws.com", "AWS": "arn:aws:iam::123456789012:root"}}}
allowed = {"Version": version, "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
     "Resource": "arn:aws:secretsmanager:us-east-1:123456789012:secret:open-*"}]}
with LocalRuntime(additions=additions_beside(Path(sys.argv[1]))) as runtime:
    iam, s3 = runtime.client("iam"), runtime.client("s3")
    made = iam.create_role(RoleName="own-jobs", AssumeRolePolicyDocument=json.dumps(trust))
    role = made["Role"]["Arn"]
    iam.put_role_policy(RoleName="own-jobs", PolicyName="p", PolicyDocument=json.dumps(allowed))
    s3.create_bucket(Bucket="scripts")
    s3.put_object(Bucket="scripts", Key="s/x.py", Body=b"print('my own')")
    sagemaker = runtime.client("sagemaker")
    sagemaker.create_processing_job(
        ProcessingJobName="mine",
        RoleArn=role,
        AppSpecification={
            "ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-scripts:1.0",
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/x.py"]},
        ProcessingInputs=[{"InputName": "code", "S3Input": {"S3Uri": "s3://scripts/s/",
            "LocalPath": "/opt/ml/processing/input/code", "S3DataType": "S3Prefix",
            "S3InputMode": "File"}}],
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1,
            "InstanceType": "ml.t3.medium", "VolumeSizeInGB": 1}})
    runtime.jobs[0].ended.wait(30)
    secrets = runtime.client("secretsmanager")
    for name in ("open", "closed"):
        secrets.create_secret(Name=name, SecretString=name)
    assumed = runtime.client("sts").assume_role(RoleArn=role, RoleSessionName="asking")
    session = assumed["Credentials"]
    asking = boto3.client("secretsmanager", region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"])
    def ask(name):
        try:
            return asking.get_secret_value(SecretId=name)["SecretString"]
        except asking.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
    described = sagemaker.describe_processing_job(ProcessingJobName="mine")
    print(json.dumps([described["ProcessingJobStatus"], ask("open"), ask("closed")]))
"""
ADDED = """
[[image]]
repository = "my-scripts"
tags = ["1.0"]
stands_for = "sagemaker-scikit-learn"

[[need]]
call = "secretsmanager:GetSecretValue"
action = "secretsmanager:GetSecretValue"
resource = "arn:{partition}:secretsmanager:{region}:{account}:secret:{SecretId}-*"
"""


def test_a_job_of_an_own_image_runs_and_a_need_decides_by_its_resource(tmp_path: Path) -> None:
    (tmp_path / "pocketaws.toml").write_text(ADDED, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    found: list[Any] = json.loads(done.stdout) if done.returncode == 0 else [done.stderr]
    assert found == ["Completed", "open", "AccessDeniedException"]
