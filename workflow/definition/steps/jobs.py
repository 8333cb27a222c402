"""The states that run SageMaker jobs: preprocessing, tuning, training, evaluation.

The SDK wants whole objects (a processor, an estimator) where only the request matters, so the
values that differ per execution are handed over in `parameters=`, which it merges over its own.
"""

from collections.abc import Sequence
from typing import Any, Final

from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.session import Session
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.shared import ATTEMPT_NAME, ML_DIR, PLACEHOLDER_INSTANCE, retried_job

_OUTPUTS: Final = ("train", "validation", "test", "rejected", "report")
# As long as a tuning job's name may be, made anew at each attempt as the others' are.
_TUNING_NAME: Final = ATTEMPT_NAME.replace("$.base_name", "$.tuning.base_name")


def preprocess_data(session: Session) -> steps.Task:
    """Turn raw CSV objects into train, validation and test splits as XGBoost wants them."""
    return raw_rows_step(
        session,
        names.PREPROCESS_DATA,
        "Splits the raw rows; those that cannot be used go to a rejected output",
        script="preprocess.py",
        asked="$.processing",
        outputs=_OUTPUTS,
        result_path="$.processing_job",
    )


def raw_rows_step(
    session: Session,
    state_name: str,
    comment: str,
    *,
    script: str,
    asked: str,
    outputs: Sequence[str],
    result_path: str,
) -> steps.Task:
    """Return a processing job of a script of ours that reads raw rows, shared by its hosts.

    Args:
        session: of the SDK, which asks nothing of AWS.
        state_name: of the state.
        comment: of the state.
        script: of `jobs/`.
        asked: the path of its `input_data_uri`, `arguments`, and `OUTPUT_uri` for each output.
        outputs: the folders that the script writes.
        result_path: of what the job answers.
    """
    processor = Processor(
        role=names.JOB_ROLE_ARN,
        image_uri=names.PROCESSING_IMAGE_URI,
        sagemaker_session=session,
        **PLACEHOLDER_INSTANCE,
    )
    step = steps.ProcessingStep(
        state_name,
        comment=comment,
        processor=processor,
        job_name=ATTEMPT_NAME,
        inputs=[
            ProcessingInput(
                input_name="code",
                source=names.JOB_SCRIPTS_URI,
                destination=f"{ML_DIR}/input/code",
            ),
            ProcessingInput(
                input_name="raw",
                source=f"{asked}.input_data_uri",
                destination=f"{ML_DIR}/input/raw",
                s3_data_distribution_type="ShardedByS3Key",
            ),
        ],
        outputs=[
            ProcessingOutput(
                output_name=output,
                source=f"{ML_DIR}/output/{output}",
                destination=f"{asked}.{output}_uri",
            )
            for output in outputs
        ],
        container_entrypoint=["python3", f"{ML_DIR}/input/code/{script}"],
        experiment_config=trial_component(state_name),
        parameters=_processing_parameters(arguments=f"{asked}.arguments"),
        timeout_seconds_path="$.processing.timeout_seconds",
        result_path=result_path,
    )
    return retried_job(step)


def is_it_to_be_tuned(*, then: State, otherwise: State) -> steps.Choice:
    """Search for hyperparameters only where the stack or the execution asks for it."""
    choice = steps.Choice(
        names.IS_IT_TO_BE_TUNED,
        comment="Only where the stack or the execution's input gives ranges",
    )
    choice.add_choice(
        steps.ChoiceRule.BooleanEquals("$.tuning.is_wanted", value=True), next_step=then
    )
    choice.default_choice(otherwise)
    return choice


def tune_model(session: Session) -> steps.Task:
    """Train with settings out of the ranges, and keep those of the best job.

    What it keeps of the answer, `definition.render` says.
    """
    tuner = HyperparameterTuner(
        _xgboost(session, output_uri="$.tuning.output_uri"),
        # The SDK asks for both; `parameters=` replaces them.
        objective_metric_name="validation:rmse",
        hyperparameter_ranges={"eta": ContinuousParameter(0.1, 0.5)},
    )
    step = steps.TuningStep(
        names.TUNE_MODEL,
        comment="Tries hyperparameters out of the ranges; the best ones are trained with then",
        tuner=tuner,
        job_name=_TUNING_NAME,
        data=_channels(),
        parameters={
            "HyperParameterTuningJobConfig": "$.tuning.config",
            "TrainingJobDefinition": {
                **_training_job(),
                "StaticHyperParameters": "$.training.hyperparameters",
            },
            "Tags": "$.tags",
        },
        timeout_seconds_path="$.tuning.timeout_seconds",
        result_path="$.tuning.best",
    )
    return retried_job(step)


