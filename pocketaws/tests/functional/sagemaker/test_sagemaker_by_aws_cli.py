"""SageMaker's lists and Search by the real AWS CLI."""

import json
import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulated.training_jobs import ended, script_definition
from pocketaws.runtime import LocalRuntime

AWS_PATH = Path(__file__).parents[4] / ".venv-aws" / "bin" / "aws"
Aws = Callable[..., Any]
# The CLI takes seconds to start.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def aws(runtime: LocalRuntime, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    """Return what runs the AWS CLI and returns the JSON that it prints."""
    if not AWS_PATH.exists():
        message = "no AWS CLI in .venv-aws; `make clients` installs it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("home")),
        **runtime.exported,
    }

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [str(AWS_PATH), *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout or "null")

    return run


@pytest.fixture(scope="module")
def names(runtime: LocalRuntime) -> list[str]:
    """Three training jobs of one word, of which none has gone well."""
    sagemaker, word = runtime.client("sagemaker"), f"w{uuid.uuid4().hex[:6]}"
    made = [f"{word}-{letter}" for letter in "bca"]
    request = script_definition(runtime, "raise SystemExit(3)")
    for name in made:
        tags = [{"Key": "word", "Value": word}]
        sagemaker.create_training_job(TrainingJobName=name, Tags=tags, **request)
    for name in made:
        ended(sagemaker.describe_training_job, "TrainingJobStatus", TrainingJobName=name)
    return made


def test_training_jobs_are_listed_in_order_and_by_pages(aws: Aws, names: list[str]) -> None:
    word = names[0].partition("-")[0]
    asked = ("sagemaker", "list-training-jobs", "--name-contains", word, "--sort-by", "Name")

    whole = aws(*asked, "--sort-order", "Descending", "--page-size", "1")
    first = aws(*asked, "--max-items", "2")
    rest = aws(*asked, "--starting-token", first["NextToken"])

    def told(answer: Any) -> list[str]:
        return [item["TrainingJobName"] for item in answer["TrainingJobSummaries"]]

    assert told(whole) == sorted(names, reverse=True)
    assert told(first) + told(rest) == sorted(names)


def test_search_finds_by_tag_and_by_status(aws: Aws, names: list[str]) -> None:
    word = names[0].partition("-")[0]
    filters = [
        {"Name": "Tags.word", "Operator": "Equals", "Value": word},
        {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Failed"},
        {"Name": "TrainingJobName", "Operator": "Contains", "Value": "-a"},
    ]

    found = aws(
        *("sagemaker", "search", "--resource", "TrainingJob"),
        *("--search-expression", json.dumps({"Filters": filters})),
    )

    assert [item["TrainingJob"]["TrainingJobName"] for item in found["Results"]] == [f"{word}-a"]
