"""What functions, jobs and executions leave in CloudWatch Logs."""

import json
from typing import Any

import pytest

from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.execution import Execution
from tests.conftest import RunExecution
from tests.pages import read_all


@pytest.fixture(scope="module")
def execution(runtime: LocalRuntime, stack: Stack, sample_uri: str) -> Execution:
    execution_input = {"input_data_uri": sample_uri, "max_mse": 1000, "max_mse_increase": 10}
    return runtime.run(stack.outputs["StateMachineArn"], execution_input, name="logged")


def events(runtime: LocalRuntime, group: str, pattern: str = "") -> list[dict[str, Any]]:
    answer = read_all(
        runtime.client("logs"), "filter_log_events", logGroupName=group, filterPattern=pattern
    )
    return list(answer["events"])


def test_a_call_stands_in_the_group_that_the_template_gives_the_function(
    runtime: LocalRuntime, stack: Stack, execution: Execution
) -> None:
    function_name = stack.resources["PrepareExecutionFunction"]
    configuration = runtime.client("lambda").get_function_configuration(FunctionName=function_name)
    found = events(runtime, f"/aws/lambda/{stack.name}-prepare-execution")

    assert [event["message"].split(" ")[0] for event in found[-3:]] == ["START", "END", "REPORT"]
    assert f"/{function_name}[$LATEST]" in found[-1]["logStreamName"]
    assert configuration["LoggingConfig"] == {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{stack.name}-prepare-execution",
    }
    groups = read_all(runtime.client("logs"), "describe_log_groups")["logGroups"]
    assert f"/aws/lambda/{function_name}" not in [group["logGroupName"] for group in groups]


def test_the_execution_stands_in_its_state_machines_group_without_data(
    runtime: LocalRuntime, stack: Stack, execution: Execution
) -> None:
    found = events(runtime, f"/aws/vendedlogs/states/{stack.name}")
    history = read_all(
        runtime.client("stepfunctions"), "get_execution_history", executionArn=execution.arn
    )
    lines = [json.loads(event["message"]) for event in found]
    own = [line for line in lines if line["execution_arn"] == execution.arn]

    assert [line["type"] for line in own] == [event["type"] for event in history["events"]]
    assert {"name": "Prepare execution"} in [line["details"] for line in own]
    data = {"input", "output", "parameters"}
    assert not [line for line in own if data & line["details"].keys()]


def test_a_jobs_output_stands_in_the_group_of_its_kind(
    runtime: LocalRuntime, execution: Execution
) -> None:
    assert execution.output is not None
    name = execution.output["training_job"]["TrainingJobName"]
    found = events(runtime, "/aws/sagemaker/TrainingJobs", "validation-rmse")
    own = [event for event in found if event["logStreamName"].startswith(f"{name}/algo-1-")]

    assert "train-rmse:" in own[-1]["message"]


def test_the_history_can_be_read_from_its_end_and_page_by_page(
    runtime: LocalRuntime, execution: Execution
) -> None:
    step_functions = runtime.client("stepfunctions")
    whole = read_all(step_functions, "get_execution_history", executionArn=execution.arn)["events"]

    first = step_functions.get_execution_history(
        executionArn=execution.arn, reverseOrder=True, maxResults=2
    )
    second = step_functions.get_execution_history(
        executionArn=execution.arn, reverseOrder=True, nextToken=first["nextToken"]
    )

    assert first["events"][0]["type"] == "ExecutionSucceeded"
    assert [*first["events"], *second["events"]] == whole[::-1]


def test_a_failed_execution_is_logged_with_its_reason(
    runtime: LocalRuntime, stack: Stack, run_locally: RunExecution
) -> None:
    execution = run_locally(max_mse=0.001)
    found = events(runtime, f"/aws/vendedlogs/states/{stack.name}", "ExecutionFailed")
    lines = [json.loads(event["message"]) for event in found]

    (own,) = [line for line in lines if line["execution_arn"] == execution.arn]
    assert own["details"]["error"] == "ModelRejected"
    assert own["details"]["cause"] == execution.cause


def test_the_log_goes_where_an_updated_function_says(runtime: LocalRuntime, stack: Stack) -> None:
    functions, name = runtime.client("lambda"), stack.resources["SendMessageFunction"]
    before = functions.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    runtime.client("logs").create_log_group(logGroupName="/moved/here")
    functions.update_function_configuration(
        FunctionName=name, LoggingConfig={"LogGroup": "/moved/here"}
    )

    functions.invoke(FunctionName=name, Payload="{}")

    functions.update_function_configuration(FunctionName=name, LoggingConfig={"LogGroup": before})
    assert events(runtime, "/moved/here", "REPORT")


def test_a_group_that_its_stack_has_deleted_does_not_come_back(
    runtime: LocalRuntime, stack: Stack
) -> None:
    functions, name = runtime.client("lambda"), stack.resources["SendMessageFunction"]
    before = functions.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    functions.update_function_configuration(
        FunctionName=name, LoggingConfig={"LogGroup": "/gone/with-its-stack"}
    )

    functions.invoke(FunctionName=name, Payload="{}")

    functions.update_function_configuration(FunctionName=name, LoggingConfig={"LogGroup": before})
    found = read_all(runtime.client("logs"), "describe_log_groups", logGroupNamePrefix="/gone/")[
        "logGroups"
    ]
    assert found == []


def test_a_templates_arn_of_a_group_is_that_of_its_streams(
    runtime: LocalRuntime, stack: Stack
) -> None:
    machine = runtime.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.outputs["StateMachineArn"]
    )

    [destination] = machine["loggingConfiguration"]["destinations"]
    arn = destination["cloudWatchLogsLogGroup"]["logGroupArn"]
    assert arn.endswith(f":log-group:/aws/vendedlogs/states/{stack.name}:*")
