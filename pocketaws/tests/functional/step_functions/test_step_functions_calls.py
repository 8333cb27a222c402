"""Tasks call services as Step Functions calls them: shapes, times, errors, nested executions."""

import itertools
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.exceptions import ClientError

from emulated import state_machines
from emulated.machines import alone, machine
from emulated.state_machines import SDK, Machines
from emulated.waiting import eventually
from pocketaws.runtime import LocalRuntime
from pocketaws.step_functions.following import Asked, follow

BUCKET = "engine-calls"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def tasks(runtime: LocalRuntime) -> Machines:
    runtime.client("s3").create_bucket(Bucket=BUCKET)
    return state_machines.of(runtime, "engine-calls")


def stored(runtime: LocalRuntime, key: str) -> str:
    body = runtime.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"]
    return str(body.read().decode())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([1, "x"], '[1,"x"]'),
        (2.5, "2.5"),
        (True, "true"),
        ("plain", '"plain"'),
    ],
    ids=str,
)
def test_what_is_put_into_a_bucket_is_json(
    runtime: LocalRuntime, tasks: Machines, body: Any, text: str
) -> None:
    tasks.result(SDK + "s3:putObject", {"Bucket": BUCKET, "Key": "put", "Body": body})

    assert stored(runtime, "put") == text


