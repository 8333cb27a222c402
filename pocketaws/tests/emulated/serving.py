"""Tiny models in the emulated account, for tests of what serves them."""

import http.client
import io
import tarfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import xgboost as xgb

from emulated.images import XGBOOST_URI
from emulated.roles import made_role
from pocketaws.runtime import LocalRuntime

FEATURES = 4
ROW = "0.5,-1.25,2,0.125"
BUCKET = "served-models"
# Its container answers /ping, and 500 to every call: the type is one that is not written locally.
FAILING = {
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/x-npy",
    "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
}
_SECONDS = 60


def booster(slope: float = 3.0) -> xgb.Booster:
    table = np.random.default_rng(7).normal(size=(200, FEATURES)).round(4)
    matrix = xgb.DMatrix(table, label=slope * table[:, 0] + table[:, 1])
    return xgb.train({"objective": "reg:squarederror", "nthread": 1, "base_score": 0.5}, matrix, 8)


def predicted(model: xgb.Booster, text: str) -> list[float]:
    rows = np.array([[float(field) for field in line.split(",")] for line in text.splitlines()])
    predictions: list[float] = model.predict(xgb.DMatrix(rows)).tolist()
    return predictions


def artifact(content: bytes, name: str = "xgboost-model") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@dataclass(frozen=True)
class Account:
    """What the tests put into the emulated account."""

    runtime: LocalRuntime

    @property
    def sagemaker(self) -> Any:
        return self.runtime.client("sagemaker")

    def artifact_uri(self, content: bytes) -> str:
        s3 = self.runtime.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        key = f"{uuid.uuid4()}/model.tar.gz"
        s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def model(
        self, content: bytes | xgb.Booster, name: str | None = None, **environment: str
    ) -> str:
        """Create a model and return its name; its content is a booster or an artifact."""
        if isinstance(content, xgb.Booster):
            content = artifact(bytes(content.save_raw(raw_format="ubj")))
        model_name = name or f"model-{uuid.uuid4().hex[:8]}"
        self.sagemaker.create_model(
            ModelName=model_name,
            ExecutionRoleArn=made_role(self.runtime, "serves"),
            PrimaryContainer={
                "Image": XGBOOST_URI,
                "ModelDataUrl": self.artifact_uri(content),
                "Environment": environment,
            },
        )
        return model_name

    def config(self, model_name: str, **more: Any) -> str:
        """Create an endpoint configuration and return its name."""
        name = f"config-{uuid.uuid4().hex[:8]}"
        variant = {
            "VariantName": "AllTraffic",
            "ModelName": model_name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1,
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant], **more
        )
        return name

    def endpoint(self, model_name: str, **more: Any) -> str:
        """Create an endpoint, wait until it is in service or has failed, and return its name."""
        name = f"endpoint-{uuid.uuid4().hex[:8]}"
        config_name = self.config(model_name, **more)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config_name)
        self.settled(name)
        return name

    def update(self, endpoint_name: str, config_name: str, **more: Any) -> dict[str, Any]:
        """Update an endpoint, wait for the end, and return what is told of it."""
        self.sagemaker.update_endpoint(
            EndpointName=endpoint_name, EndpointConfigName=config_name, **more
        )
        return self.settled(endpoint_name)

    def settled(self, endpoint_name: str) -> dict[str, Any]:
        self.runtime._services.endpoints.endpoints.wait(endpoint_name)
        described: dict[str, Any] = self.sagemaker.describe_endpoint(EndpointName=endpoint_name)
        return described

    def invoke(self, endpoint_name: str, body: str = ROW, **more: Any) -> list[float]:
        answer = self.runtime.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint_name, ContentType="text/csv", Body=body.encode(), **more
        )
        return [float(field) for field in answer["Body"].read().decode().split()]


@contextmanager
def called(url: str, *, keeps_open: bool, threads: int = 4) -> Iterator[list[Any]]:
    """Call an endpoint from some threads; yield what came, a number or an error each."""
    host, stopping, came = urlsplit(url).netloc, threading.Event(), list[Any]()

    def call() -> None:
        connection = http.client.HTTPConnection(host, timeout=_SECONDS)
        while not stopping.is_set():
            try:
                connection.request("POST", "/invocations", ROW, {"Content-Type": "text/csv"})
                answer = connection.getresponse()
                came.append(float(answer.read()))
                if not keeps_open:
                    connection.close()
            except (OSError, http.client.HTTPException, ValueError) as error:
                came.append(error)
                connection.close()
        connection.close()

    started = [threading.Thread(target=call) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield came
    finally:
        stopping.set()
        for thread in started:
            thread.join(_SECONDS)
