"""Definitions are refused as CreateStateMachine refuses them."""

import json
from typing import Any

import pytest

from emulated.definitions import RIGHT, WRONG, Right, Wrong, distributed
from emulated.machines import INVOKE, alone, jsonata, machine
from emulated.node_judges import verdicts
from pocketaws.errors import UnsupportedResourceError
from pocketaws.step_functions.definition_rules import (
    definition_diagnostics,
    definition_problems,
)
from pocketaws.step_functions.validation.report import ERROR, Diagnostic
from pocketaws.step_functions.validation.validator import diagnose, errors


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_a_right_definition_has_no_errors(case: Right) -> None:
    assert errors(json.dumps(case.definition)) == []


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.name)
def test_a_wrong_definition_is_refused_with_code_and_location(case: Wrong) -> None:
    found = errors(json.dumps(case.definition))

    assert [
        problem
        for problem in found
        if (problem.code, problem.location) == (case.code, case.location)
        and case.message in problem.message
    ], found


@pytest.fixture(scope="module")
def judged() -> dict[str, bool]:
    cases: list[Right | Wrong] = [*RIGHT, *WRONG]
    answers = verdicts([{"definition": case.definition} for case in cases])
    return {case.name: answer["valid"] for case, answer in zip(cases, answers, strict=True)}


# asl-validator 4.0.0 differs where `judged` is false. It reads neither escapes nor the values of
# `.$` keys that are no texts; takes any jitter, label, version, variable's name and field of a
# retrier, rates below one, intervals of 0, no errors and States.ALL anywhere, `Next` inside a rule,
# readers in inline Maps, a ResultPath into the context object, a JSONPath state in a JSONata
# machine, a placeholder for an ARN, no branches, any credentials, reader, batcher and writer, any
# intrinsic in a Fail; compares neither heartbeat and timeout nor delay and interval. It refuses
# keys of Parameters that are words of the language.
@pytest.mark.parametrize("case", [*RIGHT, *WRONG], ids=lambda case: case.name)
@pytest.mark.slow
def test_asl_validator_says_the_same_but_where_it_is_said_otherwise(
    case: Right | Wrong, judged: dict[str, bool]
) -> None:
    ours = isinstance(case, Right)

    assert judged[case.name] is (ours if case.judged else not ours)


def test_enough_definitions_are_judged_alike() -> None:
    cases: list[Right | Wrong] = [*RIGHT, *WRONG]

    assert sum(case.judged for case in cases) >= 60


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MISSING_DESCRIPTION"),
        (" \n", "MISSING_DESCRIPTION"),
        ("{", "INVALID_JSON_DESCRIPTION"),
        ("{'StartAt': 'A'}", "INVALID_JSON_DESCRIPTION"),
        ('{"StartAt": NaN}', "INVALID_JSON_DESCRIPTION"),
        ("[]", "SCHEMA_VALIDATION_FAILED"),
        ('"text"', "SCHEMA_VALIDATION_FAILED"),
    ],
)
def test_a_text_that_is_no_definition_is_told_as_such(text: str, code: str) -> None:
    assert [problem.code for problem in errors(text)] == [code]


def test_a_state_that_is_there_twice_in_the_text_is_noticed() -> None:
    state = '{"Type": "Succeed"}'
    found = errors(f'{{"StartAt": "A", "States": {{"A": {state}, "A": {state}}}}}')

    assert [problem.code for problem in found] == ["DUPLICATE_STATE_NAME"]


def test_a_label_that_is_there_twice_is_noticed() -> None:
    first = distributed(Label="rows")["States"]["A"]
    inner = {**first["ItemProcessor"], "StartAt": "J", "States": {"J": {"Type": "Succeed"}}}
    second = {**first, "ItemProcessor": inner}
    del first["End"]
    found = errors(json.dumps(machine(A={**first, "Next": "B"}, B=second)))

    assert [(problem.code, problem.location) for problem in found] == [
        ("DUPLICATE_LABEL_NAME", "/States/B/Label")
    ]


