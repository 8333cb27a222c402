"""The Makefile hands samconfig.toml's values on as they are, those with spaces and quotes too."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest

MAKEFILE_PATH = Path(__file__).parents[2] / "Makefile"
SCHEDULE = "cron(0 3 ? * MON *)"
EXECUTION_INPUT = '{"max_mse": 5, "tags": {"by": "schedule"}}'
# As the SAM CLI reads them: a value in quotation marks, those inside of it escaped.
ITEMS = [
    "DataRetentionDays=7",
    f'RetrainingSchedule="{SCHEDULE}"',
    "RetrainingInput=" + json.dumps(EXECUTION_INPUT),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    overrides = json.dumps(ITEMS)
    text = f'parameter_overrides = {overrides}\ntags = ["environment=prod"]\n'
    tables = "".join(f"[{name}.deploy.parameters]\n{text}" for name in ("dev", "prod"))
    (tmp_path / "samconfig.toml").write_text(tables, encoding="utf-8")
    (tmp_path / "packaged").mkdir()
    # What make asks for, before it would set up the SAM CLI.
    (tmp_path / "requirements").mkdir()
    for name in ("sam.txt", "uv.txt"):
        (tmp_path / "requirements" / name).touch()
    return tmp_path


def commands(folder: Path, *arguments: str) -> list[str]:
    """Return what make would run."""
    finished = subprocess.run(
        ["make", "--dry-run", "--file", str(MAKEFILE_PATH), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stdout.splitlines()


def test_a_deployment_by_hand_gives_the_sam_cli_the_items_unchanged(folder: Path) -> None:
    (command,) = [line for line in commands(folder, "deploy") if "sam deploy" in line]

    words = shlex.split(command)
    given = words[words.index("--parameter-overrides") + 1 :]
    assert given[:-1] == ITEMS
    assert given[-1].startswith("GitCommit=")


def test_the_pipeline_gets_the_values_without_the_sam_clis_quotes(folder: Path) -> None:
    made = "packaged/workflow.json"
    (command,) = [line for line in commands(folder, "package", "BUCKET=b") if line.endswith(made)]
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)

    assert json.loads((folder / made).read_text(encoding="utf-8")) == {
        "Parameters": {
            "DataRetentionDays": "7",
            "RetrainingSchedule": SCHEDULE,
            "RetrainingInput": EXECUTION_INPUT,
        },
        "Tags": {"environment": "prod"},
    }
