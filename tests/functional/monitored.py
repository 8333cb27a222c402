"""An endpoint whose monitor is on, with a baseline of its model, for tests of the monitor."""

import datetime
import json
import time
from typing import Any

import numpy as np

from emulated.serving import BUCKET, FEATURES
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import PROJECT_DIR
from tests.functional.endpoint_stack import FIRST, EndpointStack
from tests.unit.modules import load

COLUMNS = list("abcd")
WATCHED = {"CaptureSamplingPercentage": "100", "RunSmokeTest": "false"}
_FORM = "%Y-%m-%dT%H:%M:%SZ"


def baseline() -> dict[str, Any]:
    """Return the baseline of 3,000 rows of four numbers, and of what the model says of them."""
    import xgboost

    jobs = load("jobs", parent=PROJECT_DIR).baseline
    table = np.random.default_rng(1).normal(size=(3000, FEATURES))

    def number(name: str, values: np.ndarray) -> dict[str, Any]:
        statistics = jobs.NumberStatistics(name, jobs.quantile_edges(values))
        statistics.add(values)
        document: dict[str, Any] = statistics.document()
        return document

    predicted = FIRST.predict(xgboost.DMatrix(table)).astype(float)
    return {
        "schema": "baseline/1",
        "rows": 3000,
        "columns": COLUMNS,
        "features": [number(name, table[:, place]) for place, name in enumerate(COLUMNS)],
        "predictions": number("y", predicted),
        "quality": {"rows": 600, "regression_metrics": {"rmse": {"value": 0.5}}},
    }


class Monitored:
    """A stack of endpoint.yaml, its calls and what its monitor makes of them."""

    def __init__(self, runtime: LocalRuntime, **parameters: str) -> None:
        self.runtime = runtime
        self.endpoint = EndpointStack(runtime)
        self.topic_arn = runtime.client("sns").create_topic(Name=self.endpoint.name)["TopicArn"]
        name = self.endpoint.record(FIRST)
        self.baseline_key = f"evaluation/{name[:-9]}/baseline.json"
        self.put(self.baseline_key, json.dumps(baseline()))
        for path in (PROJECT_DIR / "jobs").glob("*.py"):
            self.put(f"jobs/0/{path.name}", path.read_text())
        self.stack: Stack = self.endpoint.deploy(**WATCHED, **parameters)
        self.bucket_name = self.stack.outputs["CaptureBucketName"]
        self.seed = 10

    def put(self, key: str, text: str) -> None:
        self.runtime.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())

    def call(self, rows: int, *, longer: float = 0.0, **more: str) -> None:
        """Call the endpoint with rows of the baseline's distribution, or longer ones."""
        self.seed += 1
        table = np.random.default_rng(self.seed).normal(size=(rows, FEATURES))
        table[:, 0] += longer
        body = "\n".join(",".join(f"{value:.5f}" for value in row) for row in table)
        self.runtime.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=self.endpoint.name, ContentType="text/csv", Body=body.encode(), **more
        )
        self.runtime.flush_endpoints()

    def window(self, since: datetime.datetime, **more: str) -> Execution:
        """Look at the calls from a time on until now."""
        until = now()
        if (until - since).seconds < 1:
            time.sleep(1.1)
        execution_input = {
            "from": since.strftime(_FORM),
            "until": (now() + datetime.timedelta(seconds=1)).strftime(_FORM),
            "reason": "by hand",
        }
        return self.runtime.run(self.stack.outputs["MonitorArn"], execution_input | more)

    def window_of(
        self, since: datetime.datetime, until: datetime.datetime, *, reason: str
    ) -> Execution:
        """Look at the calls between two times."""
        event = {"from": since.strftime(_FORM), "until": until.strftime(_FORM), "reason": reason}
        return self.runtime.run(self.stack.outputs["MonitorArn"], event)

    def execution_arn(self, name: str) -> str:
        machine_arn = self.stack.outputs["MonitorArn"]
        return machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"

    def report_of(self, until: datetime.datetime) -> dict[str, Any]:
        """The report of the window that ended then."""
        return dict(json.loads(self.read(f"reports/{until:%Y/%m/%d/%H-%M-%S}/report.json")))

    def report(self) -> dict[str, Any]:
        """The newest window's report."""
        key = self.summary()["page_key"].replace(".html", ".json")
        return dict(json.loads(self.read(key)))

    def summary(self) -> dict[str, Any]:
        """What messages say of the newest window."""
        return dict(json.loads(self.read("reports/latest/summary.json")))

    def read(self, key: str) -> bytes:
        body = self.runtime.client("s3").get_object(Bucket=self.bucket_name, Key=key)["Body"]
        return bytes(body.read())

    def messages(self) -> list[Any]:
        return [one for one in self.runtime.messages() if one.topic_arn == self._told_topic()]

    def _told_topic(self) -> str:
        ssm = self.runtime.client("ssm")
        name = f"/{self.endpoint.name}/topic-arn"
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])

    def alarm(self, logical_id: str) -> str:
        described = self.runtime.client("cloudwatch").describe_alarms(
            AlarmNames=[self.stack.resources[logical_id]]
        )
        return str(described["MetricAlarms"][0]["StateValue"])

    def delete(self) -> None:
        self.endpoint.delete()


def now() -> datetime.datetime:
    """Return the time in whole seconds, as captures tell it."""
    return datetime.datetime.now(tz=datetime.UTC).replace(microsecond=0)