@pytest.mark.parametrize(
    ("definition", "code", "location"),
    [
        (alone(Type="Pass", Parameters={"a": "$.x"}), "NO_DOLLAR", "/States/A/Parameters/a"),
        (
            alone(Type="Pass", Parameters={"a": {"b": "States.UUID()"}}),
            "NO_DOLLAR",
            "/States/A/Parameters/a/b",
        ),
        (alone(Type="Pass", Result={"a": "$.x"}), "PASS_RESULT_IS_STATIC", "/States/A/Result/a"),
        (alone(Type="Wait", Seconds="$.s"), "NO_PATH", "/States/A/Seconds"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(definition: Any, code: str, location: str) -> None:
    found = diagnose(json.dumps(definition))

    assert (code, location) in [(item.code, item.location) for item in found]
    assert {item.severity for item in found if item.code == code} == {"WARNING"}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"},
        {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
        {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:a"},
        distributed()["States"]["A"],
    ],
    ids=lambda state: state.get("Resource", "distributed"),
)
def test_an_express_machine_may_not_wait_for_others(state: dict[str, Any]) -> None:
    text = json.dumps(machine(A={**state, "End": True}))

    assert errors(text) == []
    assert "Express state machine does not support" in errors(text, express=True)[0].message


def test_a_problem_is_told_as_the_service_tells_it() -> None:
    problem = Diagnostic(
        ERROR, "MISSING_TRANSITION_TARGET", "Missing 'Next' target: X", "/States/A/Next"
    )

    assert problem.text() == (
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next"
    )
    definition = machine(A={"Type": "Pass", "Next": "X"}, B={"Type": "Succeed"})
    assert problem.text() in definition_problems(json.dumps(definition))


@pytest.mark.parametrize(
    ("resource", "parameters", "location"),
    [
        ("aws-sdk:events:putEvents", {}, "/States/A/Resource"),
        ("aws-sdk:cloudwatch-logs:putLogEvents", {}, "/States/A/Resource"),
        ("aws-sdk:s3:nothing", {}, "/States/A/Resource"),
        ("aws-sdk:s3:listBuckets.sync", {}, "/States/A/Resource"),
        ("lambda:invoke.sync", {"FunctionName": "f"}, "/States/A/Resource"),
        ("lambda:listFunctions", {}, "/States/A/Resource"),
        ("sqs:sendMessage.sync", {"QueueUrl": "u", "MessageBody": "b"}, "/States/A/Resource"),
        ("dynamodb:scan", {"TableName": "t"}, "/States/A/Resource"),
        ("dynamodb:getItem.waitForTaskToken", {"TableName": "t"}, "/States/A/Resource"),
        ("sagemaker:createModel.sync", {"ModelName": "m"}, "/States/A/Resource"),
        ("sagemaker:createTrainingJob.waitForTaskToken", {}, "/States/A/Resource"),
        ("states:startExecution.sync:3", {"StateMachineArn": "a"}, "/States/A/Resource"),
        ("nothing:atAll", {}, "/States/A/Resource"),
        ("aws-sdk:s3:getObject", {"Buckett": "b"}, "/States/A/Parameters/Buckett"),
        (
            "aws-sdk:s3:putObjectTagging",
            {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "k"}, {"Kee": "k"}]}},
            "/States/A/Parameters/Tagging/TagSet[1]/Kee",
        ),
        (
            "sagemaker:createModel",
            {"ModelName": "m", "ExecutionRoleArn": "r", "ModelNam": "m"},
            "/States/A/Parameters/ModelNam",
        ),
        ("lambda:invoke", {"Payload": {}}, "/States/A/Parameters"),
        ("sqs:sendMessage", {"MessageBody.$": "$"}, "/States/A/Parameters"),
        ("states:startExecution", {"Input": {}}, "/States/A/Parameters"),
        ("dynamodb:putItem", {"TableName": "t"}, "/States/A/Parameters"),
    ],
)
def test_calls_and_fields_that_a_service_does_not_have_are_refused(
    resource: str, parameters: Any, location: str
) -> None:
    resource = f"arn:aws:states:::{resource}"
    found = definition_problems(
        json.dumps(alone(Type="Task", Resource=resource, Parameters=parameters))
    )

    assert [problem.rpartition(" at ")[2] for problem in found] == [location]


def test_the_arguments_of_jsonata_are_held_to_the_call_too() -> None:
    state = {"Type": "Task", "Resource": INVOKE, "End": True}
    arguments = {"FunctionNam": "{% 'f' %}", "Payload": "{% $states.input %}"}

    assert [
        problem.rpartition(" at ")[2]
        for problem in definition_problems(json.dumps(jsonata(A={**state, "Arguments": arguments})))
    ] == ["/States/A/Arguments/FunctionNam", "/States/A/Arguments"]
    written = "{% $states.input %}"
    assert not definition_problems(json.dumps(jsonata(A={**state, "Arguments": written})))


