"""Bring the numbers that decide about a model into the execution's state."""

from typing import Any

import boto3
from approval import approval_of, policy_of
from evaluation import MalformedEvaluation, read_evaluation
from judgement import limits_of, reason
from model_metrics import drift_check_baselines, model_metrics
from words import numbers

S3 = boto3.client("s3")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Read evaluation.json and return its numbers, the limits on them, and the outcome in words.

    Args:
        event: `EvaluationUri` (S3 prefix that holds evaluation.json), `MaxMse` (absolute limit),
            `MaxMseIncrease` (share: 0.02 lets the candidate's mse be 2 % above production's),
            `IfNotComparable` (ask, refuse or max_mse, where comparing with production means
            nothing),
            `Approval` (policy) and `ApprovalMinImprovement` (share below production's mse).
        context: not used.

    Returns:
        `mse`, `rmse`, `mae`, `r2` and `rows` of the candidate; `production_mse` on the same rows,
        null where there is none to compare with; `allowed_mse` (by production; max_mse without
        one; negative where the candidate is refused for it) and `max_mse`; `reason`; `numbers`
        (lines of text: all of these); `approval_status` (Approved or PendingManualApproval, as the
        model registry has it) and `approval_reason`; `model_metrics` and
        `drift_check_baselines` (as the model registry takes them). A model is good enough if mse
        is at most max_mse and at most allowed_mse, which the Choice after this state compares.

    Raises:
        MalformedEvaluation: evaluation.json is missing or holds what cannot be.
        ValueError: a field of the event is missing or cannot be used.
        botocore.exceptions.ClientError: S3 refused.
    """
    return judged(event, s3=S3)


def judged(event: dict[str, Any], *, s3: Any) -> dict[str, Any]:
    """Return the handler's answer; see there."""
    limits, policy = limits_of(event), policy_of(event)
    evaluation = read_evaluation(event["EvaluationUri"], s3=s3)
    approval = approval_of(evaluation, policy=policy, limits=limits)
    return {
        "mse": evaluation.mse,
        "rmse": evaluation.rmse,
        "mae": evaluation.mae,
        "r2": evaluation.r2,
        "rows": evaluation.rows,
        "production_mse": evaluation.production_mse,
        "allowed_mse": limits.allowed_mse(evaluation),
        "max_mse": limits.max_mse,
        "reason": reason(evaluation, limits=limits),
        "numbers": numbers(evaluation, limits=limits),
        "approval_status": approval.status,
        "approval_reason": approval.reason,
        "model_metrics": model_metrics(event["EvaluationUri"]),
        "drift_check_baselines": drift_check_baselines(event["EvaluationUri"]),
    }


__all__ = ["MalformedEvaluation", "lambda_handler"]
