"""JSONata gives what the official library gives, and null stays apart from nothing."""

import json
from typing import Any

import pytest

from emulated.node_judges import verdicts
from pocketaws.step_functions.engine.errors import StateError
from pocketaws.step_functions.engine.jsonata_language import evaluated, filled, syntax_problem
from pocketaws.step_functions.engine.scopes import ExpressionScope

INPUT = {
    "name": "Ann",
    "none": None,
    "count": 3,
    "half": 2.5,
    "yes": True,
    "blank": "",
    "list": [5, 1, 4],
    "nulls": [1, None, 2],
    "rows": [
        {"id": 1, "tag": "a", "cost": 2.5, "in": {"x": 1}},
        {"id": 2, "tag": "b", "cost": 10},
        {"id": 3, "tag": "a", "cost": 7.5},
    ],
    "two words": {"é": 1},
}
SCOPE = ExpressionScope(
    INPUT, {"Execution": {"Name": "e-1"}}, {"v": 7, "names": ["x", "y"], "nothing": None}
)
# No clock, no chance: what the judge must give, too.
EXPRESSIONS = [
    "$states.input.name",
    "$states.input.none",
    "$states.input.missing",
    "$states.input.list",
    "$states.input.list[0]",
    "$states.input.list[-1]",
    "$states.input.list[[0..1]]",
    "$states.input.nulls",
    "$states.input.rows.id",
    "$states.input.rows[tag='a'].cost",
    "$states.input.rows[cost > 100]",
    "$states.input.rows[tag='b'].id",
    "$states.input.rows.in.x",
    "$states.input.`two words`.`é`",
    "$states.input.rows^(>cost).id",
    "$states.input.rows^(tag, <cost).id",
    "$states.input.rows{tag: $sum(cost)}",
    "$states.input.**.x",
    "$states.input.rows.{'i': id, 't': tag}",
    "$states.context.Execution.Name & '!'",
    "$v + 1",
    "$v - 10",
    "$v * $states.input.half",
    "$v / 2",
    "$v % 4",
    "-$v",
    "$nothing",
    "$names[1]",
    "$v > 5 and $v < 9",
    "$v = '7'",
    "$v != 7 or $states.input.yes",
    "$states.input.name in ['Ann', 'Bob']",
    "$states.input.count > 2 ? 'many' : 'few'",
    "($a := 2; $b := $a * 3; $a + $b)",
    "$sum($states.input.list)",
    "$max($states.input.list) & '/' & $min($states.input.list)",
    "$average($states.input.list)",
    "$count($states.input.rows)",
    "$count($states.input.missing)",
    "$string($states.input.rows[0])",
    "$string(2.50)",
    "$string(null)",
    "$length($states.input.name)",
    "$substring('Hello World', 3, 5)",
    "$substringBefore('a-b', '-') & $substringAfter('a-b', '-')",
    "$uppercase($states.input.name)",
    "$trim('  a   b ')",
    "$pad('x', -3, '#')",
    "$contains('abracadabra', /a.*a/)",
    "$split('a, b,c', /[,]\\s*/)",
    "$join(['a', 'b'], '-')",
    "$match('ab12cd3', /[0-9]+/).match",
    "$replace('a-b-c', '-', '+')",
    "$base64encode('myuser:mypass')",
    "$base64decode('bXl1c2Vy')",
    "$encodeUrlComponent('a b&c')",
    "$number('12.5')",
    "$abs(-5) + $floor(2.7) + $ceil(2.1) + $power(2, 3) + $sqrt(16)",
    "$round(123.456, 2)",
    "$round(2.5)",
    "$formatNumber(12345.6, '#,###.00')",
    "$formatBase(100, 2)",
    "$boolean('') = false and $boolean([0]) = false and $boolean('a')",
    "$not($states.input.yes)",
    "$exists($states.input.none)",
    "$exists($states.input.missing)",
    "$append([1, 2], 3)",
    "$sort($states.input.list)",
    "$sort($states.input.rows, function($l, $r) { $l.cost < $r.cost }).id",
    "$reverse([1, 2, 3])",
    "$distinct([1, 2, 1])",
    "$zip([1, 2], ['a', 'b'])",
    "$keys($states.input.rows[0])",
    "$lookup($states.input, 'count')",
    "$merge([{'a': 1}, {'b': null}])",
    "$spread({'a': 1, 'b': 2})",
    "$each({'a': 1, 'b': 2}, function($value, $key) { $key & $value })",
    "$sift({'a': 1, 'b': 2}, function($value) { $value > 1 })",
    "$map([1, 2, 3], function($x, $i) { $x * $i })",
    "$filter([1, 2, 3], function($x) { $x > 1 })",
    "$reduce([1, 2, 3, 4], function($a, $b) { $a * $b })",
    "$single([1, 2, 3], function($x) { $x = 2 })",
    "$type(null) & $type(1) & $type([]) & $type({})",
    "$fromMillis(1510067557121)",
    "$fromMillis(1510067557121, '[Y]-[M01]-[D01]')",
    "$toMillis('2017-11-07T15:12:37.121Z')",
    "[1..5]",
    "[1, [2, 3]]",
    "[]",
    "{}",
    "{'a': [], 'b': {}, 'c': null, 'd': ''}",
    "'a' & 1 & true & null",
    "'a' ~> $uppercase",
    "(function($n) { $n * 2 })(4)",
    "/* why */ 1 /* at the end */",
    "'a' + 1",
    "1 > 'a'",
    "$sum('a')",
    "$number('x')",
    "$toMillis('yesterday')",
    "$error('stop')",
    "$assert(false, 'no')",
]


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, Any]]:
    states = {"input": SCOPE.input, "context": SCOPE.context}
    bindings = {**SCOPE.variables, "states": states}
    cases = [{"expression": text, "bindings": bindings} for text in EXPRESSIONS]
    return dict(zip(EXPRESSIONS, verdicts(cases), strict=True))


