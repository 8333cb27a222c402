"""Runs on this machine and MLflow: what is told where a server does not get them, and signing."""

import socket
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from tests.unit.execution_history import History, documents
from tests.unit.test_report_record import NOW, sources
from workflow.laptop.tracking import URI_VARIABLE, track_run
from workflow.report.build import record_of
from workflow.report.tracking_server import TrackingServer
from workflow.template import read_template

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/runs"
OF_MLFLOW = {"ReadTheModel", "LogToMlflow"}


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


def test_requests_to_a_managed_server_are_signed_and_name_it() -> None:
    class Session:
        def get_credentials(self) -> Credentials:
            return Credentials("made-up", "made-up")

    server = TrackingServer(ARN, Session())

    url = f"{server._base()}/api/2.0/mlflow/runs/create"
    headers = server._signed("POST", url, b"{}", {"Content-Type": "application/json"})

    assert url.startswith("https://eu-west-1.experiments.sagemaker.aws/")
    assert headers["x-mlflow-sm-tracking-server-arn"] == ARN
    assert "/eu-west-1/sagemaker-mlflow/aws4_request" in headers["Authorization"]


def test_the_function_may_log_where_a_server_is_named_only() -> None:
    template = read_template(Path(__file__).parents[2] / "template.yaml")
    (policy,) = template["Resources"]["WriteReportRole"]["Properties"]["Policies"]

    statements = policy["PolicyDocument"]["Statement"]
    conditional = [item["Fn::If"] for item in statements if "Fn::If" in item]
    of_mlflow = {there["Sid"]: condition for condition, there, _ in conditional}
    assert {sid: of_mlflow[sid] for sid in OF_MLFLOW} == {
        "ReadTheModel": "LogToMlflow",
        "LogToMlflow": "MlflowIsManaged",
    }
    assert not OF_MLFLOW & {item.get("Sid") for item in statements}
    assert template["Conditions"]["LogToMlflow"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "MlflowTrackingUri"}, ""]}]
    }
