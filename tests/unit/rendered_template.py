"""A template as CloudFormation would resolve it for given parameters.

Only the functions that this project's templates use are known; a reference to what does not exist
for these parameters is an error, as it is on AWS. The SAM transform is not done.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

ACCOUNT_ID: Final = "123456789012"
PSEUDO_PARAMETERS: Final[Mapping[str, str]] = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackId": f"arn:aws:cloudformation:eu-west-1:{ACCOUNT_ID}:stack/abalone-endpoint/1",
    "AWS::StackName": "abalone-endpoint",
    "AWS::URLSuffix": "amazonaws.com",
}
# Of these types, Ref gives the ARN and some reader takes it apart or has a pattern for it.
_REF_IS_ARN: Final[Mapping[str, str]] = {
    "AWS::SageMaker::DataQualityJobDefinition": "data-quality-job-definition",
    "AWS::SageMaker::ModelQualityJobDefinition": "model-quality-job-definition",
    "AWS::SageMaker::ModelPackageGroup": "model-package-group",
    "AWS::SageMaker::Endpoint": "endpoint",
}
_NO_VALUE: Final = object()


class DanglingReferenceError(Exception):
    """Something refers to what does not exist for these parameters."""


class Rendered:
    """A template with its parameters; `resources` and `outputs` hold what would be created."""

    def __init__(
        self, template: Mapping[str, Any], pseudo: Mapping[str, str] = {}, /, **overrides: Any
    ) -> None:
        self._template = template
        self._pseudo = {**PSEUDO_PARAMETERS, **pseudo}
        unknown = overrides.keys() - template["Parameters"].keys()
        assert not unknown, unknown
        self._parameters = {
            name: _typed(parameter["Type"], overrides.get(name, parameter["Default"]))
            for name, parameter in template["Parameters"].items()
        }
        self.resources = self._existing("Resources")
        self.outputs = self._existing("Outputs")

    def of_type(self, resource_type: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == resource_type
        }

    def refusals(self) -> list[str]:
        """Return what the template's Rules say against the parameters."""
        return [
            assertion["AssertDescription"]
            for rule in self._template["Rules"].values()
            if self.resolve(rule.get("RuleCondition", True))
            for assertion in rule["Assertions"]
            if not self.resolve(assertion["Assert"])
        ]

    def resolve(self, value: Any) -> Any:
        """Return a value with every function replaced by what it gives."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return getattr(self, "_" + name.removeprefix("Fn::").lower())(argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def _existing(self, section: str) -> dict[str, Any]:
        found = {}
        for name, item in self._template[section].items():
            if "Condition" in item and not self._condition(item["Condition"]):
                continue
            found[name] = self.resolve({key: it for key, it in item.items() if key != "Condition"})
            for other in _listed(item.get("DependsOn", [])):
                assert other in self._template["Resources"], other
        return found

    def _condition(self, name: str) -> bool:
        return bool(self.resolve(self._template["Conditions"][name]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self._pseudo:
            return self._pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        kind = _REF_IS_ARN.get(self._type_of(name))
        return self._arn(name, kind) if kind else name.lower()

    def _getatt(self, argument: list[str]) -> str:
        name, attribute = argument
        self._type_of(name)
        return self._arn(name, "thing") if attribute.endswith("Arn") else name.lower()

    def _type_of(self, name: str) -> str:
        resource = self._template["Resources"].get(name)
        if resource is None:
            raise DanglingReferenceError(f"{name} is nowhere")
        if "Condition" in resource and not self._condition(resource["Condition"]):
            raise DanglingReferenceError(f"{name} is not created")
        return str(resource["Type"])

    def _arn(self, name: str, kind: str) -> str:
        kind = "role" if name.endswith("Role") else kind
        service = "iam:" if kind == "role" else "sagemaker:eu-west-1"
        return f"arn:aws:{service}:{ACCOUNT_ID}:{kind}/{name.lower()}"

    def _sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})

        def value(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if name in own:
                return str(self.resolve(own[name]))
            return str(self._getatt([name, attribute]) if attribute else self._ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", value, text)

    def _if(self, argument: list[Any]) -> Any:
        name, then, otherwise = argument
        return self.resolve(then if self._condition(name) else otherwise)

    def _equals(self, argument: list[Any]) -> bool:
        first, second = map(self.resolve, argument)
        return str(first) == str(second)

    def _and(self, argument: list[Any]) -> bool:
        return all(map(self.resolve, argument))

    def _or(self, argument: list[Any]) -> bool:
        return any(map(self.resolve, argument))

    def _not(self, argument: list[Any]) -> bool:
        return not self.resolve(argument[0])

    def _join(self, argument: list[Any]) -> str:
        separator, items = self.resolve(argument)
        return str(separator).join(items)

    def _split(self, argument: list[Any]) -> list[str]:
        separator, text = self.resolve(argument)
        return str(text).split(separator)

    def _select(self, argument: list[Any]) -> Any:
        index, items = self.resolve(argument)
        return items[int(index)]

    def _findinmap(self, argument: list[Any]) -> Any:
        mapping, first, second = self.resolve(argument)
        return self._template["Mappings"][mapping][first][second]


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _typed(parameter_type: str, value: Any) -> Any:
    if parameter_type == "Number":
        return float(value) if "." in str(value) else int(value)
    if parameter_type == "CommaDelimitedList":
        return str(value).split(",")
    # What Parameter Store would hold stands for itself by the last part of its name.
    return str(value).rpartition("/")[2] if parameter_type.startswith("AWS::SSM") else value
