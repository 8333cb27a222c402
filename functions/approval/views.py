"""What the approval page shows of a model that waits. Every text from elsewhere is escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from http import HTTPStatus
from typing import Final

from answer import Answer
from class_tables import class_tables
from execution import parse_execution
from features import features
from form import COMMENT_MAXIMUM
from link import version_of
from plain import moment, printable
from plots import plots_of
from report import Evaluation, Group, Metric, Report
from store import Approval

from workflow.report.svg import Figure, drawing

_MEANINGS: Final[Mapping[str, str]] = {
    "mse": "mean squared error",
    "rmse": "its root, in {label}",
    "mae": "mean absolute error, in {label}",
    "r2": "share of the variance explained",
    "auc": "how often a row of the class ranks above another",
    "logloss": "mean logarithm of the true class's probability",
    "accuracy": "share of rows whose class is predicted",
    "f1": "harmonic mean of precision and recall",
    "average_precision": "mean precision over the thresholds",
}
_LARGER_IS_BETTER: Final = ("r2", "auc", "accuracy", "f1", "average_precision")
_GROUPS: Final = 20
_GROUP_CAPTIONS: Final[Mapping[str, str]] = {
    "mse": "Mean squared error",
    "logloss": "Logarithmic loss",
}


def approval_page(
    approval: Approval,
    evaluation: Evaluation | None,
    report: Report,
    *,
    report_url: str | None,
    is_at_aws: bool = True,
) -> Answer:
    """Return the page of a model that waits for a decision.

    Args:
        approval: the question.
        evaluation: the numbers; None where they cannot be read.
        report: what is drawn.
        report_url: of the execution's report; None where none is written.
        is_at_aws: whether AWS's console shows the execution.
    """
    title = f"Approve {approval.model_name}?"
    content = "\n".join(
        [
            _header(approval),
            _facts(approval, report_url, is_at_aws=is_at_aws),
            _numbers(approval, evaluation, report.label),
            _plots(report),
            _form(approval),
        ]
    )
    return Answer(HTTPStatus.OK, printable(title), content)


def _header(approval: Approval) -> str:
    machine = parse_execution(approval.execution_arn).state_machine_name
    return (
        f'<header><p class="over">Model approval \N{MIDDLE DOT} {_text(machine)}</p>'
        f"<h1>Approve this model?</h1>"
        f'<p class="lead">{_text(_sentence(approval.approval_reason))}</p></header>'
    )


def _facts(approval: Approval, report_url: str | None, *, is_at_aws: bool) -> str:
    execution = parse_execution(approval.execution_arn)
    shown = _text(execution.name)
    if is_at_aws and execution.console_url:
        url = escape(execution.console_url)
        shown = f'<a href="{url}" rel="noreferrer noopener">{shown}</a>'
    facts = {
        "Model": _text(approval.model_name),
        "Version": f"{version_of(approval.model_package_arn)} of {_group(approval)}",
        "Execution": shown,
        "Report": _report(report_url),
        **({"Data": _text(_sentence(approval.left_out))} if approval.left_out else {}),
        "Decide until": f"<strong>{moment(approval.expires_at)}</strong>",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items())
    return f"<section><h2>What waits</h2><dl>{rows}</dl></section>"


def _report(url: str | None) -> str:
    if url is None:
        return "none: the question is of an earlier deployment"
    return (
        f'<a href="{escape(url)}" rel="noreferrer noopener" target="_blank">all about the run</a>, '
        "by a link that works for a quarter of an hour, some seconds after the question"
    )


def _numbers(approval: Approval, evaluation: Evaluation | None, label: str) -> str:
    lines = _text("\n".join(approval.numbers))
    shown = f"<pre>{lines}</pre>" if evaluation is None else _table(evaluation, label)
    compared = f"<p>{_text(_sentence(approval.compared))}</p>" if approval.compared else ""
    details = (
        f"<details><summary>All numbers, with the limits</summary><pre>{lines}</pre></details>"
        if evaluation
        else ""
    )
    return (
        f"<section><h2>Candidate against production</h2>{shown}"
        f'<p class="after"><strong>Why it passed the gate:</strong> '
        f"{_text(_ended(approval.reason))}</p>{compared}{details}</section>"
    )


def _table(evaluation: Evaluation, label: str) -> str:
    rows = "".join(_row(name, evaluation, label) for name in evaluation.candidate)
    groups = "".join(
        _by(name, held, evaluation.group_metric) for name, held in evaluation.groups.items() if held
    )
    weighted = f"weighted by {_text(evaluation.weighted_by)}, " if evaluation.weighted_by else ""
    return (
        f'<table class="cards"><caption>On {evaluation.rows} rows that were not trained on, '
        f"{weighted}\N{PLUS-MINUS SIGN} the standard error</caption>"
        '<thead><tr><th scope="col">Metric</th><th scope="col">Candidate</th>'
        '<th scope="col">Production</th><th scope="col">Change</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{_class_weights(evaluation)}"
        f"{class_tables(evaluation.classes)}{groups}"
    )


def _class_weights(evaluation: Evaluation) -> str:
    if not evaluation.has_class_weights:
        return ""
    return '<p class="soft">The weights of classes are of training alone: no number has them.</p>'


def _by(name: str, groups: Sequence[Group], metric: str) -> str:
    """Return a category's table: as many rows as a person reads, and how many there are more."""
    rows = "".join(
        f'<tr><th scope="row">{_text(group.value)}<span>{group.rows} rows</span></th>'
        f"{_cells(metric, group.candidate, group.production)}</tr>"
        for group in groups[:_GROUPS]
    )
    rest = len(groups) - _GROUPS
    more = f'<p class="soft">{rest} more values are in the report.</p>' if rest > 0 else ""
    return (
        f'<table class="cards after"><caption>{_GROUP_CAPTIONS[metric]} by {_text(name)}</caption>'
        f'<thead><tr><th scope="col">{_text(name)}</th><th scope="col">Candidate</th>'
        '<th scope="col">Production</th><th scope="col">Change</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}"
    )


