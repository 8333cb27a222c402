"""Parts of the page as HTML; every text of others is escaped on its way in."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

_JSON_CHARACTERS: Final = 20_000
NONE: Final = "\N{EN DASH}"


def text(value: object) -> str:
    """Return a value as text of the page; None as a dash."""
    return NONE if value is None else escape(str(value))


def with_code(value: str) -> str:
    """Return text in which what stands in backticks is code."""
    parts = text(value).split("`")
    return "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )


def number(value: Any, digits: int = 6) -> str:
    """Return a number with so many significant digits; a dash where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return NONE
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def seconds(value: float | None) -> str:
    """Return a duration: `4.2 s`, or `1 h 2 min 3 s`."""
    if value is None:
        return NONE
    if value < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = ""
) -> str:
    """Return a table that scrolls on a narrow screen; the first cell of a row is its header.

    Args:
        caption: what it holds.
        head: of the columns, as text.
        rows: of HTML.
        kind: a class; "figures" sets numbers to the right.
    """
    headers = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
        for first, *others in rows
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(caption)}">'
        f'<table class="{kind}"><caption>{text(caption)}</caption>'
        f"<thead><tr>{headers}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return names (text) with their values (HTML)."""
    items = (f"<div><dt>{text(name)}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f"<dl>{''.join(items)}</dl>"


def section(name: str, title: str, *parts: str) -> str:
    """Return a section with its heading; nothing where it has no parts."""
    body = "".join(parts)
    if not body:
        return ""
    heading = f'<h2 id="{name}-title">{text(title)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-title">{heading}{body}</section>'


def folded(summary: str, body: str) -> str:
    """Return what opens when its summary (text) is pressed."""
    return f"<details><summary>{text(summary)}</summary>{body}</details>"


def block(title: str, content: str) -> str:
    """Return lines of text as they are, cut where they are very long."""
    cut = content[:_JSON_CHARACTERS]
    rest = len(content) - len(cut)
    message = f"\n… {rest} more characters stand in run.json" if rest else ""
    return (
        f"<h4>{text(title)}</h4>"
        f'<pre tabindex="0" aria-label="{text(title)}">{text(cut + message)}</pre>'
    )


def json_block(title: str, value: Any) -> str:
    """Return a JSON value, indented; nothing where there is none."""
    if value in (None, {}, []):
        return ""
    shown = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
    return block(title, shown)
