"""Definitions, right and wrong, with what CreateStateMachine says about the wrong ones."""

from typing import Any, Final, NamedTuple

from emulated.machines import FUNCTION, GUIDE, INVOKE, RECORDED, SPEC, alone, jsonata, machine

SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
TARGET: Final = "MISSING_TRANSITION_TARGET"
TASK: Final = {"Type": "Task", "Resource": FUNCTION + "f"}
PASS: Final = {"Type": "Pass"}
END: Final = {"Type": "Pass", "End": True}
INNER: Final = machine(I=END)
RETRY: Final = {"ErrorEquals": ["States.ALL"]}


class Right(NamedTuple):
    """A definition that is created.

    Attributes:
        judged: whether asl-validator says the same.
    """

    name: str
    definition: Any
    judged: bool = True


class Wrong(NamedTuple):
    """A definition that is refused.

    Attributes:
        code: of the first thing that is wrong.
        location: of it.
        message: a part of it.
        judged: whether asl-validator says the same.
    """

    name: str
    definition: Any
    code: str
    location: str
    message: str
    source: str = SPEC
    judged: bool = True


def choice(rule: Any, **more: Any) -> dict[str, Any]:
    return machine(A={"Type": "Choice", "Choices": [rule], **more}, B={"Type": "Succeed"})


def task(**fields: Any) -> dict[str, Any]:
    return alone(**TASK, **fields)


def retried(**fields: Any) -> dict[str, Any]:
    return task(Retry=[{**RETRY, **fields}])


def mapped(**fields: Any) -> dict[str, Any]:
    return alone(Type="Map", **{"ItemProcessor": INNER, **fields})


