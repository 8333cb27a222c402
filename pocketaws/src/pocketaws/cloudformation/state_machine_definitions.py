"""What CloudFormation makes of a state machine's definition: text in the stack."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pocketaws.errors import DeploymentError

# Refuses a definition as Step Functions would; given the resource's logical id and the text.
Check = Callable[[str, str], None]

_STATE_MACHINE: Final = "AWS::StepFunctions::StateMachine"


class Location(NamedTuple):
    """Where an object is; without a version it is the newest."""

    bucket_name: str
    key: str
    version_id: str | None


def locations(template: Mapping[str, Any]) -> dict[str, Location]:
    """Return where the definitions are that a template names by S3 location, by logical id.

    Args:
        template: plain CloudFormation.
    """
    found = {}
    for logical_id, resource in template["Resources"].items():
        location = resource.get("Properties", {}).get("DefinitionS3Location")
        if resource["Type"] == _STATE_MACHINE and location is not None:
            found[logical_id] = _location(logical_id, location)
    return found


def _location(logical_id: str, location: Any) -> Location:
    parts = location if isinstance(location, dict) else {}
    bucket_name, key = parts.get("Bucket"), parts.get("Key")
    if not isinstance(bucket_name, str) or not isinstance(key, str):
        raise DeploymentError(
            f"{logical_id}: DefinitionS3Location {location!r} cannot be read before the stack is "
            "there; give Bucket and Key as texts, as `sam package` does"
        )
    return Location(bucket_name, key, parts.get("Version"))


def fold(template: dict[str, Any], definitions: Mapping[str, str]) -> None:
    """Put definitions into a template, with an expression for what their substitutions make.

    Args:
        template: plain CloudFormation; changed in place.
        definitions: text by logical id; each takes the place of a DefinitionS3Location.

    Raises:
        DeploymentError: a definition has a placeholder without a substitution.
    """
    for logical_id, definition in definitions.items():
        properties = template["Resources"][logical_id]["Properties"]
        properties.pop("DefinitionS3Location")
        substitutions = properties.pop("DefinitionSubstitutions", {})
        properties["DefinitionString"] = _substituted(definition, substitutions)


def _substituted(definition: str, substitutions: Mapping[str, Any]) -> dict[str, Any]:
    """Return an expression for what CloudFormation makes of DefinitionSubstitutions.

    moto reads DefinitionString only, and its Fn::Sub spoils the `$$.` of context paths.
    """
    parts = re.split(r"\$\{(\w+)\}", definition)
    unknown = set(parts[1::2]) - substitutions.keys()
    if unknown:
        raise DeploymentError(f"DefinitionSubstitutions lack {sorted(unknown)}")
    return {
        "Fn::Join": [
            "",
            [substitutions[part] if index % 2 else part for index, part in enumerate(parts)],
        ]
    }
