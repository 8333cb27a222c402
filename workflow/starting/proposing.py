"""The kind that a column's texts speak for, and what the label makes of the table."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from workflow.errors import InputDataError
from workflow.starting.reading import Rows

MISSING: Final = ("", "NA", "N/A", "NaN", "null", "None", "?")  # As jobs/cells.py has them.
MAX_CATEGORIES: Final = 30
TOP_CATEGORIES: Final = 20
TOP_SHARE: Final = 0.8  # Of the rows, which the most frequent categories hold.
MAX_CLASSES: Final = 30
MAX_NUMBERED_CLASSES: Final = 12
ID_SHARE: Final = 0.98  # Different values among the rows, from which on a text tells them apart.
TEXT_LENGTH: Final = 40
_SHOWN_NAMES: Final = 60
LINE_LENGTH: Final = 100  # As pyproject.toml has it.
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_VALUE: Final = re.compile(r"[!#-+\--~]([ !#-+\--~]*[!#-+\--~])?")
_FLAGS: Final = frozenset({"true", "false", "yes", "no", "y", "n", "t", "f", "on", "off"})
_UNITED: Final = re.compile(r"([^\w\s.,+'-]{0,2}) ?([+-]?[0-9][0-9 ',]*\.?[0-9]*) ?([^0-9.,]{0,8})")
_DATE_FORMATS: Final = (
    *("", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%dT%H%M%S"),
    *("%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d-%b-%Y", "%b %d %Y"),
)
_ID_NAME: Final = re.compile(r"(^|_)(id|uuid|guid|key|index|row|number|no|nr|name)$")


@dataclass(frozen=True)
class Proposal:
    """A column as `columns.py` is to have it.

    Attributes:
        name: made of the header's.
        header: as the file has it.
        kind: the name of the kind.
        arguments: of the kind behind the name, as they stand in Python.
        missing: how many of the rows that were read lack a value.
        different: how many values they have.
        note: why, where it is not plain to see.
        values: the classes of a label.
    """

    name: str
    header: str
    kind: str
    arguments: tuple[str, ...] = ()
    missing: int = 0
    different: int = 0
    note: str = ""
    values: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """The column in `columns.py`."""
        also = [f"also={self.header!r}"] if name_key(self.header) != name_key(self.name) else []
        arguments = [_quoted(text) for text in (repr(self.name), *self.arguments, *also)]
        line = f"    {self.kind}({', '.join(arguments)}),"
        if len(line) <= LINE_LENGTH:
            return line
        lines = [piece for argument in arguments for piece in _wrapped(argument)]
        return "\n".join([f"    {self.kind}(", *lines, "    ),"])


def _quoted(text: str) -> str:
    """Write Python's texts with double quotes, where that is as short."""
    return text if '"' in text or "\\" in text else text.replace("'", '"')


def _wrapped(argument: str) -> list[str]:
    """Break an argument into lines, between the texts of a tuple."""
    indent, lines = " " * 8, [""]
    for piece in argument.split(", "):
        if lines[-1] and len(indent) + len(lines[-1]) + len(piece) + 4 > LINE_LENGTH:
            lines.append("")
        lines[-1] += ", " * bool(lines[-1]) + piece
    return [f"{indent}{line}," for line in lines]


def propose(rows: Rows) -> list[Proposal]:
    """Propose a kind for each column.

    Raises:
        InputDataError: two columns cannot be told apart by their names.
    """
    names = _names(rows.names)
    return [
        _proposal(name, header, rows.column(place))
        for place, (name, header) in enumerate(zip(names, rows.names, strict=True))
    ]


def _names(headers: Sequence[str]) -> list[str]:
    names = []
    for place, header in enumerate(headers, 1):
        plain = re.sub(r"[^A-Za-z0-9]+", "_", header.encode("ascii", "ignore").decode()).strip("_")
        name = plain.lower() if plain[:1].isalpha() else f"column_{plain or place}"
        names.append(name)
    twice = [name for name, times in Counter(map(name_key, names)).items() if times > 1]
    if twice:
        raise InputDataError(
            f"two columns are called {twice[0]!r}, but for case and punctuation; rename one"
        )
    return names


def name_key(name: str) -> str:
    """Return what counts of a column's name, as `cells.column_key` does."""
    return re.sub(r"[\W_]", "", name.lower())


