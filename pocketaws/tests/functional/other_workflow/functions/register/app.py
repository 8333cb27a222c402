"""Custom resource: gives its owner a number, or fails or keeps silent where it is asked to."""

import json
import urllib.request
from typing import Any


def lambda_handler(event: dict[str, Any], context: object) -> None:
    owner = event["ResourceProperties"]["Owner"]
    if owner == "silent":
        return
    if owner == "broken":
        raise RuntimeError("the register is broken")
    body = {
        "Status": "FAILED" if owner == "refused" else "SUCCESS",
        "Reason": "no number for refused",
        "PhysicalResourceId": f"registration-of-{owner}",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Number": f"no-1-{owner}"},
    }
    # CloudFormation's signature of the URL holds for a request without a content type.
    request = urllib.request.Request(
        event["ResponseURL"],
        data=json.dumps(body).encode(),
        method="PUT",
        headers={"Content-Type": ""},
    )
    urllib.request.urlopen(request, timeout=5).close()
