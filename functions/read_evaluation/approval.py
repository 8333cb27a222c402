"""Whether a person has to approve a model, by the policy of the stack or the execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from evaluation import Evaluation, is_error
from gauges import error_of, lower_is_better
from judgement import ASK, Limits

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
APPROVED: Final = "Approved"
PENDING: Final = "PendingManualApproval"
_POLICIES: Final = ("automatic", "automatic_if_better", "required")


@dataclass(frozen=True)
class Policy:
    """`min_improvement` counts for automatic_if_better only: a share of production's error."""

    name: str
    min_improvement: float


@dataclass(frozen=True)
class Approval:
    """The status that the model is registered with, and why."""

    status: str
    reason: str


def policy_of(event: Mapping[str, Any]) -> Policy:
    """Return the policy that an event gives, or raise ValueError saying what is wrong."""
    name, min_improvement = event.get("Approval"), event.get("ApprovalMinImprovement")
    if name not in _POLICIES:
        raise ValueError(f"Approval must be one of {', '.join(_POLICIES)}, got {name!r}")
    if not is_error(min_improvement):
        raise ValueError(
            "ApprovalMinImprovement must be a finite number that is not negative, "
            f"got {min_improvement!r}"
        )
    return Policy(str(name), float(min_improvement))  # type: ignore[arg-type]


def approval_of(evaluation: Evaluation, *, policy: Policy, limits: Limits) -> Approval:
    """Return whether a model that passes the gate is approved by that alone."""
    if evaluation.not_compared is not None and limits.if_not_comparable == ASK:
        why = f"a person decides: production was not compared with: {evaluation.not_compared}"
        return Approval(PENDING, why)
    if policy.name == "automatic":
        return Approval(APPROVED, "approved by the gate alone, as the policy 'automatic' says")
    if policy.name == "required":
        return Approval(PENDING, "a person decides, as the policy 'required' says")
    metric, production = evaluation.metric, evaluation.production_value
    production_error = 0.0 if production is None else error_of(metric, production)
    if production is None or not production_error:
        return Approval(PENDING, "a person decides: there is no production model to be better than")
    improvement = 1 - error_of(metric, evaluation.value) / production_error
    enough = improvement >= policy.min_improvement
    nearer, farther = (
        ("below", "above")
        if lower_is_better(metric)
        else ("nearer to 1 than", "farther from 1 than")
    )
    compared = (
        f"{metric} {evaluation.value:.6g} is {abs(improvement) * 100:.3g} % "
        f"{nearer if improvement >= 0 else farther} production's {production:.6g}"
    )
    least = f"{policy.min_improvement * 100:.6g} %"
    if enough:
        return Approval(APPROVED, f"approved automatically: {compared}, and {least} is enough")
    side = nearer.partition(" ")[0]
    return Approval(PENDING, f"a person decides: {compared}, and {least} {side} is asked for")