def _proposal(name: str, header: str, texts: Sequence[str]) -> Proposal:
    markers = {marker.lower() for marker in MISSING}
    present = [text for text in texts if text.lower() not in markers]
    proposed = Proposal(name, header, "Ignored", (), len(texts) - len(present), len(set(present)))
    if proposed.different < len("xy"):
        return replace(proposed, note="holds one value" if present else "holds no value")
    for kind in (_flag, _number, _united, _date):
        if found := kind(proposed, present):
            return found
    return _text(proposed, present)


def _flag(proposed: Proposal, present: Sequence[str]) -> Proposal | None:
    is_one = {text.lower() for text in present} <= _FLAGS
    return replace(proposed, kind="Flag") if is_one else None


def _number(proposed: Proposal, present: Sequence[str]) -> Proposal | None:
    others = Counter(text for text in present if not _NUMBER.fullmatch(text))
    if len(others) > 1 or sum(others.values()) > len(present) / 2:
        return None
    if not others and _is_row_number(proposed, present):
        return replace(proposed, note="numbers the rows")
    arguments = ["signed=True"]
    note = ""
    if others:
        [marker] = others
        arguments.append(f"missing={(*MISSING, marker)!r}")
        note = f"{marker!r} is taken for a missing value"
    missing = proposed.missing + sum(others.values())
    return replace(proposed, kind="Number", arguments=(*arguments,), missing=missing, note=note)


def _is_row_number(proposed: Proposal, present: Sequence[str]) -> bool:
    if proposed.different < len(present) or not all(text.isdecimal() for text in present):
        return False
    values = list(map(int, present))
    is_called_so = bool(_ID_NAME.search(proposed.name)) or not proposed.header
    return is_called_so and values == sorted(values)


def _united(proposed: Proposal, present: Sequence[str]) -> Proposal | None:
    found = [_UNITED.fullmatch(text) for text in present]
    units = {(match[1] or match[3]).strip() for match in found if match} - {""}
    if not all(found) or len(units) > 1:
        return None
    between = {mark for match in found if match for mark in match[2].strip() if mark in " ',"}
    if len(between) > 1 or not (units or between):
        return None
    given = [f"unit={unit!r}" for unit in units] + [f"thousands={mark!r}" for mark in between]
    return replace(proposed, kind="Number", arguments=("signed=True", *given))


def _date(proposed: Proposal, present: Sequence[str]) -> Proposal | None:
    if not any(mark in present[0] for mark in "-./: T"):
        return None
    for form in _DATE_FORMATS:
        times = _times(present, form)
        if times:
            clock = any(when.hour or when.minute for when in times)
            parts = ("days", "month", "weekday", *(["hour"] if clock else []))
            given = [f"parts={parts!r}", f"since={min(times).date().isoformat()!r}"]
            given += [f"format={form!r}"] if form else []
            return replace(proposed, kind="Date", arguments=(*given,))
    return None


def _times(texts: Sequence[str], form: str) -> list[datetime]:
    read: Callable[[str], datetime] = (
        (lambda text: datetime.strptime(text, form))  # noqa: DTZ007 - the data has no zone
        if form
        else datetime.fromisoformat
    )
    try:
        return [read(text).replace(tzinfo=None) for text in texts]
    except ValueError:
        return []


def _text(proposed: Proposal, present: Sequence[str]) -> Proposal:
    counted = Counter(present)
    if len(counted) >= ID_SHARE * len(present):
        if _ID_NAME.search(proposed.name):
            return replace(proposed, note="tells the rows apart")
        if sum(map(len, present)) > TEXT_LENGTH * len(present):
            return replace(proposed, note="is text, of which nothing is made")
    listed = _listed(counted, MAX_CATEGORIES if len(counted) <= MAX_CATEGORIES else TOP_CATEGORIES)
    if listed and sum(counted[value] for value in listed) >= TOP_SHARE * len(present):
        more = len(counted) - len(listed)
        note = f"the {len(listed)} most frequent; {more} more are other" if more else ""
        return replace(
            proposed, kind="Category", arguments=(repr(listed), "unseen='other'"), note=note
        )
    return replace(proposed, kind="Hashed", note="too many values to list")


