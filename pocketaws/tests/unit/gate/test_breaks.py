"""What a call is answered that a library breaks over."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from werkzeug.datastructures import MultiDict

from pocketaws.calls import Call
from pocketaws.gate.breaks import refusal_of_break


def broken_by(work: Callable[[], Any]) -> Exception:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - any
        work()
    return raised.value


def looked_up(key: str) -> Callable[[], Any]:
    """Return what a library raises KeyError at."""
    return lambda: MultiDict[str, str]()[key]


def refused() -> Any:
    """Have a library raise ValueError."""
    return Session().get_component("none")


@pytest.mark.parametrize(
    ("call", "work", "code", "words"),
    [
        (
            Call("kms", "CreateGrant", {"KeyId": "k", "Operations": []}),
            looked_up("k"),
            "NotFoundException",
            "kms:CreateGrant: there is no 'k'",
        ),
        (
            Call("sagemaker", "DescribeFeatureGroup", {"FeatureGroupName": "f"}),
            looked_up("arn:aws:sagemaker:us-east-1:123456789012:feature-group/f"),
            "ResourceNotFound",
            "there is no 'arn:aws:sagemaker",
        ),
        (
            Call("dynamodb", "CreateTable", {"TableName": "tab"}),
            looked_up("KeySchema"),
            "ValidationException",
            "is emulated with 'KeySchema' only",
        ),
        (
            Call("logs", "StartQuery", {}),
            refused,
            "UnknownOperationException",
            "not emulated for such a request (ValueError: Unknown component: none)",
        ),
    ],
)
def test_what_a_library_breaks_over_is_refused_by_its_name(
    call: Call, work: Callable[[], Any], code: str, words: str
) -> None:
    refusal = refusal_of_break(broken_by(work), call)

    assert refusal.code == code
    assert words in refusal.message


def test_an_error_of_our_own_stays_one() -> None:
    error = broken_by(lambda: json.loads("{"))

    refusal = refusal_of_break(error, Call("logs", "StartQuery", {}))
    assert refusal.code == "InternalFailure"
    assert "the emulator broke" in refusal.message
