"""Model Monitor: a baseline, executions over what an endpoint captured, and what drift leads to."""

import datetime
import itertools
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.images import XGBOOST_URI
from emulated.served import eventually
from pocketaws.errors import DeploymentError, LocalRuntimeError
from pocketaws.runtime import LocalRuntime
from tests.functional import monitored
from tests.functional.monitored import ANALYZER_URI, BUCKET_NAME, Monitored, Row, longer

DATA_METRICS = "aws/sagemaker/Endpoints/data-metrics"
NAMES = (f"monitored-{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return monitored.sample_rows()


@pytest.fixture(scope="module")
def values(runtime: LocalRuntime) -> dict[str, str]:
    return monitored.prepare(runtime)


@pytest.fixture(scope="module")
def baseline(runtime: LocalRuntime, values: dict[str, str], rows: list[Row]) -> dict[str, Any]:
    """The description of a job that made the baseline of the sample."""
    runtime.client("s3").put_object(
        Bucket=BUCKET_NAME,
        Key="training/rows/train.csv",
        Body=(",".join(monitored.COLUMNS) + "\n" + monitored.csv_text(rows)).encode(),
    )
    return monitored.finished(runtime, monitored.baseline_request(values["role-arn"]))


@pytest.fixture
def deploy(
    runtime: LocalRuntime, values: dict[str, str], baseline: dict[str, Any]
) -> Iterator[Callable[..., Monitored]]:
    """Deploy endpoints with a name of their own; their stacks go at the end of the test."""
    stack_names: list[str] = []

    def deployed(**parameters: str) -> Monitored:
        found = monitored.deploy(runtime, values, next(NAMES), **parameters)
        stack_names.append(found.stack.name)
        return found

    yield deployed
    for name in stack_names:
        runtime.client("cloudformation").delete_stack(StackName=name)


@pytest.fixture(scope="module")
def watched(
    runtime: LocalRuntime, values: dict[str, str], baseline: dict[str, Any]
) -> Iterator[Monitored]:
    """An endpoint that tests share that do not look at its alarms and messages."""
    found = monitored.deploy(runtime, values, "monitored-shared")
    yield found
    runtime.client("cloudformation").delete_stack(StackName=found.stack.name)


def test_a_baseline_is_made_of_training_data(
    runtime: LocalRuntime, baseline: dict[str, Any], rows: list[Row]
) -> None:
    body = runtime.client("s3").get_object(
        Bucket=BUCKET_NAME, Key="monitoring/sample/statistics.json"
    )["Body"]
    statistics = json.load(body)

    assert baseline["ProcessingJobStatus"] == "Completed", baseline.get("FailureReason")
    assert baseline["ExitMessage"].startswith("Completed: ")
    assert statistics["dataset"]["item_count"] == len(rows)
    assert tuple(one["name"] for one in statistics["features"]) == monitored.COLUMNS


@pytest.mark.parametrize("field", ["ContainerEntrypoint", "ContainerArguments"])
def test_an_image_with_an_entrypoint_takes_none(
    runtime: LocalRuntime, values: dict[str, str], field: str
) -> None:
    specification = {"ImageUri": ANALYZER_URI, field: ["python3", "/opt/ml/processing/a.py"]}
    request = monitored.baseline_request(values["role-arn"], AppSpecification=specification)

    with pytest.raises(ClientError, match="leave it out: sagemaker-model-monitor-analyzer"):
        runtime.client("sagemaker").create_processing_job(**request)


def test_an_analysis_that_fails_says_why(runtime: LocalRuntime, values: dict[str, str]) -> None:
    request = monitored.baseline_request(values["role-arn"])
    request["Environment"]["dataset_format"] = '{"parquet": {}}'
    described = monitored.finished(runtime, request)

    assert described["ProcessingJobStatus"] == "Failed"
    assert "parquet" in described["FailureReason"]
    assert described["FailureReason"].startswith("AlgorithmError: Error: dataset_format=")
    assert described["FailureReason"].endswith(", exit code: 255")


def test_calls_like_the_training_data_violate_nothing(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy(RetrainOnDrift="true")
    endpoint.capture(rows[::2])
    execution = runtime.run_monitoring(endpoint.schedule_name)

    assert (execution.status, execution.failure_reason) == ("Completed", None)
    found = endpoint.report(execution.report_uri, "constraint_violations.json")
    assert found == {"violations": []}
    assert endpoint.alarm_state() == "OK"
    assert endpoint.messages() == []
    assert endpoint.retrainings() == []


def test_drift_sets_the_alarm_off_which_tells_and_retrains_once(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy(RetrainOnDrift="true")
    drifted, usual = longer(rows[::2], factor=1.3), rows[::2]
    endpoint.capture(drifted)
    execution = runtime.run_monitoring(endpoint.schedule_name)

    assert execution.status == "CompletedWithViolations"
    found = endpoint.report(execution.report_uri, "constraint_violations.json")["violations"]
    assert {one["feature_name"] for one in found} == {"length"}
    assert endpoint.alarm_state() == "ALARM"
    assert eventually(lambda: len(endpoint.messages()) == 1)
    assert "Threshold Crossed: 1 out of the last 1 datapoints" in endpoint.messages()[0]
    assert "Retraining was started" in endpoint.messages()[0]
    (name,) = endpoint.retrainings()
    assert name.startswith("drift-")

    # It goes on: the alarm is on already, and nothing new is told.
    endpoint.capture(drifted)
    runtime.run_monitoring(endpoint.schedule_name)
    # It ends, and comes back within the pause.
    endpoint.capture(usual)
    runtime.run_monitoring(endpoint.schedule_name)
    assert endpoint.alarm_state() == "OK"
    endpoint.capture(drifted)
    runtime.run_monitoring(endpoint.schedule_name)

    assert eventually(lambda: len(endpoint.messages()) == 2)
    assert "the pause is not over" in endpoint.messages()[1]
    assert endpoint.retrainings() == [name]


def test_drift_is_only_told_where_retraining_is_off(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy()
    endpoint.capture(longer(rows[::2], factor=1.3))
    runtime.run_monitoring(endpoint.schedule_name)

    assert eventually(lambda: len(endpoint.messages()) == 1)
    assert "This alarm starts no retraining." in endpoint.messages()[0]
    assert endpoint.retrainings() == []


def test_each_call_is_looked_at_once(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    counts = []
    for some in (rows[:300], rows[300:500]):
        watched.capture(some)
        execution = runtime.run_monitoring(watched.schedule_name)
        statistics = watched.report(execution.report_uri, "statistics.json")
        counts.append(statistics["dataset"]["item_count"])

    assert counts == [300, 200]


def test_what_the_endpoint_itself_captured_is_looked_at(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    features = monitored.csv_text([row[1:] for row in rows[:50]])
    answer = runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=watched.name, ContentType="text/csv", Body=features
    )
    execution = runtime.run_monitoring(watched.schedule_name)

    assert len(answer["Body"].read().decode().replace("\n", ",").strip(",").split(",")) == 50
    statistics = watched.report(execution.report_uri, "statistics.json")
    assert statistics["dataset"]["item_count"] == 50, execution


def test_without_a_call_an_execution_fails_as_on_aws(
    runtime: LocalRuntime, watched: Monitored
) -> None:
    runtime.run_monitoring(watched.schedule_name)
    execution = runtime.run_monitoring(watched.schedule_name)

    assert (execution.status, execution.failure_reason) == ("Failed", "Job inputs had no data")
    assert execution.processing_job_arn is None


def test_executions_are_listed_and_the_last_is_described(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    sagemaker = runtime.client("sagemaker")
    watched.capture(rows[:300])
    execution = runtime.run_monitoring(watched.schedule_name)

    last = sagemaker.describe_monitoring_schedule(MonitoringScheduleName=watched.schedule_name)[
        "LastMonitoringExecutionSummary"
    ]
    assert last["MonitoringExecutionStatus"] == execution.status
    assert last["ProcessingJobArn"] == execution.processing_job_arn
    assert last["EndpointName"] == watched.name
    listed = sagemaker.list_monitoring_executions(EndpointName=watched.name, MaxResults=1)
    assert listed["MonitoringExecutionSummaries"] == [last]
    assert not sagemaker.list_monitoring_executions(
        EndpointName=watched.name, StatusEquals="Stopped"
    )["MonitoringExecutionSummaries"]


def test_the_job_gets_what_sagemaker_gives_it(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    watched.capture(rows[:300])
    execution = runtime.run_monitoring(watched.schedule_name)
    name = str(execution.processing_job_arn).rpartition("/")[2]
    job = runtime.client("sagemaker").describe_processing_job(ProcessingJobName=name)

    environment = job["Environment"]
    start, end = environment.pop("start_time"), environment.pop("end_time")
    assert start < end == f"{execution.scheduled:%Y-%m-%dT%H:%M:%SZ}"
    assert environment == {
        "baseline_constraints": "/opt/ml/processing/baseline/constraints/constraints.json",
        "baseline_statistics": "/opt/ml/processing/baseline/stats/statistics.json",
        "dataset_format": '{"sagemakerCaptureJson": {"captureIndexNames": '
        '["endpointInput", "endpointOutput"]}}',
        "dataset_source": "/opt/ml/processing/input/endpoint",
        "output_path": "/opt/ml/processing/output",
        "publish_cloudwatch_metrics": "Enabled",
        "sagemaker_endpoint_name": watched.name,
        "sagemaker_monitoring_schedule_name": watched.schedule_name,
    }
    assert job["MonitoringScheduleArn"].endswith(f"monitoring-schedule/{watched.schedule_name}")


def test_metrics_come_into_cloudwatch(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    watched.capture(rows[:300])
    execution = runtime.run_monitoring(watched.schedule_name)
    dimensions = [
        {"Name": "Endpoint", "Value": watched.name},
        {"Name": "MonitoringSchedule", "Value": watched.schedule_name},
    ]
    (point,) = runtime.client("cloudwatch").get_metric_statistics(
        Namespace=DATA_METRICS,
        MetricName="feature_baseline_drift_length",
        Dimensions=dimensions,
        StartTime=execution.scheduled,
        EndTime=execution.scheduled + datetime.timedelta(seconds=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]

    assert 0 <= point["Maximum"] < 0.2


def test_a_schedule_that_is_stopped_runs_nothing_until_it_is_started(
    runtime: LocalRuntime, watched: Monitored
) -> None:
    sagemaker, name = runtime.client("sagemaker"), watched.schedule_name
    sagemaker.stop_monitoring_schedule(MonitoringScheduleName=name)
    with pytest.raises(LocalRuntimeError, match="is stopped; call StartMonitoringSchedule first"):
        runtime.run_monitoring(name)

    stopped = sagemaker.list_monitoring_schedules(StatusEquals="Stopped")
    assert [one["MonitoringScheduleName"] for one in stopped["MonitoringScheduleSummaries"]] == [
        name
    ]
    sagemaker.start_monitoring_schedule(MonitoringScheduleName=name)
    assert runtime.run_monitoring(name).schedule_name == name


def test_a_schedule_that_is_not_there_is_named_with_those_that_are(
    runtime: LocalRuntime, watched: Monitored
) -> None:
    with pytest.raises(LocalRuntimeError, match=f"schedule 'none'; .*{watched.schedule_name}"):
        runtime.run_monitoring("none")


def definition_request(endpoint_name: str, **changes: Any) -> dict[str, Any]:
    return {
        "JobDefinitionName": f"definition-{uuid.uuid4()}",
        "DataQualityAppSpecification": {"ImageUri": ANALYZER_URI},
        "DataQualityJobInput": {
            "EndpointInput": {"EndpointName": endpoint_name, "LocalPath": "/opt/ml/processing/in"}
        },
        "DataQualityJobOutputConfig": {
            "MonitoringOutputs": [
                {"S3Output": {"S3Uri": "s3://monitored/r", "LocalPath": "/opt/ml/processing/out"}}
            ]
        },
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 20,
            }
        },
        "RoleArn": "arn:aws:iam::123456789012:role/monitored",
        **changes,
    }


def schedule_request(definition_name: str, **config: Any) -> dict[str, Any]:
    return {
        "MonitoringScheduleName": f"schedule-{uuid.uuid4()}",
        "MonitoringScheduleConfig": {
            "MonitoringJobDefinitionName": definition_name,
            "MonitoringType": "DataQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            **config,
        },
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"DataQualityAppSpecification": {"ImageUri": XGBOOST_URI}},
            "is no image of Model Monitor",
        ),
        (
            {"DataQualityBaselineConfig": {"BaseliningJobName": "base"}},
            "'base' at 'dataQualityBaselineConfig.baseliningJobName'",
        ),
        (
            {
                "DataQualityAppSpecification": {
                    "ImageUri": ANALYZER_URI,
                    "RecordPreprocessorSourceUri": "s3://a/b.py",
                }
            },
            "RecordPreprocessorSourceUri is not run locally",
        ),
        ({"DataQualityJobInput": {}}, "needs EndpointInput"),
        ({"RoleArn": "arn:aws:iam::123456789012:user/me"}, "'roleArn' failed .* pattern"),
    ],
)
def test_a_definition_that_cannot_run_is_refused(
    runtime: LocalRuntime, watched: Monitored, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told) as raised:
        runtime.client("sagemaker").create_data_quality_job_definition(
            **definition_request(watched.name, **changes)
        )

    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_an_endpoint_that_is_not_there_cannot_be_monitored(runtime: LocalRuntime) -> None:
    with pytest.raises(ClientError, match=r"Could not find endpoint .*nowhere"):
        runtime.client("sagemaker").create_data_quality_job_definition(
            **definition_request("nowhere")
        )


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"ScheduleConfig": {"ScheduleExpression": "cron(5 * ? * * *)"}}, "is no schedule"),
        ({"MonitoringJobDefinitionName": "none"}, "Could not find .*definition/none"),
        ({"MonitoringType": "ModelBias"}, "'ModelBias' .* is not run locally"),
        ({"MonitoringType": "ModelQuality"}, "Could not find .*model-quality"),
    ],
)
def test_a_schedule_that_cannot_run_is_refused(
    runtime: LocalRuntime, watched: Monitored, config: dict[str, Any], told: str
) -> None:
    sagemaker, request = runtime.client("sagemaker"), definition_request(watched.name)
    sagemaker.create_data_quality_job_definition(**request)
    with pytest.raises(ClientError, match=told) as raised:
        sagemaker.create_monitoring_schedule(
            **schedule_request(request["JobDefinitionName"], **config)
        )

    assert raised.value.response["Error"]["Code"] == "ValidationException"