def _listed(counted: Counter[str], most: int) -> tuple[str, ...]:
    """Return the most frequent values that a category may have, different in upper case."""
    found: dict[str, str] = {}
    for value, _ in counted.most_common():
        if _VALUE.fullmatch(value) and len(value) <= TEXT_LENGTH and len(found) < most:
            found.setdefault(value.upper(), value)
    return (*found.values(),)


def named(wanted: str, proposals: Sequence[Proposal], flag: str) -> str:
    """Return the name of the column that is called so here or in the header.

    As in a header, neither case nor punctuation matters; what is written the same goes first.

    Raises:
        InputDataError: there is none.
    """
    for proposal in proposals:
        if wanted in (proposal.name, proposal.header):
            return proposal.name
    for proposal in proposals:
        if name_key(wanted) and name_key(wanted) == name_key(proposal.header):
            return proposal.name
    names = ", ".join(proposal.name for proposal in proposals[:_SHOWN_NAMES])
    raise InputDataError(f"{flag} {wanted!r}: must be one of {names}")


def with_label(
    proposals: Sequence[Proposal], rows: Rows, label: str, problem: str = ""
) -> tuple[list[Proposal], str]:
    """Propose the problem, and the kind of the label.

    Args:
        proposals: of all columns.
        rows: of the file.
        label: its name in `proposals`.
        problem: where it is given.

    Returns:
        The columns and the problem: `regression`, `binary` or `multiclass`.

    Raises:
        InputDataError: the label cannot be one.
    """
    place = next(at for at, proposal in enumerate(proposals) if proposal.name == label)
    given, markers = proposals[place], {marker.lower() for marker in MISSING}
    present = [text for text in rows.column(place) if text.lower() not in markers]
    is_number = all(_NUMBER.fullmatch(text) for text in present)
    if not is_number:  # `none` among other names is a class.
        present = [text for text in rows.column(place) if text.lower() not in markers - {"none"}]
    counted = Counter(present)
    if len(counted) < len("xy"):
        raise InputDataError(f"the label {label!r} {given.note}; name another with --label")
    is_number = given.kind == "Number" or is_number
    problem = problem or _problem(counted, is_number=is_number)
    if problem == "regression":
        if not is_number:
            raise InputDataError(f"the label {label!r} is no number; leave --problem out")
        column = replace(given, kind="Number", arguments=given.arguments or ("signed=True",))
    else:
        values = _listed(counted, MAX_CLASSES)
        if len(values) < len(counted):
            raise InputDataError(
                f"the label {label!r} has {len(counted)} different texts, too many for classes, or "
                "such as hold commas or quotes; name another with --label"
            )
        # Of two, the one that is looked for is the rarer, and stands last.
        ordered = values if problem == "binary" else tuple(sorted(values, key=_by_number))
        column = replace(given, kind="Category", arguments=(repr(ordered),), values=ordered)
    kept = [*proposals]
    kept[place] = replace(
        column,
        missing=len(rows.rows) - len(present),
        different=len(counted),
        note=f"the label: {problem}",
    )
    if all(proposal.kind == "Ignored" for proposal in kept if proposal.name != label):
        raise InputDataError("no column but the label holds something to learn from")
    return kept, problem


def with_weight(proposals: Sequence[Proposal], rows: Rows, name: str) -> list[Proposal]:
    """Make a column the rows' weights.

    Args:
        proposals: of all columns.
        rows: of the file.
        name: of the column, in `proposals`.

    Raises:
        InputDataError: some of its texts are no weights.
    """
    place = next(at for at, proposal in enumerate(proposals) if proposal.name == name)
    wrong = next((text for text in rows.column(place) if not _is_weight(text)), None)
    if wrong is not None:
        raise InputDataError(
            f"--weight {name!r}: holds {wrong!r}; every weight must be a number above 0"
        )
    kept = [*proposals]
    kept[place] = replace(kept[place], kind="Weight", arguments=(), note="how often a row counts")
    return kept


def _is_weight(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and float(text) > 0


def _problem(counted: Counter[str], *, is_number: bool) -> str:
    if len(counted) == len("xy"):
        return "binary"
    is_whole = all(_NUMBER.fullmatch(text) and float(text).is_integer() for text in counted)
    if not is_number or (is_whole and len(counted) <= MAX_NUMBERED_CLASSES):
        return "multiclass"
    return "regression"


def _by_number(text: str) -> tuple[float, str]:
    return (float(text), text) if _NUMBER.fullmatch(text) else (0.0, text)
