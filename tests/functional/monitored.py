"""A monitored endpoint of the project's template, and how the tests fill what it captured."""

import datetime
import io
import json
import tarfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

from emulated.images import XGBOOST_URI
from emulated.roles import made_role
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.sagemaker.endpoints.data_capture import Event, Payload, capture_key, capture_line

PROJECT_DIR = Path(__file__).parents[2]
SAMPLE_PATH = PROJECT_DIR / "data" / "abalone-sample.csv"
ANALYZER_URI = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
COLUMNS = (
    *("rings", "length", "diameter", "height", "whole_weight", "shucked_weight"),
    *("viscera_weight", "shell_weight", "sex_F", "sex_I", "sex_M"),
)
BUCKET_NAME = "monitored"
BASELINE_URI = f"s3://{BUCKET_NAME}/monitoring/sample/"
# The label, then the features as the endpoint takes them.
Row = tuple[float, ...]


def sample_rows() -> list[Row]:
    """Return the sample, encoded as preprocessing encodes it."""
    lines = SAMPLE_PATH.read_text("utf-8").splitlines()
    return [_encoded(line.split(",")) for line in lines]


def _encoded(cells: Sequence[str]) -> Row:
    sex, *numbers, rings = cells
    return (float(rings), *map(float, numbers), *(float(sex == one) for one in "FIM"))


def longer(rows: Sequence[Row], *, factor: float) -> list[Row]:
    """Return rows whose length is another."""
    return [(row[0], row[1] * factor, *row[2:]) for row in rows]


def csv_text(rows: Sequence[Row]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@dataclass(frozen=True)
class Monitored:
    """The stack in its runtime."""

    runtime: LocalRuntime
    stack: Stack
    name: str
    machine_arn: str
    topic_arn: str

    @property
    def schedule_name(self) -> str:
        return f"{self.name}-data-quality"

    def capture(self, rows: Sequence[Row], *, inference_ids: Sequence[str] = ()) -> None:
        """Put rows where the endpoint would have written them: each a call, just answered."""
        time = datetime.datetime.now(tz=datetime.UTC)
        events = [
            Event(str(uuid.uuid4()), time, inference_ids[index] if inference_ids else None)
            for index in range(len(rows))
        ]
        lines = [
            capture_line(
                Payload(",".join(map(str, row[1:])).encode(), "text/csv"),
                Payload(f"{row[0]}\n".encode(), "text/csv; charset=utf-8"),
                event,
            )
            for row, event in zip(rows, events, strict=True)
        ]
        key = f"capture/{capture_key(self.name, 'AllTraffic', events[0])}"
        self.put(key, "".join(lines))

    def put(self, key: str, text: str) -> None:
        self.runtime.client("s3").put_object(
            Bucket=self.stack.outputs["CaptureBucketName"], Key=key, Body=text.encode()
        )

    def report(self, uri: str, name: str) -> Any:
        bucket_name, _, key = uri.removeprefix("s3://").partition("/")
        body = self.runtime.client("s3").get_object(Bucket=bucket_name, Key=f"{key}/{name}")
        return json.load(body["Body"])

    def alarm_state(self) -> str:
        """The state of the stack's alarm on drift."""
        name = self.stack.resources["FeatureDriftAlarm"]
        described = self.runtime.client("cloudwatch").describe_alarms(AlarmNames=[name])
        return str(described["MetricAlarms"][0]["StateValue"])

    def messages(self) -> list[str]:
        """The texts of the messages about this endpoint's drift."""
        return [
            message.text
            for message in self.runtime.messages()
            if message.topic_arn == self.topic_arn
        ]

    def retrainings(self) -> list[str]:
        """The names of the executions that drift started."""
        listed = self.runtime.client("stepfunctions").list_executions(
            stateMachineArn=self.machine_arn
        )
        return [item["name"] for item in listed["executions"]]


def prepare(runtime: LocalRuntime) -> dict[str, str]:
    """Make what the endpoint's stack finds in Parameter Store; return the parameters' values."""
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=BUCKET_NAME)
    s3.put_object(Bucket=BUCKET_NAME, Key="training/model.tar.gz", Body=_artifact())
    role_arn = made_role(runtime, "monitored")
    runtime.client("sagemaker").create_model(
        ModelName="monitored-12345678",
        ExecutionRoleArn=role_arn,
        PrimaryContainer={
            "Image": XGBOOST_URI,
            "ModelDataUrl": f"s3://{BUCKET_NAME}/training/model.tar.gz",
        },
    )
    return {
        "model-name": "monitored-12345678",
        "model-role-name": "monitored",
        "bucket-name": BUCKET_NAME,
        "role-arn": role_arn,
    }


