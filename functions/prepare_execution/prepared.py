"""The prepared execution: everything that the states after the first one read, by path."""

import hashlib
import math
import re
from typing import Any, Final

from caching import expires_after_seconds
from execution_input import Settings
from metadata import metadata_text
from posed import BINARY
from started import starter_of
from tuning import job_config

# SageMaker's names have at most 63 characters; the states append a hyphen and 8 of their own.
_SLUG_CHARACTERS: Final = 38
_HASH_CHARACTERS: Final = 8
# A tuning job's have 32 alone, since those of its training jobs begin with it:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
_TUNING_SLUG_CHARACTERS: Final = 14
# Over a job's own limit: finding an instance, pulling the image, moving the data.
_JOB_OVERHEAD_SECONDS: Final = 3_600
# https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-limits.html
_LONGEST_TUNING_SECONDS: Final = 30 * 86_400
# Of an execution that tunes nothing.
_NOT_TUNED: Final = {"hyperparameters": {}, "job_name": "none"}
_ML: Final = "/opt/ml"


def prepare(
    settings: Settings,
    *,
    execution_arn: str,
    execution_name: str,
    start_time: str,
    bucket_name: str,
    experiment_name: str,
    input_data_version: str,
    git_commit: str,
) -> dict[str, Any]:
    """Return the prepared execution.

    Keys: `base_name` (start of every job's and the model's name), `processing` and `training`
    (what the two jobs need), `tuning` (what is searched, if anything), `cache` (whether earlier
    outputs may be reused) and `cached` (what was, so far), `gate` (what the model is judged by),
    `approval` (whether and how long a person is asked), `batch` (which rows are predicted for, if
    any), `experiment` (of which the execution is a trial), `lineage` (where the model comes from,
    as the model registry takes it) and `tags`.
    """
    name = base_name(execution_name, identity=f"{execution_arn} {start_time}")
    bucket_uri = f"s3://{bucket_name}"
    processing = _processing(settings, f"{bucket_uri}/preprocessing/{name}")
    training = _training(settings, f"{bucket_uri}/training/{name}")
    threshold = settings.gate_threshold
    return {
        "base_name": name,
        "processing": processing,
        "training": training,
        "tuning": _tuning(settings, training, name, f"{bucket_uri}/preprocessing/{name}/tuning"),
        "gate": {
            "metric": settings.gate_metric,
            "threshold": settings.max_mse if threshold is None else threshold,
            # The rows that decide from which probability on a row is positive.
            "validation_uri": processing["validation_uri"] if settings.problem == BINARY else None,
            "max_mse": settings.max_mse,
            "max_mse_increase": settings.max_mse_increase,
            "if_not_comparable": settings.if_not_comparable,
            "evaluation_uri": f"{bucket_uri}/evaluation/{name}/",
        },
        "approval": {
            "policy": settings.approval,
            "min_improvement": settings.approval_min_improvement,
            "timeout_seconds": settings.approval_timeout_seconds,
        },
        "cache": {
            "setting": settings.cache,
            "may_reuse": settings.cache is not False,
            "expires_after_seconds": expires_after_seconds(settings.cache),
        },
        "cached": {"to_keep": False, "lineage": "nothing"},
        "batch": _batch(settings, f"{bucket_uri}/batch/{name}"),
        "experiment": {"name": experiment_name, "trial_name": name},
        "lineage": {
            "input_data_uri": metadata_text(settings.input_data_uri),
            "input_data_version": metadata_text(input_data_version),
            "git_commit": metadata_text(git_commit),
            "started_by": starter_of(settings.started_by, execution_name),
        },
        "tags": [{"Key": key, "Value": value} for key, value in settings.tags.items()],
    }


