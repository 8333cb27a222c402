"""A stack's parameters, conditions and rules, where moto takes them as CloudFormation does not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap

from pocketaws.change import Change
from pocketaws.cloudformation.moto.stack_mappings import check_mappings
from pocketaws.cloudformation.moto.stack_references import check_references
from pocketaws.cloudformation.parameter_rules import parameter_problem
from pocketaws.partitions import partition_of, url_suffix_of

_HIDDEN: Final = "****"
_LISTS: Final = ("CommaDelimitedList", "List<")
# What a change set has read of Parameter Store, by name there, while it is executed.
_already_read: Final[ContextVar[Mapping[str, Any] | None]] = ContextVar(
    "_already_read", default=None
)


def changes() -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(ResourceMap, "__init__", _placed()),
        Change(ResourceMap, "load_parameters", _load_parameters()),
        Change(ResourceMap, "parse_ssm_parameter", _parse_ssm_parameter()),
        Change(ResourceMap, "load_conditions", _checked_rules()),
        Change(parsing, "parse_condition", _parse_condition()),
        Change(Stack, "parameter_list", property(_described)),
    ]


@contextmanager
def read_before(values: Mapping[str, Any]) -> Iterator[None]:
    """Have stacks take values that were read of Parameter Store before, in this thread.

    Args:
        values: by name in Parameter Store.
    """
    token = _already_read.set(values)
    try:
        yield
    finally:
        _already_read.reset(token)


def is_read(slot: Mapping[str, Any]) -> bool:
    """Tell whether a template's parameter is one whose value stands in Parameter Store."""
    return str(slot.get("Type")).startswith("AWS::SSM::Parameter::")


def _placed() -> Any:
    original = ResourceMap.__init__

    def placed(self: ResourceMap, /, *arguments: Any, **named: Any) -> None:
        """Know the partition of the stack's region, which is always the first to moto."""
        original(self, *arguments, **named)
        region = self._region_name
        self._parsed_resources |= {
            "AWS::Partition": partition_of(region),
            "AWS::URLSuffix": url_suffix_of(region),
        }

    return placed


def _described(stack: Stack) -> list[dict[str, Any]]:
    """Return a stack's parameters as DescribeStacks does: as given, and what was read for them."""
    resolved = stack.resource_map.resolved_parameters
    items = []
    for name, slot in (stack.template_dict.get("Parameters") or {}).items():
        value = stack.parameters.get(name, slot.get("Default", resolved.get(name)))
        one = {"ParameterKey": name, "ParameterValue": _listed(value)}
        if str(slot.get("NoEcho", False)).lower() == "true":
            one["ParameterValue"] = _HIDDEN
        elif is_read(slot):
            one["ResolvedValue"] = _listed(resolved.get(name))
        items.append(one)
    return items


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(parameter_text(item)) for item in value)
    return str(parameter_text(value))


def _load_parameters() -> Any:
    original = ResourceMap.load_parameters

    def load_parameters(self: ResourceMap) -> None:
        """Refuse what is not allowed; look only those defaults up that are used."""
        whole = self._template
        if whole:
            check_parameters(whole.get("Parameters", {}), self.input_parameters)
        _check_values(whole.get("Parameters", {}), self.input_parameters)
        slots = {
            name: {key: value for key, value in slot.items() if key != "Default"}
            if name in self.input_parameters
            else slot
            for name, slot in whole.get("Parameters", {}).items()
        }
        self._template = {**whole, "Parameters": slots}
        try:
            original(self)
        finally:
            self._template = whole
        lists = {
            name: _items(self.resolved_parameters[name])
            for name, slot in whole.get("Parameters", {}).items()
            if str(slot.get("Type", "")).startswith(_LISTS)
        }
        self.resolved_parameters.update(lists)
        self._parsed_resources.update(lists)

    return load_parameters


def _items(value: Any) -> Any:
    """Return the members of a list, without the white space around them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return value
    return [item.strip() if isinstance(item, str) else item for item in value]


def check_parameters(slots: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse parameters that a template has not, or that it has and nobody gives.

    Raises:
        ValidationError: naming them.
    """
    unknown = sorted(given.keys() - slots.keys())
    if unknown:
        text = f"Parameters: [{', '.join(unknown)}] do not exist in the template"
        raise ValidationError(message=text)
    missing = sorted(name for name in slots.keys() - given.keys() if "Default" not in slots[name])
    if missing:
        raise ValidationError(message=f"Parameters: [{', '.join(missing)}] must have values")


def _check_values(slots: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    problems = [
        parameter_problem(name, slots[name], str(parameter_text(value)))
        for name, value in given.items()
        if name in slots and not isinstance(value, list)
    ]
    text = "; ".join(filter(None, problems))
    if text:
        raise ValidationError(message=text)


def _parse_ssm_parameter() -> Any:
    original = ResourceMap.parse_ssm_parameter

    def parse_ssm_parameter(self: ResourceMap, value: str, value_type: str) -> Any:
        known = _already_read.get() or {}
        if value in known:
            return known[value]
        try:
            return original(self, value, value_type)
        except AttributeError as error:
            raise ValidationError(
                message=f"Unable to fetch parameters [{value}] from parameter store for this "
                "account."
            ) from error

    return parse_ssm_parameter


def _parse_condition() -> Any:
    original = parsing.parse_condition

    def parse_condition(condition: Any, resources_map: Any, condition_map: dict[str, Any]) -> bool:
        if isinstance(condition, dict) and "Fn::Equals" in condition:
            # Of a parameter of type Number, too, CloudFormation compares the text.
            values = parsing.clean_json(condition["Fn::Equals"], resources_map)
            return bool(parameter_text(values[0]) == parameter_text(values[1]))
        return bool(original(condition, resources_map, condition_map))

    return parse_condition


def _checked_rules() -> Any:
    original = ResourceMap.load_conditions

    def load_conditions(self: ResourceMap) -> None:
        original(self)
        for rule in self._template.get("Rules", {}).values():
            if _holds(rule.get("RuleCondition", True), self):
                _check(rule["Assertions"], self)
        check_mappings(self)
        check_references(self)

    return load_conditions


def _check(assertions: list[dict[str, Any]], resources: ResourceMap) -> None:
    for assertion in assertions:
        if not _holds(assertion["Assert"], resources):
            told = assertion.get("AssertDescription", "an assertion of the template's rules failed")
            raise ValidationError(message=f"Template validation error: {' '.join(told.split())}")


def _holds(condition: Any, resources: ResourceMap) -> bool:
    return bool(
        parsing.parse_condition(
            condition, resources._parsed_resources, resources.lazy_condition_map
        )
    )


def parameter_text(value: Any) -> Any:
    """Return what CloudFormation takes a number or a truth value of a template for."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value
