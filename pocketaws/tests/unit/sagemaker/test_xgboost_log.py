"""What the XGBoost container writes, and what its parent reads from that."""

import subprocess
import sys
from pathlib import Path

import pytest

import workflow
from pocketaws.sagemaker.xgboost.log import (
    blames_other_hosts,
    final_metrics,
    log,
    log_evaluation,
    runtime_warnings,
    warn,
)


def test_the_last_evaluation_gives_the_final_metrics() -> None:
    log = [
        "[2025-01-01:00:00:00:INFO] Single node training.",
        "[0]#011train-rmse:9.8#011validation-rmse:9.7",
        "[1]\ttrain-rmse:2.5\tvalidation-rmse:1e-05",
        "not an evaluation: #011train-rmse:0",
    ]

    assert final_metrics(log) == {"train:rmse": 2.5, "validation:rmse": 1e-05}


@pytest.mark.parametrize("metric", ["error@0.7", "ndcg@2-", "interval-regression-accuracy"])
def test_the_name_of_a_metric_is_kept_whole(metric: str) -> None:
    assert final_metrics([f"[9]#011train-{metric}:-0.5"]) == {f"train:{metric}": -0.5}


def test_a_value_that_is_no_number_is_passed_over() -> None:
    log = ["[0]#011train-rmse:3#011validation-rmse:2", "[1]#011train-rmse:nan#011validation-rmse:1"]

    assert final_metrics(log) == {"train:rmse": 3, "validation:rmse": 1}


def test_a_log_without_evaluations_has_no_metrics() -> None:
    assert final_metrics([]) == {}


def test_an_evaluation_that_is_written_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    log_evaluation("[3]\ttrain-rmse:1.25000\tvalidation-rmse:1.50000\n")

    written = capsys.readouterr().out
    assert written == "[3]\ttrain-rmse:1.25000\tvalidation-rmse:1.50000\n"
    assert final_metrics(written.splitlines()) == {"train:rmse": 1.25, "validation:rmse": 1.5}


def test_what_the_runtime_says_is_told_from_what_the_container_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log("Train matrix has 3 rows", level="WARNING")
    warn("3 cells: :WARNING] The local runtime: 'M'")

    written = capsys.readouterr().out.splitlines()
    assert runtime_warnings(written) == ["3 cells: :WARNING] The local runtime: 'M'"]


@pytest.mark.parametrize(
    ("failure", "blames_others"),
    [
        ("Lost the other hosts: connection refused", True),
        ("Waited in vain for algo-2.state of the other hosts", True),
        ("Host algo-2 failed before distributed training began", True),
        ("XGB train call failed with exception:\n [09:00:00] /w/src/collective/result.cc:78", True),
        ("XGB train call failed with exception:\n [09:00:00] /w/src/objective/rank.cc:8", False),
        ("No hosts received training data.", False),
        ("Missing required hyperparameter: num_round", False),
    ],
)
def test_a_failure_that_another_host_caused_is_told_from_one_of_its_own(
    failure: str, *, blames_others: bool
) -> None:
    assert blames_other_hosts(f"framework error: \n{failure}") is blames_others


def test_reading_a_log_does_not_load_xgboost() -> None:
    program = (
        "import sys; import pocketaws.sagemaker.xgboost.log; "
        "print({'numpy', 'xgboost'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(workflow.__file__).parents[1],
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout == "set()\n"
