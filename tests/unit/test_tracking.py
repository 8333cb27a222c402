"""Runs on this machine and MLflow: what is told where a server does not get them, and signing."""

import hashlib
import re
import socket
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.unit.execution_history import History, documents
from tests.unit.rendered_template import Rendered
from tests.unit.test_report_record import NOW, sources
from tests.unit.test_retraining_template import TEMPLATE
from workflow.laptop.tracking import URI_VARIABLE, track_run
from workflow.report.build import record_of
from workflow.report.tracking_server import TrackingError, TrackingServer
from workflow.template import read_template

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/runs"
OF_MLFLOW = {"ReadTheModel", "LogToMlflow", "LogToAnMlflowApp"}


def told(uri: str | None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    notes: list[str] = []
    if uri is None:
        monkeypatch.delenv(URI_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(URI_VARIABLE, uri)
    track_run(record_of(documents(History()), sources(), now=NOW), sources(), notes.append)
    return notes


def test_a_server_that_is_down_is_told_and_nothing_is_raised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        (note,) = told(uri, monkeypatch)

    assert note.startswith(f"MLflow was not told: {uri} cannot be reached")


def test_without_the_variable_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(None, monkeypatch) == []


def test_a_managed_server_is_one_for_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    (note,) = told(ARN, monkeypatch)

    assert "on this machine, name one by URL" in note


class Session:
    """Credentials as botocore's session has them."""

    def get_credentials(self) -> Credentials:
        return Credentials("made-up", "made-up", "a-session")


# As sagemaker-mlflow 0.5.0 sends them: mlflow_sagemaker_helpers.py, auth_provider.py and
# mlflow_sagemaker_request_header_provider.py.
@pytest.mark.parametrize(
    ("arn", "host", "header", "service"),
    [
        (
            ARN,
            "eu-west-1.experiments.sagemaker.aws",
            "x-mlflow-sm-tracking-server-arn",
            "sagemaker-mlflow",
        ),
        (
            ARN.replace("mlflow-tracking-server", "mlflow-app"),
            "mlflow.sagemaker.eu-west-1.app.aws",
            "x-sm-mlflow-app-arn",
            "sagemaker",
        ),
    ],
)
def test_requests_to_a_managed_server_are_signed_and_name_it(
    arn: str, host: str, header: str, service: str
) -> None:
    server = TrackingServer(arn, Session())

    url, content = f"{server._base()}/api/2.0/mlflow/runs/create", b'{"a": 1}'
    headers = server._signed("POST", url, content, {"Content-Type": "application/json"})

    assert url.startswith(f"https://{host}/")
    assert headers[header] == arn
    assert headers["X-Amz-Content-SHA256"] == hashlib.sha256(content).hexdigest()
    assert headers["X-Amz-Security-Token"] == "a-session"
    assert f"/eu-west-1/{service}/aws4_request" in headers["Authorization"]
    signed = re.findall(r"SignedHeaders=([^,]+)", headers["Authorization"])[0].split(";")
    assert {"host", "x-amz-content-sha256", "x-amz-date", header} <= set(signed)


def test_a_managed_server_of_another_partition_has_no_address() -> None:
    server = TrackingServer(ARN.replace("arn:aws:", "arn:aws-cn:"), Session())

    with pytest.raises(TrackingError, match="name one by its URL"):
        server.get("experiments/get-by-name", experiment_name="a b")


@pytest.mark.parametrize(
    ("uri", "sids"),
    [
        ("", set()),
        ("https://mlflow.example.com:5000/a", {"ReadTheModel"}),
        (ARN, {"ReadTheModel", "LogToMlflow"}),
        (ARN.replace("tracking-server", "app"), {"ReadTheModel", "LogToAnMlflowApp"}),
    ],
)
def test_the_function_may_do_what_the_kind_of_its_server_wants(uri: str, sids: set[str]) -> None:
    role = Rendered(TEMPLATE, MlflowTrackingUri=uri).resources["WriteReportRole"]["Properties"]

    statements = role["Policies"][0]["PolicyDocument"]["Statement"]

    assert {item["Sid"] for item in statements} & OF_MLFLOW == sids


def test_the_function_may_log_where_a_server_is_named_only() -> None:
    template = read_template(Path(__file__).parents[2] / "template.yaml")
    (policy,) = template["Resources"]["WriteReportRole"]["Properties"]["Policies"]

    statements = policy["PolicyDocument"]["Statement"]
    conditional = [item["Fn::If"] for item in statements if "Fn::If" in item]
    of_mlflow = {there["Sid"]: condition for condition, there, _ in conditional}
    assert {sid: of_mlflow[sid] for sid in OF_MLFLOW} == {
        "ReadTheModel": "LogToMlflow",
        "LogToMlflow": "MlflowIsAServer",
        "LogToAnMlflowApp": "MlflowIsAnApp",
    }
    assert not OF_MLFLOW & {item.get("Sid") for item in statements}
    assert template["Conditions"]["LogToMlflow"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "MlflowTrackingUri"}, ""]}]
    }