def train_model(session: Session) -> steps.Task:
    """Train built-in XGBoost (algorithm mode) on the train split, watching the validation split."""
    step = steps.TrainingStep(
        names.TRAIN_MODEL,
        comment="Built-in XGBoost; several instances share the parts of the train split",
        estimator=_xgboost(session, output_uri="$.training.output_uri"),
        job_name=ATTEMPT_NAME,
        data=_channels(),
        experiment_config=trial_component(names.TRAIN_MODEL),
        parameters={
            **_training_job(),
            # What was tuned stands over what was given.
            "HyperParameters": (
                "States.JsonMerge($.training.hyperparameters, $.tuning.best.hyperparameters, false)"
            ),
            "Tags": "$.tags",
        },
        timeout_seconds_path="$.training.timeout_seconds",
        result_path="$.training_job",
    )
    return retried_job(step)


def evaluate_model(session: Session) -> steps.Task:
    """Score the test split with the candidate and the model in production, on the same rows."""
    processor = Processor(
        role=names.JOB_ROLE_ARN,
        image_uri=names.XGBOOST_IMAGE_URI,
        sagemaker_session=session,
        **PLACEHOLDER_INSTANCE,
    )
    step = steps.ProcessingStep(
        names.EVALUATE_MODEL,
        comment="Scores the held-out rows with the candidate and the model in production",
        processor=processor,
        job_name=ATTEMPT_NAME,
        outputs=[
            ProcessingOutput(
                output_name="evaluation",
                source=f"{ML_DIR}/output/evaluation",
                destination="$.gate.evaluation_uri",
            )
        ],
        container_entrypoint=["python3", f"{ML_DIR}/input/code/evaluate.py"],
        experiment_config=trial_component(names.EVALUATE_MODEL),
        parameters=_processing_parameters()
        # Which inputs there are depends on whether there is a model in production.
        | {
            "ProcessingInputs": "$.production.inputs",
            "AppSpecification": {"ContainerArguments": "$.production.arguments"},
            "ProcessingResources": {"ClusterConfig": _cluster(instance_count=1)},
        },
        timeout_seconds_path="$.processing.timeout_seconds",
        result_path="$.evaluation_job",
    )
    return retried_job(step)


def trial_component(state_name: str) -> dict[str, str]:
    """Return the ExperimentConfig of a job: a component of the execution's trial."""
    return {
        "ExperimentName": "$.trial.experiment_name",
        "TrialName": "$.trial.trial_name",
        # It takes no spaces.
        "TrialComponentDisplayName": state_name.lower().replace(" ", "-"),
    }


def _processing_parameters(*, arguments: str = "$.processing.arguments") -> dict[str, Any]:
    """Return what differs by execution in the request of a processing job."""
    return {
        "AppSpecification": {"ContainerArguments": arguments},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "ProcessingResources": {
            "ClusterConfig": _cluster(instance_count="$.processing.instance_count")
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": "$.processing.max_runtime_seconds"},
        "Tags": "$.tags",
    }


def _cluster(*, instance_count: int | str) -> dict[str, Any]:
    return {
        "InstanceCount": instance_count,
        "InstanceType": "$.processing.instance_type",
        "VolumeSizeInGB": "$.processing.volume_size_gb",
    }


def _xgboost(session: Session, *, output_uri: str) -> Estimator:
    return Estimator(
        image_uri=names.XGBOOST_IMAGE_URI,
        role=names.JOB_ROLE_ARN,
        output_path=output_uri,
        debugger_hook_config=False,
        disable_profiler=True,
        sagemaker_session=session,
        **PLACEHOLDER_INSTANCE,
    )


def _channels() -> dict[str, TrainingInput]:
    return {
        "train": TrainingInput(
            "$.processing.train_uri", content_type="text/csv", distribution="ShardedByS3Key"
        ),
        "validation": TrainingInput("$.processing.validation_uri", content_type="text/csv"),
    }


def _training_job() -> dict[str, Any]:
    """Return what the training has, and each of the trainings of a search."""
    return {
        # The SDK's steps drop isolation and encryption, so they are put back here.
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "EnableManagedSpotTraining": "$.training.use_spot",
        "ResourceConfig": {
            "InstanceCount": "$.training.instance_count",
            "InstanceType": "$.training.instance_type",
            "VolumeSizeInGB": "$.training.volume_size_gb",
        },
        # An object, since MaxWaitTimeInSeconds is refused unless spot training is on.
        "StoppingCondition": "$.training.stopping_condition",
    }
