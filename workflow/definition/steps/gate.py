"""The states that judge a model before anything is made of it."""

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.shared import lambda_step


def find_production_model() -> steps.Task:
    """Look up the recorded model, which the candidate is compared with on the same rows."""
    return lambda_step(
        names.FIND_PRODUCTION_MODEL,
        "Looks up the recorded model; the first candidate has none to be compared with",
        function_arn=names.FIND_PRODUCTION_MODEL_FUNCTION_ARN,
        payload={
            "CandidateArtifactUri": "$.training_job.ModelArtifacts.S3ModelArtifacts",
            "TrainUri": "$.processing.train_uri",
            "TestUri": "$.processing.test_uri",
            "ValidationUri": "$.gate.validation_uri",
            "JobScriptsUri": names.JOB_SCRIPTS_URI,
            "EvaluationUri": "$.gate.evaluation_uri",
        },
        result_path="$.production",
    )


def read_evaluation() -> steps.Task:
    """Bring the numbers that decide into the execution's state."""
    return lambda_step(
        names.READ_EVALUATION,
        "Brings the numbers that decide into the state, with the reason in words",
        function_arn=names.READ_EVALUATION_FUNCTION_ARN,
        payload={
            "EvaluationUri": "$.gate.evaluation_uri",
            "Metric": "$.gate.metric",
            "Threshold": "$.gate.threshold",
            "MaxMse": "$.gate.max_mse",
            "MaxMseIncrease": "$.gate.max_mse_increase",
            "IfNotComparable": "$.gate.if_not_comparable",
            "Approval": "$.approval.policy",
            "ApprovalMinImprovement": "$.approval.min_improvement",
        },
        result_path="$.judgement",
    )


def is_the_model_good_enough(*, then: State, otherwise: State) -> steps.Choice:
    """Go on only on the right side of the threshold, and of what production allows."""
    choice = steps.Choice(
        names.IS_THE_MODEL_GOOD_ENOUGH,
        comment="Within the threshold, and not worse than the model in production by more than the "
        "margin; of some metrics less is better, of others more",
    )
    rule, value = steps.ChoiceRule, "$.judgement.value"
    limits = ("$.judgement.threshold", "$.judgement.allowed")
    keeps = {
        True: rule.NumericLessThanEqualsPath,
        False: rule.NumericGreaterThanEqualsPath,
    }
    for is_lower_better, keep in keeps.items():
        side = rule.BooleanEquals("$.judgement.lower_is_better", is_lower_better)
        choice.add_choice(
            rule.And([side, *(keep(value, limit) for limit in limits)]), next_step=then
        )
    choice.default_choice(otherwise)
    return choice
