"""Executions end with what they end with on AWS."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pytest

from emulated.machines import (
    FUNCTION,
    GUIDE,
    INVOKE,
    RECORDED,
    SPEC,
    Account,
    alone,
    fail,
    jsonata,
    kinds,
    machine,
    output,
    passing,
    ran,
)

ECHO: Final = {"Type": "Task", "Resource": FUNCTION + "echo"}
BROKEN: Final = {"Type": "Task", "Resource": FUNCTION + "broken"}
END: Final = {"Type": "Succeed"}
ROWS: Final = {"rows": [{"n": 1}, {"n": 2}, {"n": 3}], "x": {"y": 1}, "text": "t"}


class Ends(NamedTuple):
    """How a definition ends with an input."""

    name: str
    definition: dict[str, Any]
    output: Any
    source: str = SPEC
    input: Any = ROWS


def inside(language: str = "", **state: Any) -> dict[str, Any]:
    more = {"QueryLanguage": language} if language else {}
    return {**machine(I={**state, "End": True}), **more}


def caught(state: Mapping[str, Any], **catcher: Any) -> dict[str, Any]:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", **catcher}]
    return machine(A={**state, "Catch": catch, "Next": "Caught"}, Caught=END)


ENDINGS: Final = [
    Ends("a Pass hands its input on", alone(Type="Pass"), ROWS),
    Ends("a Result is the output", alone(Type="Pass", Result=[1]), [1]),
    Ends(
        "a Result goes where ResultPath says",
        alone(Type="Pass", Result=1, ResultPath="$.x.z"),
        {**ROWS, "x": {"y": 1, "z": 1}},
    ),
    Ends(
        "ResultPath makes the objects that are missing",
        alone(Type="Pass", Result=1, ResultPath="$.a.b.c"),
        {**ROWS, "a": {"b": {"c": 1}}},
    ),
    Ends(
        "ResultPath writes into a list",
        alone(Type="Pass", Result=1, ResultPath="$.rows[1]"),
        {**ROWS, "rows": [{"n": 1}, 1, {"n": 3}]},
        RECORDED,
    ),
    Ends(
        "a ResultPath of null drops the result", alone(Type="Pass", Result=1, ResultPath=None), ROWS
    ),
    Ends("InputPath chooses", alone(Type="Pass", InputPath="$.x"), {"y": 1}),
    Ends("an InputPath of null is an empty object", alone(Type="Pass", InputPath=None), {}),
    Ends("OutputPath chooses", alone(Type="Pass", OutputPath="$.x.y"), 1),
    Ends("an OutputPath of null is an empty object", alone(Type="Pass", OutputPath=None), {}),
    Ends(
        "InputPath reads the context object",
        alone(Type="Pass", InputPath="$$.Execution.Name"),
        "e",
        GUIDE,
    ),
    Ends(
        "ResultPath puts into the whole input, whatever InputPath chose",
        alone(Type="Pass", InputPath="$.x", ResultPath="$.copy"),
        {**ROWS, "copy": {"y": 1}},
    ),
    Ends(
        "Parameters fill in paths",
        passing({"a": {"b.$": "$.x.y"}, "c": "$.x"}),
        {"a": {"b": 1}, "c": "$.x"},
    ),
    Ends(
        "Parameters fill in paths within lists",
        passing({"a": [{"b.$": "$.x.y"}, 2]}),
        {"a": [{"b": 1}, 2]},
    ),
    Ends(
        "any key may be a path, such as RoleArn",
        passing({"RoleArn.$": "$.text"}),
        {"RoleArn": "t"},
        RECORDED,
    ),
    Ends(
        "other words of the language may be keys, too",
        passing({"Next.$": "$.text", "Retry": {"End.$": "$.text"}, "States": [], "Type": 1}),
        {"Next": "t", "Retry": {"End": "t"}, "States": [], "Type": 1},
        RECORDED,
    ),
    Ends("Parameters call intrinsics", passing({"n.$": "States.ArrayLength($.rows)"}), {"n": 3}),
    Ends(
        "intrinsics read the context object",
        passing({"n.$": "States.Format('{}-{}', $$.Execution.Name, $$.State.Name)"}),
        {"n": "e-A"},
    ),
    Ends("Parameters read many values", passing({"n.$": "$.rows[*].n"}), {"n": [1, 2, 3]}),
    Ends(
        "times of the context object are texts with milliseconds",
        passing({"ok.$": "States.ArrayLength(States.StringSplit($$.Execution.StartTime, '.'))"}),
        {"ok": 2},
        RECORDED,
    ),
    Ends(
        "an execution begins with no redrive",
        passing({"n.$": "$$.Execution.RedriveCount"}),
        {"n": 0},
        GUIDE,
    ),
    Ends("a Wait of no seconds goes on", alone(Type="Wait", Seconds=0), ROWS),
    Ends(
        "a Wait reads its seconds", alone(Type="Wait", SecondsPath="$.s"), {"s": 0}, input={"s": 0}
    ),
    Ends(
        "a Wait until a time that has gone goes on",
        alone(Type="Wait", Timestamp="2020-01-01T00:00:00Z"),
        ROWS,
    ),
    Ends(
        "a Wait reads its time, with an offset",
        alone(Type="Wait", TimestampPath="$.t"),
        {"t": "2020-01-01T00:00:00.5+02:00"},
        input={"t": "2020-01-01T00:00:00.5+02:00"},
    ),
    Ends("a task's result is its output", alone(**ECHO), ROWS),
    Ends(
        "a task calls with its Parameters",
        alone(**ECHO, Parameters={"a.$": "$.x"}),
        {"a": {"y": 1}},
    ),
    Ends(
        "ResultSelector reads the result",
        alone(**ECHO, ResultSelector={"n.$": "$.rows[0].n"}, ResultPath="$.x"),
        {**ROWS, "x": {"n": 1}},
    ),
    Ends(
        "ResultSelector reads the context object",
        alone(**ECHO, ResultSelector={"s.$": "$$.State.Name"}),
        {"s": "A"},
        GUIDE,
    ),
    Ends(
        "a Parallel gives what its branches give",
        alone(
            Type="Parallel",
            Branches=[inside(Type="Pass", Result=1), inside(Type="Pass", InputPath="$.x")],
        ),
        [1, {"y": 1}],
    ),
    Ends(
        "a Parallel's Parameters are its branches' input",
        alone(Type="Parallel", Parameters={"a.$": "$.x.y"}, Branches=[inside(Type="Pass")]),
        [{"a": 1}],
    ),
    Ends(
        "a Parallel has ResultSelector and ResultPath",
        alone(
            Type="Parallel",
            Branches=[inside(Type="Pass", Result=1)],
            ResultSelector={"first.$": "$[0]"},
            ResultPath="$.x",
        ),
        {**ROWS, "x": {"first": 1}},
    ),
    Ends(
        "a Map runs its states for each item",
        alone(Type="Map", ItemsPath="$.rows", ItemProcessor=inside(Type="Pass", InputPath="$.n")),
        [1, 2, 3],
    ),
    Ends(
        "a Map has an Iterator of old",
        alone(Type="Map", ItemsPath="$.rows", Iterator=inside(Type="Pass", InputPath="$.n")),
        [1, 2, 3],
    ),
    Ends(
        "ItemSelector reads item, place and input",
        alone(
            Type="Map",
            ItemsPath="$.rows",
            ItemProcessor=inside(Type="Pass"),
            ItemSelector={
                "v.$": "$$.Map.Item.Value.n",
                "i.$": "$$.Map.Item.Index",
                "t.$": "$.text",
            },
        ),
        [{"v": n + 1, "i": n, "t": "t"} for n in range(3)],
    ),
    Ends(
        "Parameters of a Map are its ItemSelector of old",
        alone(
            Type="Map",
            ItemsPath="$.rows",
            Iterator=inside(Type="Pass"),
            Parameters={"v.$": "$$.Map.Item.Value"},
        ),
        [{"v": row} for row in ROWS["rows"]],
    ),
    Ends(
        "a Map of nothing gives nothing",
        alone(Type="Map", ItemsPath="$.none", ItemProcessor=inside(Type="Pass")),
        [],
        input={"none": []},
    ),
    Ends(
        "a Map takes its items one after another",
        alone(
            Type="Map",
            ItemsPath="$.rows",
            MaxConcurrency=1,
            ItemProcessor=inside(Type="Pass", InputPath="$.n"),
        ),
        [1, 2, 3],
    ),
    Ends(
        "the states of an item see its place",
        alone(
            Type="Map",
            ItemsPath="$.rows",
            ItemProcessor=inside(Type="Pass", InputPath="$$.Map.Item.Index"),
        ),
        [0, 1, 2],
    ),
    Ends(
        "a Succeed ends a branch",
        alone(Type="Parallel", Branches=[machine(S={"Type": "Succeed", "OutputPath": "$.x"})]),
        [{"y": 1}],
    ),
    Ends(
        "Assign sets variables that later states read",
        machine(
            A={"Type": "Pass", "Assign": {"v.$": "$.x", "w": 2}, "Next": "B"},
            B={"Type": "Pass", "Parameters": {"v.$": "$v.y", "w.$": "$w"}, "End": True},
        ),
        {"v": 1, "w": 2},
        GUIDE,
    ),
    Ends(
        "a task's Assign reads its whole result",
        machine(
            A={**ECHO, "Assign": {"v.$": "$.x.y"}, "ResultSelector": {"z": 0}, "Next": "B"},
            B={"Type": "Pass", "Parameters": {"v.$": "$v", "in.$": "$"}, "End": True},
        ),
        {"v": 1, "in": {"z": 0}},
        RECORDED,
    ),
    Ends(
        "all of an Assign see the variables as they were before",
        machine(
            A={"Type": "Pass", "Assign": {"x": 1, "y": 5}, "Next": "B"},
            B={
                "Type": "Pass",
                "Assign": {"x.$": "States.MathAdd($x, 1)", "y.$": "$x"},
                "Next": "C",
            },
            C={"Type": "Pass", "Parameters": {"x.$": "$x", "y.$": "$y"}, "End": True},
        ),
        {"x": 2, "y": 1},
        GUIDE,
    ),
    Ends(
        "branches read the variables outside, and theirs stay inside",
        machine(
            A={"Type": "Pass", "Assign": {"out": 1}, "Next": "B"},
            B={
                "Type": "Parallel",
                "Next": "C",
                "Branches": [
                    machine(
                        I={"Type": "Pass", "Assign": {"own.$": "$out"}, "Next": "J"},
                        J={
                            "Type": "Pass",
                            "Parameters": {"sum.$": "States.MathAdd($out, $own)"},
                            "End": True,
                        },
                    )
                ],
            },
            C={"Type": "Pass", "Parameters": {"out.$": "$out", "in.$": "$"}, "End": True},
        ),
        {"out": 1, "in": [{"sum": 2}]},
        GUIDE,
    ),
    Ends(
        "variables stand in intrinsics and paths",
        machine(
            A={"Type": "Pass", "Assign": {"v.$": "$.rows"}, "Next": "B"},
            B={"Type": "Pass", "InputPath": "$v[1]", "End": True},
        ),
        {"n": 2},
        GUIDE,
    ),
    Ends(
        "a failure is caught with its error and cause",
        caught(BROKEN),
        {"Error": "Oops", "Cause": "why"},
    ),
    Ends(
        "a caught failure goes where ResultPath says",
        caught(BROKEN, ResultPath="$.e"),
        {**ROWS, "e": {"Error": "Oops", "Cause": "why"}},
    ),
    Ends(
        "a caught failure is dropped by a ResultPath of null", caught(BROKEN, ResultPath=None), ROWS
    ),
    Ends(
        "a catcher names an error",
        caught(BROKEN, ErrorEquals=["Oops"]),
        {"Error": "Oops", "Cause": "why"},
    ),
    Ends(
        "States.TaskFailed names every failure but a timeout",
        caught(BROKEN, ErrorEquals=["States.TaskFailed"]),
        {"Error": "Oops", "Cause": "why"},
        GUIDE,
    ),
    Ends(
        "a catcher sets variables",
        machine(
            A={
                **BROKEN,
                "End": True,
                "Catch": [
                    {"ErrorEquals": ["States.ALL"], "Next": "B", "Assign": {"e.$": "$.Error"}}
                ],
            },
            B={"Type": "Pass", "Parameters": {"e.$": "$e"}, "End": True},
        ),
        {"e": "Oops"},
        GUIDE,
    ),
    Ends(
        "an intrinsic's failure is caught",
        caught(
            {**ECHO, "Parameters": {"a.$": "States.StringToJson($.text)"}},
            ResultPath=None,
            ErrorEquals=["States.IntrinsicFailure"],
        ),
        ROWS,
    ),
    Ends(
        "a ResultPath that finds no room is caught",
        caught(
            {**ECHO, "ResultPath": "$.text.deeper"},
            ResultPath=None,
            ErrorEquals=["States.ResultPathMatchFailure"],
        ),
        ROWS,
    ),
    Ends(
        "a Parallel's failure is caught",
        caught({"Type": "Parallel", "Branches": [inside(**BROKEN), inside(Type="Pass")]}),
        {"Error": "Oops", "Cause": "why"},
    ),
    Ends(
        "a Map's failure is caught",
        caught({"Type": "Map", "ItemsPath": "$.rows", "ItemProcessor": inside(**BROKEN)}),
        {"Error": "Oops", "Cause": "why"},
    ),
    Ends(
        "a retried task succeeds in the end",
        alone(
            Type="Task",
            Resource=FUNCTION + "twice",
            Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2, "IntervalSeconds": 1}],
        ),
        "third",
    ),
    Ends(
        "Parameters are evaluated at each attempt",
        machine(
            A={
                "Type": "Task",
                "Resource": FUNCTION + "by_count",
                "End": True,
                "Parameters": {"n.$": "$$.State.RetryCount"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}],
            }
        ),
        {"n": 2},
        GUIDE,
    ),
    Ends(
        "JSONata: Arguments and Output",
        jsonata(
            A={
                **ECHO,
                "Arguments": {"n": "{% $count($states.input.rows) %}"},
                "End": True,
                "Output": "{% $states.result.n + 1 %}",
            }
        ),
        4,
        GUIDE,
    ),
    Ends(
        "JSONata: without Output the result is handed on",
        jsonata(A={**ECHO, "Arguments": [1, "{% $states.input.text %}"], "End": True}),
        [1, "t"],
        GUIDE,
    ),
    Ends(
        "JSONata: without Arguments the input is the call",
        jsonata(A={**ECHO, "End": True}),
        ROWS,
        GUIDE,
    ),
    Ends(
        "JSONata: a Pass makes its Output",
        jsonata(
            A={
                "Type": "Pass",
                "Output": {"s": "{% $sum($states.input.rows.n) %}", "t": "plain"},
                "End": True,
            }
        ),
        {"s": 6, "t": "plain"},
        GUIDE,
    ),
    Ends(
        "JSONata: Assign and variables",
        jsonata(
            A={"Type": "Pass", "Assign": {"v": "{% $states.input.rows[n > 1].n %}"}, "Next": "B"},
            B={"Type": "Succeed", "Output": "{% $v %}"},
        ),
        [2, 3],
        GUIDE,
    ),
    Ends(
        "JSONata: a Map has Items and an ItemSelector",
        jsonata(
            A={
                "Type": "Map",
                "Items": "{% $states.input.rows.n %}",
                "End": True,
                "ItemSelector": {"v": "{% $states.context.Map.Item.Value * 10 %}"},
                "ItemProcessor": inside(Type="Pass", Output="{% $states.input.v %}"),
            }
        ),
        [10, 20, 30],
        GUIDE,
    ),
    Ends(
        "JSONata: Items may be written down",
        jsonata(
            A={
                "Type": "Map",
                "Items": [1, "{% 1 + 1 %}"],
                "ItemProcessor": inside(Type="Pass"),
                "End": True,
            }
        ),
        [1, 2],
        GUIDE,
    ),
    Ends(
        "JSONata: a Parallel has Arguments",
        jsonata(
            A={
                "Type": "Parallel",
                "Arguments": {"a": "{% $states.input.text %}"},
                "End": True,
                "Branches": [inside(Type="Pass")],
                "Output": "{% $states.result[0].a %}",
            }
        ),
        "t",
        GUIDE,
    ),
    Ends(
        "JSONata: a Wait's seconds are an expression",
        jsonata(A={"Type": "Wait", "Seconds": "{% $count($states.input.rows) - 3 %}", "End": True}),
        ROWS,
        GUIDE,
    ),
    Ends(
        "JSONata: a catcher has Output and Assign",
        jsonata(
            A={
                **BROKEN,
                "End": True,
                "Catch": [
                    {
                        "ErrorEquals": ["Oops"],
                        "Next": "B",
                        "Assign": {"e": "{% $states.errorOutput.Cause %}"},
                        "Output": "{% $states.errorOutput.Error %}",
                    }
                ],
            },
            B={"Type": "Succeed", "Output": "{% [$states.input, $e] %}"},
        ),
        ["Oops", "why"],
        GUIDE,
    ),
    Ends(
        "JSONata: an expression that fails is caught",
        jsonata(
            A={
                **ECHO,
                "Arguments": {"n": "{% $states.input.nothing %}"},
                "End": True,
                "Catch": [
                    {
                        "ErrorEquals": ["States.QueryEvaluationError"],
                        "Next": "B",
                        "Output": "caught",
                    }
                ],
            },
            B={"Type": "Succeed"},
        ),
        "caught",
        GUIDE,
    ),
    Ends(
        "one state of a JSONPath machine may be in JSONata",
        machine(
            A={
                "Type": "Pass",
                "QueryLanguage": "JSONata",
                "Output": "{% $states.input.text & '!' %}",
                "Next": "B",
            },
            B={"Type": "Pass", "Parameters": {"a.$": "$"}, "End": True},
        ),
        {"a": "t!"},
        GUIDE,
    ),
    Ends(
        "JSONata: AWS's own functions",
        jsonata(
            A={
                "Type": "Succeed",
                "Output": {
                    "p": "{% $partition([1,2,3], 2) %}",
                    "r": "{% $range(0, 1, 0.5) %}",
                    "h": "{% $hash('a', 'MD5') %}",
                    "j": "{% $parse('[1]') %}",
                    "u": "{% $length($uuid()) %}",
                    "q": "{% $random(1) = $random(1) %}",
                },
            }
        ),
        {
            "p": [[1, 2], [3]],
            "r": [0, 0.5, 1],
            "h": "0cc175b9c0f1b6a831c399e269772661",
            "j": [1],
            "u": 36,
            "q": True,
        },
        GUIDE,
    ),
    Ends(
        "JSONata: the context object",
        jsonata(
            A={
                "Type": "Succeed",
                "Output": "{% [ "
                "$states.context.Execution.Name, $states.context.StateMachine.Name, "
                "$states.context.State.Name] %}",
            }
        ),
        ["e", "m", "A"],
        GUIDE,
    ),
]


def account() -> Account:
    seen: list[Any] = []

    def twice(_: Any) -> Any:
        seen.append(1)
        return "third" if len(seen) > 2 else fail("Busy")(None)

    def by_count(event: Any) -> Any:
        return event if event["n"] == 2 else fail("Again")(None)

    return Account(broken=fail("Oops", "why"), twice=twice, by_count=by_count)


@pytest.mark.parametrize("case", ENDINGS, ids=lambda case: case.name)
def test_an_execution_succeeds_with_the_output_that_it_has_on_aws(case: Ends) -> None:
    assert output(ran(case.definition, case.input, account())) == case.output


class Fails(NamedTuple):
    """How a definition fails with an input."""

    name: str
    definition: dict[str, Any]
    error: str | None
    cause: str | None
    source: str = SPEC


def where(cause: str, state: str = "A", number: int = 2) -> str:
    return (
        f"An error occurred while executing the state '{state}' (entered at the event id "
        f"#{number}). {cause}"
    )


DATA: Final = json.dumps(ROWS, separators=(",", ":"))
RUNTIME: Final = "States.Runtime"
QUERY: Final = "States.QueryEvaluationError"
FAILURES: Final = [
    Fails("a Fail names error and cause", alone(Type="Fail", Error="E", Cause="C"), "E", "C"),
    Fails("a Fail needs neither", alone(Type="Fail"), None, None),
    Fails(
        "a Fail reads error and cause",
        alone(Type="Fail", ErrorPath="$.text", CausePath="States.Format('n {}', $.x.y)"),
        "t",
        "n 1",
        GUIDE,
    ),
    Fails(
        "a Fail's error must be a text",
        alone(Type="Fail", ErrorPath="$.x"),
        RUNTIME,
        where('The ErrorPath parameter must reference a string but is {"y":1}'),
        GUIDE,
    ),
    Fails(
        "a path of Parameters finds nothing",
        passing({"a.$": "$.none"}),
        RUNTIME,
        where(
            f"The JSONPath '$.none' specified for the field 'a.$' could not be found in the input "
            f"'{DATA}'"
        ),
        RECORDED,
    ),
    Fails(
        "InputPath finds nothing",
        alone(Type="Pass", InputPath="$.none"),
        RUNTIME,
        where("Invalid path '$.none' : No results for path: $['none']"),
        RECORDED,
    ),
    Fails(
        "OutputPath finds nothing",
        alone(Type="Pass", OutputPath="$.a.b"),
        RUNTIME,
        where("Invalid path '$.a.b' : Missing property in path $['a']"),
        RECORDED,
    ),
    Fails(
        "an intrinsic of a Pass fails",
        passing({"a.$": "States.StringToJson($.x)"}),
        "States.IntrinsicFailure",
        where(
            "The function 'States.StringToJson($.x)' had the following error: the argument must be "
            "a "
            'string but is {"y":1}'
        ),
    ),
    Fails(
        "ResultPath onto a text",
        alone(Type="Pass", Result=1, ResultPath="$.text.a"),
        "States.ResultPathMatchFailure",
        where(f"Unable to apply ReferencePath $.text.a to input {DATA}"),
    ),
    Fails(
        "ResultPath onto a list",
        alone(Type="Pass", Result=1, ResultPath="$.rows.a"),
        "States.ResultPathMatchFailure",
        where(f"Unable to apply ReferencePath $.rows.a to input {DATA}"),
    ),
    Fails(
        "ResultPath past a list's end",
        alone(Type="Pass", Result=1, ResultPath="$.rows[7]"),
        "States.ResultPathMatchFailure",
        where(f"Unable to apply ReferencePath $.rows[7] to input {DATA}"),
    ),
    Fails(
        "a variable that is not there",
        passing({"a.$": "$v"}),
        RUNTIME,
        where(
            "The JSONPath '$v' specified for the field 'a.$' could not be found in the input "
            f"'{DATA}'"
        ),
    ),
    Fails("a task fails and nobody catches", alone(**BROKEN), "Oops", "why"),
    Fails("a catcher for another error", caught(BROKEN, ErrorEquals=["Other"]), "Oops", "why"),
    Fails(
        "States.Runtime is never caught",
        caught({**ECHO, "Parameters": {"a.$": "$.none"}}),
        RUNTIME,
        where(
            f"The JSONPath '$.none' specified for the field 'a.$' could not be found in the input "
            f"'{DATA}'"
        ),
        GUIDE,
    ),
    Fails(
        "States.Runtime is not caught by its name",
        caught({**ECHO, "OutputPath": "$.none"}, ErrorEquals=["States.Runtime"]),
        RUNTIME,
        where("Invalid path '$.none' : No results for path: $['none']", number=2),
        GUIDE,
    ),
    Fails(
        "States.Runtime of a branch keeps its cause",
        caught({"Type": "Parallel", "Branches": [inside(Type="Pass", InputPath="$.none")]}),
        RUNTIME,
        where("Invalid path '$.none' : No results for path: $['none']", "I", 4),
        RECORDED,
    ),
    Fails(
        "States.Runtime of an item keeps its cause",
        alone(
            Type="Map",
            ItemsPath="$.rows",
            MaxConcurrency=1,
            ItemProcessor=inside(Type="Pass", InputPath="$.none"),
        ),
        RUNTIME,
        where("Invalid path '$.none' : No results for path: $['none']", "I", 5),
        RECORDED,
    ),
    Fails(
        "retries are used up",
        alone(**BROKEN, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]),
        "Oops",
        "why",
    ),
    Fails(
        "no attempts are no retry",
        alone(**BROKEN, Retry=[{"ErrorEquals": ["Oops"], "MaxAttempts": 0}]),
        "Oops",
        "why",
    ),
    Fails(
        "ItemsPath must find an array",
        alone(Type="Map", ItemsPath="$.x", ItemProcessor=inside(Type="Pass")),
        RUNTIME,
        where('Reference path "$.x" must point to array.'),
        RECORDED,
    ),
    Fails(
        "SecondsPath must find a number",
        alone(Type="Wait", SecondsPath="$.text"),
        RUNTIME,
        where('The SecondsPath parameter must reference a positive integer but is "t"'),
    ),
    Fails(
        "TimeoutSecondsPath must find a number above 0",
        alone(**ECHO, TimeoutSecondsPath="States.ArrayLength(States.Array())"),
        RUNTIME,
        where("The TimeoutSecondsPath parameter must reference a positive integer but is 0"),
    ),
    Fails(
        "JSONata: HeartbeatSeconds must be above 0",
        jsonata(A={**ECHO, "HeartbeatSeconds": "{% 0 %}", "End": True}),
        "States.QueryEvaluationError",
        where(
            "The JSONata expression for the field 'HeartbeatSeconds' must be an integer of at "
            "least 1 but is 0"
        ),
    ),
    Fails(
        "TimestampPath must find a time",
        alone(Type="Wait", TimestampPath="$.text"),
        RUNTIME,
        where(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
            'date-time format string: TimestampPath == "t"'
        ),
        RECORDED,
    ),
    Fails(
        "an output that is too large",
        alone(Type="Task", Resource=FUNCTION + "large"),
        "States.DataLimitExceeded",
        f"The state/task '{FUNCTION}large' returned a result with a size exceeding the maximum "
        "number "
        "of bytes service limit.",
        GUIDE,
    ),
    Fails(
        "JSONata: undefined",
        jsonata(A={"Type": "Pass", "Output": {"a": "{% $states.input.b %}"}, "End": True}),
        QUERY,
        where(
            "The JSONata expression '$states.input.b' specified for the field "
            "'Output/a' returned nothing (undefined)."
        ),
        RECORDED,
    ),
    Fails(
        "JSONata: a failing expression",
        jsonata(A={"Type": "Succeed", "Output": "{% 'a' + 1 %}"}),
        QUERY,
        where(
            "The JSONata expression ''a' + 1' specified for the field 'Output' threw an error. "
            "T2001: "
            "The left side of the + operator must evaluate to a number"
        ),
    ),
    Fails(
        "JSONata: $eval is not there",
        jsonata(A={"Type": "Succeed", "Output": "{% $eval('1') %}"}),
        QUERY,
        where(
            "The JSONata expression '$eval('1')' specified for the field 'Output' threw an "
            "error. $eval is not supported; use $parse"
        ),
        GUIDE,
    ),
    Fails(
        "JSONata: Items must be an array",
        jsonata(
            A={
                "Type": "Map",
                "Items": "{% 'a' %}",
                "ItemProcessor": inside(Type="Pass"),
                "End": True,
            }
        ),
        QUERY,
        where("The JSONata expression for the field 'Items' must be an array: \"a\""),
    ),
    Fails(
        "JSONata: a Fail evaluates",
        jsonata(A={"Type": "Fail", "Error": "{% $states.input.text %}", "Cause": "{% 'c' & 1 %}"}),
        "t",
        "c1",
        GUIDE,
    ),
    Fails(
        "JSONata: a Fail's cause must be a text",
        jsonata(A={"Type": "Fail", "Error": "E", "Cause": "{% 1 %}"}),
        QUERY,
        where("The JSONata expression for the field 'Cause' must be a string but is 1"),
    ),
    Fails(
        "JSONata: a Wait's seconds must be a whole number",
        jsonata(A={"Type": "Wait", "Seconds": "{% 0.5 %}", "End": True}),
        QUERY,
        where(
            "The JSONata expression for the field 'Seconds' must be an integer of at least 0 but "
            "is "
            "0.5"
        ),
    ),
]


@pytest.mark.parametrize("case", FAILURES, ids=lambda case: case.name)
def test_an_execution_fails_with_the_error_that_it_has_on_aws(case: Fails) -> None:
    execution = ran(
        case.definition, ROWS, Account(broken=fail("Oops", "why"), large=lambda _: "x" * 300_000)
    )

    assert (execution.status, execution.error) == ("FAILED", case.error)
    assert execution.cause == case.cause
    last = execution.history.events[-1]
    assert last["type"] == "ExecutionFailed"
    told = {"error": case.error, "cause": case.cause}
    assert last["executionFailedEventDetails"] == {k: v for k, v in told.items() if v}
    assert kinds(execution).count("ExecutionFailed") == 1


HISTORIES: Final = [
    (
        alone(Type="Pass"),
        ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
    ),
    (alone(Type="Fail"), ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]),
    (
        alone(**ECHO),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "LambdaFunctionScheduled",
            "LambdaFunctionStarted",
            "LambdaFunctionSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded",
        ],
    ),
    (
        alone(Type="Task", Resource="arn:aws:states:::sns:echo"),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded",
        ],
    ),
    (
        alone(Type="Task", Resource="arn:aws:states:::glue:echo.sync"),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskSubmitted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded",
        ],
    ),
    (
        alone(**BROKEN, Retry=[{"ErrorEquals": ["Oops"], "MaxAttempts": 1}]),
        [
            "ExecutionStarted",
            "TaskStateEntered",
            *["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"] * 2,
            "ExecutionFailed",
        ],
    ),
    (
        caught({"Type": "Parallel", "Branches": [inside(**BROKEN)]}),
        [
            "ExecutionStarted",
            "ParallelStateEntered",
            "ParallelStateStarted",
            "TaskStateEntered",
            "LambdaFunctionScheduled",
            "LambdaFunctionStarted",
            "LambdaFunctionFailed",
            "ParallelStateFailed",
            "ParallelStateExited",
            "SucceedStateEntered",
            "SucceedStateExited",
            "ExecutionSucceeded",
        ],
    ),
    (
        alone(Type="Map", ItemsPath="$.rows", MaxConcurrency=1, ItemProcessor=inside(**BROKEN)),
        [
            "ExecutionStarted",
            "MapStateEntered",
            "MapStateStarted",
            "MapIterationStarted",
            "TaskStateEntered",
            "LambdaFunctionScheduled",
            "LambdaFunctionStarted",
            "LambdaFunctionFailed",
            "MapIterationFailed",
            "MapStateFailed",
            "ExecutionFailed",
        ],
    ),
    (
        jsonata(A={"Type": "Pass", "Output": "{% $none %}", "End": True}),
        ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"],
    ),
]


@pytest.mark.parametrize(("definition", "expected"), HISTORIES, ids=lambda value: str(value)[:60])
def test_the_history_has_the_events_that_aws_writes(
    definition: dict[str, Any], expected: list[str]
) -> None:
    execution = ran(definition, ROWS, Account(broken=fail("Oops")))

    assert kinds(execution) == expected
    assert [event["id"] for event in execution.history.events] == list(range(1, len(expected) + 1))


def test_what_a_state_sets_stands_in_the_event_of_its_end() -> None:
    execution = ran(alone(Type="Pass", Assign={"a.$": "$.text", "b": [1]}), ROWS)
    left = execution.history.events[2]["stateExitedEventDetails"]

    assert left["assignedVariables"] == {"a": '"t"', "b": "[1]"}


def test_a_tasks_events_tell_its_call_and_answer() -> None:
    resource = "arn:aws:states:::sqs:echo"
    account = Account()
    task = alone(Type="Task", Resource=resource, Parameters={"a.$": "$.text"}, TimeoutSeconds=9)
    events = ran(task, ROWS, account).history.events

    assert events[2]["taskScheduledEventDetails"] == {
        "resourceType": "sqs",
        "resource": "echo",
        "region": "us-east-1",
        "parameters": '{"a":"t"}',
        "timeoutInSeconds": 9,
    }
    assert events[4]["taskSucceededEventDetails"] == {
        "resourceType": "sqs",
        "resource": "echo",
        "output": '{"a":"t"}',
        "outputDetails": {"truncated": False},
    }
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5, 6]


def test_a_task_calls_in_the_name_of_its_own_credentials() -> None:
    account = Account()
    own = {"RoleArn.$": "$.text"}
    resource = "arn:aws:states:::sqs:echo"
    execution = ran(alone(Type="Task", Resource=resource, Credentials=own), ROWS, account)

    assert account.calls[0].role_arn == "t"
    scheduled = execution.history.events[2]["taskScheduledEventDetails"]
    assert scheduled["taskCredentials"] == {"roleArn": "t"}


def test_the_invocation_of_a_function_has_no_pattern_of_its_own() -> None:
    account = Account(invoke=lambda parameters: {"Payload": parameters})
    execution = ran(
        alone(Type="Task", Resource=INVOKE, Parameters={"FunctionName": "f"}), {}, account
    )

    assert output(execution) == {"Payload": {"FunctionName": "f"}}
    assert (account.calls[0].service, account.calls[0].pattern) == ("lambda", "")
