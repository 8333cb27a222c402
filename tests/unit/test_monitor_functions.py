"""The monitor's functions: windows, what lies where, the job's request, the published numbers."""

import dataclasses
import datetime
import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from tests.unit.modules import PROJECT_DIR, load

start = load("start_window")
find = load("find_captures")
compare = load("compare_captures")
publish = load("publish_window")
answer = load("answer_alarm")
UTC = datetime.UTC
EVENT = {"scheduled_time": "2026-11-23T09:05:00Z", "window_seconds": 3600, "delay_seconds": 300}
BUCKET = "captured"
CONFIG = find.request.Config(
    bucket_name=BUCKET,
    endpoint_name="abalone",
    workflow_bucket_name="workflow",
    model_name="run-1a2b3c4d-0123abcd",
    job_scripts_uri="s3://workflow/jobs/0123/",
    max_function_bytes=1000,
    settings={"level": 0.001, "min_effect": 0.05, "min_rows": 30},
)
WINDOW = {"from": "2026-11-23T08:00:00Z", "until": "2026-11-23T09:00:00Z", "reason": "schedule"}


class FakeS3:
    """Objects by bucket and key, listed in pages of two."""

    def __init__(self, *, modified: datetime.datetime | None = None, **objects: bytes) -> None:
        self.objects = {("captured", key): body for key, body in objects.items()}
        self.modified = modified or datetime.datetime(2026, 11, 23, 9, tzinfo=UTC)
        self.pages = 0

    def put(self, key: str, body: bytes = b"x", bucket: str = BUCKET) -> None:
        self.objects[bucket, key] = body

    def _found(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"Key": key, "Size": len(body), "LastModified": self.modified}
            for (bucket, key), body in sorted(self.objects.items())
            if bucket == request["Bucket"]
            and key.startswith(request["Prefix"])
            and key > request.get("StartAfter", "")
        ]

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        return {"Contents": self._found(request)[: request["MaxKeys"]]}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        found = self._found(request)
        for first in range(0, max(len(found), 1), 2):
            self.pages += 1
            yield {"Contents": found[first : first + 2]} if found else {}

    def get_object(self, **request: Any) -> dict[str, Any]:
        body = io.BytesIO(self.objects[request["Bucket"], request["Key"]])
        body.iter_chunks = lambda: [body.read()]  # type: ignore[attr-defined]
        return {"Body": body}

    def put_object(self, **request: Any) -> None:
        self.put(request["Key"], request["Body"], request["Bucket"])


class TakenNameError(Exception):
    """What the fake raises as a client's `exceptions.ExecutionAlreadyExists`."""


