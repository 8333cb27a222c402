"""What goes into the emulated bucket before an execution, and what comes out of it after."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workflow.laptop import recorded_model
from workflow.laptop.input_data import InputObject

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

_INPUT_PREFIX: Final = "input/"
_PUBLIC_KEY: Final = "datasets/tabular/uci_abalone/abalone.csv"
# What an execution leaves in the bucket; the rest is its input and the job scripts.
_RESULT_PREFIXES: Final = ("preprocessing/", "training/", "evaluation/")


def put_input_data(
    runtime: "LocalRuntime", bucket_name: str, objects: Sequence[InputObject]
) -> str:
    """Put the user's data into the stack's bucket and return its URI."""
    for item in objects:
        runtime.client("s3").upload_file(str(item.path), bucket_name, _INPUT_PREFIX + item.name)
    return f"s3://{bucket_name}/{_INPUT_PREFIX}"


def put_sample(runtime: "LocalRuntime", path: Path) -> str:
    """Put the sample where the stack's default names the public object, and return its URI."""
    bucket_name = f"sagemaker-example-files-prod-{runtime.region}"
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=bucket_name)
    s3.upload_file(str(path), bucket_name, _PUBLIC_KEY)
    return f"s3://{bucket_name}/{_PUBLIC_KEY}"


def take_files(runtime: "LocalRuntime", bucket_name: str, files_dir: Path) -> None:
    """Copy what the execution left in the bucket, and the jobs' logs, to a folder."""
    s3 = runtime.client("s3")
    for prefix in _RESULT_PREFIXES:
        for key in _keys(bucket_name, prefix, s3=s3):
            if not key.startswith(recorded_model.PREFIX):
                kind, _, rest = key.split("/", 2)
                _fetch(bucket_name, key, files_dir / kind / rest, s3=s3)
    for job in runtime.jobs:
        for log_path in job.log_paths:
            log_name = f"{job.kind.arn_type}-{job.name}-{log_path.parent.name}.txt"
            target = files_dir / "logs" / log_name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(log_path.read_bytes() if log_path.exists() else b"")


def _keys(bucket_name: str, prefix: str, *, s3: Any) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket_name, Prefix=prefix)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def _fetch(bucket_name: str, key: str, path: Path, *, s3: Any) -> None:
    from pocketaws import fetch

    path.parent.mkdir(parents=True, exist_ok=True)
    fetch(bucket_name, key, path, s3=s3)