@pytest.mark.parametrize(
    "resource",
    ["ecs:runTask.sync", "glue:startJobRun", "http:invoke", "batch:submitJob.sync", "eks:call"],
)
def test_what_aws_runs_and_the_runtime_does_not_is_right_and_refused_by_name(resource: str) -> None:
    text = json.dumps(alone(Type="Task", Resource=f"arn:aws:states:::{resource}", Parameters={}))

    assert {(item.severity, item.code) for item in definition_diagnostics(text)} == {
        ("WARNING", "NOT_RUN_LOCALLY")
    }
    with pytest.raises(UnsupportedResourceError, match=resource):
        definition_problems(text)


@pytest.mark.parametrize(
    "resource",
    [
        "${Arn}",
        "arn:${Partition}:states:::lambda:invoke",
        "arn:aws:lambda:${AWS::Region}:1:function:f",
    ],
)
def test_a_template_may_leave_placeholders_and_a_state_machine_may_not(resource: str) -> None:
    parameters = {"FunctionName": "f"}
    text = json.dumps(alone(Type="Task", Resource=resource, Parameters=parameters))

    assert not definition_problems(text, placeholders=True)
    assert "not a valid resource ARN" in definition_problems(text)[0]


def test_a_placeholder_hides_no_field_that_a_call_does_not_have() -> None:
    state = alone(
        Type="Task",
        Resource="arn:${Partition}:states:::lambda:invoke",
        Parameters={"FunctionName": "${Arn}", "Payloa": 1},
    )

    (problem,) = definition_problems(json.dumps(state), placeholders=True)
    assert problem.endswith("/States/A/Parameters/Payloa")


@pytest.mark.parametrize(
    "resource",
    [
        "eventbridge:putEvents",
        "cloudwatchlogs:putLogEvents",
        "sagemakerruntime:invokeEndpoint",
        "applicationautoscaling:registerScalableTarget",
        "redshiftdata:executeStatement",
        "sfn:startExecution",
        "dynamodb:query",
        "cognitoidentityprovider:adminGetUser",
        "elasticloadbalancingv2:describeRules",
        "ssm:getParameter",
        "sesv2:sendEmail",
        "configservice:describeConfigRules",
        "costexplorer:getCostAndUsage",
        "ecs:runTask",
        "iotdataplane:publish",
        "kms:encrypt",
        "secretsmanager:getSecretValue",
    ],
)
def test_services_go_by_the_names_of_the_sdk_for_java(resource: str) -> None:
    definition = alone(Type="Task", Resource=f"arn:aws:states:::aws-sdk:{resource}", Parameters={})

    assert definition_problems(json.dumps(definition)) == []


@pytest.mark.parametrize("resource", ["s3:GetObject", "S3:getObject", "dynamodb:PutItem"])
def test_an_action_of_the_sdk_is_in_camel_case_and_its_service_in_small_letters(
    resource: str,
) -> None:
    definition = alone(Type="Task", Resource=f"arn:aws:states:::aws-sdk:{resource}", Parameters={})

    (problem,) = definition_problems(json.dumps(definition))
    assert "is not recognized" in problem


@pytest.mark.parametrize(
    ("resource", "parameters", "field"),
    [
        ("dynamodb:putItem", {"TableName": "t", "Item": {"a": {"Bool": True}}}, "/Item/a/Bool"),
        (
            "aws-sdk:dynamodb:putItem",
            {"TableName": "t", "Item": {"a": {"M": {"b": {"NULL": True}}}}},
            "/Item/a/M/b/NULL",
        ),
    ],
)
def test_fields_below_the_keys_of_a_map_have_their_names_too(
    resource: str, parameters: dict[str, Any], field: str
) -> None:
    definition = alone(Type="Task", Resource=f"arn:aws:states:::{resource}", Parameters=parameters)

    (problem,) = definition_problems(json.dumps(definition))
    assert problem.endswith(f"/States/A/Parameters{field}")


def test_a_task_without_parameters_lacks_those_that_its_integration_requires() -> None:
    definition = alone(Type="Task", Resource="arn:aws:states:::sqs:sendMessage")

    assert [
        problem.partition(" was missing")[0]
        for problem in definition_problems(json.dumps(definition))
    ] == [
        'SCHEMA_VALIDATION_FAILED: The field "QueueUrl" is required but',
        'SCHEMA_VALIDATION_FAILED: The field "MessageBody" is required but',
    ]
