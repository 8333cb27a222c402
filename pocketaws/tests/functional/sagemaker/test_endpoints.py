"""Endpoints of the local runtime: created, called, updated under load, rolled back, deleted."""

import datetime
import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import xgboost as xgb
from botocore.exceptions import ClientError

from emulated.images import XGBOOST_URI
from emulated.serving import FAILING, ROW, Account, artifact, booster, called, predicted
from emulated.waiting import eventually
from pocketaws.errors import LocalRuntimeError
from pocketaws.runtime import LocalRuntime

SECONDS = 20
FIRST, SECOND = booster(), booster(-5.0)
CLOSE = 1e-6
SHIFTED = {
    "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300},
    "TerminationWaitInSeconds": 60,
}


@pytest.fixture
def account(runtime: LocalRuntime) -> Account:
    return Account(runtime)


@pytest.fixture(scope="module")
def served(runtime: LocalRuntime) -> str:
    """An endpoint for all tests that leave it as it was."""
    account = Account(runtime)
    return account.endpoint(account.model(FIRST))


def is_close(predictions: list[float], model: xgb.Booster, rows: str = ROW) -> bool:
    return predictions == pytest.approx(predicted(model, rows), abs=CLOSE)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


# Creation.
def test_an_endpoint_predicts_what_its_booster_does(account: Account, served: str) -> None:
    rows = f"{ROW}\n1,2,3,4\n-0.5,,2,1".replace(",,", ",0,")

    assert is_close(account.invoke(served, rows), FIRST, rows)


def test_an_endpoint_says_what_it_serves(account: Account, served: str) -> None:
    told = account.sagemaker.describe_endpoint(EndpointName=served)

    (variant,) = told["ProductionVariants"]
    assert told["EndpointStatus"] == "InService"
    assert variant["VariantName"] == "AllTraffic"
    assert (variant["CurrentInstanceCount"], variant["DesiredWeight"]) == (1, 1.0)
    assert variant["DeployedImages"][0]["ResolvedImage"] == XGBOOST_URI
    assert "FailureReason" not in told


def test_an_endpoint_answers_plain_http_on_loopback(
    runtime: LocalRuntime, account: Account, served: str
) -> None:
    url = runtime.serving_url(served)
    request = urllib.request.Request(
        f"{url}/invocations", ROW.encode(), {"Content-Type": "text/csv"}
    )

    with urllib.request.urlopen(f"{url}/ping") as pinged:
        ping_status = pinged.status
    with urllib.request.urlopen(request) as answer:
        predictions = [float(answer.read())]

    assert url.startswith("http://127.0.0.1:")
    assert ping_status == 200
    assert is_close(predictions, FIRST)


def test_an_endpoint_is_listed_with_its_status(account: Account, served: str) -> None:
    listed = account.sagemaker.list_endpoints(StatusEquals="InService", NameContains=served)[
        "Endpoints"
    ]

    assert served in [endpoint["EndpointName"] for endpoint in listed]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (artifact(b"nothing"), "did not pass the ping health check"),
        (b"no archive", "Failed to extract model data archive"),
        (artifact(b"", name="../outside"), "Failed to extract model data archive"),
    ],
    # An archive holds the time, and every process of the suite has to collect the same names.
    ids=["no model", "no archive", "a way out"],
)
def test_an_endpoint_whose_model_does_not_load_fails(
    account: Account, content: bytes, reason: str
) -> None:
    endpoint = account.endpoint(account.model(content))

    told = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert told["EndpointStatus"] == "Failed"
    assert reason in told["FailureReason"]
    assert refusal(lambda: account.invoke(endpoint))[0] == "ValidationError"


def test_an_endpoint_whose_artifact_is_gone_fails(runtime: LocalRuntime, account: Account) -> None:
    model = account.model(FIRST)
    container = account.sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    runtime.client("s3").delete_object(Bucket=bucket, Key=key)

    endpoint = account.endpoint(model)

    told = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert told["FailureReason"] == f"Could not find model data at s3://{bucket}/{key}."


