"""Does what the event asks for, to find out what a handler can do and see."""

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3


class OddError(Exception):
    """An error of the handler's own."""


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    return globals()[event["probe"]](event, context)


def environment(event: dict[str, Any], context: Any) -> dict[str, str]:
    return dict(os.environ)


def told_context(event: dict[str, Any], context: Any) -> list[Any]:
    return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn]


def fail(event: dict[str, Any], context: Any) -> None:
    raise OddError("seven is odd")


def leave(event: dict[str, Any], context: Any) -> None:
    sys.exit(3)


def close_output(event: dict[str, Any], context: Any) -> str:
    sys.stdout.close()
    return "closed"


def not_json(event: dict[str, Any], context: Any) -> Any:
    return {1, 2}


def sleep(event: dict[str, Any], context: Any) -> None:
    helper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    print(json.dumps([os.getpid(), helper.pid]), flush=True)
    time.sleep(60)


def say(event: dict[str, Any], context: Any) -> None:
    print(event["text"])


def load(event: dict[str, Any], context: Any) -> str:
    return str(importlib.import_module(event["module"]))


def read(event: dict[str, Any], context: Any) -> str:
    return Path(event["path"]).read_text()


def write(event: dict[str, Any], context: Any) -> str:
    Path(event["path"]).write_text("x")
    return "written"


def keep(event: dict[str, Any], context: Any) -> str:
    path = Path(os.environ["TMPDIR"], "note.txt")
    path.write_text(event["text"])
    time.sleep(0.3)
    return path.read_text()


def buckets(event: dict[str, Any], context: Any) -> list[str]:
    s3 = boto3.Session().client("s3")
    s3.put_object(Bucket=event["bucket"], Key="probe.txt", Body=b"probed")
    return [item["Key"] for item in s3.list_objects_v2(Bucket=event["bucket"])["Contents"]]