def test_names_are_used_once_and_again_after_deletion(
    runtime: LocalRuntime, watched: Monitored
) -> None:
    sagemaker, definition = runtime.client("sagemaker"), definition_request(watched.name)
    schedule = schedule_request(definition["JobDefinitionName"])
    names = {"JobDefinitionName": definition["JobDefinitionName"]}
    schedule_names = {"MonitoringScheduleName": schedule["MonitoringScheduleName"]}
    sagemaker.create_data_quality_job_definition(**definition)
    sagemaker.create_monitoring_schedule(**schedule)

    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_data_quality_job_definition(**definition)
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.create_monitoring_schedule(**schedule)
    described = sagemaker.describe_data_quality_job_definition(**names)
    assert described["DataQualityJobInput"] == definition["DataQualityJobInput"]
    listed = sagemaker.list_data_quality_job_definitions(EndpointName=watched.name)
    assert names["JobDefinitionName"] in {
        one["MonitoringJobDefinitionName"] for one in listed["JobDefinitionSummaries"]
    }
    sagemaker.delete_monitoring_schedule(**schedule_names)
    sagemaker.delete_data_quality_job_definition(**names)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_monitoring_schedule(**schedule_names)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_data_quality_job_definition(**names)
    sagemaker.create_data_quality_job_definition(**definition)


