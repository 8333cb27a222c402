"""`report.html`: one file that opens from disk and loads nothing.

It has no script, and its own policy forbids any, and every request: whatever stands in an input, a
log or a row is shown and does nothing.
"""

from typing import Final

from workflow.report import model_sections, sections
from workflow.report.markup import text
from workflow.report.record import Record
from workflow.report.style import STYLE

REPORT_NAME: Final = "report.html"
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_LINKS: Final = {
    "graph": "State machine",
    "time": "Time",
    "model": "Model",
    "data": "Data",
    "lineage": "Lineage and settings",
    "states": "States",
}


def page_of(record: Record) -> str:
    """Return the report of an execution, running or ended."""
    parts = {
        "graph": sections.graph(record),
        "time": sections.times(record),
        "model": model_sections.model(record),
        "data": model_sections.data(record),
        "lineage": sections.lineage(record),
        "states": sections.states(record),
    }
    links = "".join(
        f'<li><a href="#{name}">{text(_LINKS[name])}</a></li>'
        for name, part in parts.items()
        if part
    )
    title = f"{record.summary.name}: {record.verdict.kind}"
    header = (
        f"<header>{sections.verdict(record)}"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header>'
    )
    return document_of(title, header + "".join(parts.values()))


def document_of(title: str, body: str) -> str:
    """Return a whole page.

    Args:
        title: text.
        body: HTML.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body><main>"
        f"{body}</main></body></html>\n"
    )
