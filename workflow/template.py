"""A CloudFormation template resolved for given parameters, without deploying it.

The pipeline's own stack is not made on this machine; what it holds is read. So a resource is its
properties here, and what AWS would make up (a name, an ARN) is made up likewise.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pocketaws
from pocketaws import partition_of, url_suffix_of
from workflow.errors import WorkflowError

ACCOUNT_ID: Final = "123456789012"
_NO_VALUE: Final = object()
# The ARNs, behind their partition, of what has another form than SERVICE:REGION:ACCOUNT:NAME.
_ARNS: Final[Mapping[str, str]] = {
    "AWS::CodeBuild::Project": "codebuild:{region}:{account}:project/{name}",
    "AWS::CodeBuild::ReportGroup": "codebuild:{region}:{account}:report-group/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
}
# Types of which Ref gives the ARN.
_REF_IS_ARN: Final = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic")
_SUBSTITUTION: Final = re.compile(r"\$\{(!?)([\w:.]+)\}")
# The property that holds a resource's own name; of what has none, a name is made up.
_NAMES: Final = ("Name", "BucketName", "RoleName", "TopicName", "LogGroupName", "FunctionName")


def read_template(path: Path) -> dict[str, Any]:
    """Return a template with its short tags written out.

    Raises:
        WorkflowError: the file is not there, or no template.
    """
    try:
        return pocketaws.read_template(path)
    except pocketaws.DeploymentError as error:
        raise WorkflowError(str(error)) from error


def pseudo_parameters(region: str, stack_name: str) -> dict[str, str]:
    """Return what CloudFormation knows of a stack in a region of the emulated account."""
    partition = partition_of(region)
    stack = f"stack/{stack_name}/{UUID(int=0)}"
    return {
        "AWS::AccountId": ACCOUNT_ID,
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackId": f"arn:{partition}:cloudformation:{region}:{ACCOUNT_ID}:{stack}",
        "AWS::StackName": stack_name,
        "AWS::URLSuffix": url_suffix_of(region),
    }


def seen_in(
    template: Mapping[str, Any], region: str, given: Mapping[str, str] | None = None
) -> "ResolvedTemplate":
    """Return a template as a region sees it, with the defaults of its parameters.

    Args:
        template: as `read_template` returns it.
        region: where a stack of it is to be.
        given: parameters, over their defaults.
    """
    defaults = {
        name: str(slot.get("Default", "")) for name, slot in template.get("Parameters", {}).items()
    }
    return ResolvedTemplate(
        template, {**defaults, **(given or {})}, pseudo_parameters(region, "any")
    )


class ResolvedTemplate:
    """A template with its parameters.

    Args:
        template: as `read_template` returns it.
        parameters: the value of every parameter, by name; see `parameters.checked`.
        pseudo_parameters: such as "AWS::Region".
    """

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        pseudo_parameters: Mapping[str, str],
    ) -> None:
        self._template = template
        self._values = {**pseudo_parameters, **parameters}
        self._stack_name = pseudo_parameters["AWS::StackName"]
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Equals": lambda both: str(self.resolve(both[0])) == str(self.resolve(both[1])),
            "Fn::And": lambda items: all(map(self.resolve, items)),
            "Fn::Or": lambda items: any(map(self.resolve, items)),
            "Fn::Not": lambda items: not self.resolve(items[0]),
            "Fn::Join": lambda both: str(both[0]).join(map(str, self.resolve(both[1]))),
            "Fn::Split": lambda both: str(self.resolve(both[1])).split(both[0]),
            "Fn::Select": lambda both: self.resolve(both[1])[int(self.resolve(both[0]))],
            "Fn::FindInMap": self._find_in_map,
        }

    def of_type(self, resource_type: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a type that would be created, by logical id."""
        return {
            logical_id: self.resolve(resource.get("Properties", {}))
            for logical_id, resource in self._template["Resources"].items()
            if resource["Type"] == resource_type and self._exists(resource)
        }

    def refusals(self) -> list[str]:
        """Return what the template's Rules say against the parameters."""
        return [
            " ".join(str(assertion.get("AssertDescription", name)).split())
            for name, rule in self._template.get("Rules", {}).items()
            if self.resolve(rule.get("RuleCondition", True))
            for assertion in rule["Assertions"]
            if not self.resolve(assertion["Assert"])
        ]

    def resolve(self, value: Any) -> Any:
        """Return a value with every function replaced by what it gives.

        Raises:
            WorkflowError: a function that is not known here, or a name that is not there.
        """
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self._functions:
                return self._functions[name](argument)
            if str(name).startswith("Fn::"):
                known = ", ".join(sorted(self._functions))
                raise WorkflowError(f"{name} is not known here; known are {known}")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def name_of(self, logical_id: str) -> str:
        """Return the name that a resource has, or that CloudFormation would make up for it."""
        resource = self._template["Resources"].get(logical_id)
        if resource is None:
            raise WorkflowError(f"{logical_id} is neither a parameter nor a resource")
        properties = resource.get("Properties", {})
        for name in _NAMES:
            if name in properties:
                return str(self.resolve(properties[name]))
        return f"{self._stack_name}-{logical_id}".lower()

    def _exists(self, resource: Mapping[str, Any]) -> bool:
        return "Condition" not in resource or self._condition(resource["Condition"])

    def _condition(self, name: str) -> bool:
        conditions = self._template.get("Conditions", {})
        if name not in conditions:
            raise WorkflowError(f"there is no Condition {name!r}; there are {sorted(conditions)}")
        return bool(self.resolve(conditions[name]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self._values:
            return self._values[name]
        is_arn = self._template["Resources"].get(name, {}).get("Type") in _REF_IS_ARN
        return self._get_att([name, "Arn"]) if is_arn else self.name_of(name)

    def _get_att(self, argument: Any) -> str:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        name = self.name_of(logical_id)
        if not attribute.endswith("Arn"):
            return f"{name}.{attribute}"
        resource_type = self._template["Resources"][logical_id]["Type"]
        service = resource_type.split("::")[1].lower()
        form = _ARNS.get(resource_type, f"{service}:{{region}}:{{account}}:{{name}}")
        values = {"region": self._values["AWS::Region"], "account": self._values["AWS::AccountId"]}
        return f"arn:{self._values['AWS::Partition']}:{form.format(name=name, **values)}"

    def _sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})

        def value(match: re.Match[str]) -> str:
            is_literal, name = match.groups()
            if is_literal:
                return "${" + name + "}"
            if name in own:
                return str(self.resolve(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _SUBSTITUTION.sub(value, text)

    def _if(self, argument: list[Any]) -> Any:
        name, then, otherwise = argument
        return self.resolve(then if self._condition(name) else otherwise)

    def _find_in_map(self, argument: list[Any]) -> Any:
        mapping, first, second = self.resolve(argument)
        try:
            return self._template["Mappings"][mapping][first][second]
        except KeyError as error:
            raise WorkflowError(f"Mappings lack {mapping}.{first}.{second}") from error
