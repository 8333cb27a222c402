"""The features that the model takes, held against what callers send."""

from collections.abc import Sequence

from comparison import SmokeTestFailed
from known_answers import KnownAnswers


def check_features(known: KnownAnswers, feature_names: Sequence[str] | None) -> None:
    """Raise SmokeTestFailed unless the model takes these features, in this order.

    A row has no names: of one in another order, the endpoint predicts all the same.

    Args:
        known: of the model's own evaluation, which names its features.
        feature_names: what callers send; None where nothing is known of them.
    """
    if feature_names is None or tuple(feature_names) == known.columns:
        return
    told = _difference(known.columns, feature_names)
    raise SmokeTestFailed(
        f"the model takes other features than FeatureNames says, by {known.uri}: {told}; have "
        "callers send the model's, and deploy with FeatureNames of them"
    )


def _difference(taken: Sequence[str], sent: Sequence[str]) -> str:
    if len(taken) != len(sent):
        return f"it takes {len(taken)}, and {len(sent)} are sent"
    place = next(at for at, name in enumerate(taken) if name != sent[at])
    return f"feature {place + 1} is {taken[place]!r}, and {sent[place]!r} is sent"
