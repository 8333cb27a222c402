"""Train as the built-in XGBoost container, version 3.2-0, does in algorithm mode, without Docker.

The contract is that of `/opt/ml`, under a root of the caller's choice: `input/config/*.json` and
`input/data/CHANNEL` are read, `model/xgboost-model` is written, and `output/failure` holds the
reason of a failure. Several hosts are several processes on this machine. The same data and
hyperparameters give the same model.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/`
(`algorithm_mode/train.py`, `algorithm_mode/train_utils.py`, `callback.py`);
aws/sagemaker-containers, `_trainer.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xgboost as xgb

from pocketaws.sagemaker.xgboost.boosting import Boosting
from pocketaws.sagemaker.xgboost.channels import check_channels
from pocketaws.sagemaker.xgboost.cluster import Rendezvous, announce, await_members, joined
from pocketaws.sagemaker.xgboost.data import Matrices, Reading, read_matrices
from pocketaws.sagemaker.xgboost.folds import check_folds, cross_validate
from pocketaws.sagemaker.xgboost.hyperparameters import validate
from pocketaws.sagemaker.xgboost.log import TrainingError, log
from pocketaws.sagemaker.xgboost.paged import LARGEST_SHARE, available_bytes, can_be_paged

MODEL_FILE: Final = "xgboost-model"
_NO_TRAIN_DATA: Final = "No data in training channel path /opt/ml/input/data/train"


@dataclass(frozen=True)
class TrainingJob:
    """What the files under `input/config` ask for, checked."""

    root: Path
    settings: Mapping[str, Any]
    content_format: str
    channels: tuple[str, ...]
    hosts: tuple[str, ...]
    current_host: str


def main(root: str, rendezvous: str | None = None) -> int:
    """Train one host's part of a job; return the exit code of the container, 0 or 1.

    Args:
        root: Directory laid out as `/opt/ml`.
        rendezvous: Directory that the hosts of the job share; needed for more than one.
    """
    try:
        train(Path(root), Path(rendezvous) if rendezvous else None)
    except Exception:  # a container ends in an exit code; train() has told the reason
        return 1
    return 0


def train(root: Path, rendezvous: Path | None = None, *, timeout_seconds: int = 600) -> None:
    """Train one host's part of a job and, on the master, write the model.

    Args:
        root: Directory laid out as `/opt/ml`.
        rendezvous: An empty directory that the hosts of one job share; needed for more than one.
        timeout_seconds: How long a host waits for the others: to read their data before training,
            and in each collective operation during it.

    Raises:
        HyperparameterError: A hyperparameter is refused.
        TrainingError: The channels, the data or the training failed. As after any other exception,
            `output/failure` holds the reason.
    """
    try:
        job = read_job(root)
        if len(job.hosts) == 1:
            _train_alone(job)
        else:
            _train_together(job, rendezvous, timeout_seconds)
    except Exception as error:
        _report_failure(root, error)
        raise


def read_job(root: Path) -> TrainingJob:
    """Read and check `hyperparameters.json`, `inputdataconfig.json` and `resourceconfig.json`.

    Raises:
        HyperparameterError: A hyperparameter is refused.
        TrainingError: A channel is missing, unknown or of a kind that is not supported.
    """
    config = root / "input" / "config"
    settings = validate(json.loads((config / "hyperparameters.json").read_text("utf-8")))
    check_folds(settings)
    if settings.get("use_dask_gpu_training") == "true":
        raise TrainingError("use_dask_gpu_training: GPU training is not reproduced locally")
    channels = json.loads((config / "inputdataconfig.json").read_text("utf-8"))
    resources = json.loads((config / "resourceconfig.json").read_text("utf-8"))
    return TrainingJob(
        root=root,
        settings=settings,
        content_format=check_channels(channels),
        channels=tuple(channels),
        hosts=tuple(sorted(resources["hosts"])),
        current_host=resources["current_host"],
    )


def _report_failure(root: Path, error: Exception) -> None:
    """Write `output/failure` in the container's form, less the traceback into its own files."""
    failure_path = root / "output" / "failure"
    failure_path.parent.mkdir(parents=True, exist_ok=True)
    failure_path.write_text(f"framework error: \n{error}", encoding="utf-8")
    log(f"framework error: \n{error}", level="ERROR")


def _train_alone(job: TrainingJob) -> None:
    matrices = _load(job)
    if matrices.train is None:
        raise TrainingError(_NO_TRAIN_DATA)
    if matrices.validation is None and "validation" in job.channels:
        raise TrainingError("No data in validation channel path /opt/ml/input/data/validation")
    log("Single node training.")
    _fit(job, matrices, is_master=True)


def _train_together(job: TrainingJob, directory: Path | None, timeout_seconds: int) -> None:
    """Train with the other hosts; those that lack data of a channel leave, as in the container."""
    if directory is None:
        raise TrainingError(f"{len(job.hosts)} hosts need a rendezvous directory that they share")
    rendezvous = Rendezvous(directory, job.hosts, job.current_host, timeout_seconds)
    log(f"Distributed node training with {len(job.hosts)} hosts: {list(job.hosts)}")
    try:
        matrices = _load(job)
    except Exception:
        # Whatever it is, the other hosts must not wait for this one.
        announce(rendezvous, "failed")
        raise
    has_validation = matrices.validation is not None or "validation" not in job.channels
    takes_part = matrices.train is not None and has_validation
    announce(rendezvous, "ready" if takes_part else "no data")
    members = await_members(rendezvous)
    if not takes_part:
        log(f"Host {job.current_host} not being used for distributed training.")
        return
    if len(members) == 1:
        _fit(job, matrices, is_master=True)
        return
    with joined(rendezvous, members):
        _fit(job, matrices, is_master=job.current_host == members[0])


def _load(job: TrainingJob) -> Matrices:
    data_dir = job.root / "input" / "data"
    validation_dir = data_dir / "validation" if "validation" in job.channels else None
    available = available_bytes() if can_be_paged(job.settings, job.content_format) else None
    reading = Reading(
        job.content_format,
        is_weighted=job.settings.get("csv_weights") == 1,
        largest_bytes=None if available is None else int(available * LARGEST_SHARE),
    )
    is_joined = "_kfold" in job.settings
    return read_matrices(data_dir / "train", validation_dir, reading, joined=is_joined)


def _fit(job: TrainingJob, matrices: Matrices, *, is_master: bool) -> None:
    """Train, print an evaluation per round, and on the master write the models."""
    if matrices.train is None:
        raise TrainingError(_NO_TRAIN_DATA)
    log(f"Train matrix has {matrices.train.num_row()} rows and {matrices.train.num_col()} columns")
    if matrices.validation is not None:
        log(f"Validation matrix has {matrices.validation.num_row()} rows")
    boosting = Boosting(job.settings, matrices, is_master=is_master, host_count=len(job.hosts))
    model_path = job.root / "model" / MODEL_FILE
    if "_kfold" not in job.settings:
        models = {model_path: boosting.boost(matrices.train)}
    else:
        boosters = cross_validate(boosting, job.root / "output" / "data")
        models = {
            model_path.with_name(f"{MODEL_FILE}-{fold}"): booster
            for fold, booster in enumerate(boosters)
        }
    if is_master:
        for path, booster in models.items():
            _write_model(booster, path)


def _write_model(booster: xgb.Booster, model_path: Path) -> None:
    """Write the bytes of save_model() to a name without an extension, less its warning."""
    model_path.parent.mkdir(parents=True, exist_ok=True)
    model_path.write_bytes(booster.save_raw(raw_format="ubj"))
