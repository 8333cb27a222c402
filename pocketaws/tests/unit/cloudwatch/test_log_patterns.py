"""Filter patterns match what AWS's page on their syntax says that they match."""

import json

import pytest

from pocketaws.cloudwatch.log_patterns import PatternError, matcher

TEXTS = {
    "400": "[ERROR 400] BAD REQUEST",
    "401": "[ERROR 401] UNAUTHORIZED REQUEST",
    "419": "[ERROR 419] MISSING ARGUMENTS",
    "warn": "[WARN] slow ARGUMENTS",
}
EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "198.51.100.9",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "isFirst": True,
        "isLast": False,
        "count": 5.5,
        "text": "7",
        "user": {"name": "Ann Lee"},
    }
)
ACCESS = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", set(TEXTS)),
        ("ERROR", {"400", "401", "419"}),
        ("error", set()),
        ("ERROR ARGUMENTS", {"419"}),
        ("?ERROR ?WARN", set(TEXTS)),
        ("?400 ?WARN", {"400", "warn"}),
        ("ERROR -ARGUMENTS", {"400", "401"}),
        ("-ERROR", {"warn"}),
        ('"BAD REQUEST"', {"400"}),
        ('ERROR -"BAD REQUEST"', {"401", "419"}),
        ('"[WARN]"', {"warn"}),
        ("%4[01][0-9]%", {"400", "401", "419"}),
        ("%^.WARN%", {"warn"}),
        ("?WARN ERROR", {"400", "401", "419"}),
    ],
)
def test_terms(pattern: str, found: set[str]) -> None:
    matches = matcher(pattern)

    assert {name for name, text in TEXTS.items() if matches(text)} == found


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ('{ $.eventType = "Update*" }', True),
        ('{ $.eventType = "*Trail" }', True),
        ('{ $.eventType = "update*" }', False),
        ('{ $.eventType != "UpdateTrail" }', False),
        ('{ $.sourceIPAddress != "123.123.*" }', True),
        ("{ $.sourceIPAddress = 198.51.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[2] = "value" }', False),
        ('{ $.objectList[1].name = "b" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.isFirst IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.SomeObject EXISTS }", True),
        ("{ $.isFirst IS TRUE }", True),
        ("{ $.isLast IS FALSE }", True),
        ("{ $.isLast IS TRUE }", False),
        ("{ $.count > 5 }", True),
        ("{ $.count >= 5.5 }", True),
        ("{ $.count < 5.5 }", False),
        ("{ $.count <= 5.5e0 }", True),
        ("{ $.count = 5.5 }", True),
        ("{ $.count != 5 }", True),
        ("{ $.text = 7 }", True),
        ("{ $.none = 1 }", False),
        ("{ $.none != 1 }", True),
        ("{ $.['cluster.name'] = \"c\" }", True),
        ('{ $.user.name = "Ann*" && $.count > 1 }', True),
        ('{ ($.user.name = "Bob") || ($.count > 1) }', True),
        ('{ $.user.name = "Bob" || $.count > 1 && $.isLast IS TRUE }', False),
        ('{ ($.user.name = "Bob" || $.count > 1) && $.isFirst IS TRUE }', True),
        ("{ $.eventType = %Update.rail% }", True),
        ("{ $.eventType = %^Trail% }", False),
        ('{ $.user = "*" }', False),
    ],
)
def test_conditions_on_json(pattern: str, holds: bool) -> None:
    assert matcher(pattern)(EVENT) is holds


@pytest.mark.parametrize("message", ["plain text", "5", '"text"', ""])
def test_what_is_no_json_object_matches_no_condition(message: str) -> None:
    assert not matcher("{ $.a NOT EXISTS }")(message)


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("[ip, user, username, timestamp, request, status_code, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 404, bytes > 1000]", True),
        ("[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]", True),
        ("[ip, user, username, timestamp, request, status_code = 5*, bytes]", False),
        ("[ip, user]", False),
        ("[..., status_code = 4*, bytes]", True),
        ("[ip = 127.0.0.1, ...]", True),
        ("[ip, ..., bytes < 1000]", False),
        ("[ip, user != Prod, ...]", False),
        ("[..., status_code = 404 || status_code = 410, bytes]", True),
        ("[..., status_code = %4[0-9]{2}%, bytes]", True),
    ],
)
def test_fields_between_spaces(pattern: str, holds: bool) -> None:
    assert matcher(pattern)(ACCESS) is holds


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a }",
        "{ a = 1 }",
        "{ $.a = 1 && }",
        "{ ($.a = 1 }",
        "{ $.a > x }",
        "{ $.a = %(% }",
        "[a, ..., b, ...]",
        "[= 1]",
        '"open',
        "%(%",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        matcher(pattern)
