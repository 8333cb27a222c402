"""Does what the event asks for: as the target of a rule, behind a URL, or with a task's token."""

import json
import os
import time
from typing import Any

import boto3

SECRET = "the handler's own"


def noted(event: dict[str, Any], context: Any) -> None:
    """Write each event into the bucket; fail while the event says so."""
    s3 = boto3.client("s3")
    note = event.get("detail", event)
    prefix = f"{note['name']}/"
    listed = s3.list_objects_v2(Bucket=os.environ["BUCKET_NAME"], Prefix=prefix)
    attempt = listed.get("KeyCount", 0)
    key = f"{prefix}{attempt}-{context.aws_request_id}"
    s3.put_object(Bucket=os.environ["BUCKET_NAME"], Key=key, Body=json.dumps(event))
    if attempt < note.get("failures", 0):
        raise RuntimeError("not yet")


def package_noted(event: dict[str, Any], context: Any) -> None:
    """Write the state of a model package into the bucket."""
    detail = event["detail"]
    name = f"{detail['ModelPackageGroupName']}-{detail['ModelPackageVersion']}"
    noted({**event, "detail": {**detail, "name": name}}, context)


def answer(event: dict[str, Any], context: Any) -> Any:
    """Answer a request with what its path names, and log the path."""
    print(f"asked for {event['rawPath']}")
    return globals()["answer_" + event["rawPath"].strip("/")](event)


def answer_echo(event: dict[str, Any]) -> Any:
    return {"statusCode": 200, "body": json.dumps(event)}


def answer_page(event: dict[str, Any]) -> Any:
    return {
        "statusCode": 303,
        "headers": {"Location": "/echo", "Content-Type": "text/html; charset=utf-8"},
        "cookies": ["a=1; HttpOnly", "b=2"],
        "body": "<p>übrigens</p>",
    }


def answer_bytes(event: dict[str, Any]) -> Any:
    headers = {"content-type": "image/png"}
    body = "iVBORw0KGgo="
    return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": True}


def answer_plain(event: dict[str, Any]) -> Any:
    return {"message": "hello"}


def answer_error(event: dict[str, Any]) -> Any:
    raise RuntimeError(SECRET)


def answer_slow(event: dict[str, Any]) -> Any:
    time.sleep(60)


def answer_malformed(event: dict[str, Any]) -> Any:
    return {"statusCode": "fine", "body": "x"}


def answer_not_base64(event: dict[str, Any]) -> Any:
    return {"statusCode": 200, "body": "%%%", "isBase64Encoded": True}


def keep_token(event: dict[str, Any], context: Any) -> None:
    """Keep a task's token where another function finds it."""
    boto3.client("s3").put_object(
        Bucket=os.environ["BUCKET_NAME"],
        Key=f"tokens/{event['name']}/{event.get('attempt', 0)}",
        Body=event["token"],
    )
    if event.get("fails"):
        raise RuntimeError("the asking failed")


def send(event: dict[str, Any], context: Any) -> Any:
    """Answer for a task whose token was kept."""
    kept = boto3.client("s3").get_object(
        Bucket=os.environ["BUCKET_NAME"], Key=f"tokens/{event['name']}/{event.get('attempt', 0)}"
    )
    token = kept["Body"].read().decode()
    step_functions = boto3.client("stepfunctions")
    try:
        if "error" in event:
            step_functions.send_task_failure(
                taskToken=token, error=event["error"], cause=event["cause"]
            )
        else:
            step_functions.send_task_success(taskToken=token, output=json.dumps(event["output"]))
    except step_functions.exceptions.ClientError as error:
        return error.response["Error"]
    return None
