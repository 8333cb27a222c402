"""Two runs side by side as one HTML file that opens from disk and loads nothing."""

from workflow.report.comparison import Line, compared, shown
from workflow.report.markup import section, table, text
from workflow.report.page import document_of
from workflow.report.record import Record


def comparison_page_of(first: Record, second: Record) -> str:
    """Return the page; what differs is marked, in words too."""
    names = (first.summary.name, second.summary.name)
    sections = "".join(
        section(name.replace(" ", "-"), name.capitalize(), _table(name, names, lines))
        for name, lines in compared(first, second).items()
        if lines
    )
    title = f"{names[0]} and {names[1]}"
    header = (
        f"<header><h1>{text(title)}</h1><p>What differs is in bold, and says so in the last "
        "column.</p></header>"
    )
    return document_of(title, header + sections)


def _table(name: str, names: tuple[str, str], lines: list[Line]) -> str:
    rows = ([text(line.name), *_cells(line)] for line in lines)
    return table(f"{name.capitalize()} of both runs", ("", *names, ""), rows, kind="long")


def _cells(line: Line) -> tuple[str, str, str]:
    first, second = text(shown(line.first)), text(shown(line.second))
    if not line.differs:
        return first, second, "same"
    return f"<strong>{first}</strong>", f"<strong>{second}</strong>", "differs"
