"""States that call nothing: Pass, Choice, Wait, Succeed and Fail.

https://states-language.net/spec.html
"""

import datetime
import threading
from typing import Any, Final

from pocketaws.step_functions.engine import choice_rules, jsonata_language, templates, timestamps
from pocketaws.step_functions.engine.documents import json_text
from pocketaws.step_functions.engine.errors import NO_CHOICE, QUERY, StateError, runtime_error
from pocketaws.step_functions.engine.visits import Outcome, Visit

_NO_CHOICE: Final = (
    "Failed to transition out of the state. The state does not point to a next state."
)


def do_pass(visit: Visit) -> Outcome:
    """Hand on the input, or what is made of it."""
    return visit.finish(_passed(visit))


def _passed(visit: Visit) -> Any:
    effective = visit.effective_input()
    if visit.is_jsonata:
        return effective
    if "Result" in visit.state:
        return visit.state["Result"]
    return visit.filled("Parameters", effective) if "Parameters" in visit.state else effective


def do_succeed(visit: Visit) -> Outcome:
    """End the branch well."""
    return visit.finish(visit.effective_input())


def do_fail(visit: Visit) -> Outcome:
    """Fail with the error and the cause that the state names."""
    raise StateError(_text_field(visit, "Error"), _text_field(visit, "Cause"))


def _text_field(visit: Visit, field: str) -> str | None:
    path = f"{field}Path"
    if path in visit.state:
        value = templates.expression(visit.state[path], visit.roots(visit.input), field=path)
    else:
        value = visit.filled(field) if field in visit.state else None
    if value is None or isinstance(value, str):
        return value
    if visit.is_jsonata:
        cause = f"The JSONata expression for the field '{field}' must be a string"
        raise StateError(QUERY, f"{cause} but is {json_text(value)}", location=field)
    raise runtime_error(f"The {path} parameter must reference a string but is {json_text(value)}")


def do_choice(visit: Visit) -> Outcome:
    """Go on with the first rule that holds, or the default."""
    effective = visit.effective_input()
    for place, rule in enumerate(visit.state["Choices"]):
        if _holds(visit, rule, place, effective):
            return _chosen(visit, effective, rule["Next"], rule)
    if "Default" not in visit.state:
        raise StateError(NO_CHOICE, _NO_CHOICE)
    return _chosen(visit, effective, visit.state["Default"], visit.state)


def _chosen(visit: Visit, effective: Any, following: str, fields: Any) -> Outcome:
    return visit.finish(visit.input if visit.is_jsonata else effective, following, fields)


def _holds(visit: Visit, rule: Any, place: int, effective: Any) -> bool:
    if not visit.is_jsonata:
        return choice_rules.holds(rule, visit.roots(effective))
    field = f"Choices[{place}]/Condition"
    value = jsonata_language.filled(rule["Condition"], visit.scope(), field=field)
    if isinstance(value, bool):
        return value
    cause = f"The JSONata expression for the field '{field}' must be a boolean"
    raise StateError(QUERY, f"{cause} but is {json_text(value)}", location=field)


def do_wait(visit: Visit) -> Outcome:
    """Wait for a time, or until one."""
    effective = visit.effective_input()
    seconds = visit.number("Seconds", data=effective)
    if seconds is None:
        seconds = _seconds_until(visit, effective)
    if seconds > 0:
        visit.frame.interrupt.wait_for(threading.Event(), seconds)
    return visit.finish(effective)


def _seconds_until(visit: Visit, effective: Any) -> float:
    if "TimestampPath" in visit.state:
        path = visit.state["TimestampPath"]
        value = templates.expression(path, visit.roots(effective), field="TimestampPath")
    else:
        value = visit.filled("Timestamp")
    time = timestamps.read(value)
    if time is not None:
        return (time - datetime.datetime.now(tz=datetime.UTC)).total_seconds()
    if visit.is_jsonata:
        cause = (
            f"The JSONata expression for the field 'Timestamp' is no timestamp: {json_text(value)}"
        )
        raise StateError(QUERY, cause, location="Timestamp")
    raise runtime_error(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time "
        f"format string: TimestampPath == {json_text(value)}"
    )