def distributed(**fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return mapped(ItemProcessor={**INNER, "ProcessorConfig": config}, **fields)


IS_ONE: Final = {"Variable": "$.a", "NumericEquals": 1}
IN_S3: Final = "arn:aws:states:::s3:"
RIGHT: Final = [
    Right("a Pass", alone(**PASS)),
    Right(
        "all of the top", {"Comment": "c", "Version": "1.0", "TimeoutSeconds": 9, **alone(**PASS)}
    ),
    Right(
        "a task with all of its fields",
        machine(
            A={
                **TASK,
                "Comment": "c",
                "InputPath": "$.a",
                "OutputPath": "$",
                "ResultPath": "$.b['c']",
                "Parameters": {"a.$": "$.x", "b": [1, None]},
                "ResultSelector": {"c.$": "$.d"},
                "TimeoutSeconds": 10,
                "HeartbeatSeconds": 9,
                "Next": "B",
                "Retry": [
                    {
                        "ErrorEquals": ["A", "B"],
                        "IntervalSeconds": 1,
                        "MaxAttempts": 0,
                        "BackoffRate": 1.5,
                        "MaxDelaySeconds": 5,
                        "JitterStrategy": "FULL",
                    },
                    RETRY,
                ],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.e"}],
            },
            B={"Type": "Succeed"},
        ),
    ),
    Right("paths of null", alone(Type="Pass", InputPath=None, OutputPath=None, ResultPath=None)),
    Right("seconds by paths", task(TimeoutSecondsPath="$.t", HeartbeatSecondsPath="$.h")),
    Right(
        "a function by a service",
        alone(Type="Task", Resource=INVOKE, Parameters={"FunctionName": "f"}),
    ),
    Right(
        "each Wait",
        machine(
            A={"Type": "Wait", "Seconds": 0, "Next": "B"},
            B={"Type": "Wait", "SecondsPath": "$.s", "Next": "C"},
            C={"Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "D"},
            D={"Type": "Wait", "TimestampPath": "$.t", "End": True},
        ),
    ),
    Right("a Choice with a default", choice({**IS_ONE, "Next": "B"}, Default="B")),
    Right(
        "rules within rules",
        choice({"And": [{"Not": IS_ONE}, {"Or": [IS_ONE, IS_ONE]}], "Next": "B"}),
    ),
    Right(
        "each kind of comparison",
        machine(
            A={
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.a", **comparison, "Next": "B"}
                    for comparison in (
                        {"StringEquals": "x"},
                        {"StringLessThanPath": "$.b"},
                        {"BooleanEquals": True},
                        {"NumericGreaterThan": 1.5},
                        {"TimestampEquals": "2026-01-01T00:00:00Z"},
                        {"IsNull": True},
                        {"IsPresent": False},
                        {"StringMatches": "a*"},
                    )
                ],
            },
            B={"Type": "Succeed"},
        ),
    ),
    Right("a Fail with a cause", alone(Type="Fail", Error="E", Cause="C")),
    Right("a Fail by paths", alone(Type="Fail", ErrorPath="$.e", CausePath="$.c")),
    Right("a Fail of nothing", alone(Type="Fail")),
    Right("a Parallel", alone(Type="Parallel", Branches=[machine(X=END), machine(Y=END)])),
    Right(
        "a Map",
        mapped(ItemsPath="$.l", MaxConcurrency=2, ItemSelector={"a.$": "$$.Map.Item.Value"}),
    ),
    Right("a Map of old", alone(Type="Map", Iterator=INNER, Parameters={"a.$": "$"})),
    Right(
        "a distributed Map",
        distributed(
            Label="rows",
            ToleratedFailurePercentage=5,
            ItemBatcher={"MaxItemsPerBatch": 10},
            ItemReader={
                "Resource": IN_S3 + "getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
                "Parameters": {"Bucket": "b", "Key": "k"},
            },
            ResultWriter={
                "Resource": IN_S3 + "putObject",
                "Parameters": {"Bucket": "b", "Prefix": "p"},
            },
        ),
    ),
    Right(
        "intrinsics",
        alone(Type="Pass", Parameters={"a.$": "States.Format('{} {}', $.a, States.UUID())"}),
    ),
    Right(
        "a loop with a way out",
        machine(
            A={**TASK, "Next": "B"},
            B={"Type": "Choice", "Choices": [{**IS_ONE, "Next": "A"}], "Default": "C"},
            C={"Type": "Succeed"},
        ),
    ),
    Right(
        "a catcher that leads back",
        machine(
            A={**TASK, "Next": "B", "Catch": [{"ErrorEquals": ["X"], "Next": "A"}]},
            B={"Type": "Succeed"},
        ),
    ),
    Right("a name of eighty characters", machine(**{"n" * 80: END})),
    Right(
        "JSONata",
        jsonata(
            A={
                **TASK,
                "Arguments": {"a": "{% $states.input.x %}"},
                "Output": "{% $states.result %}",
                "TimeoutSeconds": "{% 5 %}",
                "Assign": {"v": "{% 1 %}"},
                "Next": "B",
            },
            B={
                "Type": "Choice",
                "Choices": [{"Condition": "{% $v > 0 %}", "Next": "C"}],
                "Default": "C",
            },
            C={"Type": "Succeed", "Output": "{% $v %}"},
        ),
    ),
    Right(
        "variables",
        machine(
            A={"Type": "Pass", "Assign": {"v.$": "$.a"}, "Next": "B"},
            B={"Type": "Pass", "Parameters": {"a.$": "$v"}, "End": True},
        ),
    ),
    Right("credentials", task(Credentials={"RoleArn.$": "$.role"})),
    Right("a filter", alone(Type="Pass", InputPath="$.rows[?(@.n > 1)]")),
    Right("JitterStrategy NONE", retried(JitterStrategy="NONE")),
    Right(
        "a placeholder in a text",
        alone(Type="Task", Resource=INVOKE, Parameters={"FunctionName": "${FunctionArn}"}),
    ),
    Right("InputPath of the context object", alone(Type="Pass", InputPath="$$.Execution.Input")),
    Right(
        "any text as a key of Parameters",
        alone(Type="Pass", Parameters={"States": 1, "RoleArn.$": "$.r"}),
        judged=False,
    ),
    Right(
        "all that JSONata sees, each where it may",
        jsonata(
            A={
                "Type": "Map",
                "Items": "{% $states.input.list %}",
                "ItemSelector": {"n": "{% $states.context.Map.Item.Value %}"},
                "ItemProcessor": machine(I={**TASK, "Output": "{% $states.result %}", "End": True}),
                "Assign": {"all": "{% $states.result %}", "t": "{% 'not $states.result.x' & '' %}"},
                "Catch": [{**RETRY, "Next": "B", "Assign": {"e": "{% $states.errorOutput %}"}}],
                "Next": "B",
            },
            B={"Type": "Succeed", "Output": "{% '$states.errorOutput' /* $states.result */ %}"},
        ),
    ),
    Right(
        "a JSONata Map",
        jsonata(A={"Type": "Map", "Items": "{% [1] %}", "ItemProcessor": INNER, "End": True}),
    ),
]
WRONG: Final = [
    Wrong("no StartAt", {"States": {"A": END}}, SCHEMA, "", "'StartAt' is required"),
    Wrong("no States", {"StartAt": "A"}, SCHEMA, "", "'States' is required"),
    Wrong("empty States", {"StartAt": "A", "States": {}}, SCHEMA, "/States", "must not be empty"),
    Wrong(
        "StartAt names no state",
        {**alone(**PASS), "StartAt": "X"},
        TARGET,
        "/StartAt",
        "Missing 'StartAt' target: X",
    ),
    Wrong(
        "Next names no state",
        machine(A={**PASS, "Next": "X"}, B=END),
        TARGET,
        "/States/A/Next",
        "Missing 'Next' target: X",
        RECORDED,
    ),
    Wrong(
        "Default names no state",
        choice({**IS_ONE, "Next": "B"}, Default="X"),
        TARGET,
        "/States/A/Default",
        "Missing 'Default' target: X",
        RECORDED,
    ),
    Wrong(
        "a rule's Next names no state",
        choice({**IS_ONE, "Next": "X"}, Default="B"),
        TARGET,
        "/States/A/Choices[0]/Next",
        "Missing 'Next' target: X",
        RECORDED,
    ),
    Wrong(
        "a catcher's Next names no state",
        task(Catch=[{**RETRY, "Next": "X"}]),
        TARGET,
        "/States/A/Catch[0]/Next",
        "Missing 'Next' target: X",
        RECORDED,
    ),
    Wrong(
        "a state that nothing reaches",
        machine(A=END, B=END),
        TARGET,
        "/States/B",
        'State "B" is not reachable.',
        RECORDED,
    ),
    Wrong(
        "a loop without an end",
        machine(A={**PASS, "Next": "B"}, B={**PASS, "Next": "A"}),
        "MISSING_END_STATE",
        "",
        "no terminal state",
        RECORDED,
    ),
    Wrong(
        "a branch that leads out",
        machine(
            A={"Type": "Parallel", "Branches": [machine(I={**PASS, "Next": "B"})], "Next": "B"},
            B=END,
        ),
        TARGET,
        "/States/A/Branches[0]/States/I/Next",
        "Missing 'Next' target: B",
        RECORDED,
    ),
    Wrong(
        "a name twice, inside and outside",
        machine(A={"Type": "Parallel", "Branches": [machine(A=END)], "End": True}),
        "DUPLICATE_STATE_NAME",
        "/States/A/Branches[0]/States/A",
        "not unique",
        RECORDED,
    ),
    Wrong(
        "a name that is too long",
        machine(**{"n" * 81: END}),
        "INVALID_STATE_NAME",
        "/States/" + "n" * 81,
        "1 to 80",
        RECORDED,
    ),
    Wrong("no Type", machine(A={"End": True}), SCHEMA, "/States/A", "State type must be one of"),
    Wrong(
        "a Type that there is not",
        machine(A={"Type": "Loop", "End": True}),
        SCHEMA,
        "/States/A/Type",
        "State type must be one of",
    ),
    Wrong(
        "neither Next nor End",
        machine(A=PASS),
        SCHEMA,
        "/States/A",
        "One of the fields Next and End",
    ),
    Wrong(
        "both Next and End",
        machine(A={**END, "Next": "B"}, B=END),
        SCHEMA,
        "/States/A",
        "Only one of the fields Next and End",
    ),
    Wrong(
        "an End of false",
        machine(A={**PASS, "End": False}),
        SCHEMA,
        "/States/A",
        "One of the fields Next and End",
    ),
    Wrong(
        "End on a Fail",
        machine(A={"Type": "Fail", "End": True}),
        SCHEMA,
        "/States/A/End",
        "Field 'End' is not supported",
        RECORDED,
    ),
    Wrong(
        "Next on a Succeed",
        machine(A={"Type": "Succeed", "Next": "B"}, B=END),
        SCHEMA,
        "/States/A/Next",
        "Field 'Next' is not supported",
    ),
    Wrong(
        "Retry on a Pass",
        alone(**PASS, Retry=[RETRY]),
        SCHEMA,
        "/States/A/Retry",
        "Field 'Retry' is not supported",
        RECORDED,
    ),
    Wrong(
        "ResultSelector on a Pass",
        alone(**PASS, ResultSelector={}),
        SCHEMA,
        "/States/A/ResultSelector",
        "Field 'ResultSelector' is not supported",
        RECORDED,
    ),
    Wrong(
        "TimeoutSeconds on a Map",
        mapped(TimeoutSeconds=1),
        SCHEMA,
        "/States/A/TimeoutSeconds",
        "Field 'TimeoutSeconds' is not supported",
        RECORDED,
    ),
    Wrong(
        "Parameters on a Wait",
        alone(Type="Wait", Seconds=1, Parameters={}),
        SCHEMA,
        "/States/A/Parameters",
        "Field 'Parameters' is not supported",
    ),
    Wrong(
        "Result on a Task",
        task(Result=1),
        SCHEMA,
        "/States/A/Result",
        "Field 'Result' is not supported",
    ),
    Wrong(
        "Catch on a Choice",
        choice({**IS_ONE, "Next": "B"}, Catch=[]),
        SCHEMA,
        "/States/A/Catch",
        "Field 'Catch' is not supported",
    ),
    Wrong(
        "a field that there is not",
        alone(**PASS, Foo=1),
        SCHEMA,
        "/States/A/Foo",
        "Field 'Foo' is not supported",
    ),
    Wrong(
        "a field of the top that there is not",
        {**alone(**PASS), "Foo": 1},
        SCHEMA,
        "/Foo",
        "Field 'Foo' is not supported",
    ),
    Wrong(
        "a Task without Resource", alone(Type="Task"), SCHEMA, "/States/A", "'Resource' is required"
    ),
    Wrong(
        "a Resource that is no ARN",
        alone(Type="Task", Resource="f"),
        SCHEMA,
        "/States/A/Resource",
        "not a valid resource ARN",
    ),
    Wrong(
        "a placeholder that nothing has taken the place of",
        alone(Type="Task", Resource="${FunctionArn}"),
        SCHEMA,
        "/States/A/Resource",
        "not a valid resource ARN",
        RECORDED,
        judged=False,
    ),
    Wrong(
        "a Choice without Choices",
        machine(A={"Type": "Choice", "Default": "B"}, B=END),
        SCHEMA,
        "/States/A",
        "'Choices' is required",
    ),
    Wrong(
        "no rules",
        machine(A={"Type": "Choice", "Choices": [], "Default": "B"}, B=END),
        SCHEMA,
        "/States/A/Choices",
        "non-empty array",
    ),
    Wrong(
        "a rule without Next",
        choice(IS_ONE, Default="B"),
        SCHEMA,
        "/States/A/Choices[0]",
        "'Next' is required",
    ),
    Wrong(
        "Next inside a rule",
        choice({"Not": {**IS_ONE, "Next": "B"}, "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]/Not/Next",
        "Field 'Next' is not supported",
        judged=False,
    ),
    Wrong(
        "a rule without a comparison",
        choice({"Variable": "$.a", "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]",
        "exactly one comparison",
    ),
    Wrong(
        "a rule with two comparisons",
        choice({**IS_ONE, "IsNull": True, "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]",
        "exactly one comparison",
    ),
    Wrong(
        "a comparison that there is not",
        choice({"Variable": "$.a", "Like": 1, "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]/Like",
        "Field 'Like' is not supported",
    ),
    Wrong(
        "a rule without Variable",
        choice({"IsNull": True, "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]",
        "'Variable' is required",
    ),
    Wrong(
        "a comparison with another kind of value",
        choice({"Variable": "$.a", "NumericEquals": "1", "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]/NumericEquals",
        "must be a number",
    ),
    Wrong(
        "a comparison with a path that is none",
        choice({"Variable": "$.a", "StringEqualsPath": "b", "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]/StringEqualsPath",
        "not a valid JSONPath",
    ),
    Wrong(
        "an And of nothing",
        choice({"And": [], "Next": "B"}),
        SCHEMA,
        "/States/A/Choices[0]/And",
        "non-empty array",
    ),
    Wrong(
        "a Wait without a time",
        alone(Type="Wait"),
        SCHEMA,
        "/States/A",
        "Exactly one of the fields",
    ),
    Wrong(
        "a Wait with two times",
        alone(Type="Wait", Seconds=1, SecondsPath="$.s"),
        SCHEMA,
        "/States/A",
        "Exactly one of the fields",
    ),
    Wrong(
        "a Wait of less than nothing",
        alone(Type="Wait", Seconds=-1),
        SCHEMA,
        "/States/A/Seconds",
        "between 0 and 99999999",
    ),
    Wrong(
        "a Wait until no time",
        alone(Type="Wait", Timestamp="tomorrow"),
        SCHEMA,
        "/States/A/Timestamp",
        "RFC3339",
    ),
    Wrong(
        "a Parallel without Branches",
        alone(Type="Parallel"),
        SCHEMA,
        "/States/A",
        "'Branches' is required",
    ),
    Wrong(
        "a branch without StartAt",
        alone(Type="Parallel", Branches=[{"States": {"I": END}}]),
        SCHEMA,
        "/States/A/Branches[0]",
        "'StartAt' is required",
    ),
    Wrong(
        "a Map without states",
        alone(Type="Map"),
        SCHEMA,
        "/States/A",
        "'ItemProcessor' is required",
    ),
    Wrong(
        "a Map with both kinds of states",
        mapped(Iterator=machine(J=END)),
        SCHEMA,
        "/States/A",
        "Only one of the fields ItemProcessor and Iterator",
    ),
    Wrong(
        "a mode that there is not",
        mapped(ItemProcessor={**INNER, "ProcessorConfig": {"Mode": "FAST"}}),
        SCHEMA,
        "/States/A/ItemProcessor/ProcessorConfig/Mode",
        "Allowed values are [INLINE, DISTRIBUTED]",
    ),
    Wrong(
        "a distributed Map without a type",
        mapped(ItemProcessor={**INNER, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}),
        SCHEMA,
        "/States/A/ItemProcessor/ProcessorConfig",
        "'ExecutionType' is required",
        GUIDE,
    ),
    Wrong(
        "a reader in an inline Map",
        mapped(ItemReader={"Resource": IN_S3 + "getObject"}),
        SCHEMA,
        "/States/A/ItemReader",
        "in DISTRIBUTED mode only",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a label with a blank",
        distributed(Label="a b"),
        "INVALID_LABEL_NAME",
        "/States/A/Label",
        "not valid",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "more than all may fail",
        distributed(ToleratedFailurePercentage=101),
        SCHEMA,
        "/States/A/ToleratedFailurePercentage",
        "at least 0 and at most 100",
    ),
    Wrong(
        "a path that is none",
        alone(**PASS, InputPath="a.b"),
        SCHEMA,
        "/States/A/InputPath",
        "not a valid JSONPath",
    ),
    Wrong(
        "a path that does not end",
        alone(**PASS, OutputPath="$.a["),
        SCHEMA,
        "/States/A/OutputPath",
        "not a valid JSONPath",
    ),
    Wrong(
        "a ResultPath that finds many",
        alone(**PASS, ResultPath="$.a[*]"),
        SCHEMA,
        "/States/A/ResultPath",
        "not a Reference Path",
    ),
    Wrong(
        "a ResultPath into the context object",
        alone(**PASS, ResultPath="$$.a"),
        SCHEMA,
        "/States/A/ResultPath",
        "not a Reference Path",
        judged=False,
    ),
    Wrong(
        "a text where a path belongs",
        alone(**PASS, Parameters={"x.$": "hello"}),
        SCHEMA,
        "/States/A/Parameters/x.$",
        "must be a valid JSONPath or a valid intrinsic function call",
        RECORDED,
    ),
    Wrong(
        "a number where a path belongs",
        alone(**PASS, Parameters={"a": [{"x.$": 1}]}),
        SCHEMA,
        "/States/A/Parameters/a[0]/x.$",
        "must be a valid JSONPath",
        RECORDED,
        judged=False,
    ),
    Wrong(
        "an intrinsic that there is not",
        alone(**PASS, Parameters={"x.$": "States.Sum(1)"}),
        SCHEMA,
        "/States/A/Parameters/x.$",
        "valid intrinsic function call",
        RECORDED,
    ),
    Wrong(
        "an intrinsic with too few arguments",
        alone(**PASS, Parameters={"x.$": "States.MathAdd(1)"}),
        SCHEMA,
        "/States/A/Parameters/x.$",
        "valid intrinsic function call",
        RECORDED,
    ),
    Wrong(
        "an illegal escape",
        alone(**PASS, Parameters={"x.$": r"States.Format('\q')"}),
        SCHEMA,
        "/States/A/Parameters/x.$",
        "valid intrinsic function call",
        RECORDED,
        judged=False,
    ),
    Wrong("Retry is no list", task(Retry={}), SCHEMA, "/States/A/Retry", "must be an array"),
    Wrong(
        "a retrier without errors",
        task(Retry=[{"MaxAttempts": 1}]),
        SCHEMA,
        "/States/A/Retry[0]",
        "'ErrorEquals' is required",
    ),
    Wrong(
        "a retrier of no errors",
        task(Retry=[{"ErrorEquals": []}]),
        SCHEMA,
        "/States/A/Retry[0]/ErrorEquals",
        "non-empty array",
        judged=False,
    ),
    Wrong(
        "States.ALL before another",
        task(Retry=[RETRY, {"ErrorEquals": ["X"]}]),
        SCHEMA,
        "/States/A/Retry[0]/ErrorEquals",
        "only appear in the last",
        RECORDED,
        judged=False,
    ),
    Wrong(
        "States.ALL beside another",
        task(Retry=[{"ErrorEquals": ["States.ALL", "X"]}]),
        SCHEMA,
        "/States/A/Retry[0]/ErrorEquals",
        "must appear alone",
        RECORDED,
        judged=False,
    ),
    Wrong(
        "an interval of nothing",
        retried(IntervalSeconds=0),
        SCHEMA,
        "/States/A/Retry[0]/IntervalSeconds",
        "between 1 and",
        judged=False,
    ),
    Wrong(
        "fewer attempts than none",
        retried(MaxAttempts=-1),
        SCHEMA,
        "/States/A/Retry[0]/MaxAttempts",
        "between 0 and",
    ),
    Wrong(
        "a rate below one",
        retried(BackoffRate=0.5),
        SCHEMA,
        "/States/A/Retry[0]/BackoffRate",
        "at least 1.0",
        judged=False,
    ),
    Wrong(
        "a longest delay below the interval",
        retried(IntervalSeconds=5, MaxDelaySeconds=4),
        SCHEMA,
        "/States/A/Retry[0]/MaxDelaySeconds",
        "greater than IntervalSeconds",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a jitter that there is not",
        retried(JitterStrategy="SOME"),
        SCHEMA,
        "/States/A/Retry[0]/JitterStrategy",
        "[FULL, NONE]",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a retrier's field that there is not",
        retried(Times=1),
        SCHEMA,
        "/States/A/Retry[0]/Times",
        "Field 'Times' is not supported",
        judged=False,
    ),
    Wrong(
        "a catcher without Next",
        task(Catch=[RETRY]),
        SCHEMA,
        "/States/A/Catch[0]",
        "'Next' is required",
    ),
    Wrong(
        "no time at all",
        task(TimeoutSeconds=0),
        SCHEMA,
        "/States/A/TimeoutSeconds",
        "between 1 and",
    ),
    Wrong(
        "a time that is a text",
        task(TimeoutSeconds="5"),
        SCHEMA,
        "/States/A/TimeoutSeconds",
        "must be an integer",
    ),
    Wrong(
        "two timeouts",
        task(TimeoutSeconds=5, TimeoutSecondsPath="$.t"),
        SCHEMA,
        "/States/A",
        "Only one of the fields TimeoutSeconds and TimeoutSecondsPath",
    ),
    Wrong(
        "a heartbeat as long as the timeout",
        task(TimeoutSeconds=5, HeartbeatSeconds=5),
        SCHEMA,
        "/States/A/HeartbeatSeconds",
        "smaller than TimeoutSeconds",
        judged=False,
    ),
    Wrong(
        "an error twice",
        alone(Type="Fail", Error="E", ErrorPath="$.e"),
        SCHEMA,
        "/States/A",
        "Only one of the fields Error and ErrorPath",
    ),
    Wrong(
        "a variable named states",
        alone(**PASS, Assign={"states": 1}),
        SCHEMA,
        "/States/A/Assign/states",
        "not a valid variable name",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a path in a JSONata machine",
        jsonata(A={**END, "InputPath": "$.a"}),
        SCHEMA,
        "/States/A/InputPath",
        "not supported when the query language is JSONata",
        GUIDE,
    ),
    Wrong(
        "Parameters in a JSONata machine",
        jsonata(A={**TASK, "Parameters": {}, "End": True}),
        SCHEMA,
        "/States/A/Parameters",
        "not supported when the query language is JSONata",
        GUIDE,
    ),
    Wrong(
        "Arguments in a JSONPath machine",
        task(Arguments={}),
        SCHEMA,
        "/States/A/Arguments",
        "not supported when the query language is JSONPath",
        GUIDE,
    ),
    Wrong(
        "a JSONPath state in a JSONata machine",
        jsonata(A={**END, "QueryLanguage": "JSONPath"}),
        SCHEMA,
        "/States/A/QueryLanguage",
        "cannot be JSONPath",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "an expression that does not end",
        jsonata(A={**END, "Output": "{% 1"}),
        SCHEMA,
        "/States/A/Output",
        "must begin with '{%' and end with '%}'",
        RECORDED,
    ),
    Wrong(
        "an expression with a syntax error",
        jsonata(A={**END, "Output": {"a": "{% 1 + %}"}}),
        SCHEMA,
        "/States/A/Output/a",
        "The JSONata expression is not valid",
        RECORDED,
    ),
    Wrong(
        "a condition that is a text",
        jsonata(
            A={"Type": "Choice", "Choices": [{"Condition": "yes", "Next": "B"}], "Default": "B"},
            B={"Type": "Succeed"},
        ),
        SCHEMA,
        "/States/A/Choices[0]/Condition",
        "must be a boolean",
        GUIDE,
    ),
    Wrong(
        "Items that are a text",
        jsonata(A={"Type": "Map", "Items": "a", "ItemProcessor": INNER, "End": True}),
        SCHEMA,
        "/States/A/Items",
        "must be an array or a JSONata expression",
        GUIDE,
    ),
    Wrong(
        "a result before there is one",
        jsonata(A={**TASK, "Arguments": {"a": ["{% $states.result.b %}"]}, "End": True}),
        SCHEMA,
        "/States/A/Arguments/a[0]",
        "'result' of the variable $states",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a result of a state that does no work",
        jsonata(A={**END, "Output": "{% $states.result %}"}),
        SCHEMA,
        "/States/A/Output",
        "'result' of the variable $states",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "an error's output outside of a catcher",
        jsonata(A={**TASK, "Assign": {"e": "{% $states . errorOutput.Error %}"}, "End": True}),
        SCHEMA,
        "/States/A/Assign/e",
        "'errorOutput' of the variable $states",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a result in a catcher",
        jsonata(
            A={
                **TASK,
                "End": True,
                "Catch": [{**RETRY, "Next": "B", "Output": "{% $states.result %}"}],
            },
            B={"Type": "Succeed"},
        ),
        SCHEMA,
        "/States/A/Catch[0]/Output",
        "'result' of the variable $states",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a field of $states that there is not",
        jsonata(A={"Type": "Succeed", "Output": "{% $states.output %}"}),
        SCHEMA,
        "/States/A/Output",
        "'output' of the variable $states",
        GUIDE,
        judged=False,
    ),
    Wrong(
        "a version that there is not",
        {**alone(**PASS), "Version": "2.0"},
        SCHEMA,
        "/Version",
        "Allowed values are [1.0]",
        judged=False,
    ),
    Wrong(
        "a language that there is not",
        {**alone(**PASS), "QueryLanguage": "XPath"},
        SCHEMA,
        "/QueryLanguage",
        "Allowed values are [JSONPath, JSONata]",
    ),
    Wrong(
        "a comment that is no text",
        {**alone(**PASS), "Comment": 1},
        SCHEMA,
        "/Comment",
        "must be a string",
    ),
    Wrong(
        "a Parallel without branches",
        alone(Type="Parallel", Branches=[]),
        SCHEMA,
        "/States/A/Branches",
        "non-empty array",
        judged=False,
    ),
    Wrong(
        "credentials that are a text",
        task(Credentials="arn:aws:iam::123456789012:role/r"),
        SCHEMA,
        "/States/A/Credentials",
        "must be an object",
        f"{GUIDE}concepts-access-cross-acct-resources.html",
        judged=False,
    ),
    Wrong(
        "credentials without a role",
        task(Credentials={}),
        SCHEMA,
        "/States/A/Credentials",
        "'RoleArn' is required",
        f"{GUIDE}concepts-access-cross-acct-resources.html",
        judged=False,
    ),
    Wrong(
        "a Fail whose error is a sum",
        alone(Type="Fail", ErrorPath="States.MathAdd(1, 2)"),
        SCHEMA,
        "/States/A/ErrorPath",
        "States.MathAdd is not supported here",
        f"{GUIDE}state-fail.html",
        judged=False,
    ),
    Wrong(
        "a reader without a resource",
        distributed(ItemReader={"Parameters": {"Bucket": "b", "Key": "k"}}),
        SCHEMA,
        "/States/A/ItemReader",
        "'Resource' is required",
        f"{GUIDE}input-output-itemreader.html",
    ),
    Wrong(
        "a reader that calls something else",
        distributed(ItemReader={"Resource": f"{IN_S3}headObject"}),
        SCHEMA,
        "/States/A/ItemReader/Resource",
        "Allowed are the calls s3:getObject",
        f"{GUIDE}input-output-itemreader.html",
        judged=False,
    ),
    Wrong(
        "a reader of a form that there is not",
        distributed(
            ItemReader={"Resource": f"{IN_S3}getObject", "ReaderConfig": {"InputType": "XML"}}
        ),
        SCHEMA,
        "/States/A/ItemReader/ReaderConfig/InputType",
        "Allowed values are [CSV, JSON, JSONL, PARQUET, MANIFEST]",
        f"{GUIDE}input-output-itemreader.html",
        judged=False,
    ),
    Wrong(
        "batches of no size",
        distributed(ItemBatcher={"BatchInput": {"a": 1}}),
        SCHEMA,
        "/States/A/ItemBatcher",
        "MaxItemsPerBatch and MaxInputBytesPerBatch",
        f"{GUIDE}input-output-itembatcher.html",
        judged=False,
    ),
    Wrong(
        "a writer that calls something else",
        distributed(ResultWriter={"Resource": f"{IN_S3}copyObject"}),
        SCHEMA,
        "/States/A/ResultWriter/Resource",
        "Allowed are the calls s3:putObject",
        f"{GUIDE}input-output-resultwriter.html",
        judged=False,
    ),
    Wrong(
        "Express children that wait for jobs",
        mapped(
            ItemProcessor={
                **alone(Type="Task", Resource="arn:aws:states:::states:startExecution.sync"),
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            }
        ),
        SCHEMA,
        "/States/A/ItemProcessor/States/A/Resource",
        "Express state machine does not support",
        f"{GUIDE}state-map-distributed.html",
    ),
]
