"""endpoint.yaml deployed to the local runtime, for tests of what becomes of it."""

import json
import uuid
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from emulated.serving import BUCKET, FEATURES, ROW, Account, booster, predicted
from pocketaws.cloudformation.deploy import Stack
from pocketaws.errors import DeploymentError
from pocketaws.runtime import LocalRuntime
from tests.conftest import PROJECT_DIR
from tests.pages import read_all

IMAGE_URI = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
TEMPLATE_PATH = PROJECT_DIR / "endpoint.yaml"
FIRST, SECOND = booster(), booster(-5.0)
CLOSE = 1e-6
PARAMETERS = {
    "ModelName": "model-name",
    "ModelRoleName": "model-role-name",
    "WorkflowBucketName": "bucket-name",
    "StateMachineArn": "state-machine-arn",
    "TopicArn": "topic-arn",
    "JobScriptsUri": "job-scripts-uri",
    "MonitorImageUri": "processing-image-uri",
    "ContainerPolicyArn": "container-policy-arn",
}


def made_policy(runtime: LocalRuntime, name: str) -> str:
    """Make a managed policy that allows nothing that matters here, and return its ARN."""
    statement = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = runtime.client("iam").create_policy(PolicyName=name, PolicyDocument=document)
    return str(made["Policy"]["Arn"])


class EndpointStack:
    """A stack of endpoint.yaml, and the parameters of Parameter Store that it reads."""

    def __init__(self, runtime: LocalRuntime) -> None:
        self.runtime = runtime
        self.account = Account(runtime)
        self.name = f"serving-{uuid.uuid4().hex[:8]}"
        values = {
            "model-role-name": "serves",
            "bucket-name": BUCKET,
            "state-machine-arn": "arn:aws:states:us-east-1:123456789012:stateMachine:none",
            "job-scripts-uri": f"s3://{BUCKET}/jobs/0/",
            "processing-image-uri": IMAGE_URI,
            "container-policy-arn": made_policy(runtime, self.name),
            "topic-arn": runtime.client("sns").create_topic(Name=self.name)["TopicArn"],
        }
        for name, value in values.items():
            self.put(name, value)

    def put(self, name: str, value: str) -> None:
        self.runtime.client("ssm").put_parameter(
            Name=f"/{self.name}/{name}", Value=value, Type="String", Overwrite=True
        )

    def record(
        self, content: xgb.Booster | bytes, *, answers_of: xgb.Booster = FIRST, **environment: str
    ) -> str:
        """Record a new model, with known answers, and return its name."""
        base = f"{self.name}-{uuid.uuid4().hex[:6]}"
        name = self.account.model(content, f"{base}-0123abcd", **environment)
        table = np.random.default_rng(3).normal(size=(5, FEATURES)).round(3)
        answers = answers_of.predict(xgb.DMatrix(table)).tolist()
        rows = [
            {"features": features, "predicted": prediction}
            for features, prediction in zip(table.tolist(), answers, strict=True)
        ]
        document = {"columns": list("abcd"), "rows": rows}
        self.runtime.client("s3").put_object(
            Bucket=BUCKET, Key=f"evaluation/{base}/known-answers.json", Body=json.dumps(document)
        )
        self.put("model-name", name)
        return name

    def deploy(self, **parameters: str) -> Stack:
        names = {key: f"/{self.name}/{value}" for key, value in PARAMETERS.items()}
        return self.runtime.deploy(
            TEMPLATE_PATH,
            stack_name=self.name,
            parameters={**names, "EndpointName": self.name, **parameters},
        )

    def refusal(self, **parameters: str) -> str:
        with pytest.raises(DeploymentError) as refused:
            self.deploy(**parameters)
        return str(refused.value)

    def described(self) -> dict[str, Any]:
        (stack,) = self.runtime.client("cloudformation").describe_stacks(StackName=self.name)[
            "Stacks"
        ]
        return dict(stack)

    def endpoint(self) -> dict[str, Any]:
        told: dict[str, Any] = self.account.sagemaker.describe_endpoint(EndpointName=self.name)
        return told

    def served_model(self) -> str:
        config = self.account.sagemaker.describe_endpoint_config(
            EndpointConfigName=self.endpoint()["EndpointConfigName"]
        )
        name: str = config["ProductionVariants"][0]["ModelName"]
        return name

    def serves(self, model: xgb.Booster) -> bool:
        expected = pytest.approx(predicted(model, ROW), abs=CLOSE)
        return self.account.invoke(self.name) == expected

    def events(self) -> list[str]:
        """Tell what became of what in the last deployment, in order."""
        listed = read_all(
            self.runtime.client("cloudformation"), "describe_stack_events", StackName=self.name
        )
        told = []
        for event in listed["StackEvents"]:
            told.append(f"{event['LogicalResourceId']} {event['ResourceStatus']}")
            if told[-1] == f"{self.name} UPDATE_IN_PROGRESS":
                break
        return [text.replace(self.name, "stack") for text in reversed(told)]

    def delete(self) -> None:
        self.runtime.client("cloudformation").delete_stack(StackName=self.name)
