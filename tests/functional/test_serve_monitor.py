"""`workflow serve --every` and `workflow monitor`, by the real commands."""

import itertools
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulated.waiting import eventually
from tests.functional.serving_command import ENDPOINT_NAME, Serving, encoded, raw_rows, serving
from tests.pages import read_all

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
ROWS = 200
EVERY = 6


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("monitor")
    with serving(folder, "--every", f"{EVERY}s", "--retrain-on-drift") as running:
        yield running


def call(served: Serving, *, turn: int = 0, longer: float = 1.0) -> None:
    """Ask for other rows at each turn: the same ones again would be a drift that is there."""
    served.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=ENDPOINT_NAME,
        ContentType="text/csv",
        Body="\n".join(encoded(raw_rows(ROWS, longer=longer, before=turn * ROWS))),
    )


def summary(served: Serving) -> dict[str, object]:
    """Return what is kept of the newest window; nothing before the first."""
    s3 = served.client("s3")
    bucket_name = _outputs(served)["CaptureBucketName"]
    try:
        body = s3.get_object(Bucket=bucket_name, Key="reports/latest/summary.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return {}
    return dict(json.loads(body))


def _outputs(served: Serving) -> dict[str, str]:
    (stack,) = served.client("cloudformation").describe_stacks(StackName="abalone-endpoint")[
        "Stacks"
    ]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


def calling_until(served: Serving, *, drifts: bool, longer: float = 1.0) -> None:
    """Call again and again, until two windows that follow each other say whether calls drift."""
    said: list[tuple[object, bool]] = []
    deadline = time.monotonic() + 300
    for turn in itertools.count():
        if time.monotonic() > deadline:
            break
        call(served, turn=turn, longer=longer)
        found = summary(served)
        if found.get("state") == "compared":
            one = (found["page_key"], bool(found["drifted"]))
            said += [one] if one not in said else []
        if [answer for _, answer in said[-2:]] == [drifts, drifts]:
            return
        time.sleep(1)
    raise AssertionError(f"{said}\n{served.log[-3000:]}")


def messages(served: Serving) -> list[str]:
    return [line for line in served.log.splitlines() if "message: " in line]


def alarms(served: Serving) -> list[str]:
    return [line for line in messages(served) if "drift from the baseline" in line]


def retrainings(served: Serving) -> list[str]:
    """Return how the executions that drift started have ended, or that they run."""
    listed = read_all(
        served.client("stepfunctions"),
        "list_executions",
        stateMachineArn=served.state_machine_arn(),
    )["executions"]
    return [one["status"] for one in listed if one["name"].startswith("drift-")]


def metrics(served: Serving) -> set[str]:
    """Return what is published of the windows: the names, and of drift the columns'."""
    listed = read_all(
        served.client("cloudwatch"), "list_metrics", Namespace="SageMakerWorkflow/Monitor"
    )
    return {
        "/".join([one["MetricName"], *(each["Value"] for each in one["Dimensions"][1:])])
        for one in listed["Metrics"]
    }


def pages(served: Serving) -> list[str]:
    """Return the keys of the windows' pages."""
    listed = read_all(
        served.client("s3"),
        "list_objects_v2",
        Bucket=_outputs(served)["CaptureBucketName"],
        Prefix="reports/2",
    )
    return [one["Key"] for one in listed.get("Contents", []) if one["Key"].endswith(".html")]


def test_drift_is_one_message_and_its_end_another(served: Serving, tmp_path: Path) -> None:
    calling_until(served, drifts=False)
    assert alarms(served) == []
    assert metrics(served) >= {"Windows", "Captures", "ModelLatency", "Drift/length"}
    assert len(pages(served)) >= 2
    assert retrainings(served) == []

    calling_until(served, drifts=True, longer=1.3)
    eventually(lambda: len(alarms(served)) >= 1)
    assert len(alarms(served)) == 1
    assert "Alarm: The calls to abalone drift from the baseline" in alarms(served)[0]
    told = served.log.partition(alarms(served)[0])[2]
    assert "length: mean" in told
    assert "What to do: look at the page." in told
    assert re.search(r"Page: http://localhost:\d+/monitor/\d{4}/", told)
    assert "console.aws" not in served.log
    eventually(lambda: retrainings(served) == ["SUCCEEDED"])

    calling_until(served, drifts=False)
    eventually(lambda: len(alarms(served)) >= 2)
    assert len(alarms(served)) == 2
    assert "Back to normal: The calls to abalone" in alarms(served)[1]
    assert retrainings(served) == ["SUCCEEDED"]

    output_dir = tmp_path / "by-hand"
    done = served.command("monitor", "--output-dir", str(output_dir))
    assert done.returncode == 0, done.stderr
    assert (output_dir / "report.html").read_text().startswith("<!doctype html>")
    assert str(output_dir / "report.html") in done.stdout


def test_a_folder_of_captures_is_compared_without_an_account(
    served: Serving, tmp_path: Path
) -> None:
    s3 = served.client("s3")
    model_name = served.recorded_name()
    (machine,) = [
        one
        for one in read_all(served.client("ssm"), "describe_parameters")["Parameters"]
        if one["Name"] == "/abalone-dev/bucket-name"
    ]
    bucket_name = served.client("ssm").get_parameter(Name=machine["Name"])["Parameter"]["Value"]
    key = f"evaluation/{model_name[:-9]}/baseline.json"
    s3.download_file(bucket_name, key, str(tmp_path / "baseline.json"))
    captured = _outputs(served)["CaptureBucketName"]
    listed = read_all(s3, "list_objects_v2", Bucket=captured, Prefix="capture/")["Contents"]
    (tmp_path / "captures").mkdir()
    for number, item in enumerate(listed[:5]):
        s3.download_file(captured, item["Key"], str(tmp_path / "captures" / f"{number}.jsonl"))

    done = served.command(
        "monitor",
        *("--captures", str(tmp_path / "captures")),
        *("--baseline", str(tmp_path / "baseline.json")),
        *("--output-dir", str(tmp_path / "out")),
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Of ")
    assert (tmp_path / "out" / "report.json").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--captures", "nowhere"], "--captures needs --baseline"),
        (["--captures", "nowhere", "--baseline", "b"], "there is no such folder"),
        (["--baseline", "b"], "go with --captures"),
        (["--from", "yesterday"], "--from yesterday: must be a time in UTC"),
        (["--endpoint-name", "other"], "there is no endpoint other"),
    ],
)
def test_arguments_that_cannot_be_used_say_what_to_do(
    served: Serving, arguments: list[str], told: str
) -> None:
    done = served.command("monitor", *arguments)

    assert done.returncode == 1
    assert told in done.stderr