class FakeStates:
    """Takes each name once."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=TakenNameError)

    def __init__(self) -> None:
        self.inputs: dict[str, Any] = {}

    def start_execution(self, **request: Any) -> None:
        assert request["stateMachineArn"] == "machine"
        if request["name"] in self.inputs:
            raise TakenNameError
        self.inputs[request["name"]] = json.loads(request["input"])


def started(states: FakeStates, s3: FakeS3 | None = None, **changes: Any) -> dict[str, Any]:
    return dict(
        start.app.start_windows(
            start.windows.Schedule.of({**EVENT, **changes}),
            machine_arn="machine",
            bucket_name=BUCKET,
            states=states,
            s3=s3 or FakeS3(),
        )
    )


def complaints(service: str, operation: str, request: dict[str, Any]) -> str:
    shape = Session().get_service_model(service).operation_model(operation).input_shape
    return str(ParamValidator().validate(request, shape).generate_report())


# --- start_window --------------------------------------------------------------------------------


def test_the_window_ends_before_the_delay_and_names_its_execution() -> None:
    states = FakeStates()

    assert started(states) == {"started": ["window-20261123T090000Z"], "already": []}

    assert states.inputs == {"window-20261123T090000Z": WINDOW}


def test_a_second_call_for_one_time_starts_nothing() -> None:
    states = FakeStates()
    started(states)

    assert started(states) == {"started": [], "already": ["window-20261123T090000Z"]}


def test_truth_that_came_late_has_its_own_window_looked_at_again() -> None:
    states, s3 = FakeStates(), FakeS3()
    s3.put("ground-truth/2026/11/23/06/a.jsonl")
    s3.put("ground-truth/2026/11/23/08/own-window.jsonl")

    started(states, s3)

    assert states.inputs["window-20261123T070000Z-truth-20261123T090500Z"] == {
        "from": "2026-11-23T06:00:00Z",
        "until": "2026-11-23T07:00:00Z",
        "reason": "truth",
    }
    assert len(states.inputs) == 2


@pytest.mark.parametrize(
    "modified",
    [
        datetime.datetime(2026, 11, 23, 8, 5, tzinfo=UTC),
        datetime.datetime(2026, 11, 23, 9, 5, 1, tzinfo=UTC),
    ],
)
def test_truth_that_the_call_before_or_the_next_one_sees_is_left_to_it(
    modified: datetime.datetime,
) -> None:
    states, s3 = FakeStates(), FakeS3(modified=modified)
    s3.put("ground-truth/2026/11/23/06/a.jsonl")

    assert len(started(states, s3)["started"]) == 1


@pytest.mark.parametrize(
    "key",
    [
        "ground-truth/2026/11/20/06/too-old.jsonl",
        "ground-truth/2026/13/23/06/no-month.jsonl",
        "ground-truth/readme.txt",
    ],
)
def test_other_truth_starts_nothing(key: str) -> None:
    states, s3 = FakeStates(), FakeS3()
    s3.put(key)

    assert len(started(states, s3)["started"]) == 1


def test_looking_for_late_truth_is_bounded() -> None:
    s3 = FakeS3()
    for number in range(1000):
        s3.put(f"ground-truth/2026/11/23/06/{number:04}.jsonl")

    started(FakeStates(), s3)

    assert s3.pages == 20


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheduled_time", "now"),
        ("window_seconds", 0),
        ("window_seconds", "3600"),
        ("window_seconds", 86_401),
        ("delay_seconds", -1),
        ("delay_seconds", None),
    ],
)
def test_a_wrong_event_names_the_field(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field} must be"):
        start.windows.Schedule.of({**EVENT, field: value})


# --- find_captures -------------------------------------------------------------------------------


class FakeMetrics:
    """Points of the endpoint's metrics, by name and statistic; two pages."""

    def __init__(self, **points: dict[int, float]) -> None:
        self.points = points
        self.request: dict[str, Any] = {}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "get_metric_data"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert complaints("cloudwatch", "GetMetricData", request) == ""
        self.request = request
        for half in (0, 1):
            yield {
                "MetricDataResults": [
                    {
                        "Id": query["Id"],
                        "Timestamps": [
                            datetime.datetime(2026, 11, 23, 8, minute, tzinfo=UTC)
                            for minute in points
                            if minute % 2 == half
                        ],
                        "Values": [value for minute, value in points.items() if minute % 2 == half],
                    }
                    for query in request["MetricDataQueries"]
                    for points in [self.points.get(self._name(query), {})]
                ]
            }

    @staticmethod
    def _name(query: dict[str, Any]) -> str:
        return f"{query['MetricStat']['Metric']['MetricName']}_{query['MetricStat']['Stat']}"


def calls_of(metrics: FakeMetrics, **changes: str) -> dict[str, Any]:
    window = find.window.window_of({**WINDOW, **changes})
    return dict(find.calls.endpoint_calls(window, endpoint_name="abalone", cloudwatch=metrics))


