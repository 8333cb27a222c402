"""The command line's help needs nothing of what the commands do."""

import subprocess
import sys

import pytest

from workflow.commands import SUMMARIES

HEAVY = ("boto3", "botocore", "dataclasses", "inspect", "moto", "numpy", "platform", "xgboost")


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


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["build", "--help"]])
def test_help_imports_nothing_that_takes_long(words: list[str]) -> None:
    assert imported(*words) == set()


def test_help_names_every_command_and_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    from workflow.__main__ import main

    with pytest.raises(SystemExit):
        main(["--help"])

    words = " ".join(capsys.readouterr().out.split())
    for name, summary in SUMMARIES.items():
        assert f"{name} {summary}" in words
