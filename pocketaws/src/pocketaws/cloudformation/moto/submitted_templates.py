"""Templates as clients send them: SAM is transformed, and what moto lacks is made up for.

CloudFormation transforms a SAM template inside CreateChangeSet, and reads a definition from S3.
Both happen here before moto sees the template; GetTemplate answers with what was sent.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-serverless.html
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

from pocketaws.change import Change
from pocketaws.cloudformation import state_machine_definitions
from pocketaws.cloudformation.language_extensions import TRANSFORM, extended
from pocketaws.cloudformation.moto.resource_types import creates
from pocketaws.cloudformation.not_created import asked_for, take_out
from pocketaws.cloudformation.plain_values import without_dates
from pocketaws.cloudformation.template_rules import rule_problems
from pocketaws.errors import DeploymentError, UnsupportedResourceError
from pocketaws.gate.limits.cloudformation import template_problems

_SAM: Final = "AWS::Serverless-2016-10-31"


class Prepared(NamedTuple):
    """A template that moto can create.

    Attributes:
        text: plain CloudFormation in JSON.
        taken_out: logical id, and type with its condition, as `not_created.take_out` has it.
        marks: conditions on which something was taken out, by `not_created`'s name for it.
    """

    text: str
    taken_out: tuple[tuple[str, str], ...]
    marks: Mapping[str, str]

    def not_created(self, conditions: Mapping[str, bool]) -> tuple[tuple[str, str], ...]:
        """Return logical id and type of what a stack with these conditions goes without."""
        return asked_for(
            self.taken_out,
            {mark: "" for mark, condition in self.marks.items() if conditions[condition]},
        )


class Templates:
    """Prepares what clients send.

    Args:
        transform: makes plain CloudFormation of the text of a SAM template.
        s3: a client of the emulator.
        check_definition: refuses a state machine's definition as Step Functions would.
    """

    def __init__(
        self,
        transform: Callable[[str], dict[str, Any]],
        s3: Any,
        check_definition: state_machine_definitions.Check,
    ) -> None:
        self._transform = transform
        self._s3 = s3
        self._check_definition = check_definition

    def prepared(self, text: str, parameters: Mapping[str, Any]) -> Prepared:
        """Return what a template becomes.

        Args:
            text: of the template.
            parameters: as they are given, by name.

        Raises:
            DeploymentError: the transform refuses it, or a definition cannot be used.
            UnsupportedResourceError: a state needs what the local runtime does not run.
        """
        text = _with_extensions(text, parameters)
        template = self._transform(text) if is_sam(text) else _parsed(text)
        _check(template)
        declared = set(template.get("Outputs") or {})
        self._check_definitions(template)
        taken_out = take_out(template, creates=creates)
        # A client would take the marks for outputs of its own.
        outputs = template["Outputs"]
        marks = {name: outputs.pop(name)["Condition"] for name in outputs.keys() - declared}
        return Prepared(json.dumps(template, default=str), taken_out, marks)

    def of_client(self, text: str, parameters: Mapping[str, Any]) -> Prepared:
        """Return what a client's template becomes; one without SAM remains as it is.

        Raises:
            ValidationError: CloudFormation would refuse it.
        """
        try:
            text = _with_extensions(text, parameters)
            if is_sam(text):
                return self.prepared(text, parameters)
            _check(Stack.parse_template(text))
        except (DeploymentError, UnsupportedResourceError) as error:
            raise ValidationError(message=str(error)) from error
        return Prepared(text, (), {})

    def _check_definitions(self, template: dict[str, Any]) -> None:
        for logical_id, location in state_machine_definitions.locations(template).items():
            try:
                text = state_machine_definitions.read_definition(location, self._s3)
            except DeploymentError as error:
                raise DeploymentError(f"{logical_id}: {error}") from error
            self._check_definition(logical_id, state_machine_definitions.as_json(text))


def is_sam(text: str) -> bool:
    """Tell whether a template asks for the SAM transform."""
    return _SAM in text


def changes(templates: Templates) -> list[Change]:
    """Return what to change in moto's CloudFormation."""
    return [
        Change(CloudFormationBackend, "create_stack", _create_stack(templates)),
        Change(CloudFormationBackend, "update_stack", _update_stack(templates)),
        Change(CloudFormationResponse, "get_template", _get_template),
        Change(Stack, "parse_template", staticmethod(_parse_template())),
    ]


def keep_sent(stack: Stack, text: str) -> None:
    """Remember a stack's template as it was sent."""
    stack.sent_template = text


def _parsed(text: str) -> dict[str, Any]:
    template = Stack.parse_template(text)
    _check(template)
    found: dict[str, Any] = template
    return found


def _check(template: Any) -> None:
    """Refuse a template that CloudFormation would.

    Raises:
        DeploymentError: in its words.
    """
    for problem in rule_problems(template):
        raise DeploymentError(problem)
    for problem in template_problems(template):
        raise DeploymentError(problem)


def _parse_template() -> Callable[[str], Any]:
    original = Stack.parse_template

    def parse_template(template: str) -> Any:
        # Most are JSON, of which moto asks a parser of YAML that is written in Python.
        if template.lstrip().startswith("{"):
            with suppress(ValueError):
                return json.loads(template)
        return without_dates(original(template))

    return parse_template


def _create_stack(templates: Templates) -> Any:
    original = CloudFormationBackend.create_stack

    def create_stack(
        self: CloudFormationBackend,
        name: str,
        template: str,
        parameters: Any,
        *rest: Any,
        **more: Any,
    ) -> Stack:
        prepared = templates.of_client(template, parameters or {}).text
        stack = original(self, name, prepared, parameters, *rest, **more)
        keep_sent(stack, template)
        return stack

    return create_stack


def _update_stack(templates: Templates) -> Any:
    original = CloudFormationBackend.update_stack

    def update_stack(
        self: CloudFormationBackend, name: str, template: str, *rest: Any, **more: Any
    ) -> Stack:
        values = dict(self.get_stack(name).parameters)
        for item in more.get("parameters") or []:
            if item.get("ParameterValue") is not None:
                values[item["ParameterKey"]] = item["ParameterValue"]
        prepared = templates.of_client(template, values).text
        stack = original(self, name, prepared, *rest, **more)
        # One that was rolled back has kept the earlier one.
        if stack.template == prepared:
            keep_sent(stack, template)
        return stack

    return update_stack


def _with_extensions(text: str, parameters: Mapping[str, Any]) -> str:
    """Return a template's text with its language extensions done; see `extended` for errors."""
    if TRANSFORM not in text and "Fn::ForEach" not in text:
        return text
    template = Stack.parse_template(text) or {}
    return json.dumps(extended(template, parameters), default=str)


def _get_template(self: CloudFormationResponse) -> ActionResult:
    """Answer with the template that was sent, unless what became of it is asked for."""
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    name = self._get_param("ChangeSetName")
    source = self.cloudformation_backend.describe_change_set(name) if name else stack
    text = source.template
    if self._get_param("TemplateStage", "Original") != "Processed":
        text = getattr(source, "sent_template", text)
    return ActionResult({"TemplateBody": text or "", "StagesAvailable": ["Original", "Processed"]})
