"""Reading what is analyzed: CSV, JSON lines, captured and merged data."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.sagemaker.endpoints.data_capture import Event, Payload, capture_key, capture_line
from pocketaws.sagemaker.monitor.monitor_dataset import Dataset, read_dataset
from pocketaws.sagemaker.monitor.monitor_records import read_record
from pocketaws.sagemaker.monitor.monitor_settings import (
    AnalysisError,
    Settings,
    parse_dataset_format,
)

CAPTURED = {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput", "endpointOutput"]}}
EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def settings_for(folder: Path, dataset_format: dict[str, Any]) -> Settings:
    parsed = parse_dataset_format(json.dumps(dataset_format))
    return Settings(parsed, dataset_source=folder, output_path=folder / "out")


def read(folder: Path, text: str, dataset_format: dict[str, Any], **window: Any) -> Dataset:
    (folder / "part").write_text(text, encoding="utf-8")
    return read_dataset(replace(settings_for(folder, dataset_format), **window))


def call(
    request: str, answer: str, content_type: str = "text/csv", time: datetime = EIGHT
) -> dict[str, Any]:
    line = capture_line(
        Payload(request.encode(), content_type),
        Payload(answer.encode(), f"{content_type}; charset=utf-8"),
        Event("id-1", time),
    )
    return dict(json.loads(line))


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_columns_of_csv_without_a_header_are_named_by_their_position(tmp_path: Path) -> None:
    dataset = read(tmp_path, "1,0.5,M\n2,,F\n\n", {"csv": {}})

    columns = (("1", "2"), ("0.5", ""), ("M", "F"))
    assert dataset == Dataset(("_c0", "_c1", "_c2"), columns, positional=True)


def test_columns_of_csv_with_a_header_keep_their_names(tmp_path: Path) -> None:
    dataset = read(tmp_path, 'rings,"a,b"\n1,2\n', {"csv": {"header": True}})

    assert dataset == Dataset(("rings", "a,b"), (("1",), ("2",)), positional=False)


def test_every_file_of_a_folder_is_read_but_hidden_ones(tmp_path: Path) -> None:
    (tmp_path / "2026" / "11").mkdir(parents=True)
    (tmp_path / "2026" / "11" / "a.csv").write_text("1\n")
    for name in ("_SUCCESS", ".part.crc"):
        (tmp_path / name).write_text("no,data\n")

    assert read(tmp_path, "2\n3\n", {"csv": {}}).columns == (("1", "2", "3"),)


def test_json_lines_are_joined_by_name(tmp_path: Path) -> None:
    text = '{"a": 1, "b": "x"}\n\n{"b": null, "c": 1e-07}\n{"a": true}\n'

    dataset = read(tmp_path, text, {"json": {"lines": True}})

    assert dict(zip(dataset.names, dataset.columns, strict=True)) == {
        "a": ("1", "", "true"),
        "b": ("x", "", ""),
        "c": ("", "1e-07", ""),
    }


def test_a_json_file_may_hold_one_list(tmp_path: Path) -> None:
    dataset = read(tmp_path, '[{"a": 1},\n {"a": 2}]', {"json": {"lines": False}})

    assert dataset.columns == (("1", "2"),)


def test_captured_output_comes_before_captured_input(tmp_path: Path) -> None:
    text = lines(call("0.4,0.3\n", "9.5\n"), call("0.5,0.2", "8"))

    dataset = read(tmp_path, text, CAPTURED)

    assert dataset.positional
    assert dataset.names == ("_c0", "_c1", "_c2")
    assert dataset.columns == (("9.5", "8"), ("0.4", "0.5"), ("0.3", "0.2"))


@pytest.mark.parametrize("answer", ["9\n8\n", "9,8"])
def test_a_call_with_several_rows_is_several_rows(tmp_path: Path, answer: str) -> None:
    dataset = read(tmp_path, lines(call("0.4,0.3\n0.5,0.2\n", answer)), CAPTURED)

    assert dataset.columns == (("9", "8"), ("0.4", "0.5"), ("0.3", "0.2"))


def test_only_the_indices_that_are_asked_for_give_columns(tmp_path: Path) -> None:
    only_input = {"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput"]}}

    assert read(tmp_path, lines(call("0.4,0.3", "9")), only_input).columns == (("0.4",), ("0.3",))


def test_captured_json_keeps_its_names(tmp_path: Path) -> None:
    text = lines(call('{"length": 0.4}', '{"rings": 9.5}', "application/json"))

    dataset = read(tmp_path, text, CAPTURED)

    assert dataset == Dataset(("rings", "length"), (("9.5",), ("0.4",)), positional=False)


def test_base64_is_decoded_by_its_content_type(tmp_path: Path) -> None:
    record = call("0.4", "9")
    for part in record["captureData"].values():
        part["data"] = base64.b64encode(part["data"].encode()).decode()
        part["encoding"] = "BASE64"

    assert read(tmp_path, lines(record), CAPTURED).columns == (("9",), ("0.4",))


def test_base64_that_is_none_is_refused(tmp_path: Path) -> None:
    record = call("0.4", "9")
    for part in record["captureData"].values():
        part["encoding"] = "BASE64"

    with pytest.raises(AnalysisError, match=r"'id-1': data is not the BASE64 of a text"):
        read(tmp_path, lines(record), CAPTURED)


def test_records_outside_of_the_window_are_left_out(tmp_path: Path) -> None:
    times = [
        datetime(2026, 11, 23, hour, minute, tzinfo=UTC) for hour in (7, 8) for minute in (0, 59)
    ]
    text = lines(*(call(str(n), "9", time=time) for n, time in enumerate(times)))

    dataset = read(tmp_path, text, CAPTURED, start_time=times[1], end_time=times[3])

    assert dataset.columns[1] == ("1", "2")


def test_what_a_shadow_variant_answered_is_left_out(tmp_path: Path) -> None:
    shadow = call("0.5", "8")
    shadow["eventMetadata"]["invocationSource"] = "ShadowExperiment"

    assert read(tmp_path, lines(call("0.4", "9"), shadow), CAPTURED).columns == (("9",), ("0.4",))


def test_merged_labels_are_a_column_of_their_own(tmp_path: Path) -> None:
    merged = call("0.4,0.3", "9.5")
    merged["groundTruthData"] = {"data": "10\n", "encoding": "CSV"}
    merge_format = {"sagemakerMergeJson": {"captureIndexNames": ["endpointOutput"]}}

    dataset = read(tmp_path, lines(merged), merge_format)

    assert dataset == Dataset(("_c0", "groundTruthData"), (("9.5",), ("10",)), positional=False)


@pytest.mark.parametrize(
    ("text", "dataset_format", "told"),
    [
        ("1,2\n3\n", {"csv": {}}, r"part: row 2 has 1 columns, the first one 2"),
        ("a,a\n1,2\n", {"csv": {"header": True}}, r"names a column twice: \['a', 'a'\]"),
        ("a,b\n", {"csv": {"header": True}}, r"holds no record to analyze"),
        ("", {"csv": {}}, r"holds no record to analyze"),
        ('{"a": {"b": 1}}', {"json": {}}, r"part, line 1: 'a' is nested"),
        ("[1]", {"json": {}}, r"expected a JSON object"),
        ("not json", {"json": {}}, r"part cannot be read as json"),
        ("1,2\n", CAPTURED, r"part, line 1: no JSON"),
        ("{}", CAPTURED, r"captureData must be a JSON object, not None"),
        (lines(call("1", "2"), call("1,2", "3")), CAPTURED, r"line 2 has 3 columns, .* has 2"),
        (lines(call("1\n2\n3\n", "4\n5\n")), CAPTURED, r"'id-1': 2 and 3 rows cannot be matched"),
        (lines(call("1,2\n3\n", "4\n5\n")), CAPTURED, r"row 2 has 1 columns"),
        (
            lines(call("1", "2"), call('{"a": 1}', '{"b": 2}', "application/json")),
            CAPTURED,
            r"holds both CSV and JSON payloads",
        ),
        (
            lines(call('{"a": 1}', '{"a": 2}', "application/json")),
            CAPTURED,
            r"input and output name the same column: \['a', 'a'\]",
        ),
        (lines(call("x", "y", "image/png")), CAPTURED, r"encoding 'BASE64' of content type 'image"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(
    tmp_path: Path, text: str, dataset_format: dict[str, Any], told: str
) -> None:
    with pytest.raises(AnalysisError, match=told):
        read(tmp_path, text, dataset_format)


def test_two_encodings_are_refused_as_by_the_image(tmp_path: Path) -> None:
    record = call("0.4", "9")
    record["captureData"]["endpointOutput"] |= {"data": '{"score": 9}', "encoding": "JSON"}

    with pytest.raises(AnalysisError, match=r"^Encoding mismatch: Encoding is CSV for endpointInp"):
        read(tmp_path, lines(record), CAPTURED)


def test_labels_are_merged_with_json_too(tmp_path: Path) -> None:
    merged = call('{"length": 0.4}', '{"rings": 9.5}', "application/json")
    merged["groundTruthData"] = {"data": "10", "encoding": "CSV"}

    dataset = read(tmp_path, lines(merged), {"sagemakerMergeJson": {}})

    assert dataset.names == ("rings", "length", "groundTruthData")
    assert dataset.columns == (("9.5",), ("0.4",), ("10",))


def test_labels_in_json_are_refused(tmp_path: Path) -> None:
    merged = call("0.4", "9.5") | {"groundTruthData": {"data": "{}", "encoding": "JSON"}}

    with pytest.raises(AnalysisError, match=r"groundTruthData.encoding 'JSON': only CSV"):
        read(tmp_path, lines(merged), {"sagemakerMergeJson": {}})


@pytest.mark.parametrize("labels", ["1,2", "1\n2\n"])
def test_labels_that_do_not_match_the_predictions_are_refused(tmp_path: Path, labels: str) -> None:
    merged = call("0.4", "9.5") | {"groundTruthData": {"data": labels, "encoding": "CSV"}}

    with pytest.raises(AnalysisError, match=r"one label a row|cannot be matched"):
        read(tmp_path, lines(merged), {"sagemakerMergeJson": {}})


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnalysisError, match=r"dataset_source='.*absent' is not there"):
        read_dataset(settings_for(tmp_path / "absent", {"csv": {}}))


def test_a_column_is_found_by_its_name_or_its_index() -> None:
    dataset = Dataset(("b", "0"), (("1",), ("2",)), positional=False)

    assert dataset.column("b") == ("1",)
    assert dataset.column("0") == ("2",)
    assert dataset.column("1") == ("2",)
    with pytest.raises(AnalysisError, match=r"there is no column '2'; there are: b, 0"):
        dataset.column("2")


NUMBERS = st.lists(
    st.tuples(st.floats(allow_nan=False), st.integers(), st.sampled_from("MFI")),
    min_size=1,
    max_size=5,
)


@given(NUMBERS)
def test_what_an_endpoint_captures_is_what_is_read(rows: list[tuple[float, int, str]]) -> None:
    inputs = "\n".join(",".join(map(str, row)) for row in rows)
    outputs = "\n".join(str(index) for index in range(len(rows)))
    settings = settings_for(Path(), CAPTURED)
    text = capture_line(
        Payload(inputs.encode(), "text/csv"),
        Payload(outputs.encode(), "text/csv"),
        Event("i", EIGHT),
    )

    block = read_record(text, settings, "line 1")

    assert block is not None
    assert block.rows == tuple((str(index), *map(str, row)) for index, row in enumerate(rows))


def test_a_capture_file_lies_under_its_hour() -> None:
    event = Event("0a1b", datetime(2026, 11, 23, 8, 5, 9, 123456, tzinfo=UTC))

    assert capture_key("abalone", "AllTraffic", event) == (
        "abalone/AllTraffic/2026/11/23/08/05-09-123-0a1b.jsonl"
    )


def test_a_captured_call_has_the_documented_shape() -> None:
    line = capture_line(
        Payload(b"0.4\n", "text/csv"),
        Payload(b"\x93", "application/x-npy"),
        Event("0a1b", EIGHT, inference_id="mine"),
    )

    assert json.loads(line) == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "0.4\n",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "application/x-npy",
                "mode": "OUTPUT",
                "data": "kw==",
                "encoding": "BASE64",
            },
        },
        "eventMetadata": {
            "eventId": "0a1b",
            "inferenceTime": "2026-11-23T08:00:00Z",
            "inferenceId": "mine",
        },
        "eventVersion": "0",
    }
