"""Hyperparameters that XGBoost takes one by one and that cannot work together.

Each was tried with XGBoost 3.2.0, which the container runs; it finds them after minutes, on an
instance that costs, or not at all: some models answer NaN or 0 to every row.
"""

from collections.abc import Iterator, Mapping
from typing import Final

# They predict by an exponential function, so a start of 0 is minus infinity.
_BY_LOGARITHM: Final = ("reg:gamma", "reg:tweedie", "count:poisson")


def impossible(
    hyperparameters: Mapping[str, str], *, training_instance_count: int
) -> Iterator[str]:
    """Yield a problem for each combination: field, value and what to do.

    Args:
        hyperparameters: checked one by one.
        training_instance_count: of the training job.
    """
    objective = hyperparameters.get("objective")
    base_score = hyperparameters.get("base_score")
    if objective in _BY_LOGARITHM and base_score is not None and float(base_score) == 0:
        yield (
            f"hyperparameters.base_score = {base_score}: must be above 0 with the objective "
            f"{objective}, which starts from its logarithm; leave it out to have it estimated"
        )
    if not _uses(hyperparameters, "exact"):
        return
    if hyperparameters.get("max_depth") == "0":
        yield (
            "hyperparameters.max_depth = 0: must be at least 1 with the tree_method exact, which "
            "grows no trees without a limit; raise it, or give the tree_method hist"
        )
    if training_instance_count > 1:
        yield (
            "hyperparameters.tree_method = exact: trains on one instance only, and "
            f"training_instance_count is {training_instance_count}; lower that to 1, or give the "
            "tree_method hist"
        )


def _uses(hyperparameters: Mapping[str, str], tree_method: str) -> bool:
    """Return whether trees are grown, and by this method."""
    is_linear = hyperparameters.get("booster") == "gblinear"
    return not is_linear and hyperparameters.get("tree_method") == tree_method