def test_what_the_endpoint_counted_is_summed_over_the_minutes_of_the_window() -> None:
    metrics = FakeMetrics(
        Invocations_Sum={0: 300.0, 1: 100.0},
        Invocation4XXErrors_Sum={1: 3.0},
        Invocation5XXErrors_Sum={0: 1.0},
        ModelLatency_Average={0: 1000.0, 1: 5000.0},
        ModelLatency_Maximum={0: 9000.0, 1: 7000.0},
    )

    assert calls_of(metrics) == {
        "from": "2026-11-23T08:00:00Z",
        "until": "2026-11-23T09:00:00Z",
        "invocations": 400,
        "client_errors": 3,
        "server_errors": 1,
        "model_mean_ms": 2.0,
        "model_maximum_ms": 9.0,
        "overhead_mean_ms": None,
    }


def test_without_calls_there_is_no_latency() -> None:
    counted = calls_of(FakeMetrics())

    assert (counted["invocations"], counted["model_mean_ms"]) == (0, None)


@pytest.mark.parametrize(
    ("since", "until", "minutes", "period"),
    [
        ("08:00:00Z", "09:00:00Z", ("08:00:00Z", "09:00:00Z"), 3600),
        ("08:30:00Z", "09:30:00Z", ("08:30:00Z", "09:30:00Z"), 60),
        ("08:00:12Z", "08:00:24Z", ("08:00:00Z", "08:01:00Z"), 60),
        ("08:00:48Z", "08:01:00Z", ("08:00:00Z", "08:01:00Z"), 60),
    ],
)
def test_whole_minutes_are_asked_for(
    since: str, until: str, minutes: tuple[str, str], period: int
) -> None:
    metrics = FakeMetrics()
    day = "2026-11-23T"

    counted = calls_of(metrics, **{"from": day + since, "until": day + until})

    assert (counted["from"], counted["until"]) == (day + minutes[0], day + minutes[1])
    assert {one["MetricStat"]["Period"] for one in metrics.request["MetricDataQueries"]} == {period}


def test_the_greatest_numbers_of_calls_fit_into_an_argument_of_a_job() -> None:
    large = dict.fromkeys(range(60), 1000000000.0 + 1 / 3)
    names = ("Invocations_Sum", "Invocation4XXErrors_Sum", "Invocation5XXErrors_Sum")
    latencies = ("ModelLatency_Average", "ModelLatency_Maximum", "OverheadLatency_Average")
    metrics = FakeMetrics(**dict.fromkeys([*names, *latencies], large))
    s3 = FakeS3()
    s3.put(CONFIG.baseline_key, bucket="workflow")

    answer = find.app.find_captures(WINDOW, config=CONFIG, s3=s3, cloudwatch=metrics)

    assert max(map(len, answer["arguments"])) <= 256


def found(s3: FakeS3, **changes: Any) -> dict[str, Any]:
    s3.put(CONFIG.baseline_key, bucket="workflow")
    event = {**WINDOW, **changes}
    return dict(find.app.find_captures(event, config=CONFIG, s3=s3, cloudwatch=FakeMetrics()))


def test_without_calls_a_function_compares_and_no_empty_folder_is_named() -> None:
    answer = found(FakeS3())

    assert (answer["how"], answer["captured_bytes"], answer["capture_prefixes"]) == (
        "function",
        0,
        [],
    )
    assert [one["InputName"] for one in answer["inputs"]] == ["code", "baseline"]


def test_a_window_has_the_folders_of_its_hours_and_a_long_one_of_its_days() -> None:
    s3 = FakeS3()
    for hour in ("22/23", "23/07", "23/08", "23/09"):
        s3.put(f"capture/abalone/AllTraffic/2026/11/{hour}/a.jsonl")

    hour, half, day = (
        found(s3)["capture_prefixes"],
        found(s3, **{"from": "2026-11-23T07:30:00Z", "until": "2026-11-23T08:30:00Z"}),
        found(s3, **{"from": "2026-11-22T23:00:00Z", "until": "2026-11-23T23:00:00Z"}),
    )

    assert hour == ["capture/abalone/AllTraffic/2026/11/23/08/"]
    assert [one[-3:] for one in half["capture_prefixes"]] == ["07/", "08/"]
    assert [one[-6:] for one in day["capture_prefixes"]] == ["11/22/", "11/23/"]


