"""SageMaker's lists and Search by the real AWS CLI."""

import json
import uuid
from typing import Any

import pytest

from emulated.aws_cli import Aws, aws_cli
from emulated.training_jobs import ended, script_definition
from pocketaws.runtime import LocalRuntime

# The CLI takes seconds to start.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def aws(runtime: LocalRuntime, tmp_path_factory: pytest.TempPathFactory) -> Aws:
    return aws_cli(runtime, tmp_path_factory.mktemp("home"))


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
