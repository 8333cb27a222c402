"""Make an execution a trial of the stack's experiment, so that its jobs can be compared.

In regions whose CloudFormation has no model package groups, the first execution makes that, too.
"""

import os
from typing import Any

import boto3
from trial import TrialOfAnother, make_group, start_trial

SAGEMAKER = boto3.client("sagemaker")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Create the trial, and the experiment before the first one; what exists already stays.

    Args:
        event: `TrialName`, at most 120 letters, digits and hyphens; the state before makes it.
        context: not used.

    Returns:
        `experiment_name` and `trial_name`, as ExperimentConfig of a job takes them.

    Raises:
        ValueError: the event has no such name.
        TrialOfAnother: a trial of that name belongs to another experiment.
        botocore.exceptions.ClientError: SageMaker refused.
    """
    experiment_name, trial_name = os.environ["EXPERIMENT_NAME"], trial_name_of(event)
    group_name = os.environ.get("MODEL_PACKAGE_GROUP_NAME")
    if group_name:
        make_group(group_name, sagemaker=SAGEMAKER)
    start_trial(trial_name, experiment_name=experiment_name, sagemaker=SAGEMAKER)
    return {"experiment_name": experiment_name, "trial_name": trial_name}


def trial_name_of(event: dict[str, Any]) -> str:
    """Return the name that an event gives, or raise ValueError."""
    name = event.get("TrialName")
    if not isinstance(name, str) or not name:
        raise ValueError(f"TrialName must be a text, got {name!r}")
    return name


__all__ = ["TrialOfAnother", "lambda_handler"]
