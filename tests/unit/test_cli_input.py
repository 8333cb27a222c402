"""What `run --input` and `run --data` take, and what they say to what they cannot."""

import errno
import os
from pathlib import Path

import pytest

from workflow.errors import ExecutionInputError, InputDataError
from workflow.laptop import input_data
from workflow.laptop.execution_input import parse_execution_input


def names_of(source: Path) -> list[str]:
    with input_data.open_objects(str(source)) as objects:
        return [item.name for item in objects]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        (' {"split_seed": 7}\n', {"split_seed": 7}),
        ('{"tags": {"team": "Größe"}}', {"tags": {"team": "Größe"}}),
    ],
    ids=["empty", "with-spaces", "not-ascii"],
)
def test_an_input_is_read_as_text_and_as_a_file(
    text: str, value: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "input.json"
    path.write_text(text, encoding="utf-8")

    assert parse_execution_input(text) == value
    assert parse_execution_input(f"@{path}") == value


def test_a_file_that_starts_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_bytes(b'\xef\xbb\xbf{"split_seed": 7}')

    assert parse_execution_input(f"@{path}") == {"split_seed": 7}


@pytest.mark.parametrize("text", ["", "{", "{'split_seed': 7}", "split_seed=7", "{} {}"])
def test_an_input_that_is_not_json_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ExecutionInputError, match=r"^--input: is not JSON \(.+\)") as refusal:
        parse_execution_input(text)

    assert str(refusal.value).endswith("""write it like '{"split_seed": 7}'""")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@", "--input @: names no file; write it like @input.json"),
        ('{"max_mse": 5, "max_mse": 6}', "'max_mse' stands twice in an object; give it once"),
        ('{"hyperparameters": {"eta": 1, "eta": 0}}', "'eta' stands twice"),
        ('{"max_mse": NaN}', "NaN is no number of JSON's"),
    ],
)
def test_an_input_that_only_python_takes_is_refused(text: str, told: str) -> None:
    with pytest.raises(ExecutionInputError, match=told):
        parse_execution_input(text)


@pytest.mark.parametrize("text", ["[]", "7", "null", '"{}"', "true"])
def test_an_input_that_is_no_object_is_refused_with_what_was_given(text: str) -> None:
    with pytest.raises(ExecutionInputError) as refusal:
        parse_execution_input(text)

    assert str(refusal.value) == f"--input: must be a JSON object such as {{}}, got {text}"


@pytest.mark.parametrize("content", ["{", "[1]"], ids=["not-json", "not-an-object"])
def test_a_file_that_cannot_be_used_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "input.json"
    path.write_text(content)

    with pytest.raises(ExecutionInputError, match=r"input\.json: (is not JSON|must be a JSON)"):
        parse_execution_input(f"@{path}")


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.json"

    with pytest.raises(ExecutionInputError) as refusal:
        parse_execution_input(f"@{path}")

    assert str(refusal.value).startswith(f"--input @{path}: cannot be read: ")
    assert "No such file" in str(refusal.value)


def test_a_folder_or_a_file_that_is_no_text_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "input.bin").write_bytes(b"\xff\xfe{\x00}\x00")

    for path in (tmp_path, tmp_path / "input.bin"):
        with pytest.raises(ExecutionInputError, match="cannot be read"):
            parse_execution_input(f"@{path}")


def test_a_file_of_data_is_one_object_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").touch()

    assert names_of(tmp_path / "rows.csv") == ["rows.csv"]


def test_a_folder_of_data_is_an_object_a_file_under_its_path_in_the_folder(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv.gz", "2025/01/c.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert names_of(tmp_path) == ["2025/01/c.csv", "a.csv.gz", "b.csv"]


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputDataError) as refusal:
        names_of(tmp_path)

    assert str(refusal.value) == (
        f"--data {tmp_path}: the folder holds no file; put the CSV files in it"
    )


def test_a_path_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputDataError) as refusal:
        names_of(tmp_path / "rows.csv")

    assert str(refusal.value) == f"--data {tmp_path / 'rows.csv'}: no such file or folder"


@pytest.mark.parametrize(("content", "told"), [(None, "no such file"), ("", "is empty")])
def test_a_batch_that_is_no_file_of_rows_is_refused(
    tmp_path: Path, content: str | None, told: str
) -> None:
    path = tmp_path / "rows.csv"
    if content is not None:
        path.write_text(content)

    with pytest.raises(InputDataError, match=f"--batch {path}: {told}"):
        input_data.batch_object(path)


def test_a_batch_that_changes_is_told_by_its_own_option(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("M,0.4\n")
    item = input_data.batch_object(path)
    path.write_text("M,0.41\n")

    with (
        pytest.raises(InputDataError, match=r"^--batch .*: changed while it was read"),
        input_data.unchanged(item),
    ):
        pass


def test_data_in_an_s3_that_does_not_answer_is_refused_with_the_ways_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    with (
        pytest.raises(InputDataError) as refusal,
        input_data.open_objects("s3://bucket/raw/"),
    ):
        pass

    assert str(refusal.value).startswith("--data s3://bucket/raw/: S3 does not give it: ")
    assert "check your AWS credentials and the URI" in str(refusal.value)


def test_what_cannot_be_written_is_not_said_of_the_file_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("1\n")

    with (
        pytest.raises(OSError, match="No space left"),
        input_data.unchanged(input_data.InputObject("rows.csv", path)),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_input_that_is_nested_too_deeply_is_told() -> None:
    with pytest.raises(ExecutionInputError, match="--input: is nested too deeply"):
        parse_execution_input("[" * 100_000)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"b\xff.csv", r"'b\\udcff\.csv' has a name that is not UTF-8"),
        (b"line\nbreak.csv", r"'line\\nbreak\.csv' has a line break"),
    ],
)
def test_a_file_whose_name_cannot_be_a_key_is_told(tmp_path: Path, name: bytes, told: str) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text("1,2\n")

    for source in (path, tmp_path):
        with pytest.raises(InputDataError, match=told):
            names_of(source)
