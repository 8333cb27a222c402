"""The Data Science SDK's own templates against whatever AWS_ENDPOINT_URL names.

Run by the Python that has the SDK: `python sdk_templates.py KIND BUCKET ROLE_ARN IMAGE_URI`; writes
one JSON document, the execution's status and output, as the last line.
"""

import importlib.metadata
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3

# The SDK asks for its own version, of a module that setuptools has dropped.
asked = ModuleType("pkg_resources")
asked.require = lambda name: [  # type: ignore[attr-defined]
    SimpleNamespace(version=importlib.metadata.version(name))
]
sys.modules.setdefault("pkg_resources", asked)

import sagemaker  # noqa: E402
from sagemaker.estimator import Estimator  # noqa: E402
from sagemaker.inputs import TrainingInput  # noqa: E402
from sagemaker.parameter import ContinuousParameter  # noqa: E402
from sagemaker.sklearn import SKLearn  # noqa: E402
from sagemaker.tuner import HyperparameterTuner  # noqa: E402
from stepfunctions.steps import Chain  # noqa: E402
from stepfunctions.steps.sagemaker import TuningStep  # noqa: E402
from stepfunctions.template.pipeline import InferencePipeline, TrainingPipeline  # noqa: E402
from stepfunctions.workflow import Workflow  # noqa: E402

SKLEARN = "sagemaker-scikit-learn:1.9-0-cpu-py3"


def main(kind: str, bucket: str, role_arn: str, image_uri: str) -> None:
    session = sagemaker.Session(boto_session=boto3.Session(), default_bucket=bucket)

    def estimator() -> Estimator:
        return Estimator(
            image_uri=image_uri,
            role=role_arn,
            instance_count=1,
            instance_type="ml.m5.large",
            sagemaker_session=session,
            hyperparameters={"num_round": "3", "objective": "reg:squarederror"},
        )

    def scripted() -> SKLearn:
        return SKLearn(
            entry_point="train.py",
            source_dir=str(Path(__file__).with_name("script")),
            framework_version="1.2-1",
            image_uri=image_uri.replace("sagemaker-xgboost:3.2-0", SKLEARN),
            role=role_arn,
            instance_type="ml.m5.large",
            sagemaker_session=session,
        )

    channels = {
        name: TrainingInput(f"s3://{bucket}/{name}", content_type="text/csv")
        for name in ("train", "validation")
    }
    made = {
        "training": lambda: TrainingPipeline(
            estimator(), role_arn, channels, bucket, pipeline_name="training-of-sdk"
        ),
        "inference": lambda: InferencePipeline(
            estimator(),
            scripted(),
            {"train": f"s3://{bucket}/libsvm"},
            bucket,
            role_arn,
            content_type="text/libsvm",
            pipeline_name="inference-of-sdk",
        ),
        "tuning": lambda: _tuning(estimator(), channels, role_arn),
    }[kind]()
    workflow: Any = getattr(made, "workflow", made)
    workflow.create()
    execution = made.execute()
    output = execution.get_output(wait=True)
    told = execution.describe()
    print(
        json.dumps(
            {"status": told["status"], "cause": told.get("cause"), "output": output}, default=str
        )
    )


def _tuning(estimator: Estimator, channels: dict[str, TrainingInput], role_arn: str) -> Workflow:
    tuner = HyperparameterTuner(
        estimator,
        "validation:rmse",
        {"eta": ContinuousParameter(0.1, 0.5)},
        objective_type="Minimize",
        max_jobs=2,
        max_parallel_jobs=2,
        strategy="Random",
    )
    step = TuningStep("Tune", tuner=tuner, job_name="tune-of-sdk", data=channels)
    return Workflow("tuning-of-sdk", Chain([step]), role=role_arn)


if __name__ == "__main__":
    main(*sys.argv[1:])