def test_more_bytes_than_a_function_takes_are_compared_in_a_job() -> None:
    s3 = FakeS3()
    s3.put("capture/abalone/AllTraffic/2026/11/23/08/a.jsonl", b"x" * 1001)

    assert found(s3)["how"] == "job"


def test_a_million_objects_are_not_listed_to_the_end() -> None:
    s3 = FakeS3()
    for number in range(3000):
        s3.put(f"capture/abalone/AllTraffic/2026/11/23/08/{number:06}.jsonl", b"")

    answer = found(s3)

    assert (answer["how"], answer["captured_objects"]) == ("job", 1002)
    assert s3.pages <= 501


def test_sagemaker_takes_the_job_and_the_script_its_arguments() -> None:
    s3 = FakeS3()
    for key in (
        "capture/abalone/AllTraffic/2026/11/23/08/a.jsonl",
        "ground-truth/2026/11/23/08/a.jsonl",
        "reports/latest/history.json",
    ):
        s3.put(key)
    answer = found(s3)

    request = {
        "ProcessingJobName": f"{answer['job_name']}-01234567",
        "RoleArn": "arn:aws:iam::123456789012:role/job",
        "ProcessingInputs": answer["inputs"],
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 30,
            }
        },
        "AppSpecification": {"ImageUri": "image", "ContainerArguments": answer["arguments"]},
    }
    assert complaints("sagemaker", "CreateProcessingJob", request) == ""
    assert len(request["ProcessingJobName"]) <= 63
    job = load("jobs", parent=PROJECT_DIR).monitor.parse_job(answer["arguments"])
    assert (job.since, job.until, job.title) == (WINDOW["from"], WINDOW["until"], "abalone")
    assert str(job.truth_dir) == "/opt/ml/processing/input/truth"
    assert job.history_path is not None
    assert job.endpoint_calls == answer["endpoint_calls"]


def test_the_longest_window_has_no_more_inputs_and_arguments_than_a_job_takes() -> None:
    s3 = FakeS3()
    for kind in ("capture/abalone/AllTraffic", "ground-truth"):
        for day in (22, 23, 24):
            s3.put(f"{kind}/2026/11/{day}/08/a.jsonl")
    s3.put("reports/latest/history.json")

    answer = found(s3, **{"from": "2026-11-22T23:30:00Z", "until": "2026-11-23T23:30:00Z"})

    assert len(answer["inputs"]) == 7
    assert len(answer["arguments"]) <= 100


def test_a_model_without_a_baseline_is_told_with_the_remedy() -> None:
    with pytest.raises(find.app.NoBaselineError, match="release a model anew and deploy it"):
        find.app.find_captures(WINDOW, config=CONFIG, s3=FakeS3(), cloudwatch=FakeMetrics())


@pytest.mark.parametrize(
    "changes",
    [
        {"from": "yesterday"},
        {"until": None},
        {"until": "2026-11-23T08:00:00Z"},
        {"from": "2026-11-20T08:00:00Z"},
        {"reason": "s3://"},
        {"reason": 7},
    ],
)
def test_a_window_that_is_none_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        find.window.window_of({**WINDOW, **changes})


# --- compare_captures and publish_window ---------------------------------------------------------


def test_the_function_leaves_what_the_job_leaves(tmp_path: Path) -> None:
    from tests.unit.test_monitor import baseline, captures, rows

    s3 = FakeS3()
    s3.put("capture/abalone/AllTraffic/2026/11/23/08/a.jsonl", captures(rows(100)).encode())
    event = found(s3)
    s3.put(CONFIG.baseline_key, json.dumps(baseline()).encode(), "workflow")

    note = compare.app.compare(event, folder=tmp_path, s3=s3)

    assert note == "Of 100 rows, no column moved."
    page = s3.objects[BUCKET, "reports/2026/11/23/09-00-00/report.html"].decode()
    assert "calls that the endpoint counted, all" in page
    left = {key for _, key in s3.objects if key.startswith("reports/")}
    folder = "reports/2026/11/23/09-00-00/"
    assert left == {f"{folder}{name}" for name in ("report.json", "report.html", "history.json")}


