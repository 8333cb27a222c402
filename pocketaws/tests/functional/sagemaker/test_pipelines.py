"""Models of several containers: a script's first, then XGBoost's, called in turn."""

import json
import uuid
from typing import Any

import pytest

from emulated.images import SKLEARN_URI, XGBOOST_URI
from emulated.roles import made_role
from emulated.serving import Account, artifact, booster, predicted
from pocketaws.runtime import LocalRuntime

# Doubles its numbers; a word that it does not know fails.
SCRIPT = """
import json, os

def model_fn(model_dir):
    return json.loads(open(os.path.join(model_dir, "factor.json")).read())

def input_fn(body, content_type):
    assert content_type == "text/plain", content_type
    return [[float(word) for word in line.split()] for line in body.decode().splitlines()]

def predict_fn(rows, factor):
    return [[factor * value for value in row] for row in rows]

def output_fn(rows, accept):
    return "\\n".join(",".join(map(str, row)) for row in rows), "text/csv"
"""
MODEL = booster()


@pytest.fixture(scope="module")
def account(runtime: LocalRuntime) -> Account:
    return Account(runtime)


def stages(account: Account) -> list[dict[str, Any]]:
    script = {
        "Image": SKLEARN_URI,
        "ModelDataUrl": account.artifact_uri(artifact(json.dumps(2).encode(), "factor.json")),
        "Environment": {
            "SAGEMAKER_PROGRAM": "prepare.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": account.artifact_uri(
                artifact(SCRIPT.encode(), "prepare.py")
            ),
        },
    }
    content = artifact(bytes(MODEL.save_raw(raw_format="ubj")))
    return [script, {"Image": XGBOOST_URI, "ModelDataUrl": account.artifact_uri(content)}]


def created(account: Account, containers: list[dict[str, Any]]) -> str:
    name = f"pipeline-{uuid.uuid4().hex[:8]}"
    account.sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=made_role(account.runtime, "serves"),
        Containers=containers,
    )
    return name


def test_containers_are_called_in_turn(account: Account) -> None:
    endpoint = account.endpoint(created(account, stages(account)))
    invoke = account.runtime.client("sagemaker-runtime").invoke_endpoint

    answered = invoke(
        EndpointName=endpoint,
        Body=b"0.25 -0.5 1 0\n1 1 1 1",
        ContentType="text/plain",
        Accept="text/csv",
    )
    found = [float(text) for text in answered["Body"].read().decode().replace(",", " ").split()]

    assert found == pytest.approx(predicted(MODEL, "0.5,-1,2,0\n2,2,2,2"), abs=1e-6)
    with pytest.raises(account.runtime.client("sagemaker-runtime").exceptions.ModelError):
        invoke(EndpointName=endpoint, Body=b"one", ContentType="text/plain")


def test_a_script_that_does_not_load_fails_the_endpoint(account: Account) -> None:
    script, xgboost = stages(account)
    script["Environment"] = {**script["Environment"], "SAGEMAKER_PROGRAM": "none.py"}

    endpoint = account.endpoint(created(account, [script, xgboost]))

    told = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert told["EndpointStatus"] == "Failed"
    assert "there is no script 'none.py'" in told["FailureReason"]