def test_what_is_got_from_a_bucket_is_text_and_times_are_texts(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    runtime.client("s3").put_object(Bucket=BUCKET, Key="got", Body=b'{"n": 3}')
    got = tasks.result(SDK + "s3:getObject", {"Bucket": BUCKET, "Key": "got"})

    assert got["Body"] == '{"n": 3}'
    assert TIME.fullmatch(got["LastModified"])
    assert "ResponseMetadata" not in got


def test_the_text_of_an_object_is_read_by_an_intrinsic(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    runtime.client("s3").put_object(Bucket=BUCKET, Key="read", Body=b'{"n": 3}')
    get = {
        "Type": "Task",
        "Resource": SDK + "s3:getObject",
        "End": True,
        "Parameters": {"Bucket": BUCKET, "Key": "read"},
        "ResultSelector": {"content.$": "States.StringToJson($.Body)"},
    }

    assert tasks.run(machine(A=get)).output == {"content": {"n": 3}}


def test_an_execution_whose_output_has_times_can_be_described(tasks: Machines) -> None:
    output = tasks.run(alone(Type="Pass", Parameters={"all.$": "$$"})).output

    assert TIME.fullmatch(output["all"]["Execution"]["StartTime"])
    assert TIME.fullmatch(output["all"]["State"]["EnteredTime"])
    listed = tasks.result(SDK + "s3:listBuckets", {})
    assert all(TIME.fullmatch(bucket["CreationDate"]) for bucket in listed["Buckets"])


def test_the_names_of_the_sdk_for_java_are_those_of_fields(tasks: Machines) -> None:
    resource = SDK + "dynamodb:createTable"
    created = tasks.result(
        resource,
        {
            "TableName": "engine",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )

    assert TIME.fullmatch(created["TableDescription"]["CreationDateTime"])
    assert created["TableDescription"]["TableName"] == "engine"


def test_a_policy_is_told_as_it_comes(tasks: Machines) -> None:
    told = tasks.result(SDK + "iam:getRole", {"RoleName": tasks.role_arn.rpartition("/")[2]})

    policy = json.loads(unquote(told["Role"]["AssumeRolePolicyDocument"]))
    assert policy["Statement"][0]["Action"] == "sts:AssumeRole"


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            "s3:getObject",
            {"Bucket": BUCKET, "Key": "none"},
            "S3.NoSuchKeyException",
            r"The specified key does not exist\. \(Service: S3, Status Code: 404, Request ID: .*\)",
        ),
        (
            "ssm:getParameter",
            {"Name": "/none"},
            "Ssm.ParameterNotFoundException",
            r"Parameter /none not found\. \(Service: Ssm, Status Code: 400, Request ID: .*\)",
        ),
        (
            "dynamodb:describeTable",
            {"TableName": "none"},
            "DynamoDb.ResourceNotFoundException",
            r".*\(Service: DynamoDb, Status Code: 400, Request ID: .*\)",
        ),
        (
            "sfn:describeStateMachine",
            {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:none"},
            "Sfn.StateMachineDoesNotExistException",
            r"State Machine Does Not Exist: .* \(Service: Sfn, Status Code: 400, Request ID: .*\)",
        ),
        (
            "s3:headObject",
            {"Bucket": BUCKET, "Key": "none"},
            "S3.NoSuchKeyException",
            r"Not Found \(Service: S3, Status Code: 404, .*\)",
        ),
        (
            "dynamodb:putItem",
            {"TableName": "none", "Item": {"a": {}}},
            "DynamoDb.DynamoDbException",
            r"Supplied AttributeValue is empty, must contain exactly one .*",
        ),
    ],
)
def test_errors_are_named_as_the_sdk_for_java_names_them(
    tasks: Machines, resource: str, parameters: Any, error: str, cause: str
) -> None:
    told = tasks.failure(SDK + resource, parameters)

    assert told[0] == error
    assert re.fullmatch(cause, told[1])


def test_the_optimised_integrations_tell_of_their_transport(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    topic_arn = runtime.client("sns").create_topic(Name="engine")["TopicArn"]
    queue_url = runtime.client("sqs").create_queue(QueueName="engine")["QueueUrl"]
    published = tasks.result(
        "arn:aws:states:::sns:publish", {"TopicArn": topic_arn, "Message": {"a": 1}}
    )
    sent = tasks.result(
        "arn:aws:states:::sqs:sendMessage", {"QueueUrl": queue_url, "MessageBody": {"a": [1]}}
    )

    for result in (published, sent):
        assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
        assert result["SdkResponseMetadata"]["RequestId"]
        headers = result["SdkHttpMetadata"]["HttpHeaders"]
        assert result["SdkHttpMetadata"]["AllHttpHeaders"] == {k: [v] for k, v in headers.items()}
    received = runtime.client("sqs").receive_message(QueueUrl=queue_url)["Messages"][0]
    assert received["Body"] == '{"a":[1]}'
    assert sent["MD5OfMessageBody"] == received["MD5OfBody"]
    (message,) = [one for one in runtime.messages() if one.topic_arn == topic_arn]
    assert json.loads(message.text) == {"a": 1}


def test_items_of_a_table_are_put_got_and_deleted(runtime: LocalRuntime, tasks: Machines) -> None:
    runtime.client("dynamodb").create_table(
        TableName="engine-items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb, named = "arn:aws:states:::dynamodb:", {"TableName": "engine-items"}
    item = {"id": {"S": "a"}, "n": {"N": "1"}}
    tasks.result(dynamodb + "putItem", {**named, "Item": item})
    got = tasks.result(dynamodb + "getItem", {**named, "Key": {"id": {"S": "a"}}})
    tasks.result(dynamodb + "deleteItem", {**named, "Key": {"id": {"S": "a"}}})
    error, _ = tasks.failure(
        dynamodb + "updateItem",
        {
            **named,
            "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET n = :n",
            "ConditionExpression": "attribute_exists(id)",
            "ExpressionAttributeValues": {":n": {"N": "2"}},
        },
    )

    assert got["Item"] == item
    assert error == "DynamoDB.ConditionalCheckFailedException"


def test_events_name_the_state_machine_and_the_execution(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    queue = runtime.client("sqs").create_queue(QueueName="engine-events")["QueueUrl"]
    events = runtime.client("events")
    events.put_rule(Name="engine", EventPattern='{"source": ["engine.test"]}')
    arn = "arn:aws:sqs:us-east-1:123456789012:engine-events"
    events.put_targets(Rule="engine", Targets=[{"Id": "q", "Arn": arn}])
    entry = {"Source": "engine.test", "DetailType": "T", "Detail": {"a": 1}, "Resources": ["r"]}
    put = tasks.result("arn:aws:states:::events:putEvents", {"Entries": [entry]})
    event = json.loads(runtime.client("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"])

    assert put["FailedEntryCount"] == 0
    assert event["detail"] == {"a": 1}
    resources = [
        resource.split(":")[5] if ":" in resource else resource for resource in event["resources"]
    ]
    assert resources == ["r", "stateMachine", "execution"]


CHILD = machine(
    A={"Type": "Pass", "Parameters": {"doubled.$": "States.Array($.n, $.n)"}, "End": True}
)
START = "arn:aws:states:::states:startExecution"


def test_a_nested_execution_is_started_and_not_waited_for(tasks: Machines) -> None:
    child = tasks.create(CHILD)
    started = tasks.result(START, {"StateMachineArn": child, "Input": {"n": 1}, "Name": "nested"})

    assert started["ExecutionArn"].endswith(":nested")
    assert isinstance(started["StartDate"], int)
    assert started["SdkHttpMetadata"]["HttpStatusCode"] == 200


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        (".sync", {"Input": '{"n":1}', "Output": '{"doubled":[1,1]}'}),
        (".sync:2", {"Input": {"n": 1}, "Output": {"doubled": [1, 1]}}),
    ],
)
def test_a_nested_execution_is_waited_for(
    tasks: Machines, pattern: str, told: dict[str, Any]
) -> None:
    done = tasks.result(
        START + pattern, {"StateMachineArn": tasks.create(CHILD), "Input": {"n": 1}}
    )

    assert done["Status"] == "SUCCEEDED"
    assert {name: done[name] for name in told} == told
    assert done["StopDate"] >= done["StartDate"]


@pytest.mark.parametrize("pattern", [".sync", ".sync:2"])
def test_a_nested_execution_that_fails_fails_the_task(tasks: Machines, pattern: str) -> None:
    child = tasks.create(alone(Type="Fail", Error="Inner", Cause="why"))
    error, cause = tasks.failure(START + pattern, {"StateMachineArn": child})

    assert error == "States.TaskFailed"
    assert {"Status": "FAILED", "Error": "Inner", "Cause": "why"}.items() <= json.loads(
        cause
    ).items()


def test_a_nested_execution_of_no_machine_is_an_error_of_step_functions(tasks: Machines) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:none"

    assert tasks.failure(START, {"StateMachineArn": arn})[0] == (
        "StepFunctions.StateMachineDoesNotExistException"
    )


def test_stopping_an_execution_stops_the_one_that_it_waits_for(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    child = tasks.create(alone(Type="Wait", Seconds=600))
    waits = alone(
        Type="Task", Resource=START + ".sync", Parameters={"StateMachineArn": child, "Name": "kept"}
    )
    outer = runtime.start_execution(tasks.create(waits), {})
    inner = child.replace(":stateMachine:", ":execution:") + ":kept"
    step_functions = runtime.client("stepfunctions")
    eventually(lambda: step_functions.list_executions(stateMachineArn=child)["executions"])
    step_functions.stop_execution(executionArn=outer)

    assert runtime.wait(inner).status == "ABORTED"
    assert runtime.wait(outer).status == "ABORTED"


def test_a_distributed_map_reads_from_a_bucket_and_writes_to_it(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    rows = b"id,name\n1,Ann\n2,Bob\n3,Cid\n"
    runtime.client("s3").put_object(Bucket=BUCKET, Key="rows.csv", Body=rows)
    inner = machine(
        I={
            "Type": "Choice",
            "Choices": [{"Variable": "$.Items[0].id", "StringEquals": "3", "Next": "No"}],
            "Default": "Yes",
        },
        Yes={"Type": "Pass", "End": True},
        No={"Type": "Fail", "Error": "Third"},
    )
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    definition = alone(
        Type="Map",
        ItemProcessor={**inner, "ProcessorConfig": config},
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": BUCKET, "Key.$": "$.key"},
        },
        ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"from.$": "$.key"}},
        ToleratedFailureCount=1,
        ResultWriter={
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": BUCKET, "Prefix": "results"},
        },
    )
    execution = tasks.run(definition, {"key": "rows.csv"})
    assert execution.status == "SUCCEEDED", execution.cause
    manifest = json.loads(stored(runtime, execution.output["ResultWriterDetails"]["Key"]))
    written = manifest["ResultFiles"]
    succeeded = json.loads(stored(runtime, written["SUCCEEDED"][0]["Key"]))
    failed = json.loads(stored(runtime, written["FAILED"][0]["Key"]))

    assert json.loads(succeeded[0]["Output"]) == {
        "BatchInput": {"from": "rows.csv"},
        "Items": [{"id": "1", "name": "Ann"}, {"id": "2", "name": "Bob"}],
    }
    assert failed[0]["Error"] == "Third"
    run = runtime.client("stepfunctions").list_map_runs(executionArn=execution.arn)["mapRuns"][0]
    described = runtime.client("stepfunctions").describe_map_run(mapRunArn=run["mapRunArn"])
    assert (
        described["itemCounts"] | {"total": 3, "succeeded": 2, "failed": 1}
        == described["itemCounts"]
    )
    assert described["executionCounts"]["total"] == 2
    children = runtime.client("stepfunctions").list_executions(mapRunArn=run["mapRunArn"])
    told = [(child["status"], child["itemCount"]) for child in children["executions"]]
    assert sorted(told) == [("FAILED", 1), ("SUCCEEDED", 2)]
    assert {child["mapRunArn"] for child in children["executions"]} == {run["mapRunArn"]}


@pytest.mark.parametrize(
    ("kind", "content", "items"),
    [
        ("JSON", b"[1, 2]", [1, 2]),
        ("JSON", b'{"a": 1}', [{"Key": "a", "Value": 1}]),
        ("JSONL", b'{"a": 1}\n\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
        ("CSV", b"a,b\n1,2\n", [{"a": "1", "b": "2"}]),
    ],
)
def test_items_are_read_in_each_form(
    runtime: LocalRuntime, tasks: Machines, kind: str, content: bytes, items: list[Any]
) -> None:
    runtime.client("s3").put_object(Bucket=BUCKET, Key="items", Body=content)
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    definition = alone(
        Type="Map",
        ItemProcessor={**machine(I={"Type": "Succeed"}), "ProcessorConfig": config},
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": kind},
            "Parameters": {"Bucket": BUCKET, "Key": "items"},
        },
    )

    assert tasks.run(definition).output == items


def test_items_that_cannot_be_read_fail_the_map(tasks: Machines) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Parameters": {"Bucket": BUCKET, "Key": "x"},
    }
    definition = alone(
        Type="Map",
        ItemReader=reader,
        ItemProcessor={**machine(I={"Type": "Succeed"}), "ProcessorConfig": config},
    )
    execution = tasks.run(definition)

    assert execution.error == "States.ItemReaderFailed"


