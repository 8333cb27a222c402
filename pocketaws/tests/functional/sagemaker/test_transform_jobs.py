"""Batch transform, row by row."""

import uuid
from typing import Any

import numpy as np
import pytest
import xgboost as xgb
from botocore.exceptions import ClientError

from emulated.serving import BUCKET, FEATURES, Account, booster
from emulated.training_jobs import ended
from pocketaws.runtime import LocalRuntime

MODEL = booster()
TABLE = np.random.default_rng(5).normal(size=(7, FEATURES)).round(3)
LINES = [",".join(str(value) for value in row) for row in TABLE]
PREDICTED = MODEL.predict(xgb.DMatrix(TABLE)).tolist()


@pytest.fixture(scope="module")
def account(runtime: LocalRuntime) -> Account:
    return Account(runtime)


@pytest.fixture(scope="module")
def model_name(account: Account) -> str:
    return account.model(MODEL)


def transformed(
    account: Account,
    model_name: str,
    objects: dict[str, str],
    *,
    output: dict[str, Any] | None = None,
    given: dict[str, Any] | None = None,
    **more: Any,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Run a job over objects; return its description and what it wrote, by name."""
    s3, folder = account.runtime.client("s3"), uuid.uuid4().hex
    for name, text in objects.items():
        s3.put_object(Bucket=BUCKET, Key=f"{folder}/in/{name}", Body=text.encode())
    name = f"transform-{folder[:8]}"
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{folder}/in/"}
    account.sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName=model_name,
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
            **(given or {}),
        },
        TransformOutput={
            "S3OutputPath": f"s3://{BUCKET}/{folder}/out",
            "AssembleWith": "Line",
            "Accept": "text/csv",
            **(output or {}),
        },
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **more,
    )
    described = ended(
        account.sagemaker.describe_transform_job, "TransformJobStatus", TransformJobName=name
    )
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/out/").get("Contents", [])
    written = {
        item["Key"].partition("/out/")[2]: s3.get_object(Bucket=BUCKET, Key=item["Key"])["Body"]
        .read()
        .decode()
        for item in listed
    }
    return described, written


def numbers(text: str) -> list[list[float]]:
    return [[float(field) for field in line.split(",")] for line in text.splitlines()]


@pytest.mark.parametrize("strategy", ["MultiRecord", "SingleRecord"])
def test_each_row_gets_its_prediction(account: Account, model_name: str, strategy: str) -> None:
    objects = {"a.csv": "\n".join(LINES[:4]) + "\n", "deeper/b.csv": "\n".join(LINES[4:])}

    described, written = transformed(account, model_name, objects, BatchStrategy=strategy)

    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    assert set(written) == {"a.csv.out", "deeper/b.csv.out"}
    found = [value for row in numbers(written["a.csv.out"]) for value in row]
    found += [value for row in numbers(written["deeper/b.csv.out"]) for value in row]
    assert found == pytest.approx(PREDICTED, abs=1e-6)


def test_filters_and_join_keep_what_they_name(account: Account, model_name: str) -> None:
    rows = [f"id-{index},{line}" for index, line in enumerate(LINES)]

    described, written = transformed(
        account,
        model_name,
        {"a.csv": "\n".join(rows)},
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )

    assert described["TransformJobStatus"] == "Completed", described.get("FailureReason")
    found = [line.split(",") for line in written["a.csv.out"].splitlines()]
    assert [name for name, _ in found] == [f"id-{index}" for index in range(7)]
    assert [float(value) for _, value in found] == pytest.approx(PREDICTED, abs=1e-6)


def test_a_record_that_the_container_refuses_fails_the_job(
    account: Account, model_name: str
) -> None:
    described, written = transformed(
        account, model_name, {"a.csv": LINES[0]}, given={"ContentType": "image/png"}
    )

    assert described["TransformJobStatus"] == "Failed"
    assert described["FailureReason"] == "ClientError: See job logs for more information"
    assert written == {}


def test_a_model_that_is_not_there_is_refused(account: Account) -> None:
    with pytest.raises(ClientError, match="Could not find model"):
        transformed(account, "no-such-model", {"a.csv": LINES[0]})


def test_a_filter_that_is_no_path_is_refused(account: Account, model_name: str) -> None:
    with pytest.raises(ClientError, match="is no JSONPath that a transform job"):
        transformed(account, model_name, {"a.csv": ""}, DataProcessing={"InputFilter": "$[?(@.x)]"})
