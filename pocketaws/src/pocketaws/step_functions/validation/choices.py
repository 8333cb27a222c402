"""The rules of a Choice state."""

from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.engine import choice_rules
from pocketaws.step_functions.validation import templates, values
from pocketaws.step_functions.validation.report import DefinitionPlace

_JOINING: Final = ("And", "Or", "Not")
_OPERANDS: Final[Mapping[str, values.Check]] = {
    "String": values.text,
    "Numeric": values.number(float("-inf")),
    "Boolean": values.boolean,
    "Timestamp": values.timestamp,
    "Is": values.boolean,
}


def check(value: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check the Choices of a state."""
    if not isinstance(value, list) or not value:
        place.error("Value must be a non-empty array")
        return
    for index, rule in enumerate(value):
        here = place.at(index)
        if not isinstance(rule, dict):
            here.error("Value must be an object")
            continue
        if not isinstance(rule.get("Next"), str):
            here.error("The field 'Next' is required")
        if "Assign" in rule:
            templates.check_assign(rule["Assign"], here.at("Assign"), jsonata=jsonata)
        if jsonata:
            _check_condition(rule, here)
        else:
            _check_rule(rule, here, top=True)


def _check_condition(rule: Mapping[str, Any], place: DefinitionPlace) -> None:
    for name in rule.keys() - {"Condition", "Next", "Assign", "Output", "Comment"}:
        place.at(name).error(f"Field '{name}' is not supported")
    if "Condition" not in rule:
        place.error("The field 'Condition' is required")
    else:
        problem = values.or_expression(values.boolean)(rule["Condition"])
        if problem:
            place.at("Condition").error(problem)
    if "Output" in rule:
        templates.check(rule["Output"], place.at("Output"), jsonata=True)


def _check_rule(rule: Any, place: DefinitionPlace, *, top: bool) -> None:
    if not isinstance(rule, dict):
        place.error("Value must be an object")
        return
    allowed = {"Next", "Assign", "Comment"} if top else {"Comment"}
    rest = [name for name in rule if name not in allowed and name != "Variable"]
    signs = [name for name in rest if name in _JOINING or choice_rules.is_comparison(name)]
    for name in rest:
        if name not in signs:
            place.at(name).error(f"Field '{name}' is not supported")
    if len(signs) != 1:
        place.error("A Choice Rule must have exactly one comparison operator")
    elif signs[0] in _JOINING:
        _check_joined(signs[0], rule, place)
    else:
        _check_comparison(signs[0], rule, place)


def _check_joined(sign: str, rule: Mapping[str, Any], place: DefinitionPlace) -> None:
    operand, here = rule[sign], place.at(sign)
    if "Variable" in rule:
        place.at("Variable").error("Field 'Variable' is not supported")
    if sign == "Not":
        _check_rule(operand, here, top=False)
    elif not isinstance(operand, list) or not operand:
        here.error("Value must be a non-empty array")
    else:
        for index, part in enumerate(operand):
            _check_rule(part, here.at(index), top=False)


def _check_comparison(sign: str, rule: Mapping[str, Any], place: DefinitionPlace) -> None:
    if "Variable" not in rule:
        place.error("The field 'Variable' is required")
    else:
        problem = values.path(rule["Variable"])
        if problem:
            place.at("Variable").error(problem)
    kind = next(kind for kind in _OPERANDS if sign.startswith(kind))
    check = values.path if sign.endswith("Path") else _OPERANDS[kind]
    problem = check(rule[sign])
    if problem:
        place.at(sign).error(problem)
