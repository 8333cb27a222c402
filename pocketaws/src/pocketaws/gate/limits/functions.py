"""Lambda.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pocketaws.gate.limits.words import length_problem

_NAME_MAXIMUM: Final = 64
_ENVIRONMENT_MAXIMUM_BYTES: Final = 4096
_TIMEOUT_MAXIMUM_SECONDS: Final = 900
_MEMORY_MAXIMUM_MB: Final = 10_240
_LAYERS_MAXIMUM: Final = 5
_TAGS_MAXIMUM: Final = 50
# Bytes of a payload, by the invocation's type.
_PAYLOAD_MAXIMUMS: Final = {"RequestResponse": 6_291_456, "Event": 1_048_576}
_RESERVED: Final = (
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
)
_INVALID: Final = "InvalidParameterValueException"


def problems(operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield code and message of what Lambda refuses."""
    if operation == "CreateFunction":
        yield from _package_problems(request)
    if operation in ("CreateFunction", "UpdateFunctionConfiguration"):
        yield from _configuration_problems(request)
    elif operation == "Invoke":
        kind = request.get("InvocationType", "RequestResponse")
        maximum = _PAYLOAD_MAXIMUMS.get(kind, max(_PAYLOAD_MAXIMUMS.values()))
        if len(request.get("Payload") or b"") > maximum:
            yield (
                "RequestEntityTooLargeException",
                f"Request must be smaller than {maximum} bytes for the InvokeFunction operation",
            )


def _package_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a function cannot be made without; an image brings its own."""
    code = request.get("Code")
    if code is None:
        # Of a stack's function, whose code is of another form.
        return
    given = [name for name in ("ZipFile", "S3Bucket", "ImageUri") if code.get(name)]
    if not given or (given == ["S3Bucket"] and not code.get("S3Key")):
        yield _INVALID, "Please provide a source for function code."
    elif len(given) > 1:
        yield (
            _INVALID,
            "Please do not provide other FunctionCode parameters when providing a ZipFile.",
        )
    if request.get("PackageType", "Zip") == "Zip" and "ImageUri" not in given:
        missing = [name for name in ("Runtime", "Handler") if not request.get(name)]
        if missing:
            yield (
                _INVALID,
                (
                    "Runtime and Handler are mandatory parameters for functions created with "
                    "deployment packages."
                ),
            )


def _configuration_problems(request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name = str(request.get("FunctionName", ""))
    if ":" not in name and len(name) > _NAME_MAXIMUM:
        yield "ValidationException", length_problem("functionName", name, _NAME_MAXIMUM)
    yield from _environment_problems((request.get("Environment") or {}).get("Variables") or {})
    if not request.get("CapacityProviderConfig"):
        yield from _size_problems("timeout", request.get("Timeout"), _TIMEOUT_MAXIMUM_SECONDS)
        yield from _size_problems("memorySize", request.get("MemorySize"), _MEMORY_MAXIMUM_MB)
    logging = request.get("LoggingConfig") or {}
    levels = [name for name in ("ApplicationLogLevel", "SystemLogLevel") if logging.get(name)]
    if levels and logging.get("LogFormat") != "JSON":
        yield _INVALID, f"{' and '.join(levels)} can be set only where LogFormat is JSON."
    if len(request.get("Layers") or []) > _LAYERS_MAXIMUM:
        yield _INVALID, f"Cannot reference more than {_LAYERS_MAXIMUM} layers."
    if len(request.get("Tags") or {}) > _TAGS_MAXIMUM:
        yield _INVALID, f"The number of tags exceeds {_TAGS_MAXIMUM}"


def _size_problems(member: str, value: int | None, maximum: int) -> Iterator[tuple[str, str]]:
    """Yield what only functions on instances of one's own may have more of."""
    if value is not None and value > maximum:
        yield (
            "ValidationException",
            (
                f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy "
                f"constraint: Member must have value less than or equal to {maximum}"
            ),
        )


def _environment_problems(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    start = "Lambda was unable to configure your environment variables because the "
    reserved = [name for name in variables if name in _RESERVED]
    if reserved:
        yield (
            _INVALID,
            (
                f"{start}environment variables you have provided contains reserved keys that are "
                "currently not supported for modification. "
                f"Reserved keys used in this request: {', '.join(reserved)}"
            ),
        )
    measured = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    size = len(measured.encode())
    if size > _ENVIRONMENT_MAXIMUM_BYTES:
        yield (
            _INVALID,
            (
                f"{start}environment variables you have provided exceeded the 4KB limit. "
                f"String measured: {size} bytes, {measured[:200]}"
            ),
        )
