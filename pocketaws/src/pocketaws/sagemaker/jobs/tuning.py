"""Tuning jobs: real training jobs, several at once, until the best of them is known.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning.html
"""

import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs
from pocketaws.sagemaker.jobs.tuning_samplers import Parameters, Sampler, ranges_of, sampler_of

_LOOK_SECONDS: Final = 0.2
_NAME_LENGTH: Final = 32
_DEFAULT_JOBS: Final = 10
# What a training job takes of the definition as it is.
_TAKEN: Final = (
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "StoppingCondition",
    "VpcConfig",
    "Environment",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "RetryStrategy",
)
_REFUSED: Final = ("WarmStartConfig", "Autotune", "TrainingJobDefinitions")


@dataclass
class _Trial:
    """A training job of a tuning job."""

    job: Job
    parameters: Parameters
    value: float | None = None


@dataclass(frozen=True)
class TuningContainer:
    """Does tuning jobs; see `jobs.Container`.

    Attributes:
        jobs: of the runtime.
        make_client: returns a client of an emulated service by its name.
    """

    jobs: Jobs
    make_client: Callable[[str], Any]

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse what SageMaker refuses, and what this machine does not do."""
        for member in _REFUSED:
            if request.get(member):
                raise ServiceError(
                    "ValidationException",
                    f"{member} is not done by the local runtime; leave it out and give one "
                    "TrainingJobDefinition",
                )
        config = request["HyperParameterTuningJobConfig"]
        for member, owner in (
            ("TrainingJobDefinition", request),
            ("HyperParameterTuningJobObjective", config),
        ):
            if not owner.get(member):
                raise ServiceError("ValidationException", f"{member} must be given")
        _sampler(request)

    def run(self, job: Job) -> None:
        """Train until as many jobs have ended as the limits say; keep the best."""
        sampler = _sampler(job.request)
        limits = job.request["HyperParameterTuningJobConfig"]["ResourceLimits"]
        most = limits.get("MaxNumberOfTrainingJobs", _DEFAULT_JOBS)
        trials: list[_Trial] = []
        running: list[_Trial] = []
        exhausted = False
        while running or not (exhausted or len(trials) >= most or job.stopping.is_set()):
            while not exhausted and len(trials) < most and not job.stopping.is_set():
                if len(running) >= limits["MaxParallelTrainingJobs"]:
                    break
                parameters = sampler.ask()
                exhausted = parameters is None
                if parameters is not None:
                    trial = self._begun(job, parameters, len(trials) + 1)
                    trials.append(trial)
                    running.append(trial)
            if running:
                self._wait(job, running)
            for trial in [one for one in running if one.job.ended.is_set()]:
                running.remove(trial)
                trial.value = _objective(job, trial.job)
                sampler.tell(trial.parameters, trial.value)
            _describe(job, trials)
        if not job.stopping.is_set() and all(one.job.status == "Failed" for one in trials):
            raise JobFailure("All training jobs failed. Please see their failure reasons.")

    def _wait(self, job: Job, running: list[_Trial]) -> None:
        if job.stopping.is_set():
            for trial in running:
                trial.job.stopping.set()
        running[0].job.ended.wait(_LOOK_SECONDS)

    def _begun(self, job: Job, parameters: Parameters, number: int) -> _Trial:
        definition = job.request["TrainingJobDefinition"]
        name = f"{job.name[:_NAME_LENGTH]}-{number:03d}-{uuid.uuid4().hex[:8]}"
        algorithm = dict(definition["AlgorithmSpecification"])
        try:
            self.make_client("sagemaker").create_training_job(
                TrainingJobName=name,
                AlgorithmSpecification=algorithm,
                HyperParameters=_hyperparameters(job.request, parameters),
                **{member: definition[member] for member in _TAKEN if member in definition},
            )
        except ClientError as error:
            details = error.response["Error"]
            raise JobFailure(f"ClientError: {details['Code']}: {details['Message']}") from error
        training = self.jobs.get(JobKind.TRAINING, name)
        self.jobs.tell(training, "TuningJobArn", job.arn)
        return _Trial(training, parameters)


def _hyperparameters(request: Mapping[str, Any], parameters: Parameters) -> dict[str, str]:
    static = request["TrainingJobDefinition"].get("StaticHyperParameters", {})
    objective = request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    return {**static, "_tuning_objective_metric": objective["MetricName"], **parameters}


def _sampler(request: Mapping[str, Any]) -> Sampler:
    config = request["HyperParameterTuningJobConfig"]
    objective = config["HyperParameterTuningJobObjective"]
    seed = config.get("RandomSeed", zlib.crc32(request["HyperParameterTuningJobName"].encode()))
    return sampler_of(
        config["Strategy"],
        ranges_of(config),
        maximizes=objective["Type"] == "Maximize",
        seed=seed,
    )


def _objective(job: Job, training: Job) -> float | None:
    name = job.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"][
        "MetricName"
    ]
    for metric in training.details.get("FinalMetricDataList", []):
        if metric["MetricName"] == name and training.status == "Completed":
            return float(metric["Value"])
    return None


def _describe(job: Job, trials: list[_Trial]) -> None:
    """Tell how far a tuning job is."""
    objective = job.request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    job.trials = [_summary(job, trial, objective) for trial in trials]
    ended = [trial for trial in trials if trial.job.ended.is_set()]
    statuses = [trial.job.status for trial in trials]
    job.details["TrainingJobStatusCounters"] = {
        "Completed": statuses.count("Completed"),
        "InProgress": len(trials) - len(ended),
        "RetryableError": 0,
        "NonRetryableError": statuses.count("Failed"),
        "Stopped": statuses.count("Stopped"),
    }
    scored = [trial for trial in ended if trial.value is not None]
    job.details["ObjectiveStatusCounters"] = {
        "Succeeded": len(scored),
        "Pending": len(trials) - len(ended),
        "Failed": len(ended) - len(scored),
    }
    if scored:
        choose = max if objective["Type"] == "Maximize" else min
        best = choose(scored, key=lambda trial: trial.value or 0.0)
        job.details["BestTrainingJob"] = _summary(job, best, objective)


def _summary(job: Job, trial: _Trial, objective: Mapping[str, Any]) -> dict[str, Any]:
    training, details = trial.job, trial.job.details
    fields = {
        "TrainingJobDefinitionName": job.request["TrainingJobDefinition"].get("DefinitionName"),
        "TrainingJobName": training.name,
        "TrainingJobArn": training.arn,
        "TuningJobName": job.name,
        "CreationTime": training.created,
        "TrainingStartTime": details.get("TrainingStartTime"),
        "TrainingEndTime": details.get("TrainingEndTime"),
        "TrainingJobStatus": training.status,
        "TunedHyperParameters": trial.parameters,
        "FailureReason": details.get("FailureReason"),
        "ObjectiveStatus": "Pending" if not training.ended.is_set() else "Failed",
    }
    if trial.value is not None:
        fields["ObjectiveStatus"] = "Succeeded"
        fields["FinalHyperParameterTuningJobObjectiveMetric"] = {**objective, "Value": trial.value}
    return {name: value for name, value in fields.items() if value is not None}
