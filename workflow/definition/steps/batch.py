"""The states that predict for a batch of rows with the model that was just released.

Whatever fails here leaves the model released: `definition` sends it on to the message about that.
"""

from typing import Final

from sagemaker.session import Session
from sagemaker.transformer import Transformer

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.jobs import raw_rows_step, trial_component
from workflow.definition.steps.shared import (
    ATTEMPT_NAME,
    MODEL_NAME,
    PLACEHOLDER_INSTANCE,
    retried_job,
)

_CSV: Final = "text/csv"


def is_there_a_batch(*, then: State, otherwise: State) -> steps.Choice:
    """Predict only where rows are given, and only with a model that was recorded."""
    choice = steps.Choice(
        names.IS_THERE_A_BATCH,
        comment="Only where the stack or the input names rows, and the model is recorded",
    )
    rule = steps.ChoiceRule
    choice.add_choice(
        rule.And(
            [
                rule.BooleanEquals("$.batch.is_wanted", value=True),
                rule.BooleanEquals("$.recorded.Recorded", value=True),
            ]
        ),
        next_step=then,
    )
    choice.default_choice(otherwise)
    return choice


def encode_batch(session: Session) -> steps.Task:
    """Turn the raw rows into what the model takes, each with its own cells beside it."""
    return raw_rows_step(
        session,
        names.ENCODE_BATCH,
        "Encodes the raw rows as the endpoint's callers do, and keeps their own cells",
        script="encode_batch.py",
        asked="$.batch",
        outputs=("rows", "rejected"),
        result_path="$.batch_job",
    )


def predict_batch(session: Session) -> steps.Task:
    """Have the released model predict for the rows; each prediction stands beside its row."""
    transformer = Transformer(
        model_name="placeholder",
        output_path="$.batch.predictions_uri",
        strategy="MultiRecord",
        assemble_with="Line",
        accept=_CSV,
        sagemaker_session=session,
        **PLACEHOLDER_INSTANCE,
    )
    step = steps.TransformStep(
        names.PREDICT_BATCH,
        comment="The released model predicts for each row; the row's own cells stand before it",
        transformer=transformer,
        job_name=ATTEMPT_NAME,
        model_name=MODEL_NAME,
        data="$.batch.rows_uri",
        content_type=_CSV,
        split_type="Line",
        # jobs/encode_batch.py puts what the model takes before what is kept.
        input_filter="$.batch.input_filter",
        output_filter="$.batch.output_filter",
        join_source="Input",
        experiment_config=trial_component(names.PREDICT_BATCH),
        parameters={
            "TransformResources": {
                "InstanceCount": "$.batch.instance_count",
                "InstanceType": "$.batch.instance_type",
            },
            "Tags": "$.tags",
        },
        timeout_seconds_path="$.batch.timeout_seconds",
        result_path="$.predictions",
    )
    return retried_job(step)
