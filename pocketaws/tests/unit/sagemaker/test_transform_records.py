"""Records of transform jobs: paths, batches, joins."""

import json
from typing import Any

import pytest

from pocketaws.errors import JobFailure
from pocketaws.sagemaker.jobs.record_paths import selected
from pocketaws.sagemaker.jobs.transform_records import Processing

ROW = ["a", "b", "c", "d"]
JSON: dict[str, Any] = {"content_type": "application/jsonlines", "splits": True, "assembles": True}


@pytest.mark.parametrize(
    ("record", "path", "expected"),
    [
        (ROW, "$", ROW),
        (ROW, "$[1:]", ["b", "c", "d"]),
        (ROW, "$[:-1]", ["a", "b", "c"]),
        (ROW, "$[0,-1]", ["a", "d"]),
        (ROW, "$[2]", "c"),
        (ROW, "$[0,9]", ["a"]),
        ({"x": {"y": 1}}, "$.x.y", 1),
        ({"x": {"y": 1}}, "$['x']['y']", 1),
        ({"x": 1, "z": 2}, "$['x','z']", [1, 2]),
        ({"x": [1, 2]}, "$.x[*]", [1, 2]),
        ({"x": 1}, "$.nothing", None),
    ],
)
def test_a_path_selects_of_a_record(record: Any, path: str, expected: Any) -> None:
    assert selected(record, path) == expected


def test_records_are_packed_up_to_the_payload() -> None:
    records = [b"x" * 400_000] * 5

    batches = list(Processing(splits=True, payload_mb=1).requests(records))

    assert [len(batch.split(b"\n")) for batch in batches] == [2, 2, 1]


def test_a_record_above_the_payload_fails() -> None:
    with pytest.raises(JobFailure, match="exceeds the maximum payload of 1 MB"):
        list(Processing(splits=True, payload_mb=1).requests([b"x" * 1_100_000]))


def test_a_prediction_is_joined_to_its_document() -> None:
    processing = Processing(**JSON, joins=True, output_filter="$['id','SageMakerOutput']")

    output = processing.output([b'{"id": 1, "x": 2}'], [b'{"score": 0.5}\n'])

    assert json.loads(output) == [1, {"score": 0.5}]


def test_predictions_that_are_too_few_cannot_be_joined() -> None:
    with pytest.raises(JobFailure, match="1 predictions cannot be joined to 2 records"):
        Processing(splits=True, joins=True).output([b"1", b"2"], [b"0.5"])


def test_an_object_that_is_not_split_is_one_request() -> None:
    processing = Processing()

    assert list(processing.requests(processing.records(b"1,2\n3,4\n"))) == [b"1,2\n3,4\n"]
