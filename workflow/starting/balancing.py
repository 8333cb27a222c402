"""What classes of few rows ask for: weights in training, a split by label, another metric."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from workflow.starting.proposing import Proposal
from workflow.starting.reading import Rows

UNBALANCED: Final = 10  # Rows of the most frequent class for one of the rarest.
FEW_ROWS: Final = 100  # Of a class: of these a hash gives 15 rows, give or take four, to a split.
_RARE: Final = 0.1  # Share of the looked-for class, below which it is worth a word.


@dataclass(frozen=True)
class Balance:
    """What is proposed beside the columns; nothing for a regression.

    Attributes:
        weights: of each class; none where the classes are about as frequent.
        is_by_label: whether to split by label.
        notes: why, in sentences.
        metric: of the gate; nothing for the usual one.
    """

    weights: dict[str, float] = field(default_factory=dict)
    is_by_label: bool = False
    notes: tuple[str, ...] = ()
    metric: str = ""

    @property
    def source(self) -> str:
        """The lines of `columns.py`."""
        listed = "".join(f'    "{name}": {weight:g},\n' for name, weight in self.weights.items())
        return (
            f"\n# So that each class weighs as much as the others in training.\n"
            f"CLASS_WEIGHTS = {{\n{listed}}}\n"
            if listed
            else ""
        ) + (
            "\n# Each class has its share of every split.\nSPLIT = ByLabel()\n"
            if self.is_by_label
            else ""
        )


def balance_of(
    proposals: Sequence[Proposal], rows: Rows, *, label: str, problem: str, is_weighted: bool
) -> Balance:
    """Propose what classes of few rows ask for.

    Args:
        proposals: of the columns, in their order.
        rows: of the table.
        label: the name of its column.
        problem: of which weights are only of use to `multiclass`: of two classes a threshold is
            chosen, and weights would bend the probabilities.
        is_weighted: whether a column has weights already.
    """
    if problem == "regression":
        return Balance()
    place = next(at for at, one in enumerate(proposals) if one.name == label)
    classes = proposals[place].values
    counted = Counter(text.upper() for text in rows.column(place))
    counts = {name: counted[name.upper()] for name in classes}
    known = sum(counts.values())
    rarest = min(counts, key=lambda name: counts[name])
    weights: dict[str, float] = {}
    notes, metric = [], ""
    if problem == "multiclass" and max(counts.values()) >= UNBALANCED * counts[rarest]:
        metric = "f1"
        if not is_weighted:
            weights = {
                name: float(f"{known / len(counts) / count:.3g}") for name, count in counts.items()
            }
        notes.append(
            f"{rarest!r} is {counts[rarest] / known:.1%} of the rows: "
            f"{'CLASS_WEIGHTS balances the classes, and ' if weights else ''}the gate asks for f1"
        )
    looked_for = counts[classes[-1]] / known
    if problem == "binary" and looked_for < _RARE:
        notes.append(
            f"{classes[-1]!r} is {looked_for:.1%} of the rows: the hyperparameter scale_pos_weight "
            f"= {1 / looked_for - 1:.3g} would balance them"
        )
    is_by_label = rows.count * counts[rarest] / len(rows.rows) < FEW_ROWS
    if is_by_label:
        notes.append(f"{rarest!r} has few rows: SPLIT gives each class its share")
    return Balance(weights, is_by_label, tuple(notes), metric)
