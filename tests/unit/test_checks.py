"""What is wrong with a command's arguments is told at once, in a sentence."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_DIR
from workflow.__main__ import main
from workflow.errors import ColumnsError, ExecutionInputError, InputDataError, OutputError
from workflow.laptop import checks


@pytest.mark.parametrize("name", ["nightly", "a" * 80, "ü_1.2", "local-20261129T070000"])
def test_a_name_that_step_functions_takes_is_taken(name: str) -> None:
    checks.check_name(name)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a b", "must not hold ' '"),
        ("../up", "must not hold '/'"),
        ("a:b", "must not hold ':'"),
        ("a\n", "must not hold"),
        ("a" * 81, "and has 81"),
        ("", "must have 1 to 80"),
        ("..", "is no name of a folder"),
    ],
)
def test_a_name_that_cannot_be_one_is_told(name: str, told: str) -> None:
    with pytest.raises(ExecutionInputError, match=f"^--name .*{told}"):
        checks.check_name(name)


def test_a_result_that_can_be_written_leaves_no_trace_before(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("old")

    checks.check_result(tmp_path / "new-folder" / "r.json")
    checks.check_result(tmp_path / "old.json")
    checks.check_result(Path("/dev/null"))

    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
    assert (tmp_path / "old.json").read_text() == "old"


@pytest.mark.parametrize("place", ["folder", "file/r.json", "/proc/nowhere/r.json"])
def test_a_result_that_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match=r"^--result .*: (is a folder|cannot be written)"):
        checks.check_result(tmp_path / place)


@pytest.mark.parametrize("place", ["runs", "runs/../runs", "state"])
def test_a_result_that_is_to_be_a_folder_of_the_command_is_told(tmp_path: Path, place: str) -> None:
    folders = (tmp_path / "runs", tmp_path / "state" / "us-east-1")

    with pytest.raises(OutputError, match="the command makes a folder of it; name a file"):
        checks.check_result(tmp_path / place, folders=folders)

    checks.check_result(tmp_path / "runs" / "r.json", folders=folders)


def test_a_result_replaces_nothing_that_the_command_reads(tmp_path: Path) -> None:
    data, link, input_file = (tmp_path / name for name in ("d.csv", "link.csv", "in.json"))
    data.write_text("1,2\n")
    input_file.write_text("{}")
    link.symlink_to(data)

    for path in (data, link, input_file):
        with pytest.raises(OutputError, match=r"the command reads, and the result would replace"):
            checks.check_result_is_not_read(path, [data, input_file])
    for harmless in (None, tmp_path / "new.json"):
        checks.check_result_is_not_read(harmless, [data, input_file])


def ask(
    execution_input: dict[str, Any],
    project_dir: Path = PROJECT_DIR,
    batch_path: Path | None = None,
) -> None:
    with checks.asked(execution_input, batch_path=batch_path, project_dir=project_dir) as wait:
        wait()


def test_an_input_that_can_work_is_not_refused() -> None:
    ask({})
    ask({"Comment": "x", "max_mse": 5, "hyperparameters": {"num_round": 3, "alpha": "0.5"}})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"hyperparameters": {"num_rounds": 3}}, "did you mean 'num_round'?"),
        ({"hyperparameters": {"eta": 7}}, "hyperparameters.eta = 7: must be at least 0"),
        ({"max_mes": 5}, "max_mes = 5: no such field; did you mean 'max_mse'?"),
        ({"max_mse": -1, "split_seed": 0.5}, "max_mse = -1: .*\nsplit_seed = 0.5: must be"),
    ],
)
def test_an_input_that_cannot_work_is_refused_as_the_first_state_would(
    given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ExecutionInputError, match=told.replace("?", r"\?")):
        ask(given)


RANGES = {"ranges": {"eta": [0.1, 0.3]}}


@pytest.mark.parametrize("tuning", [RANGES, {**RANGES, "strategy": "Bayesian"}])
def test_a_search_that_this_machine_cannot_do_is_told_before_any_job(
    tuning: dict[str, Any],
) -> None:
    with pytest.raises(ExecutionInputError, match='pip install optuna, or give "strategy": "Ran'):
        checks.check_tuning({"tuning": tuning}, is_installed=lambda _: None)

    checks.check_tuning({"tuning": tuning}, is_installed=lambda name: name)
    others: list[dict[str, Any]] = [
        {},
        {"tuning": {}},
        {"tuning": "{}"},
        {"tuning": {**tuning, "strategy": "Random"}},
    ]
    for other in others:
        checks.check_tuning(other, is_installed=lambda _: None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('LABEL = "age"\nCOLUMNS = (Count("rings"), Number("x"))', r"LABEL = 'age': must be the"),
        ('LABEL = "rings"\nCOLUMNS = (Count("rings"),)', "COLUMNS holds the label alone"),
        ('LABEL = "rings"\nCOLUMNS = (', r"line 3: SyntaxError: '\(' was never closed"),
        ('LABEL = "rings"\nCOLUMNS = (Text("rings"),)', "line 3: NameError: name 'Text' is not"),
        ('LABEL = "rings"', "ImportError: cannot import name 'COLUMNS'"),
    ],
)
def test_columns_that_cannot_be_are_told_without_a_traceback(
    tmp_path: Path, text: str, told: str
) -> None:
    shutil.copytree(PROJECT_DIR / "jobs", tmp_path / "jobs")
    (tmp_path / "jobs" / "columns.py").write_text(f"from kinds import Count, Number\n{text}\n")

    with pytest.raises(ColumnsError, match=rf"^jobs/columns\.py cannot be used: .*{told}"):
        ask({}, project_dir=tmp_path)


def told_of_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that is refused as it stands, and return what it tells."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "abalone.csv"], "unrecognized arguments: abalone.csv; rows are given with --data"),
        (["serve", "my data.csv"], "rows are given with --data 'my data.csv'"),
        (["run", "--dat"], "--data: expected one argument"),
        (["status", "abalone.csv"], "unrecognized arguments: abalone.csv\n"),
    ],
)
def test_a_file_without_its_option_is_told_which_option(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert told in told_of_usage(arguments, capsys)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "--data", ""], "workflow run: error: --data: is empty; give a value, or leave"),
        (["run", "--output-dir="], "--output-dir: is empty"),
        (["run", "--region", ""], "--region: is empty"),
        (["serve", "--state-dir", ""], "--state-dir: is empty"),
        (["status", "--stack-name", ""], "--stack-name: is empty"),
        (["release", "--parameter", ""], "--parameter: is empty"),
        (["report", ""], "an argument: is empty"),
        (["compare", "a", ""], "an argument: is empty"),
        (["new", ""], "an argument: is empty"),
    ],
)
def test_an_empty_argument_is_told_and_not_taken_for_the_working_folder(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert told in told_of_usage(arguments, capsys)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["runs", "--limit", "0"], "--limit: '0' must be a whole number from 1"),
        (["runs", "--limit", "-1"], "--limit: '-1' must be a whole number from 1"),
        (["runs", "--limit", "1.5"], "--limit: '1.5' must be a whole number from 1"),
        (["serve", "--allow-origin", "localhost:3000"], "such as http://localhost:3000"),
        (["serve", "--allow-origin", "http://localhost:3000/"], "'http://localhost:3000/' must be"),
        (["serve", "--allow-origin", "*"], "'*' must be the scheme, host and port of a page"),
    ],
)
def test_an_option_that_could_do_nothing_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert told in told_of_usage(arguments, capsys)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-23T08:00:00Z", "2026-11-23T07:00:00Z"),
        ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"),
        ("2026-11-23T08:00:00Z", "2026-11-24T08:00:01Z"),
    ],
)
def test_a_window_that_the_monitor_would_refuse_starts_no_execution(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, since: str, until: str
) -> None:
    given = ["--from", since, "--until", until, "--output-dir", str(tmp_path)]

    assert main(["monitor", *given]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"error: --from {since} --until {until}: the second must be after")


def test_a_folder_that_cannot_take_the_monitors_report_is_told_before(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    for place in ("file", "file/monitor"):
        assert main(["monitor", "--output-dir", str(tmp_path / place)]) == 1
        assert f"--output-dir {tmp_path / place}: cannot be written" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("workflow 0.1.0, Python 3.")


ROW = "M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15"
HEADER = "sex,length,diameter,height,whole,shucked,viscera,shell"


@pytest.mark.parametrize(
    "text",
    [
        *(ROW, f"{ROW},15", f"{HEADER}\n{ROW}", f"{HEADER},rings\n{ROW},15"),
        ROW.replace(",", ";"),
        f"{ROW.replace('M', 'X')}\n{ROW}",
    ],
)
def test_a_batch_of_rows_with_or_without_a_label_is_not_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.csv").write_text(f"{text}\n")

    ask({}, batch_path=tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("rows.csv", HEADER.replace("length", "size") + f"\n{ROW}", "the header of rows.csv lacks"),
        ("rows.csv", HEADER, "there are no rows in rows.csv"),
        ("rows.csv", f"{ROW},15,3", "the first row of rows.csv: wrong number of fields"),
        ("rows.csv", ROW.replace("M", "X"), "none of the first 1 rows .* line 1: unknown sex"),
        ("rows.xlsx", "PK\x03\x04", "rows.xlsx"),
        ("README.md", ROW, "the name README.md is not that of data"),
    ],
)
def test_a_batch_that_cannot_be_predicted_for_is_told_before_anything_runs(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(f"{text}\n")

    with pytest.raises(InputDataError, match=f"^--batch {path}: .*{told}"):
        ask({}, batch_path=path)