def deploy(runtime: LocalRuntime, values: dict[str, str], name: str, **more: str) -> Monitored:
    """Deploy the endpoint's stack under a name, with a topic and a machine of its own."""
    definition = {"StartAt": "Train", "States": {"Train": {"Type": "Pass", "End": True}}}
    machine_arn = runtime.client("stepfunctions").create_state_machine(
        name=f"{name}-workflow", definition=json.dumps(definition), roleArn=values["role-arn"]
    )["stateMachineArn"]
    topic_arn = runtime.client("sns").create_topic(Name=f"{name}-messages")["TopicArn"]
    ssm = runtime.client("ssm")
    stored = {**values, "state-machine-arn": machine_arn, "topic-arn": topic_arn}
    for key, value in stored.items():
        ssm.put_parameter(Name=f"/{name}/{key}", Value=value, Type="String")
    stack = deployed_stack(runtime, name, **more)
    return Monitored(runtime, stack, name, machine_arn, topic_arn)


def deployed_stack(runtime: LocalRuntime, name: str, **more: str) -> Stack:
    """Create or update the endpoint's stack."""
    return runtime.deploy(
        PROJECT_DIR / "endpoint.yaml",
        stack_name=f"{name}-stack",
        parameters={
            "ModelName": f"/{name}/model-name",
            "ModelRoleName": f"/{name}/model-role-name",
            "WorkflowBucketName": f"/{name}/bucket-name",
            "StateMachineArn": f"/{name}/state-machine-arn",
            "TopicArn": f"/{name}/topic-arn",
            "EndpointName": name,
            "RunSmokeTest": "false",
            "CaptureSamplingPercentage": "100",
            "MonitorDataQuality": "true",
            "BaselineUri": BASELINE_URI,
            **more,
        },
    )


def baseline_request(role_arn: str, **changes: Any) -> dict[str, Any]:
    """Return a processing job that makes a baseline of training data."""
    source = {
        "S3Uri": f"s3://{BUCKET_NAME}/training/rows/",
        "LocalPath": "/opt/ml/processing/input/data",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {
        "ProcessingJobName": f"baseline-{uuid.uuid4()}",
        "ProcessingInputs": [{"InputName": "data", "S3Input": source}],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "baseline",
                    "S3Output": {
                        "S3Uri": BASELINE_URI.rstrip("/"),
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 20,
            }
        },
        "AppSpecification": {"ImageUri": ANALYZER_URI},
        "Environment": {
            "dataset_format": '{"csv": {"header": true}}',
            "dataset_source": "/opt/ml/processing/input/data",
            "output_path": "/opt/ml/processing/output",
            "publish_cloudwatch_metrics": "Disabled",
        },
        "RoleArn": role_arn,
        **changes,
    }


def finished(runtime: LocalRuntime, request: dict[str, Any]) -> dict[str, Any]:
    """Run a processing job and return its description."""
    sagemaker = runtime.client("sagemaker")
    sagemaker.create_processing_job(**request)
    for job in runtime.jobs:
        if job.name == request["ProcessingJobName"]:
            job.ended.wait(60)
    described: dict[str, Any] = sagemaker.describe_processing_job(
        ProcessingJobName=request["ProcessingJobName"]
    )
    return described


def _artifact() -> bytes:
    """Return a model.tar.gz of a small booster."""
    table = np.array([row[1:] for row in sample_rows()[:200]])
    labels = [row[0] for row in sample_rows()[:200]]
    booster = xgb.train({"nthread": 1}, xgb.DMatrix(table, label=labels), 2)
    content, archive = bytes(booster.save_raw("ubj")), io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("xgboost-model")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()
