"""The record of model names, in a parameter store that counts versions as AWS's does."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.modules import load

app = load("record_model_name").app
NAME = "/abalone/model-name"


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.ParameterNotFound`."""


class FakeParameterStore:
    """A parameter with all its versions; `refusal` is raised instead of a write."""

    exceptions = SimpleNamespace(ParameterNotFound=NotThereError)

    def __init__(self, *values: str, refusal: Exception | None = None) -> None:
        self.versions = {NAME: list(values)} if values else {}
        self.refusal = refusal

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        if request["Name"] not in self.versions:
            raise NotThereError
        values = self.versions[request["Name"]]
        return {"Parameter": {"Value": values[-1], "Version": len(values)}}

    def put_parameter(self, **request: Any) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        assert request["Type"] == "String"
        assert request["Overwrite"]
        values = self.versions.setdefault(request["Name"], [])
        values.append(request["Value"])
        return {"Version": len(values), "Tier": "Standard"}


def record(model_name: str, ssm: FakeParameterStore) -> Any:
    return app.record_model_name(model_name, parameter_name=NAME, ssm=ssm)


def test_the_first_record_creates_the_parameter() -> None:
    ssm = FakeParameterStore()

    version = record("model-a", ssm)

    assert version == 1
    assert ssm.versions == {NAME: ["model-a"]}


def test_another_name_makes_a_new_version() -> None:
    ssm = FakeParameterStore("model-a")

    version = record("model-b", ssm)

    assert version == 2
    assert ssm.versions == {NAME: ["model-a", "model-b"]}


def test_the_same_name_again_makes_no_new_version() -> None:
    ssm = FakeParameterStore("model-a", "model-b")

    version = record("model-b", ssm)

    assert version == 2
    assert ssm.versions == {NAME: ["model-a", "model-b"]}


def test_an_earlier_name_is_recorded_again_as_a_new_version() -> None:
    ssm = FakeParameterStore("model-a", "model-b")

    version = record("model-a", ssm)

    assert version == 3
    assert ssm.versions[NAME][-1] == "model-a"


def test_a_refused_write_fails_the_state() -> None:
    details = {"Code": "AccessDeniedException", "Message": "not authorized"}
    ssm = FakeParameterStore("model-a", refusal=ClientError({"Error": details}, "PutParameter"))

    with pytest.raises(ClientError, match="AccessDeniedException"):
        record("model-b", ssm)

    assert ssm.versions == {NAME: ["model-a"]}


@pytest.mark.parametrize(
    "event",
    [{}, {"ModelName": ""}, {"ModelName": None}, {"ModelName": ["model-a"]}, {"modelName": "a"}],
    ids=["missing", "empty", "null", "list", "other-case"],
)
def test_an_event_without_a_model_name_is_refused_before_anything_is_called(
    event: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_PARAMETER_NAME", NAME)

    with pytest.raises(ValueError, match=r"^ModelName must be the name of a SageMaker model"):
        app.lambda_handler(event, None)
