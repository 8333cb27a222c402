"""What is refused because of what is there already: parameters, topics, alarms."""

import datetime
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated.stacks import small_stack
from pocketaws.runtime import LocalRuntime


@pytest.fixture
def name() -> str:
    return f"there-{uuid.uuid4().hex[:8]}"


def test_a_parameter_keeps_its_type_and_its_pattern(runtime: LocalRuntime, name: str) -> None:
    ssm = runtime.client("ssm")
    ssm.put_parameter(Name=name, Value="1", Type="String", AllowedPattern="^[0-9]+$")

    with pytest.raises(ssm.exceptions.HierarchyTypeMismatchException):
        ssm.put_parameter(Name=name, Value="2", Type="StringList", Overwrite=True)
    with pytest.raises(ssm.exceptions.ParameterPatternMismatchException):
        ssm.put_parameter(Name=name, Value="two", Overwrite=True)
    ssm.put_parameter(Name=name, Value="2", Type="String", Overwrite=True)

    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "2"


def test_parameters_are_listed_in_pages_of_the_size_that_is_asked(
    runtime: LocalRuntime, name: str
) -> None:
    ssm = runtime.client("ssm")
    for number in range(3):
        ssm.put_parameter(Name=f"/{name}/{number}", Value="v", Type="String")
    below = [{"Key": "Path", "Values": [f"/{name}"]}]

    pages = list(
        ssm.get_paginator("describe_parameters").paginate(
            ParameterFilters=below, PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["Parameters"]) for page in pages] == [2, 1]


def test_a_topic_is_created_again_only_as_it_is(runtime: LocalRuntime, name: str) -> None:
    sns = runtime.client("sns")
    said: dict[str, Any] = {
        "Attributes": {"DisplayName": "Bell"},
        "Tags": [{"Key": "team", "Value": "a"}],
    }
    created = sns.create_topic(Name=name, **said)["TopicArn"]

    assert sns.create_topic(Name=name)["TopicArn"] == created
    assert sns.create_topic(Name=name, **said)["TopicArn"] == created
    for other, words in (
        ({"Attributes": {"DisplayName": "Horn"}}, "different attributes"),
        ({"Tags": [{"Key": "team", "Value": "b"}]}, "different tags"),
    ):
        with pytest.raises(ClientError, match=words):
            sns.create_topic(Name=name, **other)


def test_an_alarm_that_is_wrong_is_refused_by_its_call_and_takes_a_stack_back(
    runtime: LocalRuntime, name: str
) -> None:
    wrong = {
        "MetricName": "m",
        "Namespace": "n",
        "Statistic": "Sum",
        "Period": 90,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    with pytest.raises(ClientError, match="Period 90 is invalid") as refusal:
        runtime.client("cloudwatch").put_metric_alarm(AlarmName=name, **wrong)
    with small_stack(runtime) as stack:
        ended = stack.create({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": wrong}})

    assert refusal.value.response["Error"]["Code"] == "ValidationError"
    assert ended.startswith("ROLLBACK_COMPLETE Alarm: ")
    assert "Period 90 is invalid" in ended


def test_metric_data_that_are_wrong_are_refused_and_the_others_kept(
    runtime: LocalRuntime, name: str
) -> None:
    cloudwatch = runtime.client("cloudwatch")
    now = datetime.datetime.now(tz=datetime.UTC)
    datum = {"MetricName": "Loss", "Value": 1.5, "Timestamp": now}

    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])
    for wrong, told in (
        ({"Timestamp": now - datetime.timedelta(days=15)}, "within the past two weeks"),
        ({"Dimensions": [{"Name": "Column", "Value": "Größe"}]}, "must contain only ASCII"),
    ):
        with pytest.raises(ClientError, match=f"InvalidParameterValue.*{told}"):
            cloudwatch.put_metric_data(Namespace=name, MetricData=[{**datum, **wrong}])

    (metric,) = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert (metric["MetricName"], metric["Dimensions"]) == ("Loss", [])
