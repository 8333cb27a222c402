"""The command line's help needs nothing of what the commands do."""

import shutil
import subprocess
import sys

import pytest

from workflow.commands import SUMMARIES

HEAVY = (
    *("boto3", "botocore", "dataclasses", "inspect", "json", "moto", "numpy", "platform"),
    *("pocketaws", "shutil", "tomllib", "xgboost"),
)


def imported(*words: str) -> set[str]:
    """Return what a command has imported of what takes long, as it ends."""
    code = (
        "import sys\n"
        "from workflow.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\n"
        f"finally:\n    print(*({HEAVY!r} & sys.modules.keys()), sep='\\n', file=sys.stderr)\n"
    ).replace(repr(HEAVY), repr(set(HEAVY)))
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: workflow"), done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("command", ["", *SUMMARIES])
def test_help_imports_nothing_that_takes_long(command: str) -> None:
    assert imported(*command.split(), "--help") == set()


@pytest.mark.parametrize("columns", ["60", "130", "", "0", "wide"])
def test_help_is_laid_out_by_the_width_that_argparse_finds(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflow.__main__ import width

    monkeypatch.setenv("COLUMNS", columns)

    assert width() == shutil.get_terminal_size().columns


def test_an_option_before_a_command_is_told_with_the_usage_of_that_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workflow", "--nope", "runs"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("usage: workflow runs ")
    assert done.stderr.endswith("unrecognized arguments: --nope\n")


def test_help_names_every_command_and_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    from workflow.__main__ import main

    with pytest.raises(SystemExit):
        main(["--help"])

    words = " ".join(capsys.readouterr().out.split())
    for name, summary in SUMMARIES.items():
        assert f"{name} {summary}" in words
