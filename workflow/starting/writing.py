"""The texts of the files that `workflow new` writes: columns, sample's path, gate."""

import re
from collections.abc import Sequence
from typing import Final

from workflow.starting.balancing import Balance
from workflow.starting.judging import Quick
from workflow.starting.proposing import Proposal

SLACK: Final = 1.5  # Of the quick model's error, which another split may have.
_MAX_MSE: Final = re.compile(r"(?m)^(  MaxMse:\n    Type: Number\n    Default: )\S+$")
_THRESHOLD: Final = re.compile(r"(?m)^(  GateThreshold:\n    Type: String\n    Default: ).*$")
_METRIC: Final = re.compile(r"(?m)^(  GateMetric:\n    Type: String\n    Default: ).*$")
_SAMPLE: Final = re.compile(r'(?m)^sample = ".*"$')


def columns_source(
    proposals: Sequence[Proposal],
    *,
    label: str,
    problem: str,
    decimal: str,
    title: str,
    balance: Balance | None = None,
) -> str:
    """Return the text of jobs/columns.py."""
    more = balance or Balance()
    rules = {"ByLabel"} if more.is_by_label else set()
    kinds = ", ".join(sorted(rules | {proposal.kind for proposal in proposals}))
    listed = "".join(
        f"{f'    # {proposal.note}{chr(10)}' if proposal.note else ''}{proposal.source}\n"
        for proposal in proposals
    )
    of_decimal = f'\n# What stands in numbers.\nDECIMAL = "{decimal}"\n' if decimal != "." else ""
    return (
        f'"""The columns of the raw data, in the order in which they stand in a row: {title}.\n\n'
        "Proposed by `workflow new` from some of its rows; docs/adapt.md says what there is "
        f'else.\n"""\n\nfrom kinds import {kinds}\n\n'
        f'PROBLEM = "{problem}"\n\n# What the model predicts.\nLABEL = "{label}"\n'
        f"{of_decimal}{more.source}\n"
        f"COLUMNS = (\n{listed})\n"
    )


def gate_threshold(measured: Sequence[Quick]) -> float:
    """Return the worst metric that is still released: the quick models' with some slack.

    Where they do better than the simplest answer, what does worse than that is not released.
    """
    if measured[0].metric == "mse":
        worst = max(quick.model for quick in measured)
        simplest = max(quick.baseline for quick in measured)
        threshold = min(SLACK * worst, simplest) if worst < simplest else SLACK * worst
        return float(f"{max(threshold, 1e-6):.3g}")
    worst = min(quick.model for quick in measured)
    simplest = min(quick.baseline for quick in measured)
    threshold = 1 - SLACK * (1 - worst) - 0.02
    return round(max(threshold, simplest if worst > simplest else 0.01, 0.01), 3)


def with_gate(template: str, metric: str, threshold: float) -> str | None:
    """Return template.yaml's text with the gate's defaults; None where it has no such gate."""
    if metric == "mse":
        changed, count = _MAX_MSE.subn(rf"\g<1>{threshold!r}", template)
        # Of a classification that the project was before.
        changed = _METRIC.sub(r"\g<1>''", _THRESHOLD.sub(r"\g<1>''", changed))
    else:
        changed, count = _THRESHOLD.subn(rf"\g<1>'{threshold!r}'", template)
        changed = _METRIC.sub(rf"\g<1>{metric}", changed)
    return changed if count else None


def with_sample_path(project: str, sample: str) -> str:
    """Return project.toml's text with another sample."""
    return _SAMPLE.sub(f'sample = "{sample}"', project)
