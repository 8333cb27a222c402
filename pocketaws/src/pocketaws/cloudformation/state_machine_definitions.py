"""What CloudFormation makes of a state machine's definition: text for CreateStateMachine.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import yaml
from botocore.exceptions import ClientError

from pocketaws.cloudformation.plain_values import without_dates
from pocketaws.errors import DeploymentError

# Refuses a definition as Step Functions would; given the resource's logical id and the text.
Check = Callable[[str, str], None]

_STATE_MACHINE: Final = "AWS::StepFunctions::StateMachine"
_PLACEHOLDER: Final = re.compile(r"\$\{([^${}]+)\}")
# A value may hold another's placeholder, but not for ever its own.
_ROUNDS: Final = 10


class Location(NamedTuple):
    """Where an object is; without a version it is the newest."""

    bucket_name: str
    key: str
    version_id: str | None


Read = Callable[[Location], str]


def locations(template: Mapping[str, Any]) -> dict[str, Location]:
    """Return where definitions are that can be read before the stack is there, by logical id.

    Args:
        template: plain CloudFormation.
    """
    found = {}
    for logical_id, resource in template["Resources"].items():
        location = (resource.get("Properties") or {}).get("DefinitionS3Location")
        if resource["Type"] == _STATE_MACHINE and isinstance(location, dict):
            parts = [location.get("Bucket"), location.get("Key")]
            if all(isinstance(part, str) for part in parts):
                found[logical_id] = _location(location)
    return found


def definition_text(properties: Mapping[str, Any], read: Read) -> str:
    """Return the definition of a state machine in JSON.

    Args:
        properties: of the resource, with everything that they refer to filled in.
        read: returns the text of an object.

    Raises:
        DeploymentError: no definition is given, or several are, or it cannot be read.
    """
    forms = [name for name in _FORMS if properties.get(name)]
    if len(forms) != 1:
        raise DeploymentError(
            "Property validation failure: exactly one of Definition, DefinitionString and "
            f"DefinitionS3Location is needed; there is {' and '.join(forms) or 'none'}"
        )
    text = _FORMS[forms[0]](properties[forms[0]], read)
    substituted = _substituted(text, properties.get("DefinitionSubstitutions") or {})
    return as_json(substituted)


def read_definition(location: Location, s3: Any) -> str:
    """Return the text of a definition in S3.

    Args:
        location: of the object.
        s3: a client of the emulator.

    Raises:
        DeploymentError: there is none.
    """
    version = {} if location.version_id is None else {"VersionId": location.version_id}
    try:
        answer = s3.get_object(Bucket=location.bucket_name, Key=location.key, **version)
        return str(answer["Body"].read().decode())
    except (ClientError, UnicodeDecodeError) as error:
        uri = f"s3://{location.bucket_name}/{location.key}"
        raise DeploymentError(f"no definition at {uri}: {error}") from error


def as_json(text: str) -> str:
    """Return a definition that may be YAML in JSON; what is neither is returned as it is."""
    if text.lstrip().startswith("{"):
        return text
    try:
        parsed = without_dates(yaml.safe_load(text))
    except yaml.YAMLError:
        return text
    return json.dumps(parsed) if isinstance(parsed, dict) else text


def _location(location: Mapping[str, Any]) -> Location:
    return Location(location["Bucket"], location["Key"], location.get("Version"))


def _substituted(text: str, substitutions: Mapping[str, Any]) -> str:
    """Put values in place of placeholders; one that has no value stays."""
    for _ in range(_ROUNDS):
        before = text
        text = _PLACEHOLDER.sub(
            lambda match: (
                _value(substitutions[match[1]]) if match[1] in substitutions else match[0]
            ),
            before,
        )
        if text == before:
            break
    return text


def _value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_FORMS: Final[Mapping[str, Callable[[Any, Read], str]]] = {
    "Definition": lambda value, _: value if isinstance(value, str) else json.dumps(value),
    "DefinitionString": lambda value, _: value if isinstance(value, str) else json.dumps(value),
    "DefinitionS3Location": lambda value, read: read(_location(value)),
}