def test_what_aws_refuses_is_refused(account: Account, served: str) -> None:
    sagemaker = account.sagemaker
    config = sagemaker.describe_endpoint(EndpointName=served)["EndpointConfigName"]
    variant = {"VariantName": "A", "ModelName": "none", "InstanceType": "ml.m5.large"}
    refused = [
        lambda: sagemaker.create_endpoint(EndpointName=served, EndpointConfigName=config),
        lambda: sagemaker.create_endpoint(EndpointName="new", EndpointConfigName="none"),
        lambda: sagemaker.create_endpoint(EndpointName="a_b", EndpointConfigName=config),
        lambda: sagemaker.describe_endpoint(EndpointName="none"),
        lambda: sagemaker.update_endpoint(EndpointName="none", EndpointConfigName=config),
        lambda: sagemaker.update_endpoint(EndpointName=served, EndpointConfigName="none"),
        lambda: sagemaker.delete_endpoint(EndpointName="none"),
        lambda: sagemaker.describe_endpoint_config(EndpointConfigName="none"),
        lambda: sagemaker.create_endpoint_config(
            EndpointConfigName=config, ProductionVariants=[variant | {"InitialInstanceCount": 1}]
        ),
        lambda: sagemaker.create_endpoint_config(
            EndpointConfigName="two", ProductionVariants=[variant, variant | {"VariantName": "B"}]
        ),
    ]

    codes = {refusal(call)[0] for call in refused}

    assert codes == {"ValidationException"}
    assert "Cannot create already existing endpoint" in refusal(refused[0])[1]


# Invocation.
def test_the_answer_names_its_variant_and_type(account: Account, served: str) -> None:
    answer = account.runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=served, ContentType="text/csv", Accept="application/json", Body=ROW
    )

    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"] == "application/json"
    (prediction,) = json.loads(answer["Body"].read())["predictions"]
    assert is_close([prediction["score"]], FIRST)


def test_an_error_of_the_container_is_a_model_error(account: Account, served: str) -> None:
    with pytest.raises(ClientError) as refused:
        account.invoke(served, "one,two,three,four")

    told = refused.value.response
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert told["Error"]["Code"] == "ModelError"
    assert told["OriginalStatusCode"] == 415
    assert "could not convert string to float" in told["OriginalMessage"]
    assert told["Error"]["Message"].startswith("Received client error (415) from primary with")


def test_an_endpoint_that_is_not_there_is_not_found(account: Account) -> None:
    code, message = refusal(lambda: account.invoke("nobody"))

    assert code == "ValidationError"
    assert message == "Endpoint nobody of account 123456789012 not found."


def test_a_body_above_the_limit_is_413(account: Account, served: str) -> None:
    code, message = refusal(lambda: account.invoke(served, "1" * 6_300_000))

    assert (code, message) == ("413", "HTTP content length exceeded 6295552 bytes.")


def test_a_body_below_the_limit_reaches_the_container(account: Account, served: str) -> None:
    rows = f"{ROW}\n" * 100_000

    assert len(account.invoke(served, rows)) == 100_000


@pytest.mark.parametrize("more", [{"TargetVariant": "Other"}, {"TargetModel": "other.tar.gz"}])
def test_a_call_for_another_variant_or_model_is_refused(
    account: Account, served: str, more: dict[str, str]
) -> None:
    assert refusal(lambda: account.invoke(served, **more))[0] == "ValidationError"


def test_a_runtime_knows_no_url_of_an_endpoint_that_is_not_there(runtime: LocalRuntime) -> None:
    with pytest.raises(LocalRuntimeError, match="no endpoint 'nobody'"):
        runtime.serving_url("nobody")


# Update.
@pytest.mark.parametrize("keeps_open", [True, False])
def test_an_update_under_load_loses_no_request(account: Account, keeps_open: bool) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    config = account.config(account.model(SECOND))
    url = account.runtime.serving_url(endpoint)

    with called(url, keeps_open=keeps_open) as came:
        while len(came) < 300:
            time.sleep(0.01)
        told = account.update(endpoint, config)
        updated = len(came)
        while len(came) < updated + 100:
            time.sleep(0.01)

    numbers = [one for one in came if isinstance(one, float)]
    assert len(numbers) == len(came)
    assert {round(number, 5) for number in numbers} == {
        round(predicted(model, ROW)[0], 5) for model in (FIRST, SECOND)
    }
    assert all(is_close([number], SECOND) for number in numbers[updated + 8 :])
    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("InService", config)
    assert account.runtime.serving_url(endpoint) == url


