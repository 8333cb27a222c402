"""The page's sections about the model and its data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workflow.report.classes import METRICS, OF_CATEGORIES, class_tables, metrics_key
from workflow.report.data import left_out_sentence
from workflow.report.distribution_sections import distributions
from workflow.report.markup import NONE, folded, number, section, table, text
from workflow.report.plots import Importance, figures_of, importance_of
from workflow.report.record import Record
from workflow.report.svg import figure

_BY: Final = "by_"
# Of a number, by the rounding of its sums.
_NOISE: Final = 1e-12
_FIRST: Final = 20


def model(record: Record) -> str:
    """Return the candidate against production, the plots and the features."""
    evaluation = record.evaluation
    figures = "".join(map(figure, figures_of(record)))
    return section(
        "model",
        "Model",
        _judged(record),
        _metrics(evaluation) if evaluation else "",
        *(class_tables(evaluation) if evaluation else ()),
        *(_by_category(evaluation) if evaluation else ()),
        _training(record),
        f'<div class="plots">{figures}</div>' if figures else "",
        _importance(importance_of(record)),
    )


def data(record: Record) -> str:
    """Return the rows, and what was left out of them, with reasons and examples."""
    found = record.data
    if found is None:
        return ""
    reasons = [[text(reason), str(count)] for reason, count in found.left_out_by_reason.items()]
    examples = (
        [text(row.object_name), text(row.line), text(row.reason), f"<code>{text(row.row)}</code>"]
        for row in found.examples
    )
    objects = [[text(name), str(count)] for name, count in found.rows_by_object.items()]
    splits = [[text(name), str(count)] for name, count in found.rows_by_split.items()]
    rows = [["read", str(found.rows_read)], ["used", str(found.rows_kept)]]
    head = ("Object", "Line", "Reason", "Row")
    return section(
        "data",
        "Data",
        f"<p>{text(_capital(left_out_sentence(found)))}.</p>",
        table("Rows", ("Rows", "Count"), [*rows, ["left out", str(found.rows_left_out)]]),
        table("Rows left out, by reason", ("Reason", "Rows"), reasons) if reasons else "",
        table("Rows left out: the first of each reason", head, examples) if found.examples else "",
        table("Rows by split", ("Split", "Rows"), splits),
        _long(table("Rows by object", ("Object", "Rows"), objects), len(objects), "objects"),
        distributions(record.distributions),
    )


def _judged(record: Record) -> str:
    judged = record.judgement
    if not judged:
        return ""
    compared = record.lineage.get("compared_with")
    reason = f"<p>Judged: {text(judged.get('reason'))}.</p>"
    return reason + (f'<p class="soft">{text(compared)}.</p>' if compared else "")


def _metrics(evaluation: Mapping[str, Any]) -> str:
    production = _object(evaluation.get("production"))
    names = METRICS[metrics_key(evaluation)]
    rows = ([text(name), _value(evaluation, name), _value(production, name)] for name in names)
    told = evaluation.get("not_compared")
    note = f"<p>Production was not compared with: {text(told)}.</p>" if told else ""
    weights = evaluation.get("weighted_by")
    caption = (
        f"On {number(evaluation.get('rows'))} rows that were not trained on, "
        f"{f'weighted by {weights}, ' if weights else ''}± standard error"
    )
    shown = table(caption, ("Metric", "Candidate", "Production"), rows, kind="figures")
    return shown + _class_weights(evaluation) + note


def _class_weights(evaluation: Mapping[str, Any]) -> str:
    weights = _object(evaluation.get("class_weights"))
    if not weights:
        return ""
    told = ", ".join(f"{name} {number(weight)}" for name, weight in weights.items())
    return (
        f'<p class="soft">Classes weigh in training alone, and in no number here: {text(told)}.</p>'
    )


def _by_category(evaluation: Mapping[str, Any]) -> Iterator[str]:
    production = _object(evaluation.get("production"))
    first, second = OF_CATEGORIES[metrics_key(evaluation)]
    for key, held in evaluation.items():
        if not key.startswith(_BY) or not isinstance(held, Mapping):
            continue
        others = _object(production.get(key))
        rows = (
            [
                text(value),
                number(_object(judged).get("rows")),
                _value(_object(judged), first),
                _value(_object(others.get(value)), first),
                _value(_object(judged), second),
            ]
            for value, judged in held.items()
        )
        name = key.removeprefix(_BY)
        head = (
            *(name, "Rows", f"{first}, candidate"),
            *(f"{first}, production", f"{second}, candidate"),
        )
        yield table(f"By {name}, ± standard error", head, rows, kind="figures")


def _training(record: Record) -> str:
    rows = ([text(name), number(value)] for name, value in record.metrics.items())
    head = ("Metric", "Last round")
    return table("Of training", head, rows, kind="figures") if record.metrics else ""


def _importance(found: Importance) -> str:
    features = found.features
    if not features:
        return ""

    def rows(part: Iterable[str]) -> Iterator[list[str]]:
        for name in part:
            shown = (found.shap, found.gain) if found.shap else (found.gain,)
            yield [text(name), *(cell for values in shown for cell in _measured(name, values))]

    meter = "Against the largest"
    head = ("Feature", *(("Mean |SHAP|", meter) if found.shap else ()), "Mean gain", meter)
    first = table("Feature importance", head, rows(features[:_FIRST]), kind="long")
    rest = features[_FIRST:]
    others = table("The other features", head, rows(rest), kind="long")
    return first + (folded(f"{len(rest)} more features", others) if rest else "") + _meant(found)


def _measured(name: str, values: Mapping[str, float]) -> tuple[str, str]:
    value, largest = values.get(name), max(values.values(), default=0.0)
    if value is None:
        return NONE, ""
    share = max(value / largest, 0.0) if largest else 0.0
    return f"{value:.4g}", f'<meter min="0" max="1" value="{share:.4f}"></meter>'


def _meant(found: Importance) -> str:
    shap = (
        f"Mean |SHAP|: how far a feature moves a prediction, over {found.shap_rows} test rows, by "
        "XGBoost's pred_contribs. "
        if found.shap
        else ""
    )
    gain = "Mean gain: how much a split that uses the feature helps." if found.gain else ""
    return f'<p class="soft">{text(shap + gain)}</p>'


def _value(judged: Mapping[str, Any], name: str) -> str:
    metric = _object(_object(judged.get(metrics_key(judged))).get(name))
    if not metric:
        return NONE
    return f"{number(metric.get('value'))} ± {number(_deviation(metric), 2)}"


def _deviation(metric: Mapping[str, Any]) -> Any:
    """Return a metric's standard error; 0 where it is what arithmetic leaves of none."""
    value, deviation = metric.get("value"), metric.get("standard_deviation")
    if not isinstance(value, float) or not isinstance(deviation, float):
        return deviation
    return 0.0 if abs(deviation) < _NOISE * abs(value) else deviation


def _long(listed: str, count: int, what: str) -> str:
    return folded(f"{count} {what}", listed) if count > _FIRST else listed


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
