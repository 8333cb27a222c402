"""The statements that the templates' YAML gives to roles, whatever their conditions say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.conftest import PROJECT_DIR
from tests.functional.permissions.report import TRUST
from workflow.template import read_template

WORKFLOW: Final = "template.yaml"
ENDPOINT: Final = "endpoint.yaml"
PIPELINE: Final = "pipeline.yaml"


@dataclass(frozen=True)
class Declared:
    """A statement of a role.

    Attributes:
        template: that the role stands in.
        sid: its Sid; "trust" for that of the trust policy; empty where it has none.
        body: as it is written.
    """

    template: str
    role: str
    sid: str
    body: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """What the statement is known by."""
        return self.template, self.role, self.sid


def declared_statements(*templates: str) -> list[Declared]:
    """Return the statements of the roles of templates; of other templates' roles, too.

    Raises:
        ValueError: a template gives permissions in a way that is not read here.
    """
    read = {name: read_template(PROJECT_DIR / name)["Resources"] for name in templates}
    return [
        statement
        for name, resources in read.items()
        for logical_id, resource in resources.items()
        if resource["Type"].startswith("AWS::IAM::")
        for statement in _statements(name, logical_id, read)
    ]


def statements_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy document, those behind conditions too."""
    return list(_written(document["Statement"]))


def _written(given: Any) -> Iterator[dict[str, Any]]:
    if isinstance(given, list):
        for item in given:
            yield from _written(item)
    elif "Fn::If" in given:
        yield from _written(given["Fn::If"][1:])
    elif "Effect" in given:
        yield given


def _statements(
    template: str, logical_id: str, read: Mapping[str, Mapping[str, Any]]
) -> Iterator[Declared]:
    resource = read[template][logical_id]
    properties = resource["Properties"]
    if resource["Type"] == "AWS::IAM::Role":
        yield from _of_role(template, logical_id, properties)
    elif resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"):
        for of, role in _holders(template, logical_id, read):
            for item in statements_in(properties["PolicyDocument"]):
                yield Declared(of, role, item.get("Sid", ""), item)
    else:
        raise ValueError(f"{template} {logical_id}: {resource['Type']} is not read here")


def _of_role(template: str, role: str, properties: Mapping[str, Any]) -> Iterator[Declared]:
    for item in statements_in(properties["AssumeRolePolicyDocument"]):
        yield Declared(template, role, TRUST, item)
    for policy in properties.get("Policies", []):
        for item in statements_in(policy["PolicyDocument"]):
            yield Declared(template, role, item.get("Sid", ""), item)


def _holders(
    template: str, logical_id: str, read: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return template and logical id of the roles that have a policy."""
    resources = read[template]
    properties = resources[logical_id]["Properties"]
    if "RoleName" in properties:
        return [_told_role(properties["RoleName"]["Ref"], read)]
    attached = {item["Ref"] for item in properties.get("Roles", [])} | {
        name
        for name, other in resources.items()
        if {"Ref": logical_id} in other.get("Properties", {}).get("ManagedPolicyArns", [])
    }
    elsewhere = [
        (other, name)
        for other, others in read.items()
        if other != template
        for name in sorted(others)
        for policy in others[name].get("Properties", {}).get("ManagedPolicyArns", [])
        if _told_value(str(policy.get("Ref")), resources) == logical_id
    ]
    return [*((template, name) for name in sorted(attached)), *elsewhere]


def _told_value(parameter: str, resources: Mapping[str, Any]) -> str | None:
    """Return what a template writes to Parameter Store for another's parameter, if it does."""
    resource = resources.get(f"{parameter}Parameter")
    return str(resource["Properties"]["Value"].get("Ref")) if resource else None


def _told_role(parameter: str, read: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """Return the role whose name another template writes to Parameter Store for a parameter."""
    [found] = [
        (template, resource["Properties"]["Value"]["Ref"])
        for template, resources in read.items()
        for logical_id, resource in resources.items()
        if logical_id == f"{parameter}Parameter"
    ]
    return found
