"""What the functions answer to CloudFormation: 4,096 bytes at most, whatever the reason."""

import json
from typing import Any, Final

import pytest

from tests.unit.modules import FUNCTIONS_DIR, load

FUNCTIONS: Final = ("smoke_test", "publish_jobs")
response = load("smoke_test").response
# As long as CloudFormation makes them.
EVENT: Final = {
    "StackId": "arn:aws-us-gov:cloudformation:us-gov-west-1:123456789012:stack/"
    + "s" * 128
    + "/id",
    "RequestId": "r" * 36,
    "LogicalResourceId": "L" * 255,
}
MAXIMUM: Final = 4096


def answer(reason: str) -> bytes:
    body: bytes = response.body_of(
        EVENT, status="FAILED", reason=reason, physical_resource_id="p" * 60, data={"Uri": "s3://u"}
    )
    return body


def told(reason: str) -> str:
    document: dict[str, Any] = json.loads(answer(reason).decode())
    assert document["LogicalResourceId"] == EVENT["LogicalResourceId"]
    return str(document["Reason"])


ROOM: Final = MAXIMUM - len(answer(""))


@pytest.mark.parametrize(
    ("char", "size"),
    [("x", 1), ("\u00fc", 2), ("\u20ac", 3), ("\U0001f642", 4), ('"', 2), ("\n", 2), ("\x01", 6)],
)
def test_a_reason_that_just_fits_is_whole_and_a_longer_one_shows_its_cut(
    char: str, size: int
) -> None:
    fits = char * (ROOM // size)

    assert told(fits) == fits
    assert told(fits + char) == char * ((ROOM - 3) // size) + "..."
    assert MAXIMUM - size < len(answer(fits)) <= MAXIMUM
    assert MAXIMUM - size < len(answer(fits + char)) <= MAXIMUM


def test_a_thousand_umlauts_are_told_whole() -> None:
    assert told("\u00fc" * 1000) == "\u00fc" * 1000


def test_half_of_a_surrogate_pair_is_told_as_a_question_mark() -> None:
    assert told("file \udcff") == "file ?"


def test_the_functions_that_answer_have_the_same_file() -> None:
    files = {(FUNCTIONS_DIR / name / "response.py").read_bytes() for name in FUNCTIONS}

    assert len(files) == 1
