"""The numbers that decide, as lines of text for messages and for the approval page."""

from evaluation import Evaluation
from judgement import Limits


def numbers(evaluation: Evaluation, *, limits: Limits) -> list[str]:
    """Return the candidate's numbers against production's and the limits, a line each."""
    production_mse = evaluation.production_mse
    production = "none" if production_mse is None else f"{production_mse:.6g}"
    if evaluation.not_compared is not None:
        production = "not compared"
    allowed_mse = limits.allowed_mse(evaluation)
    allowed = f"{allowed_mse:.6g}" if allowed_mse >= 0 else "none"
    others = f"rmse {evaluation.rmse:.4g}, mae {evaluation.mae:.4g}, r2 {evaluation.r2:.4g}"
    return [
        f"Numbers, on {evaluation.rows} rows that were not trained on:",
        f"  mse of the candidate   {evaluation.mse:.6g}",
        f"  mse of production      {production}",
        f"  mse allowed by that    {allowed}",
        f"  max_mse                {limits.max_mse:.6g}",
        f"  of the candidate also  {others}",
    ]