def test_a_schedule_may_hold_its_definition(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row]
) -> None:
    apart = definition_request(watched.name)
    endpoint_input = apart["DataQualityJobInput"]["EndpointInput"]
    config = {
        "MonitoringJobDefinition": {
            "MonitoringInputs": [{"EndpointInput": endpoint_input}],
            "MonitoringOutputConfig": apart["DataQualityJobOutputConfig"],
            "MonitoringResources": apart["JobResources"],
            "MonitoringAppSpecification": {"ImageUri": ANALYZER_URI},
            "RoleArn": apart["RoleArn"],
        }
    }
    name = f"schedule-{uuid.uuid4()}"
    runtime.client("sagemaker").create_monitoring_schedule(
        MonitoringScheduleName=name, MonitoringScheduleConfig=config
    )
    watched.capture(rows[:10])
    execution = runtime.run_monitoring(name)

    assert execution.status == "Completed", execution.failure_reason
    assert execution.report_uri.startswith(f"s3://monitored/r/{watched.name}/{name}/")


def test_a_baseline_that_is_not_there_fails_the_execution(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy(BaselineUri=f"s3://{BUCKET_NAME}/monitoring/none/")
    endpoint.capture(rows[:10])
    execution = runtime.run_monitoring(endpoint.schedule_name)

    assert execution.status == "Failed"
    assert "monitoring/none/constraints.json" in str(execution.failure_reason)


def test_predictions_far_from_the_truth_set_the_alarm_off(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy(
        MonitorModelQuality="true", GroundTruthStartOffset="-P1D", GroundTruthEndOffset="-PT0H"
    )
    ids = [str(uuid.uuid4()) for _ in rows[:300]]
    endpoint.capture(rows[:300], inference_ids=ids)
    truths = [
        {
            "groundTruthData": {"data": str(row[0] + 3), "encoding": "CSV"},
            "eventMetadata": {"eventId": inference_id},
            "eventVersion": "0",
        }
        for row, inference_id in zip(rows[:250], ids[:250], strict=True)
    ]
    endpoint.put(
        "ground-truth/2026/11/23/08/a.jsonl", "\n".join(json.dumps(truth) for truth in truths)
    )
    execution = runtime.run_monitoring(f"{endpoint.name}-model-quality")

    assert execution.status == "Completed", execution.failure_reason
    statistics = endpoint.report(execution.report_uri, "statistics.json")
    assert statistics["dataset"]["item_count"] == 250
    assert eventually(lambda: len(endpoint.messages()) == 1)
    assert "further from the ground truth" in endpoint.messages()[0]


def test_model_quality_without_the_truth_has_no_data(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    endpoint = deploy(MonitorModelQuality="true", GroundTruthEndOffset="-PT0H")
    endpoint.capture(rows[:10])
    execution = runtime.run_monitoring(f"{endpoint.name}-model-quality")

    assert execution.status == "Failed"
    assert "ground-truth" in str(execution.failure_reason)


def test_schedules_and_alarms_go_with_their_stack(
    runtime: LocalRuntime, values: dict[str, str], baseline: dict[str, Any]
) -> None:
    endpoint = monitored.deploy(runtime, values, "monitored-gone")
    before = runtime.client("cloudwatch").describe_alarms(AlarmNamePrefix="monitored-gone")
    runtime.client("cloudformation").delete_stack(StackName=endpoint.stack.name)

    assert len(before["MetricAlarms"]) == 3
    after = runtime.client("cloudwatch").describe_alarms(AlarmNamePrefix="monitored-gone")
    assert after["MetricAlarms"] == []
    schedules = runtime.client("sagemaker").list_monitoring_schedules(NameContains="gone")
    assert schedules["MonitoringScheduleSummaries"] == []


def test_an_update_changes_alarm_definition_and_schedule(
    runtime: LocalRuntime, deploy: Callable[..., Monitored], rows: list[Row]
) -> None:
    sagemaker, endpoint = runtime.client("sagemaker"), deploy()
    endpoint.capture(longer(rows[::2], factor=1.3))
    runtime.run_monitoring(endpoint.schedule_name)
    before = sagemaker.list_data_quality_job_definitions(EndpointName=endpoint.name)
    monitored.deployed_stack(
        runtime,
        endpoint.name,
        MaxFeatureDrift="0.9",
        MonitoringCron="cron(0 12 ? * * *)",
        MonitoringMaxRuntimeSeconds="600",
    )

    schedule = sagemaker.describe_monitoring_schedule(MonitoringScheduleName=endpoint.schedule_name)
    config = schedule["MonitoringScheduleConfig"]
    assert config["ScheduleConfig"]["ScheduleExpression"] == "cron(0 12 ? * * *)"
    assert schedule["LastMonitoringExecutionSummary"]
    (definition,) = sagemaker.list_data_quality_job_definitions(EndpointName=endpoint.name)[
        "JobDefinitionSummaries"
    ]
    assert definition not in before["JobDefinitionSummaries"]
    described = sagemaker.describe_data_quality_job_definition(
        JobDefinitionName=definition["MonitoringJobDefinitionName"]
    )
    assert described["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}
    # The alarm is still on until the next execution, which is below its new threshold.
    assert endpoint.alarm_state() == "ALARM"
    endpoint.capture(longer(rows[::2], factor=1.3))
    runtime.run_monitoring(endpoint.schedule_name)
    assert endpoint.alarm_state() == "OK"


def test_a_stack_whose_schedule_is_not_allowed_says_what_is_wrong(
    runtime: LocalRuntime, values: dict[str, str]
) -> None:
    with pytest.raises(DeploymentError, match=r"MonitoringCron failed .* must be hourly, cron"):
        monitored.deploy(runtime, values, "monitored-odd", MonitoringCron="cron(0 30 ? * * *)")


def test_an_alarm_that_cannot_be_judged_is_told_and_left(
    runtime: LocalRuntime, watched: Monitored, rows: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    cloudwatch = runtime.client("cloudwatch")
    name = f"odd-{uuid.uuid4()}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace=DATA_METRICS,
        MetricName="feature_baseline_drift_length",
        Dimensions=[
            {"Name": "MonitoringSchedule", "Value": watched.schedule_name},
            {"Name": "Endpoint", "Value": watched.name},
        ],
        ExtendedStatistic="p99",
        Period=3600,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
    )
    watched.capture(rows[:300])
    with caplog.at_level(logging.WARNING):
        runtime.run_monitoring(watched.schedule_name)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=[name])

    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert f"alarm {name} is left as it is: the statistic p99" in caplog.text
