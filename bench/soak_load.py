"""Load one runtime with executions and uploads, and show what grows."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, Self

import psutil
from soak_growth import growth, standing
from soak_rows import Row

from pocketaws import LocalRuntime

_MOST_TIMES: Final = 1.0
_PART_MB: Final = 8
_MEGABYTE: Final = 1024**2
_BUCKET: Final = "soaked"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}
_DEFINITION: Final = {
    "StartAt": "Pass",
    "States": {
        "Pass": {"Type": "Pass", "Result": {"text": "x" * 2000}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 0, "Next": "End"},
        "End": {"Type": "Succeed"},
    },
}


def soaked(*, executions: int, at_once: int, upload_mb: int) -> Iterator[Row]:
    """Yield a row for everything that is looked at.

    Args:
        executions: how many, after fifty that are not looked at.
        at_once: of them.
        upload_mb: size of the object that is uploaded in parts.
    """
    with LocalRuntime() as runtime:
        machine_arn = _machine(runtime)
        _run(runtime, machine_arn, 50, at_once=at_once)
        run = partial(_run, runtime, machine_arn, at_once=at_once)
        yield from growth(run, executions, "an execution of three states")
        yield from _rows_of_uploads(runtime, upload_mb)


def _machine(runtime: LocalRuntime) -> str:
    role = runtime.client("iam").create_role(
        RoleName="soak", AssumeRolePolicyDocument=json.dumps(_TRUST)
    )
    made = runtime.client("stepfunctions").create_state_machine(
        name="soak", roleArn=role["Role"]["Arn"], definition=json.dumps(_DEFINITION)
    )
    return str(made["stateMachineArn"])


def _run(runtime: LocalRuntime, machine_arn: str, count: int, *, at_once: int) -> None:
    """Run executions, which have to succeed."""

    def run(_: int) -> str:
        return runtime.run(machine_arn, {}).status

    with ThreadPoolExecutor(at_once) as threads:
        statuses = set(threads.map(run, range(count)))
    assert statuses == {"SUCCEEDED"}, statuses


def _rows_of_uploads(runtime: LocalRuntime, size_mb: int) -> Iterator[Row]:
    s3 = runtime.client("s3")
    s3.create_bucket(Bucket=_BUCKET)
    for how, upload in (("in parts", _in_parts), ("in one request", _in_one_request)):
        before = standing().rss
        with _Peak() as peak:
            upload(s3, size_mb)
        times = (peak.rss - before) / (size_mb * _MEGABYTE)
        seen, bound = f"{times:.2f} times the size", f"{_MOST_TIMES} times"
        what = f"memory while {size_mb} MB are uploaded {how}"
        yield Row(what, 1, seen, bound, times <= _MOST_TIMES)


def _in_one_request(s3: Any, size_mb: int) -> None:
    with tempfile.TemporaryFile() as file:
        file.truncate(size_mb * _MEGABYTE)
        s3.put_object(Bucket=_BUCKET, Key="whole", Body=file)


def _in_parts(s3: Any, size_mb: int) -> None:
    upload = s3.create_multipart_upload(Bucket=_BUCKET, Key="large")
    named = {"Bucket": _BUCKET, "Key": "large", "UploadId": upload["UploadId"]}
    parts = []
    for number in range(1, size_mb // _PART_MB + 1):
        body = bytes(_PART_MB * _MEGABYTE)
        sent = s3.upload_part(**named, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})


class _Peak:
    """Looks at this process's memory all the time."""

    def __init__(self) -> None:
        self.rss = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process()
        while not self._stop.wait(0.005):
            self.rss = max(self.rss, process.memory_info().rss)
