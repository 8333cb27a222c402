"""JSONPath finds what Step Functions finds with it."""

from typing import Any, NamedTuple

import pytest

from pocketaws.step_functions.engine.json_path import NoMatch, PathSyntaxError, find_in, parsed

# Jayway's library for Java, whose rules Step Functions' paths follow.
JAYWAY = "https://github.com/json-path/JsonPath"
GUIDE = "https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html"
DATA = {
    "name": "Ann",
    "none": None,
    "list": [1, 2, 3, 4],
    "empty": [],
    "rows": [{"a": 1, "b": "x"}, {"a": 2}, {"a": 3, "b": "z", "in": {"a": 9}}],
    "two words": {"dot.ted": 5},
    "ünï": 6,
    "a-b:c": 7,
    "matrix": [[1, 2], [3]],
}
ROWS = DATA["rows"]


class Case(NamedTuple):
    path: str
    found: Any
    source: str = JAYWAY


FOUND = [
    Case("$", DATA),
    Case("$.name", "Ann"),
    Case("$['name']", "Ann"),
    Case('$["name"]', "Ann"),
    Case("$.none", None),
    Case("$.list[0]", 1),
    Case("$.list[-1]", 4),
    Case("$.list[0,2]", [1, 3]),
    Case("$.list[1:3]", [2, 3]),
    Case("$.list[:2]", [1, 2]),
    Case("$.list[-2:]", [3, 4]),
    Case("$.list[*]", [1, 2, 3, 4]),
    Case("$.list[7,8]", []),
    Case("$.empty[*]", []),
    Case("$.name[*]", []),
    Case("$.rows[0].a", 1, GUIDE),
    Case("$.rows[*].a", [1, 2, 3]),
    Case("$.rows[*].b", ["x", "z"]),
    Case("$.rows[*].nothing", []),
    Case("$..a", [1, 2, 3, 9]),
    Case("$.rows..a", [1, 2, 3, 9]),
    Case("$.rows[?(@.a > 1)].a", [2, 3]),
    Case("$.rows[?(@.a>=2 && @.b)].a", [3]),
    Case("$.rows[?(@.a == 1 || @.b == 'z')].a", [1, 3]),
    Case("$.rows[?(!@.b)].a", [2]),
    Case("$.rows[?(@.b =~ /X/i)].a", [1]),
    Case("$.rows[?(@.a in [1, 3])].a", [1, 3]),
    Case("$.rows[?(@.a nin [1, 3])].a", [2]),
    Case("$.rows[?(@.in.a == 9)].a", [3]),
    Case("$.rows[?(@.b > 1)]", []),
    Case("$.rows[?((@.a == 1 || @.a == 2) && !(@.a == 2))].a", [1]),
    Case("$.rows[0]['a','b']", [1, "x"]),
    Case("$['two words']['dot.ted']", 5),
    Case("$.ünï", 6),
    Case("$.a-b:c", 7),
    Case("$.matrix[0][1]", 2),
    Case("$.matrix[*][0]", [1, 3]),
    Case("$.list.length()", 4),
    Case("$.list.max()", 4),
    Case("$.list.sum()", 10),
    Case("$.rows[*].a.avg()", 2),
    Case("$.rows[0].keys()", ["a", "b"]),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: case.path)
def test_a_path_that_can_find_one_value_gives_it_and_any_other_a_list(case: Case) -> None:
    assert find_in(case.path, {"$": DATA}) == case.found


# The reasons are JAYWAY's (PathNotFoundException), which AWS shows in causes.
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.missing", "No results for path: $['missing']"),
        ("$.missing.deeper", "Missing property in path $['missing']"),
        ("$.name.deeper", "No results for path: $['name']['deeper']"),
        ("$.list[9]", "No results for path: $['list'][9]"),
        ("$.none.deeper", "No results for path: $['none']['deeper']"),
        ("$.missing[*].a", "Missing property in path $['missing']"),
        ("$other.x", "there is no variable other"),
    ],
)
def test_a_path_that_must_find_one_value_says_where_it_ends(path: str, reason: str) -> None:
    with pytest.raises(NoMatch) as missing:
        find_in(path, {"$": DATA})

    assert str(missing.value) == reason


# JAYWAY's grammar; a path of the language begins with $, as GUIDE says.
@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "$.",
        "$.a[",
        "$.a[x]",
        "$.a]",
        "$.list[?(@.a >)]",
        "$.list[?(@.a",
        "$.f()",
        "$.a b",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathSyntaxError):
        parsed(text)


def test_paths_begin_at_the_input_the_context_object_and_variables() -> None:
    roots = {"$": {"x": 1}, "$$": {"x": 2}, "v": {"x": 3}}

    assert [find_in(path, roots) for path in ("$.x", "$$.x", "$v.x", "$v['x']")] == [1, 2, 3, 3]


# https://states-language.net/spec.html#ref-paths
@pytest.mark.parametrize(
    ("path", "is_reference"),
    [("$.a.b[0]", True), ("$", True), ("$.a[*]", False), ("$..a", False), ("$.a.length()", False)],
)
def test_a_reference_path_finds_one_place(path: str, is_reference: bool) -> None:
    assert parsed(path).reference is is_reference
