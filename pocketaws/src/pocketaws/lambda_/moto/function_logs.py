"""Lambda's logs: each call is written down in the function's group, in a stream of its own."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.awslambda.models import LambdaFunction
from moto.logs.models import LogGroup, LogsBackend

from pocketaws.change import Change
from pocketaws.lambda_.function import Function, Invocation
from pocketaws.lambda_.function_log import TEXT, Logging, default_group_name
from pocketaws.lambda_.moto.stack_functions import whole_update, zipped_source

_CONFIG: Final = "LoggingConfig"
_GROUP: Final = "LogGroup"
_NODE: Final = "nodejs"


def changes() -> list[Change]:
    """Return what to change in moto: Lambda writes to one group whatever is configured there."""
    return [
        Change(LambdaFunction, "__init__", _init()),
        Change(LambdaFunction, "create_from_cloudformation_json", _created()),
        Change(LambdaFunction, "update_from_cloudformation_json", _updated()),
        Change(LambdaFunction, "update_configuration", _update_configuration()),
        Change(LambdaFunction, "get_configuration", _get_configuration()),
        Change(LogGroup, "get_cfn_attribute", _of_all_streams()),
    ]


def write(function: Function, invocation: Invocation, logs: LogsBackend) -> None:
    """Write a call's log in the name of the function's role, `function.role_arn`.

    Lambda makes its default group. One that the function was given, its stack makes: a call that
    ends after the stack's deletion finds none, and its log is lost, as on AWS.
    """
    if not invocation.log:
        return
    if function.log_group_name == default_group_name(function.name):
        logs.ensure_log_group(function.log_group_name)
    elif function.log_group_name not in logs.groups:
        return
    logs.create_log_stream(function.log_group_name, invocation.log_stream_name)
    events = [
        {"timestamp": int(event.time.timestamp() * 1000), "message": event.message}
        for event in invocation.log
    ]
    logs.put_log_events(function.log_group_name, invocation.log_stream_name, events)


def _configure(function: LambdaFunction, properties: Mapping[str, Any]) -> None:
    given = properties.get(_CONFIG) or {}
    function.logs_group_name = given.get(_GROUP) or default_group_name(function.function_name)
    function.logging = Logging(
        given.get("LogFormat") == "JSON",
        given.get("ApplicationLogLevel") or TEXT.level,
        given.get("SystemLogLevel") or TEXT.system_level,
    )


def _init() -> Callable[..., None]:
    original = LambdaFunction.__init__

    def init(
        self: LambdaFunction, account_id: str, spec: dict[str, Any], *more: Any, **named: Any
    ) -> None:
        original(self, account_id, spec, *more, **named)
        _configure(self, spec)

    return init


def _created() -> Any:
    original = LambdaFunction.create_from_cloudformation_json.__func__

    def create(
        cls: type[LambdaFunction],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> LambdaFunction:
        properties = cloudformation_json["Properties"]
        source = properties["Code"].get("ZipFile")
        function: LambdaFunction = original(cls, resource_name, cloudformation_json, *more, **named)
        if source is not None and str(properties.get("Runtime")).startswith(_NODE):
            function.update_function_code({"ZipFile": zipped_source(source)})
            function.code_or_config_updated = False
        _configure(function, properties)
        # moto takes no layers from templates.
        function.layers = function._get_layers_data(properties.get("Layers") or [])
        return function

    return classmethod(create)


def _updated() -> Any:
    original = LambdaFunction.update_from_cloudformation_json.__func__

    def update(
        cls: type[LambdaFunction],
        /,
        original_resource: LambdaFunction,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        *more: Any,
        **named: Any,
    ) -> LambdaFunction:
        whole = whole_update(cloudformation_json)
        arguments = (original_resource, new_resource_name, whole)
        function: LambdaFunction = original(cls, *arguments, *more, **named)
        _configure(function, cloudformation_json["Properties"])
        return function

    return classmethod(update)


def _update_configuration() -> Callable[..., dict[str, Any]]:
    original = LambdaFunction.update_configuration

    def update_configuration(
        self: LambdaFunction, config_updates: dict[str, Any]
    ) -> dict[str, Any]:
        if _CONFIG in config_updates:
            _configure(self, config_updates)
        configuration: dict[str, Any] = original(self, config_updates)
        return configuration

    return update_configuration


def _get_configuration() -> Callable[..., dict[str, Any]]:
    original = LambdaFunction.get_configuration

    def get_configuration(self: LambdaFunction, *more: Any, **named: Any) -> dict[str, Any]:
        told: dict[str, str] = {"LogFormat": "Text", _GROUP: self.logs_group_name}
        if self.logging.is_json:
            told |= {
                "LogFormat": "JSON",
                "ApplicationLogLevel": self.logging.level,
                "SystemLogLevel": self.logging.system_level,
            }
        return {**original(self, *more, **named), _CONFIG: told}

    return get_configuration


def _of_all_streams() -> Callable[..., str]:
    """Return a Fn::GetAtt whose ARN of a group ends in ":*", as CloudFormation's does.

    A role that may write to it may so write to the group's streams:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html
    """
    original = LogGroup.get_cfn_attribute

    def get_cfn_attribute(self: LogGroup, attribute_name: str) -> str:
        value: str = original(self, attribute_name)
        return f"{value}:*" if attribute_name == "Arn" else value

    return get_cfn_attribute
