"""Runs on this machine and MLflow: what is told where a server does not get them, and signing."""

import socket

import pytest
from botocore.credentials import Credentials

from tests.unit.execution_history import History, documents
from tests.unit.test_report_record import NOW, sources
from workflow.laptop.tracking import URI_VARIABLE, track_run
from workflow.report.build import record_of
from workflow.report.tracking_server import TrackingServer

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:mlflow-tracking-server/runs"


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
