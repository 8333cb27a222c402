"""What a release leaves for the next command, and what of it is refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import PROJECT_DIR
from tests.unit.pseudo_parameters import PSEUDO_PARAMETERS
from workflow.errors import LocalStateError
from workflow.release.execution import Passed
from workflow.release.kept import KeptRelease, recall
from workflow.release.pipeline import Pipeline, read_pipeline

PASSED = Passed({"Source": {"CommitId": "abc"}}, {})


def read(path: Path, parameters: object) -> Pipeline:
    assert isinstance(parameters, dict)
    return read_pipeline(path, parameters, pseudo_parameters=PSEUDO_PARAMETERS)


@pytest.fixture
def pipeline() -> Pipeline:
    given = {"SourceProvider": "CodeCommit", "RepositoryName": "code"}
    return read(PROJECT_DIR / "pipeline.yaml", given)


def test_nothing_is_recalled_where_nothing_was_kept(tmp_path: Path) -> None:
    assert recall(tmp_path, tmp_path, read) is None


@pytest.mark.parametrize("text", ["", "[]", '{"repository": "/x"}', '{"repository": "/x", "comm'])
def test_a_record_that_cannot_be_understood_says_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "release.json").write_text(text)

    with pytest.raises(LocalStateError, match=r"cannot be understood .*; it is kept as"):
        recall(tmp_path, tmp_path, read)

    assert (tmp_path / "release.unreadable-1" / "release.json").read_text() == text


def test_the_same_pipeline_is_rolled_back_to_what_each_stage_was_entered_with(
    tmp_path: Path, pipeline: Pipeline
) -> None:
    kept = KeptRelease(tmp_path, "/source", "abc", pipeline, PASSED, {"Workflow": PASSED})

    earlier = kept.earlier(pipeline)

    assert earlier is not None
    assert earlier.entered == {"Workflow": PASSED}


def test_another_structure_of_the_pipeline_is_not_rolled_back(
    tmp_path: Path, pipeline: Pipeline
) -> None:
    kept = KeptRelease(tmp_path, "/source", "abc", pipeline, PASSED, {"Workflow": PASSED})

    assert kept.earlier(replace(pipeline, stages=pipeline.stages[:-1])) is None