def test_whoever_waits_in_this_process_is_told_what_the_api_tells(
    runtime: LocalRuntime, tasks: Machines
) -> None:
    missing = {"Type": "Task", "Resource": SDK + "s3:getObject", "Next": "Many"}
    caught = [{"ErrorEquals": ["States.ALL"], "Next": "Many", "ResultPath": "$.why"}]
    passes = {"Type": "Pass", "Result": {"text": "é", "none": None}, "End": True}
    many = [machine(**{name: passes}) for name in ("A", "B", "C")]
    definition = machine(
        Missing={**missing, "Parameters": {"Bucket": BUCKET, "Key": "no"}, "Catch": caught},
        Many={"Type": "Parallel", "Branches": many[:2], "Next": "Each"},
        Each={"Type": "Map", "ItemProcessor": many[2], "Next": "Told", "MaxConcurrency": 1},
        Told={"Type": "Fail", "ErrorPath": "$[0].text", "Cause": "why"},
    )
    failed = runtime.start_execution(tasks.create(definition), {})
    stopped = runtime.start_execution(tasks.create(alone(Type="Wait", Seconds=600)), [1])
    step_functions = runtime.client("stepfunctions")
    step_functions.stop_execution(executionArn=stopped, error="E")
    # And some of those that other tests have left here; what still runs may do so for days.
    others = (
        execution["executionArn"]
        for page in step_functions.get_paginator("list_state_machines").paginate()
        for one in page["stateMachines"]
        # Express ones are not listed.
        if one["type"] == "STANDARD"
        for execution in step_functions.list_executions(
            stateMachineArn=one["stateMachineArn"], maxResults=5
        )["executions"]
        if execution["status"] != "RUNNING"
    )

    for arn in (failed, stopped, *itertools.islice(others, 40)):
        here: list[Any] = []
        there: list[Any] = []
        execution = runtime.wait(arn, on_event=here.append)
        asked = follow(Asked(step_functions, arn), on_event=there.append, pause=lambda: None)
        assert here == there
        assert [event["timestamp"].tzinfo for event in here] == [
            event["timestamp"].tzinfo for event in there
        ]
        assert execution == asked


def test_waiting_for_an_execution_that_is_not_there_says_so(runtime: LocalRuntime) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:execution:none:none"

    with pytest.raises(ClientError, match="Execution Does Not Exist"):
        runtime.wait(arn)
