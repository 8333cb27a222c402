"""Bring the numbers that decide about a model into the execution's state."""

from typing import Any

import boto3
from approval import approval_of, policy_of
from evaluation import MalformedEvaluation, read_evaluation
from gauges import METRICS, REGRESSION, lower_is_better
from judgement import limits_of, reason
from model_metrics import drift_check_baselines, model_metrics
from words import numbers

S3 = boto3.client("s3")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read evaluation.json and return its numbers, the limits on them, and the outcome in words.

    Args:
        event: `EvaluationUri` (S3 prefix that holds evaluation.json), `Metric` (what is judged by;
            mse where it is left out) and `Threshold` (the absolute limit on it; `MaxMse` where it
            is left out), `MaxMse`, `MaxMseIncrease` (share: 0.02 lets the candidate's error be 2 %
            above production's), `IfNotComparable` (ask, refuse or max_mse, where comparing with
            production means nothing), `Approval` (policy) and `ApprovalMinImprovement` (share below
            production's error).
        context: not used.

    Returns:
        `metric`, `value` and `production_value` (of the candidate, and of production on the same
        rows; null where there is none to compare with), `threshold` and `allowed` (by production;
        the threshold without one; what no model reaches where the candidate is refused for it) and
        `lower_is_better`: a model is good enough if its value is on the right side of both, which
        the Choice after this state compares. `metrics` (all by name, `rows`, and
        `decision_threshold` of two classes). Of a regression `mse`, `rmse`, `mae`, `r2`,
        `production_mse`, `allowed_mse` and `max_mse`, which are null else, and `rows`; `reason`;
        `numbers` (lines of text: all of these); `approval_status` (Approved or
        PendingManualApproval, as the model registry has it) and `approval_reason`; `model_metrics`
        and `drift_check_baselines` (as the model registry takes them).

    Raises:
        MalformedEvaluation: evaluation.json is missing or holds what cannot be.
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: S3 refused.
    """
    return judged(event, s3=S3)


def judged(event: dict[str, Any], *, s3: Any) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    limits, policy = limits_of(event), policy_of(event)
    evaluation = read_evaluation(event["EvaluationUri"], s3=s3, metric=limits.metric)
    approval = approval_of(evaluation, policy=policy, limits=limits)
    is_mse = limits.metric == "mse"
    allowed, threshold = limits.allowed(evaluation), evaluation.threshold
    return {
        "metric": limits.metric,
        "value": evaluation.value,
        "production_value": evaluation.production_value,
        "threshold": limits.threshold,
        "allowed": allowed,
        "lower_is_better": lower_is_better(limits.metric),
        "metrics": {
            **evaluation.metrics,
            "rows": evaluation.rows,
            **({} if threshold is None else {"decision_threshold": threshold}),
        },
        **{name: evaluation.metrics.get(name) for name in METRICS[REGRESSION]},
        "rows": evaluation.rows,
        "production_mse": evaluation.production_value if is_mse else None,
        "allowed_mse": allowed if is_mse else None,
        "max_mse": limits.threshold if is_mse else None,
        "reason": reason(evaluation, limits=limits),
        "numbers": numbers(evaluation, limits=limits),
        "approval_status": approval.status,
        "approval_reason": approval.reason,
        "model_metrics": model_metrics(event["EvaluationUri"]),
        "drift_check_baselines": drift_check_baselines(event["EvaluationUri"]),
    }


__all__ = ["MalformedEvaluation", "lambda_handler"]