def test_an_update_to_a_model_that_does_not_load_changes_nothing(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    before = account.settled(endpoint)["EndpointConfigName"]

    told = account.update(endpoint, account.config(account.model(artifact(b"nothing"))))

    assert told["EndpointStatus"] == "InService"
    assert "did not pass the ping health check" in told["FailureReason"]
    assert told["EndpointConfigName"] == before
    assert is_close(account.invoke(endpoint), FIRST)


def test_what_is_being_updated_is_not_updated_again(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    config = account.config(account.model(SECOND))
    # The old container ends when it has answered what had begun.
    host = urlsplit(account.runtime.serving_url(endpoint)).netloc
    begun = http.client.HTTPConnection(host, timeout=SECONDS)
    begun.request("GET", "/ping")
    begun.getresponse().read()
    begun.putrequest("POST", "/invocations")
    begun.putheader("Content-Length", "100")
    begun.endheaders(b"1")
    account.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=config)

    pending = account.sagemaker.describe_endpoint(EndpointName=endpoint)
    refused = [
        refusal(lambda: account.sagemaker.delete_endpoint(EndpointName=endpoint)),
        refusal(
            lambda: account.sagemaker.update_endpoint(
                EndpointName=endpoint, EndpointConfigName=config
            )
        ),
    ]
    begun.close()

    assert pending["EndpointStatus"] == "Updating"
    assert pending["PendingDeploymentSummary"]["EndpointConfigName"] == config
    assert all("Cannot update in-progress endpoint" in message for _, message in refused)
    assert "PendingDeploymentSummary" not in account.settled(endpoint)


def alarm(account: Account, **more: Any) -> dict[str, Any]:
    """Create an alarm on 5XX errors and return the DeploymentConfig that names it."""
    name = f"errors-{uuid.uuid4().hex[:8]}"
    account.runtime.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Statistic="Average",
        Threshold=0.01,
        ComparisonOperator="GreaterThanThreshold",
        Period=60,
        EvaluationPeriods=2,
        **more,
    )
    return {
        "BlueGreenUpdatePolicy": SHIFTED,
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name}]},
    }


def alarm_name(deployment_config: dict[str, Any]) -> str:
    name: str = deployment_config["AutoRollbackConfiguration"]["Alarms"][0]["AlarmName"]
    return name


def test_errors_after_an_update_bring_the_old_model_back(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    before = account.settled(endpoint)["EndpointConfigName"]
    failing = account.config(account.model(SECOND, **FAILING))
    deployment = alarm(account)

    with called(account.runtime.serving_url(endpoint), keeps_open=False):
        told = account.update(endpoint, failing, DeploymentConfig=deployment)

    assert told["EndpointStatus"] == "InService"
    assert told["EndpointConfigName"] == before
    assert f"was rolled back because of alarm {alarm_name(deployment)}" in told["FailureReason"]
    assert is_close(account.invoke(endpoint), FIRST)


def test_an_alarm_that_is_on_before_an_update_rolls_it_back(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    deployment = alarm(account)
    account.runtime.client("cloudwatch").set_alarm_state(
        AlarmName=alarm_name(deployment), StateValue="ALARM", StateReason="set by hand"
    )

    told = account.update(
        endpoint, account.config(account.model(SECOND)), DeploymentConfig=deployment
    )

    assert "rolled back" in told["FailureReason"]
    assert is_close(account.invoke(endpoint), FIRST)


def test_errors_without_an_alarm_roll_nothing_back(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    failing = account.config(account.model(SECOND, **FAILING))

    with called(account.runtime.serving_url(endpoint), keeps_open=False):
        told = account.update(endpoint, failing)

    assert (told["EndpointStatus"], told["EndpointConfigName"]) == ("InService", failing)
    with pytest.raises(ClientError) as refused:
        account.invoke(endpoint)
    assert refused.value.response["OriginalStatusCode"] == 500


# What is recorded.
def captured(account: Account, prefix: str) -> list[dict[str, Any]]:
    account.runtime.flush_endpoints()
    s3 = account.runtime.client("s3")
    objects = s3.list_objects_v2(Bucket="served-models", Prefix=prefix).get("Contents", [])
    return [
        json.loads(line)
        for item in objects
        for line in s3.get_object(Bucket="served-models", Key=item["Key"])["Body"]
        .read()
        .splitlines()
    ]


def capture_config(prefix: str, *modes: str, percentage: int = 100) -> dict[str, Any]:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": percentage,
        "DestinationS3Uri": f"s3://served-models/{prefix}",
        "CaptureOptions": [{"CaptureMode": mode} for mode in modes],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }


def test_captured_calls_are_lines_in_s3(account: Account) -> None:
    capture = capture_config("captured", "Input", "Output")
    endpoint = account.endpoint(account.model(FIRST), DataCaptureConfig=capture)

    account.invoke(endpoint, InferenceId="mine")

    (line,) = captured(account, f"captured/{endpoint}/AllTraffic/2")
    data = line["captureData"]
    assert data["endpointInput"]["data"] == ROW
    assert data["endpointInput"]["encoding"] == "CSV"
    assert is_close([float(data["endpointOutput"]["data"])], FIRST)
    assert line["eventMetadata"]["inferenceId"] == "mine"
    told = account.sagemaker.describe_endpoint(EndpointName=endpoint)["DataCaptureConfig"]
    assert (told["CaptureStatus"], told["CurrentSamplingPercentage"]) == ("Started", 100)


def test_only_what_is_asked_for_is_captured(account: Account) -> None:
    capture = capture_config("inputs", "Input")
    endpoint = account.endpoint(account.model(FIRST), DataCaptureConfig=capture)

    account.invoke(endpoint)

    (line,) = captured(account, "inputs/")
    assert line["captureData"].keys() == {"endpointInput"}


def test_captured_data_that_cannot_be_written_fails_no_call(account: Account) -> None:
    capture = capture_config("lost", "Input") | {"DestinationS3Uri": "s3://no-such-bucket/x"}
    endpoint = account.endpoint(account.model(FIRST), DataCaptureConfig=capture)

    predictions = account.invoke(endpoint)
    account.runtime.flush_endpoints()

    assert is_close(predictions, FIRST)


def test_calls_are_counted_as_metrics(account: Account) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    for _ in range(3):
        account.invoke(endpoint)
    refusal(lambda: account.invoke(endpoint, "no,number"))
    account.runtime.flush_endpoints()

    def total(metric: str) -> tuple[float, float]:
        now = datetime.datetime.now(tz=datetime.UTC)
        (point,) = account.runtime.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": "AllTraffic"},
            ],
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now + datetime.timedelta(minutes=5),
            Period=86_400,
            Statistics=["Sum", "SampleCount"],
        )["Datapoints"]
        return point["Sum"], point["SampleCount"]

    assert total("Invocations") == (4, 4)
    assert total("Invocation4XXErrors") == (1, 4)
    assert total("Invocation5XXErrors") == (0, 4)
    assert 0 < total("ModelLatency")[0] < 4_000_000


