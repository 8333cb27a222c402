"""Small training jobs in the emulated account, and how their ends are waited for."""

import io
import tarfile
import time
import uuid
from typing import Any

import numpy as np

from emulated.images import SKLEARN_URI, XGBOOST_URI
from emulated.roles import made_role
from pocketaws.runtime import LocalRuntime

BUCKET = "small-jobs"
_SECONDS = 120


def bucket(runtime: LocalRuntime) -> Any:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


def csv_rows(count: int, seed: int = 1) -> bytes:
    """Rows whose label is three times the first of two features."""
    table = np.random.default_rng(seed).normal(size=(count, 2)).round(3)
    return "".join(f"{3 * a:.3f},{a},{b}\n" for a, b in table).encode()


def channel(runtime: LocalRuntime, name: str, content: bytes) -> dict[str, Any]:
    key = f"{uuid.uuid4()}/{name}/data.csv"
    bucket(runtime).put_object(Bucket=BUCKET, Key=key, Body=content)
    uri = f"s3://{BUCKET}/{key.rpartition('/')[0]}"
    return {
        "ChannelName": name,
        "ContentType": "text/csv",
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
    }


def definition(runtime: LocalRuntime, *, image_uri: str = XGBOOST_URI) -> dict[str, Any]:
    """What a training job and a tuning job's definition have in common."""
    channels = [
        channel(runtime, name, csv_rows(60, seed))
        for seed, name in enumerate(("train", "validation"))
    ]
    return {
        "AlgorithmSpecification": {"TrainingImage": image_uri, "TrainingInputMode": "File"},
        "RoleArn": made_role(runtime, "trains"),
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 1,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def script_definition(runtime: LocalRuntime, source: str) -> dict[str, Any]:
    """A training job's request without its name: a script on the scikit-learn image."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("train.py")
        member.size = len(source.encode())
        archive.addfile(member, io.BytesIO(source.encode()))
    key = f"{uuid.uuid4()}/sourcedir.tar.gz"
    bucket(runtime).put_object(Bucket=BUCKET, Key=key, Body=buffer.getvalue())
    # As the SDK writes them: each in JSON.
    hyperparameters = {
        "sagemaker_program": '"train.py"',
        "sagemaker_submit_directory": f'"s3://{BUCKET}/{key}"',
    }
    return {**definition(runtime, image_uri=SKLEARN_URI), "HyperParameters": hyperparameters}


def ended(describe: Any, status: str, **name: str) -> dict[str, Any]:
    """Wait until a job has ended and return its description."""
    deadline = time.monotonic() + _SECONDS
    while (found := describe(**name))[status] in ("InProgress", "Stopping"):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return dict(found)
