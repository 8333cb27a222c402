"""Intrinsic functions take and give what Step Functions' do."""

import re
from typing import Any, NamedTuple

import pytest

from pocketaws.step_functions.engine.errors import StateError
from pocketaws.step_functions.engine.intrinsics import IntrinsicSyntaxError, read
from pocketaws.step_functions.engine.json_path import Path

GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html"
RECORDED = "recorded on AWS"
DATA = {
    "text": "a{}b",
    "list": [1, 2, 2, 3],
    "object": {"a": 1, "b": {"c": 2}},
    "other": {"b": 3},
    "number": 2.5,
    "json": '{"x": [1, null]}',
    "blank": " ",
    "word": "Ann",
}


class Case(NamedTuple):
    call: str
    result: Any
    source: str = GUIDE


def find(path: Path) -> Any:
    return path.find(DATA)


CASES = [
    Case("States.Array()", []),
    Case("States.Array('a', 1, true, null, -2.5)", ["a", 1, True, None, -2.5], RECORDED),
    Case("States.Array($.word, $.list[0])", ["Ann", 1]),
    Case("States.ArrayPartition($.list, 3)", [[1, 2, 2], [3]]),
    Case("States.ArrayPartition($.list, 2.4)", [[1, 2], [2, 3]]),
    Case("States.ArrayContains($.list, 2)", True),
    Case("States.ArrayContains($.list, 9)", False),
    Case("States.ArrayContains(States.Array(1, 0), true)", False),
    Case("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
    Case("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
    Case("States.ArrayRange(1, 4, 2)", [1, 3]),
    Case("States.ArrayGetItem($.list, 3)", 3),
    Case("States.ArrayLength($.list)", 4),
    Case("States.ArrayUnique($.list)", [1, 2, 3]),
    Case("States.ArrayUnique(States.Array(1, true, 'a', 'a', null, null))", [1, True, "a", None]),
    Case("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
    Case("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),
    Case("States.Base64Encode('ä')", "w6Q="),
    Case("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
    Case("States.Hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
    Case("States.JsonMerge($.object, $.other, false)", {"a": 1, "b": 3}),
    Case("States.StringToJson($.json)", {"x": [1, None]}),
    Case("States.StringToJson('3')", 3),
    Case("States.StringToJson($.blank)", None, RECORDED),
    Case("States.JsonToString($.object)", '{"a":1,"b":{"c":2}}'),
    Case("States.JsonToString(null)", "null"),
    Case("States.MathAdd(111, -1)", 110),
    Case("States.MathAdd(1.6, 1)", 3, RECORDED),
    Case("States.MathAdd(1.5, 0)", 2, RECORDED),
    Case("States.MathAdd(-1.5, 0)", -1, RECORDED),
    Case("States.MathAdd(-1.6, 0)", -2, RECORDED),
    Case("States.MathAdd($.number, 1)", 4, RECORDED),
    Case("States.StringSplit('1,2,3', ',')", ["1", "2", "3"]),
    Case("States.StringSplit('a-b+c', '+-')", ["a", "b", "c"]),
    Case("States.StringSplit('a,,b,', ',')", ["a", "b"], RECORDED),
    Case("States.StringSplit('a.b|c', '.|')", ["a", "b", "c"]),
    Case("States.Format('Hello, {}', $.word)", "Hello, Ann"),
    Case("States.Format('{}{}{}', 1, true, null)", "1truenull"),
    Case("States.Format('{} {}', $.list, $.object)", "[1, 2, 2, 3] {a=1, b={c=2}}", RECORDED),
    Case("States.Format('no placeholder')", "no placeholder"),
    Case("States.Format($.text, 'x')", "axb"),
    Case(r"States.Format('it\'s \{\} {}', 'y')", "it's {} y"),
    Case(r"States.Format('a\\b')", "a\\b"),
    Case(r"States.Array('\u00e4', 'x')", ["ä", "x"], RECORDED),
    Case(r"States.Array('line\nbreak')", ["line\nbreak"]),
    Case("States.Array('a,b)', '(')", ["a,b)", "("]),
    Case("States.ArrayLength(States.StringSplit(States.Format('{},{}', 1, 2), ','))", 2),
    Case(" States.MathAdd( 1 ,2 ) ", 3),
    Case("States.ArrayGetItem(States.StringSplit($['word'], 'n'), 0)", "A"),
    Case("States.ArrayContains($.list[?(@ > 2)], 3)", True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.call)
def test_a_function_gives_what_the_service_does(case: Case) -> None:
    result = read(case.call).result(find)

    assert (result, type(result)) == (case.result, type(case.result))


# What GUIDE says of each function's arguments: kinds, limits, and what fails.
@pytest.mark.parametrize(
    "call",
    [
        "States.ArrayPartition($.list, 0)",
        "States.ArrayPartition($.word, 1)",
        "States.ArrayRange(1, 2000, 1)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayGetItem($.list, 4)",
        "States.ArrayGetItem($.list, -1)",
        "States.ArrayLength($.word)",
        "States.Base64Decode('%%')",
        "States.Base64Encode($.list)",
        "States.Hash('a', 'SHA-3')",
        "States.JsonMerge($.object, $.other, true)",
        "States.JsonMerge($.object, $.list, false)",
        "States.StringToJson('{')",
        "States.StringToJson($.list)",
        "States.MathAdd('1', 1)",
        "States.MathRandom(2, 1)",
        "States.Format('{}')",
        "States.Format('{}', 1, 2)",
        "States.Format($.list)",
        "States.StringSplit($.list, ',')",
    ],
)
def test_a_function_that_cannot_be_done_is_an_intrinsic_failure(call: str) -> None:
    with pytest.raises(StateError) as failure:
        read(call).result(find)

    assert failure.value.error == "States.IntrinsicFailure"
    assert str(failure.value.cause).startswith(f"The function '{call}' had the following error: ")


# The syntax that GUIDE gives: its functions, single quotes, escapes, at most ten calls in another.
@pytest.mark.parametrize(
    "text",
    [
        "States.Nothing()",
        "States.UUID(1)",
        "States.MathAdd(1)",
        "States.Format()",
        "States.Format('a'",
        "States.Format('a') more",
        r"States.Format('\q')",
        r"States.Format('\u00g0')",
        'States.Format("a")',
        "States.Array(a)",
        "States.Array(1 2)",
        "States.Array($.a[)",
        "States.Array(" * 11 + ")" * 11,
        "Format('a')",
    ],
)
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(IntrinsicSyntaxError):
        read(text)


def test_random_numbers_are_within_their_limits_and_the_same_for_a_seed() -> None:
    numbers = {read("States.MathRandom(1, 4)").result(find) for _ in range(200)}
    seeded = {read("States.MathRandom(1, 1000000, 7)").result(find) for _ in range(3)}

    assert numbers == {1, 2, 3}
    assert len(seeded) == 1


def test_each_uuid_is_another() -> None:
    first, second = (read("States.UUID()").result(find) for _ in range(2))

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first)
    assert first != second
