#!/usr/bin/env bash
# The Data Science SDK's TrainingStep leaves out an estimator's isolation, encryption, variables, retries and checkpoints, without a word.
#
# Versions:  stepfunctions 2.3.0 (the last) with sagemaker 2.257.7, setuptools 80.10.2.
# Behaviour: TrainingStep("Train", estimator) renders what the estimator held when the SDK was last taught: hyperparameters, VPC, spot
#            training, metrics, tags. Dropped are EnableNetworkIsolation, EnableInterContainerTrafficEncryption, Environment,
#            RetryStrategy and CheckpointConfig; estimator.fit() itself would send all five. Reading a misspelt
#            attribute of a step gives None instead of an error, and a Parallel may hold a state of its own name.
# Seen:      kept: EnableManagedSpotTraining, VpcConfig; dropped: CheckpointConfig, EnableInterContainerTrafficEncryption,
#            EnableNetworkIsolation, Environment, RetryStrategy
# Why:       a job that security reviewed as isolated and encrypted runs open when Step Functions starts it, and a spot job starts from
#            nothing after each interruption, for its checkpoints go nowhere. Put the fields back through parameters= of the step, and hold
#            the rendered definition, not the estimator, to the rules.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet stepfunctions==2.3.0 sagemaker==2.257.7 setuptools==80.10.2
cd "$folder"
export AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
printf '%s\n' "SchemaVersion: '1.0'" "SageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}" > settings.yaml
export SAGEMAKER_USER_CONFIG_OVERRIDE="$folder/settings.yaml"
HOME="$folder" "$folder/venv/bin/python" -W ignore - 2> words <<'PYTHON' || { cat words; exit 1; }
import boto3
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from stepfunctions.steps import Chain, Parallel, Pass, TrainingStep
from stepfunctions.workflow import Workflow

session = sagemaker.Session(boto3.Session(), default_bucket="bucket")
estimator = Estimator(
    image_uri="image",
    role="arn:aws:iam::111122223333:role/job",
    instance_count=2,
    instance_type="ml.m5.xlarge",
    sagemaker_session=session,
    subnets=["subnet-1"],
    security_group_ids=["sg-1"],
    use_spot_instances=True,
    max_run=3600,
    max_wait=7200,
    enable_network_isolation=True,
    encrypt_inter_container_traffic=True,
    environment={"LOG_LEVEL": "debug"},
    max_retry_attempts=3,
    output_path="s3://bucket/models",
    checkpoint_s3_uri="s3://bucket/checkpoints",
)
channel = TrainingInput("s3://bucket/train")
step = TrainingStep("Train", estimator=estimator, job_name="job", data={"train": channel})
rendered = step.to_dict()["Parameters"]

sent = {}
session._intercept_create_request = lambda request, create, name: sent.update(request)
estimator.fit({"train": channel}, wait=False, job_name="job")

dropped = sorted(set(sent) - set(rendered) - {"ProfilerConfig", "ProfilerRuleConfigurations"})
print("kept:", ", ".join(sorted({"EnableManagedSpotTraining", "VpcConfig"} & set(rendered))))
print("dropped:", ", ".join(dropped))
assert dropped == [
    "CheckpointConfig",
    "EnableInterContainerTrafficEncryption",
    "EnableNetworkIsolation",
    "Environment",
    "RetryStrategy",
]
assert step.retrys is None, "changed: a misspelt attribute is noticed"

parallel = Parallel("Train both")
parallel.add_branch(Pass("Train both"))
client = boto3.client("stepfunctions")
machine = Workflow("machine", Chain([parallel]), role="role", client=client).definition.to_dict()
assert list(machine["States"]["Train both"]["Branches"][0]["States"]) == ["Train both"]
print("one name in two scopes: rendered")
PYTHON
