#!/usr/bin/env bash
# An MLflow app of SageMaker's shares nothing with a tracking server but MLflow: host, header and signed service are others.
#
# Versions:  sagemaker-mlflow 0.5.0 with mlflow 3.17.2.
# Behaviour: what is one setting to the user, an ARN as tracking URI, becomes two protocols by the ARN's type. The plugin takes every
#            tracking URI for an ARN, too: beside an ordinary server each request warns, and goes out without its header.
# Seen:      mlflow-tracking-server: https://eu-central-1.experiments.sagemaker.aws x-mlflow-sm-tracking-server-arn sagemaker-mlflow
#            mlflow-app: https://mlflow.sagemaker.eu-central-1.app.aws x-sm-mlflow-app-arn sagemaker
#            http://127.0.0.1:5000: WARNING Encountered unexpected error during resolving request headers: list index out of range
# Why:       whoever signs requests without the plugin (a Lambda function with boto3 alone), opens a firewall or writes a policy for the one
#            is refused by the other: its actions are `sagemaker-mlflow:...` for a server and `sagemaker:CallMlflowAppApi` for an app.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mlflow==3.17.2 sagemaker-mlflow==0.5.0
cd "$folder"
export AWS_ACCESS_KEY_ID=nobody AWS_SECRET_ACCESS_KEY=nothing AWS_DEFAULT_REGION=eu-central-1
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import logging

import mlflow
import requests
from mlflow.tracking.request_auth.registry import fetch_auth
from mlflow.tracking.request_header.registry import resolve_request_headers
from sagemaker_mlflow.host_creds import get_host_creds

EXPECTED = {
    "mlflow-tracking-server": (
        "https://eu-central-1.experiments.sagemaker.aws",
        "x-mlflow-sm-tracking-server-arn",
        "sagemaker-mlflow",
    ),
    "mlflow-app": ("https://mlflow.sagemaker.eu-central-1.app.aws", "x-sm-mlflow-app-arn", "sagemaker"),
}
for kind, expected in EXPECTED.items():
    arn = f"arn:aws:sagemaker:eu-central-1:123456789012:{kind}/houses"
    mlflow.set_tracking_uri(arn)
    host, headers = get_host_creds(arn).host, resolve_request_headers()
    request = requests.Request("POST", f"{host}/api/2.0/mlflow/runs/create", json={}, headers=headers).prepare()
    request.headers["Connection"] = "keep-alive"
    signed = fetch_auth("arn")(request)
    (header,) = [name for name in headers if name.endswith("-arn")]
    service = signed.headers["Authorization"].split("/eu-central-1/")[1].split("/")[0]
    print(f"{kind}: {host} {header} {service}")
    assert (host, header, service) == expected

said = []
watch = logging.Handler()
watch.emit = lambda record: said.append(record.getMessage())
logging.getLogger("mlflow.tracking.request_header.registry").addHandler(watch)
mlflow.set_tracking_uri("http://127.0.0.1:5000")
headers = resolve_request_headers()
print(f"http://127.0.0.1:5000: {said}")
assert not [name for name in headers if name.endswith("-arn")]
assert any("list index out of range" in text for text in said)
PYTHON
