"""Step Functions.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_TAGS_MAXIMUM: Final = 50
_TAGGING: Final = ("CreateStateMachine", "CreateActivity", "TagResource")
_LOGGING: Final = ("CreateStateMachine", "UpdateStateMachine")
# "The ARN must end with :*".
_LOG_GROUP: Final = re.compile(r"arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:[\w./#-]+:\*")
_ALIAS: Final = re.compile(r"arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:]+:[^:]+")
_INVALID: Final = "ValidationException"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what Step Functions refuses."""
    if operation in _TAGGING:
        yield from _tag_problems(request.get("tags") or [])
    if operation in _LOGGING:
        yield from _logging_problems(request.get("loggingConfiguration") or {})
    alias = request.get("stateMachineAliasArn")
    if alias is not None and not _ALIAS.fullmatch(str(alias)):
        yield "InvalidArn", f"Invalid State Machine Alias Arn: '{alias}'"
    if operation == "ListExecutions":
        yield from _list_problems(request)


def _tag_problems(tags: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for place, tag in enumerate(tags, start=1):
        if tag.get("key") is None:
            where = f"Value null at 'tags.{place}.member.key'"
            words = f"{where} failed to satisfy constraint: Member must not be null"
            yield _INVALID, f"1 validation error detected: {words}"
    keys = [str(tag.get("key")) for tag in tags]
    if len(set(keys)) < len(keys):
        yield _INVALID, "Duplicate tag keys are not allowed"
    for key in keys:
        if key.lower().startswith("aws:"):
            yield _INVALID, f"The tag key {key!r} begins with 'aws:', which is reserved"
    if len(keys) > _TAGS_MAXIMUM:
        yield "TooManyTags", f"{len(keys)} tags; a resource has at most {_TAGS_MAXIMUM}"


def _logging_problems(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    destinations = configuration.get("destinations") or []
    arns = [(item.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") for item in destinations]
    logs = configuration.get("level", "OFF") != "OFF"
    if len(arns) > 1 or (logs and not arns):
        yield _logging("Must specify exactly one Log Destination.")
    for arn in arns:
        if arn is None or not _LOG_GROUP.fullmatch(arn):
            yield _logging(f"{arn!r} is no ARN of a log group that ends with ':*'.")


def _logging(words: str) -> tuple[str, str]:
    return "InvalidLoggingConfiguration", f"Invalid Logging Configuration: {words}"


def _list_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = [name for name in ("stateMachineArn", "mapRunArn") if request.get(name)]
    if not given:
        yield _INVALID, "Must provide a State Machine ARN or Map Run ARN"
    elif len(given) > 1:
        yield _INVALID, "Only one of stateMachineArn and mapRunArn may be provided"
    elif given == ["stateMachineArn"] and request.get("statusFilter") == "PENDING_REDRIVE":
        yield _INVALID, "PENDING_REDRIVE is a filter of the executions of a Map Run only"
