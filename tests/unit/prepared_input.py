"""An execution's input, parsed as the first state does."""

import json
from typing import Any

import pytest

from tests.unit.modules import load

prepare = load("prepare_execution")
InvalidExecutionInput = prepare.execution_input.InvalidExecutionInput
DEFAULT_HYPERPARAMETERS = prepare.hyperparameters.DEFAULTS


# Of every field its default, and another value that it may have.
FIELDS: dict[str, tuple[Any, Any]] = {
    "input_data_uri": ("s3://bucket/raw/", "s3://other.bucket/a folder/rows.csv"),
    "validation_share": (0.15, 0.01),
    "test_share": (0.15, 0.49),
    "split_seed": (42, 2**32 - 1),
    "max_rejected_share": (0.05, 0),
    "processing_instance_type": ("ml.m5.xlarge", "ml.c5.2xlarge"),
    "processing_instance_count": (1, 100),
    "processing_volume_size_gb": (30, 16_384),
    "processing_max_runtime_seconds": (3600, 777_600),
    "training_instance_type": ("ml.m5.xlarge", "ml.p4d.24xlarge"),
    "training_instance_count": (1, 2),
    "training_volume_size_gb": (30, 1),
    "training_max_runtime_seconds": (3600, 1),
    "training_use_spot": (False, True),
    "training_max_wait_seconds": (7200, 2_419_200),
    "max_mse": (6.0, 1e12),
    "max_mse_increase": (0.02, 0),
    "gate_metric": ("mse", "r2"),
    "gate_threshold": (None, 0.4),
    "if_not_comparable": ("ask", "refuse"),
    "approval": ("automatic", "required"),
    "approval_min_improvement": (0.05, 0),
    "approval_timeout_seconds": (259_200, 1),
    "tuning": (
        {},
        {
            "ranges": {"gamma": [0, 3.5], "max_depth": [3, 9]},
            "max_jobs": 750,
            "max_parallel_jobs": 100,
            "strategy": "Random",
            "early_stopping": True,
        },
    ),
    "batch_data_uri": ("", "s3://other.bucket/rows/"),
    "batch_instance_type": ("ml.m5.xlarge", "ml.c5.xlarge"),
    "batch_instance_count": (1, 100),
    "batch_timeout_seconds": (3600, 604_800),
    "tags": ({}, {"team": "Größe 1", "a_.:/=+-@": ""}),
    "started_by": ("by hand", "nightly job 2 of team/pricing"),
    "cache": (False, {"expires_after": "P7D"}),
}


NOT_OF_THE_STACK = (
    *("validation_share", "test_share", "split_seed", "tags", "started_by"),
    *("batch_instance_type", "batch_instance_count", "batch_timeout_seconds"),
    # It is, and stands in a variable of its own.
    "tuning",
)


def parse(
    execution_input: Any,
    problem: str = "regression",
    classes: int = 0,
    *,
    is_weighted: bool = False,
    **told: Any,
) -> Any:
    """Parse an input over the defaults of a stack, of which some are told."""
    stack = {name: value for name, (value, _) in FIELDS.items() if name not in NOT_OF_THE_STACK}
    # The parameter is a text, since it may be a duration.
    stack["cache"] = "false"
    if problem != "regression":
        stack["gate_metric"] = ""
    tuning = told.pop("tuning", "{}")
    environment = {"EXECUTION_DEFAULTS": json.dumps({**stack, **told}), "TUNING": tuning}
    posed = prepare.posed.Posed(problem, classes, is_weighted)
    return prepare.execution_input.parse_execution_input(
        execution_input,
        defaults=prepare.stack_defaults.stack_defaults(environment, posed),
        posed=posed,
    )


def problems_of(execution_input: Any, *problem: Any, **told: Any) -> list[str]:
    with pytest.raises(InvalidExecutionInput, match=r"^execution input: ") as refusal:
        parse(execution_input, *problem, **told)
    return str(refusal.value).removeprefix("execution input: ").split("\n")
