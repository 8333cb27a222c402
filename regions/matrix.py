"""The table of docs/deploy.md: region by region, what is left out or refused."""

from pathlib import Path
from typing import Final

from regions.templates import NAMES, Seen, mapped_regions, seen

# Has everything.
_COMPLETE: Final = "us-east-1"
_BEGIN: Final = "<!-- python -m regions matrix -->\n"
_END: Final = "<!-- end -->"
# What belongs to another resource that is named.
_PARTS: Final = {"ApprovalPageLogGroup", "ApprovalPageRole"}
_WORDS: Final = {
    "ApprovalPageFunction": "the approval page",
    "ModelPackageGroup": "the stack's own registry group: the first execution makes it",
}
_TRACING: Final = "X-Ray of the functions"
_NOTHING: Final = "all of it"


def matrix() -> str:
    """Return the table, in Markdown."""
    rows = {region: tuple(_cell(name, region) for name in NAMES) for region in mapped_regions()}
    lines = [f"| region | {' | '.join(f'`{name}`' for name in NAMES)} |", "|---" * 4 + "|"]
    whole = (_NOTHING,) * len(NAMES)
    for region, cells in rows.items():
        if cells != whole:
            lines.append(f"| `{region}` | {' | '.join(cells)} |")
    others = sum(cells == whole for cells in rows.values())
    lines.append(f"| the {others} others | {' | '.join(whole)} |")
    return "\n".join(lines) + "\n"


def write_into(path: Path) -> bool:
    """Put the table between its marks in a document; return whether that changed it."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    written = f"{before}{_BEGIN}{matrix()}{_END}{rest.partition(_END)[2]}"
    path.write_text(written, encoding="utf-8")
    return written != text


def _cell(name: str, region: str) -> str:
    here, whole = seen(name, region), seen(name, _COMPLETE)
    if here.refusals:
        return f"refused: {here.refusals[0].partition(';')[0]}"
    left_out = [
        _WORDS.get(logical_id, f"`{logical_id}`")
        for logical_id in whole.resources
        if logical_id not in here.resources and logical_id not in _PARTS
    ]
    if _traces(whole) and not _traces(here):
        left_out.append(_TRACING)
    return f"without {'; without '.join(left_out)}" if left_out else _NOTHING


def _traces(template: Seen) -> bool:
    return template.settings.get("Tracing") == "Active"
