"""How the problems of an execution input are told: a line each, with name, value and remedy."""

import difflib
import json
from collections.abc import Mapping
from typing import Any, Final

from fields import Checker, FieldError

_SHOWN_CHARACTERS: Final = 80
# An error's text, its trace and what JSON escapes in them have to fit into 32,768 characters:
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html
SHOWN_PROBLEMS: Final = 20


def checked(name: str, value: Any, check: Checker, problems: list[str]) -> Any:
    """Return a field's value as its check does; where that refuses it, None and a line more."""
    try:
        return check(value)
    except FieldError as error:
        problems.append(f"{name} = {shown(value)}: {error}")
        return None


def unknown_names(
    kind: str, given: Mapping[str, Any], known: tuple[str, ...], *, prefix: str = ""
) -> list[str]:
    """Return a line for each name that is not known; of very many the last are only named."""
    names = sorted(given.keys() - set(known))
    listed = f"known are {', '.join(sorted(known))}"
    items = []
    for name in names[:SHOWN_PROBLEMS]:
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else listed
        items.append(f"{prefix}{_cut(name)} = {shown(given[name])}: no such {kind}; {remedy}")
        # All that are known take many words, and are said once.
        listed = listed if near else "the known ones stand above"
    # The others are only counted: looking for what was meant takes long for thousands.
    return items + [f"{prefix}{_cut(name)}: no such {kind}" for name in names[SHOWN_PROBLEMS:]]


def shown(value: Any) -> str:
    """Return a value as JSON, cut where it is long."""
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