def verdict(text: str) -> dict[str, Any]:
    """Return what ours gives, as the judge tells it."""
    try:
        return {"value": evaluated(f"{{% {text} %}}", SCOPE, field="Output")}
    except StateError as error:
        is_undefined = str(error.cause).endswith("returned nothing (undefined).")
        return {"undefined": True} if is_undefined else {"error": str(error.cause)}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_gives_what_the_official_library_gives(
    text: str, judged: dict[str, dict[str, Any]]
) -> None:
    official, ours = judged[text], verdict(text)
    if "error" in official:
        assert "threw an error" in ours["error"]
    else:
        assert json.dumps(ours, sort_keys=True) == json.dumps(official, sort_keys=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$partition([1, 2, 3, 4], 3)", [[1, 2, 3], [4]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$range(3, 1, -1)", [3, 2, 1]),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$parse('{\"a\": [null]}')", {"a": [None]}),
        ("$parse('3') + 1", 4),
        ("$random(7) = $random(7)", True),
        ("$random() < 1", True),
        ("$length($uuid())", 36),
    ],
)
def test_the_functions_that_aws_adds(text: str, value: Any) -> None:
    assert verdict(text) == {"value": value}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("$eval('1 + 1')", "$eval is not supported"),
        ("$hash('a', 'MD4')", "$hash knows MD5"),
        ("$partition([1], 0)", "must be positive"),
        ("$range(1, 2, 0)", "must not be 0"),
        ("$parse('{')", "threw an error"),
        ("$parse(1)", "must be a string"),
        ("function($x) { $x }", "the result is a function"),
        ("$states.result", "returned nothing (undefined)"),
        ("$states.errorOutput", "returned nothing (undefined)"),
    ],
)
def test_what_cannot_be_evaluated_says_why_and_where(text: str, told: str) -> None:
    with pytest.raises(StateError) as failure:
        filled({"a": [f"{{% {text} %}}"]}, SCOPE, field="Output")

    assert failure.value.error == "States.QueryEvaluationError"
    assert failure.value.location == "Output/a[0]"
    assert told in str(failure.value.cause)


def test_texts_that_are_no_expression_stay_as_they_are() -> None:
    template = {"a": "$states.input", "b": ["{%", 1, None, True], "c": "x {% 1 %}"}

    assert filled(template, SCOPE, field="Output") == template


@pytest.mark.parametrize(
    "text",
    ["{% a b %}", "{% ( %}", "{% $f( %}", "{% [1, %}", "{% 'a %}", "{% 1 /* %}", "{% '\\\\ %}"],
)
def test_a_syntax_error_is_known_before_anything_runs(text: str) -> None:
    assert syntax_problem(text)