# Deletion.
def test_a_deleted_endpoint_leaves_no_process_and_no_port(
    runtime: LocalRuntime, account: Account
) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    port = urlsplit(runtime.serving_url(endpoint)).port
    fleet = runtime._services.endpoints.endpoints.get(endpoint).fleet
    assert fleet is not None
    container = psutil.Process(fleet.pid)
    processes = [container, *container.children(recursive=True)]

    account.sagemaker.delete_endpoint(EndpointName=endpoint)

    assert not [each for each in processes if each.is_running()]
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port or 0).request("GET", "/ping")
    assert (
        "Could not find endpoint"
        in refusal(lambda: account.sagemaker.describe_endpoint(EndpointName=endpoint))[1]
    )
    assert refusal(lambda: account.invoke(endpoint))[0] == "ValidationError"


# Loss.
def test_an_endpoint_whose_container_is_killed_says_so_everywhere(
    runtime: LocalRuntime, account: Account
) -> None:
    endpoint = account.endpoint(account.model(FIRST))
    url = runtime.serving_url(endpoint)
    fleet = runtime._services.endpoints.endpoints.get(endpoint).fleet
    assert fleet is not None

    psutil.Process(fleet.pid).kill()

    assert eventually(lambda: described(account, endpoint)["EndpointStatus"] == "Failed")
    reason = described(account, endpoint)["FailureReason"]
    assert f"The container of model {model_of(account, endpoint)} was killed (SIGKILL)" in reason
    begun = time.monotonic()
    with pytest.raises(urllib.error.HTTPError) as answered:
        urllib.request.urlopen(f"{url}/invocations", data=ROW.encode(), timeout=SECONDS)
    assert (answered.value.code, answered.value.read().decode().strip()) == (503, reason)
    assert refusal(lambda: account.invoke(endpoint))[0] == "ValidationError"
    assert time.monotonic() - begun < SECONDS / 2
    account.sagemaker.delete_endpoint(EndpointName=endpoint)
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        urllib.request.urlopen(f"{url}/ping", timeout=SECONDS)


def described(account: Account, endpoint: str) -> dict[str, Any]:
    return dict(account.sagemaker.describe_endpoint(EndpointName=endpoint))


def model_of(account: Account, endpoint: str) -> str:
    config = account.sagemaker.describe_endpoint_config(
        EndpointConfigName=described(account, endpoint)["EndpointConfigName"]
    )
    return str(config["ProductionVariants"][0]["ModelName"])
