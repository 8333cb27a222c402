"""Experiments and trials of SageMaker, created once however often they are asked for.

SageMaker says the same ValidationException for a name that exists and for a name that cannot be,
so what it refused is looked up: what is there needs no creating.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


class TrialOfAnother(ValueError):  # noqa: N818 - it is the error's name in the console
    """A trial of that name exists in another experiment."""


def start_trial(name: str, *, experiment_name: str, sagemaker: Any) -> None:
    """Create the trial, after the experiment where that does not exist yet.

    Raises:
        TrialOfAnother: see there.
        botocore.exceptions.ClientError: SageMaker refused.
    """
    try:
        _create_trial(name, experiment_name, sagemaker=sagemaker)
    except sagemaker.exceptions.ResourceNotFound:
        _create_experiment(experiment_name, sagemaker=sagemaker)
        _create_trial(name, experiment_name, sagemaker=sagemaker)


def make_group(name: str, *, sagemaker: Any) -> None:
    """Create a model package group, which CloudFormation cannot everywhere; one that exists stays.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused.
    """
    try:
        sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    except ClientError as error:
        # SageMaker says so of a group that does not exist, too.
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        _created_or_existing(
            lambda: sagemaker.create_model_package_group(ModelPackageGroupName=name),
            lambda: sagemaker.describe_model_package_group(ModelPackageGroupName=name),
            sagemaker=sagemaker,
        )


def _create_trial(name: str, experiment_name: str, *, sagemaker: Any) -> None:
    existing = _created_or_existing(
        lambda: sagemaker.create_trial(TrialName=name, ExperimentName=experiment_name),
        lambda: sagemaker.describe_trial(TrialName=name),
        sagemaker=sagemaker,
    )
    if existing is not None and existing["ExperimentName"] != experiment_name:
        raise TrialOfAnother(
            f"trial {name!r} belongs to experiment {existing['ExperimentName']!r}, not "
            f"{experiment_name!r}; start the execution under another name"
        )


def _create_experiment(name: str, *, sagemaker: Any) -> None:
    _created_or_existing(
        lambda: sagemaker.create_experiment(ExperimentName=name),
        lambda: sagemaker.describe_experiment(ExperimentName=name),
        sagemaker=sagemaker,
    )


def _created_or_existing(
    create: Callable[[], Any], describe: Callable[[], Any], *, sagemaker: Any
) -> dict[str, Any] | None:
    """Create something; return its description where it was there already, else None."""
    try:
        create()
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        try:
            return dict(describe())
        except sagemaker.exceptions.ResourceNotFound:
            raise error from None
    return None