class FakeCloudWatch:
    """What was put."""

    def __init__(self) -> None:
        self.metrics: dict[str, float] = {}

    def put_metric_data(self, **request: Any) -> None:
        assert complaints("cloudwatch", "PutMetricData", request) == ""
        assert request["Namespace"] == "SageMakerWorkflow/Monitor"
        for metric in request["MetricData"]:
            name = "/".join([metric["MetricName"], *(d["Value"] for d in metric["Dimensions"][1:])])
            self.metrics[name] = metric["Value"]


def report(state: str = "compared", **changes: Any) -> dict[str, Any]:
    return {
        "window": {"from": WINDOW["from"], "until": WINDOW["until"]},
        "state": state,
        "note": "Of 90 rows, 1 column moved: length.",
        "drifted": ["length"],
        "moved_most": [{"name": "length", "effect": 0.4, "told": "length: mean 1 before, 2 now"}],
        "limits": {"min_rows": 30},
        "traffic": {"captures": 90, "unreadable": {"no JSON": 2}, "endpoint": None},
        "columns": [{"name": "length", "effect": 0.4}, {"name": "sex", "effect": 0.01}],
        "quality": None,
        **changes,
    }


def published(
    document: dict[str, Any],
    reason: str = "schedule",
    cloudwatch: FakeCloudWatch | None = None,
) -> tuple[FakeS3, dict[str, float]]:
    s3, cloudwatch = FakeS3(), cloudwatch or FakeCloudWatch()
    prefix = "reports/2026/11/23/09-00-00/"
    s3.put(f"{prefix}report.json", json.dumps(document).encode())
    s3.put(f"{prefix}history.json", b"[]")
    event = {"bucket_name": BUCKET, "report_prefix": prefix, "reason": reason}
    publish.app.published(event, endpoint_name="abalone", s3=s3, cloudwatch=cloudwatch)
    return s3, cloudwatch.metrics


def test_the_metrics_of_many_columns_are_put_by_no_more_than_a_thousand() -> None:
    columns = [{"name": f"c{number}", "effect": 0.1} for number in range(2100)]
    sizes: list[int] = []

    class Counting(FakeCloudWatch):
        def put_metric_data(self, **request: Any) -> None:
            sizes.append(len(request["MetricData"]))
            super().put_metric_data(**request)

    _, metrics = published(report(columns=columns), cloudwatch=Counting())

    assert sum(sizes) == len(metrics) >= 2100
    assert max(sizes) <= 1000


QUALITY = {"rows": 5, "metrics": {"rmse": 2.0, "mae": 1.5}}


def test_the_numbers_of_a_window_are_put_and_its_summary_kept() -> None:
    s3, metrics = published(report(quality=QUALITY))

    assert metrics == {
        "Windows": 1,
        "Captures": 90,
        "UnreadableCaptures": 2,
        "DriftedColumns": 1,
        "TruthRows": 5,
        "Rmse": 2.0,
        "Mae": 1.5,
        "Drift/length": 0.4,
        "Drift/sex": 0.01,
    }
    summary = json.loads(s3.objects[BUCKET, "reports/latest/summary.json"])
    assert summary["page_key"] == "reports/2026/11/23/09-00-00/report.html"


@pytest.mark.parametrize(
    ("invocations", "expected"),
    [
        (30, {"ErrorShare": 0.1, "ModelLatency": 2.5}),
        (29, {"ModelLatency": 2.5}),
    ],
)
def test_the_share_of_errors_is_put_where_enough_calls_came(
    invocations: int, expected: dict[str, float]
) -> None:
    counted = {"invocations": invocations, "error_share": 0.1, "model_mean_ms": 2.5}
    traffic = {"captures": 90, "unreadable": {}, "endpoint": counted}

    _, metrics = published(report(traffic=traffic))
    _, without = published(report())

    assert {name: metrics[name] for name in metrics.keys() - without.keys()} == expected