def base_name(execution_name: str, *, identity: str) -> str:
    """Return a start of names that SageMaker takes, whatever the execution is called.

    At most 47 characters, lower case (SageMaker writes names in ARNs in lower case) and different
    for every execution, also for one whose name is used again after 90 days.

    Args:
        execution_name: up to 80 characters; may hold underscores and letters of any script.
        identity: what tells this execution from all others.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", execution_name.lower()).strip("-")
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_HASH_CHARACTERS]
    return f"{slug[:_SLUG_CHARACTERS].strip('-') or 'execution'}-{digest}"


def _processing(settings: Settings, output_uri: str) -> dict[str, Any]:
    outputs = ("train", "validation", "test", "rejected", "report")
    return {
        "input_data_uri": settings.input_data_uri,
        "arguments": _preprocess_arguments(settings),
        "instance_type": settings.processing_instance_type,
        "instance_count": settings.processing_instance_count,
        "volume_size_gb": settings.processing_volume_size_gb,
        "max_runtime_seconds": settings.processing_max_runtime_seconds,
        "timeout_seconds": settings.processing_max_runtime_seconds + _JOB_OVERHEAD_SECONDS,
        # The slash keeps train/ from matching another prefix that starts alike.
        **{f"{name}_uri": f"{output_uri}/{name}/" for name in outputs},
    }


def _preprocess_arguments(settings: Settings) -> list[str]:
    """Return the arguments of jobs/preprocess.py.

    A split is written in as many parts an instance as there are training instances, so that each
    of these finds one to read even where a single object left one instance with all the rows.
    """
    return _arguments(
        settings,
        {
            "--validation-share": settings.validation_share,
            "--test-share": settings.test_share,
            "--split-seed": settings.split_seed,
            "--parts": settings.training_instance_count,
        },
    )


def _arguments(settings: Settings, flags: dict[str, Any]) -> list[str]:
    """Return the arguments of a job that reads raw rows, its own beside those of all."""
    given = {
        "--input-dir": f"{_ML}/processing/input/raw",
        "--output-dir": f"{_ML}/processing/output",
        "--max-rejected-share": settings.max_rejected_share,
        "--resource-config": f"{_ML}/config/resourceconfig.json",
        "--message-path": f"{_ML}/output/message",
        **flags,
    }
    return [text for flag, value in given.items() for text in (flag, str(value))]


def _training(settings: Settings, output_uri: str) -> dict[str, Any]:
    stopping = {"MaxRuntimeInSeconds": settings.training_max_runtime_seconds}
    if settings.training_use_spot:
        stopping["MaxWaitTimeInSeconds"] = settings.training_max_wait_seconds
    searched = settings.tuning.get("ranges", {})
    return {
        "instance_type": settings.training_instance_type,
        "instance_count": settings.training_instance_count,
        "volume_size_gb": settings.training_volume_size_gb,
        "use_spot": settings.training_use_spot,
        "stopping_condition": stopping,
        "timeout_seconds": max(stopping.values()) + _JOB_OVERHEAD_SECONDS,
        # Those that are searched come of the search.
        "hyperparameters": {
            name: value for name, value in settings.hyperparameters.items() if name not in searched
        },
        "output_uri": output_uri,
    }


def _tuning(
    settings: Settings, training: dict[str, Any], name: str, output_uri: str
) -> dict[str, Any]:
    """Return what the search needs; `best` is what it finds, and nothing until then.

    What its jobs leave expires with the preprocessed data: the best settings are trained with anew.
    """
    if not settings.tuning:
        return {"is_wanted": False, "asked": {}, "best": _NOT_TUNED}
    slug, _, digest = name.rpartition("-")
    turns = math.ceil(settings.tuning["max_jobs"] / settings.tuning["max_parallel_jobs"])
    seconds = min(turns * max(training["stopping_condition"].values()), _LONGEST_TUNING_SECONDS)
    return {
        "is_wanted": True,
        "asked": dict(settings.tuning),
        "base_name": f"{slug[:_TUNING_SLUG_CHARACTERS].rstrip('-')}-{digest}",
        "config": job_config(
            settings.tuning, problem=settings.problem, metric=settings.gate_metric
        ),
        "output_uri": output_uri,
        "timeout_seconds": seconds + _JOB_OVERHEAD_SECONDS,
        "best": _NOT_TUNED,
    }


def _batch(settings: Settings, output_uri: str) -> dict[str, Any]:
    """Return what predicting for a batch needs.

    jobs/encode_batch.py writes what the model takes first, and then what stands beside the
    prediction: the filters tell them apart.
    """
    if not settings.batch_data_uri:
        return {"is_wanted": False}
    return {
        "is_wanted": True,
        "input_data_uri": settings.batch_data_uri,
        "arguments": _arguments(settings, {}),
        "rows_uri": f"{output_uri}/rows/",
        "rejected_uri": f"{output_uri}/rejected/",
        "predictions_uri": f"{output_uri}/predictions/",
        "input_filter": f"$[0:{settings.features}]",
        "output_filter": f"$[{settings.features}:]",
        "instance_type": settings.batch_instance_type,
        "instance_count": settings.batch_instance_count,
        "timeout_seconds": settings.batch_timeout_seconds,
    }
