"""The resources of a stack's new template, each compared with the one that there is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap

from pocketaws.cloudformation import updates
from pocketaws.cloudformation.moto.attributes import arn_of
from pocketaws.cloudformation.moto.stack_events import record_failure
from pocketaws.cloudformation.resource_schemas import schema_of
from pocketaws.cloudformation.updates.changed import Changed


@dataclass(frozen=True)
class InPlace:
    """A resource that was changed, or was about to be."""

    logical_id: str
    resource: Any
    resource_json: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]

    def change(self) -> Changed:
        """Return what changes, for those who know services and not moto."""
        physical_id = str(self.resource.physical_resource_id)
        arn = arn_of(self.resource)
        return Changed(self.resource_json["Type"], physical_id, arn, self.before, self.after)


@dataclass
class Journal:
    """What an update has done so far.

    Attributes:
        changed: resources changed in place, in order; one that failed is the last.
        made: resources that are new, and what they are made of.
        replaced: resources whose place a new one has taken.
    """

    changed: list[InPlace] = field(default_factory=list)
    made: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)
    replaced: list[tuple[Any, dict[str, Any]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.made or self.replaced)


class UpdatedMap(ResourceMap):  # type: ignore[misc]
    """The resources of the new template; each is compared with the old one when it is asked for."""

    def __init__(self, stack: Stack, template: dict[str, Any], parameters: dict[str, Any]) -> None:
        super().__init__(
            stack.stack_id,
            stack.name,
            parameters,
            stack.tags,
            account_id=stack.account_id,
            region_name=stack.region_name,
            template=template,
            cross_stack_resources=stack.cross_stack_resources,
        )
        self.load()
        self.journal = Journal()
        self._stack = stack
        self._old: ResourceMap = stack.resource_map
        self._before = {
            logical_id: parsing.clean_json(resource_json.get("Properties", {}), self._old)
            for logical_id, resource_json in self._old._resource_json_map.items()
            if self._old._parsed_resources.get(logical_id) is not None
        }

    def walk(self, change: Callable[[InPlace, "UpdatedMap"], Any]) -> None:
        """Make every resource what the template says."""
        self._change = change
        for logical_id in self._resource_json_map:
            self[logical_id]
        for logical_id in self._before.keys() - self._parsed_resources.keys():
            old_json = self._old._resource_json_map[logical_id]
            self.journal.replaced.append((self._old._parsed_resources[logical_id], old_json))

    def __getitem__(self, key: str) -> Any:
        if key in self._parsed_resources:
            return self._parsed_resources[key]
        resource_json = self._resource_json_map.get(key)
        if not resource_json:
            raise KeyError(key)
        order = resource_json.get("DependsOn", [])
        with record_failure(self._stack, key, resource_json["Type"], "UPDATE_FAILED"):
            for name in [order] if isinstance(order, str) else order:
                self[name]
            resource = self._resource(key, resource_json)
        if resource is not None:
            self._parsed_resources[key] = resource
        return resource

    def _resource(self, logical_id: str, resource_json: dict[str, Any]) -> Any:
        condition = resource_json.get("Condition")
        if condition and not self.lazy_condition_map[condition]:
            return None
        old_json = self._old._resource_json_map.get(logical_id, {})
        if logical_id not in self._before or old_json["Type"] != resource_json["Type"]:
            return self._made(logical_id, resource_json)
        resource = self._old._parsed_resources[logical_id]
        after = parsing.clean_json(resource_json.get("Properties", {}), self)
        before = self._before[logical_id]
        if after == before:
            return resource
        entry = InPlace(logical_id, resource, resource_json, before, after)
        if _changes_in_place(entry):
            self.journal.changed.append(entry)
            return self._change(entry, self)
        _check_replaceable(resource_json, before, after)
        made = self._made(logical_id, resource_json)
        self.journal.replaced.append((resource, old_json))
        return made

    def _made(self, logical_id: str, resource_json: dict[str, Any]) -> Any:
        made = parsing.parse_and_create_resource(
            logical_id, resource_json, self, self._account_id, self._region_name
        )
        if made is not None:
            self.journal.made.append((made, resource_json))
        return made


def _changes_in_place(entry: InPlace) -> bool:
    if isinstance(entry.resource, CustomModel):
        return bool(entry.before["ServiceToken"] == entry.after["ServiceToken"])
    if _replacing(entry):
        return False
    cls = type(entry.resource)
    is_left_out = hasattr(cls.update_from_cloudformation_json, "__isabstractmethod__")
    return not is_left_out or updates.is_updated_here(entry.change())


def _replacing(entry: InPlace) -> list[str]:
    """Return the properties for whose sake a resource is made anew."""
    schema = schema_of(entry.resource_json["Type"])
    if schema is not None:
        return schema.replacing(entry.before, entry.after)
    name = str(type(entry.resource).cloudformation_name_type())
    return [name] if entry.before.get(name) != entry.after.get(name) else []


def _check_replaceable(
    resource_json: dict[str, Any], before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Refuse to make a resource anew under the name that the old one still has.

    Raises:
        ValidationError: in the words of CloudFormation.
    """
    name_property = parsing.resource_name_property_from_type(resource_json["Type"])
    name = after.get(name_property)
    if name is not None and before.get(name_property) == name:
        raise ValidationError(
            message="CloudFormation cannot update a stack when a custom-named resource requires "
            f"replacing. Rename {name} and update the stack again."
        )