@pytest.mark.parametrize("state", ["no calls", "too few rows"])
def test_a_window_that_is_not_judged_says_nothing_about_drift(state: str) -> None:
    _, metrics = published(report(state, drifted=[]))

    assert metrics.keys() == {"Windows", "Captures", "UnreadableCaptures"}


def test_late_truth_publishes_the_errors_alone() -> None:
    s3, metrics = published(report(quality=QUALITY), reason="truth")

    assert metrics == {"TruthRows": 5, "Rmse": 2.0, "Mae": 1.5}
    assert (BUCKET, "reports/latest/summary.json") not in s3.objects


# --- answer_alarm --------------------------------------------------------------------------------

ALARM_ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:drift"
ANSWERS = answer.app.Config(
    topic_arn="topic",
    state_machine_arn="workflow",
    retraining_alarm_names=("drift",),
    retraining_pause=datetime.timedelta(hours=1),
    monitor_arn="monitor",
    drift_alarm_names=("drift",),
    silence_alarm_name="silence",
    reports_bucket_name=BUCKET,
)


class FakeSNS:
    """The messages that were published."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []

    def publish(self, **message: str) -> dict[str, str]:
        self.messages.append(message)
        return {"MessageId": "1"}


class NoRetraining:
    """Fails where a retraining is started."""


def alarm_event(name: str, state: str, before: str) -> dict[str, Any]:
    return {
        "source": "aws.cloudwatch",
        "resources": [ALARM_ARN.replace("drift", name)],
        "detail": {
            "state": {"value": state, "reason": "Threshold Crossed"},
            "previousState": {"value": before},
            "configuration": {"description": "The calls to abalone drift from the baseline"},
        },
    }


def told(event: dict[str, Any], s3: FakeS3, config: Any = ANSWERS) -> list[dict[str, str]]:
    sns = FakeSNS()
    now = datetime.datetime(2026, 11, 23, tzinfo=UTC)
    answer.app.answer_alarm(event, config=config, now=now, sns=sns, states=NoRetraining(), s3=s3)
    return sns.messages


def summary_in(s3: FakeS3) -> FakeS3:
    summary = {key: report()[key] for key in ("window", "note", "moved_most")}
    s3.put("reports/latest/summary.json", json.dumps({**summary, "page_key": "r/a.html"}).encode())
    return s3


def test_a_drift_alarm_names_what_moved_and_what_to_do() -> None:
    quiet = dataclasses.replace(ANSWERS, retraining_alarm_names=())

    (message,) = told(alarm_event("drift", "ALARM", "OK"), summary_in(FakeS3()), quiet)

    assert "  1. length: mean 1 before, 2 now" in message["Message"]
    assert "Page: s3://captured/r/a.html\nhttps://eu-west-1.console" in message["Message"]
    assert "What to do: look at the page." in message["Message"]


def test_the_end_of_an_alarm_is_told_and_retrains_nothing() -> None:
    (message,) = told(alarm_event("drift", "OK", "ALARM"), FakeS3())

    assert message["Subject"].startswith("Back to normal: The calls to abalone")
    assert message["Message"].startswith("No longer: ")


def test_a_summary_that_is_not_there_keeps_no_alarm_from_being_told() -> None:
    quiet = dataclasses.replace(ANSWERS, retraining_alarm_names=())

    (message,) = told(alarm_event("drift", "ALARM", "OK"), FakeS3(), quiet)

    assert "What moved could not be read" in message["Message"]


def test_that_no_window_has_come_yet_is_no_news_and_that_they_stop_is() -> None:
    assert told(alarm_event("silence", "ALARM", "INSUFFICIENT_DATA"), FakeS3()) == []
    assert len(told(alarm_event("silence", "ALARM", "OK"), FakeS3())) == 1
