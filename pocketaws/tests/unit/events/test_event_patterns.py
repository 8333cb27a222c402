"""Event patterns match, and are refused, as EventBridge does it."""

import json
import re
from typing import Any, NamedTuple

import pytest

from pocketaws.events.patterns.matching import matches
from pocketaws.events.patterns.rules import read

GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html"
# The open library that EventBridge matches with.
RULER = "https://github.com/aws/event-ruler"
RECORDED = "recorded on AWS"

EVENT = {
    "source": "shop.bell",
    "detail-type": "Rung",
    "region": "us-east-1",
    "resources": ["arn:bell", "arn:door"],
    "detail": {
        "state": "running",
        "count": 5,
        "price": 2.5,
        "on": True,
        "none": None,
        "blank": "",
        "tags": ["red", "blue"],
        "empty": [],
        "object": {},
        "ip": "10.1.2.3",
        "ip6": "2001:db8::1",
        "path": "dir/file.PNG",
        "star": "a*b",
        "items": [
            {"name": "nut", "size": 3, "parts": [{"id": 1}, {"id": 2}]},
            {"name": "bolt", "size": 8},
        ],
        "nested": [["deep", "er"]],
    },
}


class Case(NamedTuple):
    pattern: dict[str, Any]
    matches: bool
    source: str = GUIDE


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": fields}


