"""Predictions as text: plain, and the columns of selectable inference."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from pocketaws.sagemaker.xgboost.serving_model import Model
from pocketaws.sagemaker.xgboost.serving_output import (
    SELECTABLE,
    AcceptError,
    EncodingError,
    accepted_type,
    encoded,
    encoded_selection,
)

ALL_KEYS = (
    *("predicted_label", "labels", "probability", "probabilities"),
    *("raw_score", "raw_scores", "predicted_score"),
)


def model(objective: str, class_count: int = 0) -> Model:
    return Model(xgb.Booster(), 4, objective, class_count, is_in_place=True)


def selected(objective: str, prediction: Any, class_count: int = 0) -> dict[str, Any]:
    text = encoded_selection(
        np.array([prediction], dtype=np.float32),
        "application/json",
        keys=ALL_KEYS,
        model=model(objective, class_count),
    )
    (row,) = json.loads(text)["predictions"]
    return {key: value for key, value in row.items() if value == value}  # noqa: PLR0124 - not NaN


def fields(message: bytes) -> list[tuple[int, bytes]]:
    """Return the fields of a protobuf message, all of which have a length, by their numbers."""
    found = []
    while message:
        tag, size, start = message[0], message[1], 2
        if size > 127:
            size, start = size - 128 + (message[2] << 7), 3
        assert tag & 7 == 2
        found.append((tag >> 3, message[start : start + size]))
        message = message[start + size :]
    return found


def read_recordio(content: bytes) -> list[dict[str, list[float]]]:
    """Read records by the field numbers of Amazon's published record.proto."""
    rows = []
    while content:
        magic, length = struct.unpack("<II", content[:8])
        assert magic == 0xCED7230A
        row = {}
        for label, entry in fields(content[8 : 8 + length]):
            (_, name), (_, value) = fields(entry)
            ((tensor_number, tensor),) = fields(value)
            ((_, packed),) = fields(tensor)
            assert (label, tensor_number) == (2, 2)
            row[name.decode()] = list(struct.unpack(f"<{len(packed) // 4}f", packed))
        rows.append(row)
        content = content[8 + length + -length % 4 :]
    return rows


@pytest.mark.parametrize(
    ("asked", "accept"),
    [
        (None, "default"),
        ("", "default"),
        ("*/*", "default"),
        ("*/*;q=0.5", "default"),
        ("Application/JSON; verbose=True", "application/json"),
        ("text/csv", "text/csv"),
    ],
)
def test_the_type_asked_for_is_answered(asked: str | None, accept: str) -> None:
    assert accepted_type(asked, default="default") == accept


@pytest.mark.parametrize("asked", ["text/libsvm", "text/*", "text/csv,text/csv", "csv"])
def test_other_types_are_refused_with_those_that_are_known(asked: str) -> None:
    with pytest.raises(AcceptError, match=r"is not supported\. .*'application/jsonlines'"):
        accepted_type(asked, default="text/csv")


def test_a_prediction_is_a_line_and_its_classes_are_cells() -> None:
    assert encoded(np.array([0.5, 1e-5, 2], np.float32), "text/csv").split() == [
        b"0.5",
        b"9.999999747378752e-06",
        b"2.0",
    ]
    assert encoded(np.array([[0.5, 0.25]], np.float32), "text/csv") == b"0.5,0.25\n"


@pytest.mark.parametrize(
    ("objective", "prediction", "row"),
    [
        ("reg:squarederror", 2.5, {"predicted_score": 2.5}),
        ("reg:tweedie", 2.5, {"predicted_score": 2.5}),
        ("reg:absoluteerror", 2.5, {"predicted_score": 2.5}),
        (
            "binary:logistic",
            0.75,
            {
                "predicted_label": 1,
                "labels": [0, 1],
                "probability": 0.75,
                "probabilities": [0.25, 0.75],
                "raw_score": 0.75,
                "raw_scores": [0.25, 0.75],
            },
        ),
        (
            "binary:logitraw",
            -0.5,
            {
                "predicted_label": 0,
                "labels": [0, 1],
                "raw_score": -0.5,
                "raw_scores": [1.5, -0.5],
            },
        ),
        (
            "binary:hinge",
            1.0,
            {"predicted_label": 1.0, "labels": [0, 1], "raw_score": 1.0, "raw_scores": [0.0, 1.0]},
        ),
    ],
)
def test_each_objective_has_its_columns(
    objective: str, prediction: float, row: dict[str, Any]
) -> None:
    assert selected(objective, prediction) == row


def test_a_class_is_told_with_its_probability() -> None:
    assert selected("multi:softprob", [0.25, 0.5, 0.25], 3) == {
        "predicted_label": 1,
        "labels": [0, 1, 2],
        "probability": 0.5,
        "probabilities": [0.25, 0.5, 0.25],
        "raw_score": 0.5,
        "raw_scores": [0.25, 0.5, 0.25],
    }
    assert selected("multi:softmax", 2.0, 3)["predicted_label"] == 2.0


def test_a_selection_as_csv_has_the_order_asked_for_and_lists_in_quotes() -> None:
    text = encoded_selection(
        np.array([0.75, 0.25], np.float32),
        "text/csv",
        keys=("probabilities", "predicted_label", "unknown"),
        model=model("binary:logistic"),
    )

    assert text == b'"[0.25, 0.75]",1,nan\n"[0.75, 0.25]",0,nan'


def test_a_selection_as_json_has_the_containers_order_and_each_key_once() -> None:
    text = encoded_selection(
        np.array([0.75], np.float32),
        "application/json",
        keys=("unknown", "raw_score", "labels", "predicted_label", "labels"),
        model=model("binary:logistic"),
    )

    (row,) = json.loads(text)["predictions"]
    assert list(row) == ["predicted_label", "labels", "raw_score", "unknown"]


def test_a_selection_as_recordio_is_what_amazons_own_reader_reads() -> None:
    encoded_rows = encoded_selection(
        np.array([[0.25, 0.5, 0.25], [0.5, 0.25, 0.25]], np.float32),
        "application/x-recordio-protobuf",
        keys=("probabilities", "predicted_label"),
        model=model("multi:softprob", 3),
    )

    assert read_recordio(encoded_rows) == [
        {"predicted_label": [1.0], "probabilities": [0.25, 0.5, 0.25]},
        {"predicted_label": [0.0], "probabilities": [0.5, 0.25, 0.25]},
    ]


def test_a_record_may_be_longer_than_127_bytes() -> None:
    values = [number / 64 for number in range(200)]
    encoded_rows = encoded_selection(
        np.array([values], np.float32),
        "application/x-recordio-protobuf",
        keys=("raw_scores",),
        model=model("multi:softprob", 200),
    )

    assert read_recordio(encoded_rows) == [{"raw_scores": values}]


def test_a_selection_in_a_type_that_only_a_variable_can_ask_for_is_an_error() -> None:
    with pytest.raises(EncodingError, match="into accept type 'application/x-npy'"):
        encoded_selection(
            np.array([0.75], np.float32),
            "application/x-npy",
            keys=("labels",),
            model=model("binary:logistic"),
        )


def test_an_objective_without_columns_is_an_error() -> None:
    assert "rank:pairwise" not in SELECTABLE
    with pytest.raises(EncodingError, match="`rank:pairwise` unsupported"):
        selected("rank:pairwise", 1.0)
