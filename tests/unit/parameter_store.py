"""A Parameter Store in memory, and the function that writes to it."""

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from botocore.session import Session
from botocore.validate import ParamValidator

from tests.unit.modules import load

function = load("record_model_name")
NAME = "/abalone/model-name"
PACKAGES = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/abalone"
SSM_MODEL = Session().get_service_model("ssm")


class NotThereError(Exception):
    """What the fake raises as a client's `exceptions.ParameterNotFound`."""


class BusyError(Exception):
    """What the fake raises as a client's `exceptions.TooManyUpdates`."""


class FakeParameterStore:
    """One parameter with its last 100 versions, as many threads may call it.

    `before_put` runs before each write, outside of the lock, so that others can write first.
    `hidden` is how many of the next looks miss the newest version.
    """

    exceptions = SimpleNamespace(ParameterNotFound=NotThereError, TooManyUpdates=BusyError)

    def __init__(self, before_put: Callable[[], None] = lambda: None) -> None:
        self.history: list[dict[str, Any]] = []
        self.before_put = before_put
        self.hidden = 0
        self._lock = threading.Lock()

    def write_by_hand(self, value: str, description: str = "by hand") -> None:
        self._add({"Value": value, "Description": description})

    def put_parameter(self, **request: Any) -> dict[str, Any]:
        shape = SSM_MODEL.operation_model("PutParameter").input_shape
        assert not ParamValidator().validate(request, shape).has_errors()
        assert len(request["Description"]) <= 1024
        assert request["Type"] == "String"
        assert request["Overwrite"]
        self.before_put()
        return {"Version": self._add(request)}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "get_parameter_history"
        return SimpleNamespace(paginate=self._pages)

    @property
    def values(self) -> list[str]:
        return [version["Value"] for version in self.history]

    @property
    def current(self) -> str:
        return self.values[-1]

    def _add(self, request: dict[str, Any]) -> int:
        with self._lock:
            number = self.history[-1]["Version"] + 1 if self.history else 1
            kept = {key: request[key] for key in ("Value", "Description")}
            self.history = [*self.history, {**kept, "Version": number}][-100:]
            return int(number)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request == {"Name": NAME}
        with self._lock:
            seen = self.history
            if self.hidden:
                self.hidden -= 1
                seen = seen[:-1]
        if not seen:
            raise NotThereError
        for start in range(0, len(seen), 50):
            yield {"Parameters": seen[start : start + 50]}


def event(minute: int, model_name: str | None = None, **metrics: float | None) -> dict[str, Any]:
    """Return the event of the execution that started at a minute past five."""
    return {
        "ModelName": model_name or f"model-{minute}",
        "ExecutionArn": f"arn:aws:states:eu-west-1:123456789012:execution:abalone:run-{minute}",
        "ExecutionStartTime": f"2026-11-23T05:{minute:02}:00.123Z",
        "ModelPackageArn": f"{PACKAGES}/{minute}",
        "Metrics": metrics or {"mse": 4.8},
    }


def record(event: dict[str, Any], ssm: Any, pause: Callable[[], None] = lambda: None) -> Any:
    """Do what the handler does, with this store."""
    wanted = function.record.record_from_event(event)
    kept = function.parameter.keep_newest(wanted, parameter_name=NAME, ssm=ssm, pause=pause)
    return function.app.answer(wanted, kept, parameter_name=NAME)