CASES = [
    Case({"source": ["shop.bell"]}, True),
    Case({"source": ["shop.door", "shop.bell"]}, True),
    Case({"source": ["shop"]}, False),
    Case({"source": ["shop.bell"], "detail-type": ["Opened"]}, False),
    Case({"resources": ["arn:door"]}, True),
    Case(detail(state=["running"], count=[5]), True),
    Case(detail(count=["5"]), False),
    Case(detail(on=[True]), True),
    Case(detail(on=[1]), False),
    Case(detail(none=[None]), True),
    Case(detail(state=[None]), False),
    Case(detail(missing=[None]), False, RULER),
    Case(detail(blank=[""]), True),
    Case(detail(tags=["blue"]), True),
    Case(detail(tags=["green"]), False),
    Case(detail(empty=["x"]), False),
    Case(detail(empty=[None]), False, RULER),
    Case(detail(nested=["deep"]), True, RULER),
    Case(detail(state=[{"prefix": "run"}]), True),
    Case(detail(state=[{"prefix": "RUN"}]), False),
    Case(detail(state=[{"prefix": {"equals-ignore-case": "RUN"}}]), True),
    Case(detail(count=[{"prefix": "5"}]), False),
    Case(detail(path=[{"suffix": ".PNG"}]), True),
    Case(detail(path=[{"suffix": ".png"}]), False),
    Case(detail(path=[{"suffix": {"equals-ignore-case": ".png"}}]), True),
    Case(detail(state=[{"equals-ignore-case": "RUNNING"}]), True),
    Case(detail(state=[{"equals-ignore-case": "RUN"}]), False),
    Case(detail(state=[{"anything-but": "stopped"}]), True),
    Case(detail(state=[{"anything-but": "running"}]), False),
    Case(detail(state=[{"anything-but": ["stopped", "running"]}]), False),
    Case(detail(count=[{"anything-but": 6}]), True),
    Case(detail(count=[{"anything-but": [5, 6]}]), False),
    Case(detail(missing=[{"anything-but": "x"}]), False, RULER),
    Case(detail(tags=[{"anything-but": "red"}]), True, RULER),
    Case(detail(state=[{"anything-but": {"prefix": "run"}}]), False),
    Case(detail(state=[{"anything-but": {"prefix": ["a", "b"]}}]), True),
    Case(detail(path=[{"anything-but": {"suffix": ".PNG"}}]), False),
    Case(detail(path=[{"anything-but": {"suffix": [".txt", ".md"]}}]), True),
    Case(detail(state=[{"anything-but": {"wildcard": "r*g"}}]), False),
    Case(detail(state=[{"anything-but": {"wildcard": ["x*", "y*"]}}]), True),
    Case(detail(state=[{"anything-but": {"equals-ignore-case": "Running"}}]), False),
    Case(detail(state=[{"anything-but": {"equals-ignore-case": ["a", "b"]}}]), True),
    Case(detail(count=[{"numeric": ["=", 5]}]), True),
    Case(detail(count=[{"numeric": [">", 0, "<=", 5]}]), True),
    Case(detail(count=[{"numeric": ["<", 5]}]), False),
    Case(detail(price=[{"numeric": [">=", 2.5]}]), True),
    Case(detail(state=[{"numeric": [">", 0]}]), False),
    Case(detail(on=[{"numeric": [">", 0]}]), False),
    Case(detail(ip=[{"cidr": "10.0.0.0/8"}]), True),
    Case(detail(ip=[{"cidr": "192.168.0.0/16"}]), False),
    Case(detail(ip=[{"cidr": "10.1.2.3/32"}]), True),
    Case(detail(ip6=[{"cidr": "2001:db8::/32"}]), True),
    Case(detail(state=[{"cidr": "10.0.0.0/8"}]), False),
    Case(detail(state=[{"exists": True}]), True),
    Case(detail(none=[{"exists": True}]), True),
    Case(detail(missing=[{"exists": False}]), True),
    Case(detail(state=[{"exists": False}]), False),
    Case(detail(empty=[{"exists": True}]), False, RECORDED),
    Case(detail(empty=[{"exists": False}]), True, RECORDED),
    Case(detail(object=[{"exists": True}]), False),
    Case(detail(items=[{"exists": True}]), False, RULER),
    Case({"missing": {"deeper": [{"exists": False}]}}, True, RULER),
    Case(detail(state={"deeper": [{"exists": False}]}), True, RULER),
    Case(detail(path=[{"wildcard": "dir/*.PNG"}]), True),
    Case(detail(path=[{"wildcard": "*"}]), True),
    Case(detail(path=[{"wildcard": "dir/*.png"}]), False),
    Case(detail(path=[{"wildcard": "dir"}]), False),
    Case(detail(star=[{"wildcard": "a\\*b"}]), True),
    Case(detail(path=[{"wildcard": "dir\\*"}]), False),
    Case(detail(state=["x", {"prefix": "r"}, {"exists": False}]), True),
    Case({"$or": [{"source": ["x"]}, {"region": ["us-east-1"]}]}, True),
    Case({"$or": [{"source": ["x"]}, {"region": ["y"]}]}, False),
    Case({"source": ["x"], "$or": [{"region": ["us-east-1"]}, {"region": ["y"]}]}, False),
    Case({"detail": {"$or": [{"count": [1]}, {"state": ["running"]}]}}, True),
    Case({"$or": [{"$or": [{"source": ["x"]}, {"source": ["shop.bell"]}]}, {"a": ["b"]}]}, True),
    Case({"$or": ["shop.bell"]}, False, RULER),
    Case(detail(items={"name": ["bolt"]}), True, RECORDED),
    Case(detail(items={"name": ["bolt"], "size": [8]}), True, RECORDED),
    Case(detail(items={"name": ["bolt"], "size": [3]}), False, RULER),
    Case(detail(items={"parts": {"id": [2]}}), True, RECORDED),
    Case(detail(items={"name": ["bolt"], "parts": {"id": [2]}}), False, RULER),
    Case(detail(items={"missing": [{"exists": False}]}), True, RULER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: json.dumps(case.pattern))
def test_a_pattern_matches_the_events_that_it_matches_on_aws(case: Case) -> None:
    assert matches(read(json.dumps(case.pattern)), EVENT) is case.matches


# The reasons are those of RULER's compilers, which InvalidEventPatternException repeats.
@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({}, "Empty objects are not allowed"),
        ([], "Filter is not an object"),
        ({"a": "b"}, '"a" must be an object or an array'),
        ({"a": 1}, '"a" must be an object or an array'),
        ({"a": None}, '"a" must be an object or an array'),
        ({"a": []}, "Empty arrays are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": [["b"]]}, "Match value must be String, number, true, false, or null"),
        ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression"),
        ({"a": [{}]}, "Only one key allowed in match expression"),
        ({"a": [{"starts": "x"}]}, "Unrecognized match type starts"),
        ({"a": [{"prefix": 5}]}, "prefix match pattern must be a string"),
        ({"a": [{"prefix": ["x"]}]}, "prefix match pattern must be a string"),
        ({"a": [{"prefix": ""}]}, "Null prefix not allowed"),
        ({"a": [{"prefix": {"equals-ignore-case": 1}}]}, "prefix match pattern must be a string"),
        ({"a": [{"suffix": None}]}, "suffix match pattern must be a string"),
        (
            {"a": [{"equals-ignore-case": ["x"]}]},
            "equals-ignore-case match pattern must be a string",
        ),
        ({"a": [{"wildcard": 5}]}, "wildcard match pattern must be a string"),
        ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 1"),
        ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 1"),
        ({"a": [{"exists": "true"}]}, "exists match pattern must be either true or false."),
        ({"a": [{"cidr": 5}]}, "prefix match pattern must be a string"),
        ({"a": [{"cidr": "10.0.0.0/99"}]}, "Malformed CIDR, cannot parse: 10.0.0.0/99"),
        ({"a": [{"cidr": "10.0.0.0/8/8"}]}, "Malformed CIDR, only one '/' allowed"),
        ({"a": [{"numeric": 5}]}, "Value of numeric must be an array."),
        ({"a": [{"numeric": [5]}]}, "Invalid range specification: an operator and a number"),
        ({"a": [{"numeric": []}]}, "Invalid range specification: an operator and a number"),
        ({"a": [{"numeric": [5, 6]}]}, "Invalid member in numeric match: 5"),
        ({"a": [{"numeric": ["!=", 6]}]}, "Unrecognized numeric range operator: !="),
        ({"a": [{"numeric": [">", "6"]}]}, "Value of > must be numeric"),
        ({"a": [{"numeric": [">", True]}]}, "Value of > must be numeric"),
        ({"a": [{"numeric": [">", 6e9]}]}, "Value must be between -5000000000 and 5000000000"),
        ({"a": [{"numeric": [">", 6, "<", 5]}]}, "Bottom must be less than top"),
        ({"a": [{"numeric": ["<", 6, ">", 5]}]}, "Bad numeric range operator"),
        ({"a": [{"anything-but": None}]}, "Inside anything but list, start|null|boolean"),
        ({"a": [{"anything-but": [True]}]}, "Inside anything but list, start|null|boolean"),
        ({"a": [{"anything-but": ["x", 1]}]}, "Inside anything but list, either all values"),
        ({"a": [{"anything-but": []}]}, "Empty arrays are not allowed"),
        ({"a": [{"anything-but": {"numeric": [">", 1]}}]}, "Unsupported anything-but pattern"),
        ({"a": [{"anything-but": {"prefix": 1}}]}, "prefix match pattern must be a string"),
        ({"a": [{"anything-but": {}}]}, "Only one key allowed in anything-but"),
        ({"$or": [{"a": ["b"]}]}, "There must have at least 2 Objects in '$or' relationship."),
        ({"$or": [{"a": ["b"]}, {"a": "b"}]}, '"a" must be an object or an array'),
    ],
    ids=json.dumps,
)
def test_a_pattern_with_an_operand_of_the_wrong_kind_is_refused(pattern: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}"):
        read(json.dumps(pattern))


def test_a_pattern_that_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid JSON"):
        read("{'a': ['b']}")