def _row(name: str, evaluation: Evaluation, label: str) -> str:
    meaning = escape(_MEANINGS[name].format(label=label))
    candidate = evaluation.candidate[name]
    production = evaluation.production.get(name) if evaluation.production else None
    return (
        f'<tr><th scope="row">{name}<span>{meaning}</span></th>'
        f"{_cells(name, candidate, production)}</tr>"
    )


def _cells(name: str, candidate: Metric, production: Metric | None) -> str:
    # On a narrow screen each row is a card, and the cells have their heads beside them.
    return (
        f'<td data-head="Candidate">{_metric(candidate)}</td>'
        f'<td data-head="Production">{_metric(production) if production else "none"}</td>'
        f'<td data-head="Change">{_change(name, candidate, production)}</td>'
    )


def _metric(metric: Metric) -> str:
    return f"{metric.value:.4g}<span>\N{PLUS-MINUS SIGN} {metric.standard_deviation:.2g}</span>"


def _change(name: str, candidate: Metric, production: Metric | None) -> str:
    if production is None:
        return "\N{EN DASH}"
    difference = candidate.value - production.value
    if name in _LARGER_IS_BETTER:
        shown, better = f"{difference:+.3g}", difference > 0
    else:
        share = difference / production.value if production.value else 0.0
        shown, better = f"{share * 100:+.3g} %", difference < 0
    shown = shown.replace("-", "\N{MINUS SIGN}")
    if not difference:
        return "the same"
    kind, word = ("good", "better") if better else ("bad", "worse")
    return f'<b class="{kind}">{shown}</b><span>{word}</span>'


def _plots(report: Report) -> str:
    drawn = {name: plot(report) for name, plot in plots_of(report).items()}
    missing = [name for name, figure in drawn.items() if figure is None]
    figures = "".join(_figure(figure) for figure in drawn.values() if figure is not None)
    shown = f'<div class="plots">{figures}</div>' if figures else ""
    importance = features(report)
    if not importance:
        missing.append("feature importance")
    if not figures and not importance:
        shown = "<p>The plots are not available: the evaluation's report cannot be read.</p>"
    elif missing:
        shown += f'<p class="soft after">Not available: {", ".join(missing)}.</p>'
    return f"<section><h2>How it predicts</h2>{shown}{importance}</section>"


def _figure(figure: Figure) -> str:
    return (
        f"<figure><figcaption>{escape(figure.title)}<span>{escape(figure.note)}</span>"
        f"</figcaption>{drawing(figure)}</figure>"
    )


def _form(approval: Approval) -> str:
    # Without an action the form goes to the link itself, so that the page does not hold the key.
    return (
        '<section><h2>Your decision</h2><form method="post">'
        '<label for="comment">Comment</label>'
        '<p class="soft" id="comment-note">Kept in the model registry beside the decision. '
        f"At most {COMMENT_MAXIMUM:,} characters.</p>"
        '<textarea id="comment" name="comment" rows="3" aria-describedby="comment-note" '
        f'maxlength="{COMMENT_MAXIMUM}"></textarea>'
        '<div class="buttons"><button name="decision" value="approve">Approve</button>'
        '<button class="reject" name="decision" value="reject">Reject</button></div></form>'
        f'<p class="soft after">Approving releases the model. It can be decided once, until '
        f"{moment(approval.expires_at)}.</p></section>"
    )


def _group(approval: Approval) -> str:
    return _text(approval.model_package_arn.split("/")[1])


def _sentence(text: str) -> str:
    return _ended(f"{text[:1].upper()}{text[1:]}")


def _ended(text: str) -> str:
    stripped = text.strip()
    return stripped if stripped.endswith((".", "!", "?")) else f"{stripped}."


def _text(text: str) -> str:
    return escape(printable(text))
