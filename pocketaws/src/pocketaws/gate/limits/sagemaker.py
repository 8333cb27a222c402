"""SageMaker.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_TRAINING_SECONDS: Final = 28 * 24 * 3600
_PAYLOADS_MB: Final = 100
_DEFAULT_PAYLOAD_MB: Final = 6
_SERVERLESS_MB: Final = (1024, 2048, 3072, 4096, 5120, 6144)
_PROCESSING: Final = "/opt/ml/processing/"
_RESERVED: Final = "aws:"
_INVALID: Final = "ValidationException"

_Problems = Iterator[tuple[str, str]]


def problems(operation: str, request: Mapping[str, Any]) -> _Problems:
    """Yield code and message of what SageMaker refuses."""
    yield from _tag_problems(request.get("Tags") or [])
    check = _CHECKS.get(operation)
    if check is not None:
        yield from check(request)


def _tag_problems(tags: Sequence[Mapping[str, Any]]) -> _Problems:
    keys = [str(tag.get("Key")) for tag in tags]
    for key in _repeated(keys):
        yield _INVALID, f"Duplicate tag key {key!r}: each key may be given once"
    for key in keys:
        if key.lower().startswith(_RESERVED):
            yield (
                _INVALID,
                f"{_RESERVED} prefixed tag key names are not allowed for external use, got {key!r}",
            )


def _training_problems(request: Mapping[str, Any]) -> _Problems:
    algorithm = request.get("AlgorithmSpecification") or {}
    given = [name for name in ("TrainingImage", "AlgorithmName") if algorithm.get(name)]
    if len(given) != 1:
        yield (
            _INVALID,
            (
                "AlgorithmSpecification must have exactly one of TrainingImage and AlgorithmName, "
                f"got {' and '.join(given) or 'none'}"
            ),
        )
    yield from _name_problems(request.get("InputDataConfig") or [], "ChannelName")
    seconds = (request.get("StoppingCondition") or {}).get("MaxRuntimeInSeconds", 0)
    if seconds > _TRAINING_SECONDS:
        yield (
            _INVALID,
            (
                f"MaxRuntimeInSeconds {seconds} is invalid. The maximum value is "
                f"{_TRAINING_SECONDS} seconds, 28 days"
            ),
        )
    resources = request.get("ResourceConfig") or {}
    if resources.get("InstanceCount") == 0 and not resources.get("InstanceGroups"):
        yield _INVALID, "InstanceCount 0 is invalid without InstanceGroups"


def _processing_problems(request: Mapping[str, Any]) -> _Problems:
    inputs = request.get("ProcessingInputs") or []
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    yield from _name_problems(inputs, "InputName")
    yield from _name_problems(outputs, "OutputName")
    paths = []
    for item in inputs:
        if bool(item.get("S3Input")) == bool(item.get("DatasetDefinition")):
            yield (
                _INVALID,
                (
                    f"ProcessingInput {item.get('InputName')!r} must have exactly one of S3Input "
                    "and DatasetDefinition"
                ),
            )
        path = (item.get("S3Input") or {}).get("LocalPath")
        if path is None:
            continue
        paths.append(path.rstrip("/"))
        if not f"{path}/".startswith(_PROCESSING):
            yield _INVALID, f"LocalPath {path!r} is invalid: it must begin with {_PROCESSING}"
    for path in _repeated(paths):
        yield _INVALID, f"LocalPath {path!r} is of several ProcessingInputs; each needs its own"


def _transform_problems(request: Mapping[str, Any]) -> _Problems:
    size = request.get("MaxPayloadInMB")
    count = request.get("MaxConcurrentTransforms") or 1
    if (_DEFAULT_PAYLOAD_MB if size is None else size) * count > _PAYLOADS_MB:
        yield (
            _INVALID,
            (
                f"MaxConcurrentTransforms {count} times MaxPayloadInMB {size} is more than "
                f"{_PAYLOADS_MB} MB"
            ),
        )


def _variant_problems(request: Mapping[str, Any]) -> _Problems:
    variants = request.get("ProductionVariants") or []
    yield from _name_problems(variants, "VariantName")
    for variant in variants:
        serverless = variant.get("ServerlessConfig") or {}
        size = serverless.get("MemorySizeInMB")
        if size is not None and size not in _SERVERLESS_MB:
            yield (
                _INVALID,
                (
                    f"MemorySizeInMB {size} is invalid; valid values are "
                    f"{', '.join(map(str, _SERVERLESS_MB))}"
                ),
            )
        provisioned = serverless.get("ProvisionedConcurrency", 0)
        if provisioned > serverless.get("MaxConcurrency", provisioned):
            yield (
                _INVALID,
                (
                    f"ProvisionedConcurrency {provisioned} is greater than MaxConcurrency "
                    f"{serverless['MaxConcurrency']}"
                ),
            )


def _tuning_problems(request: Mapping[str, Any]) -> _Problems:
    given = [
        name for name in ("TrainingJobDefinition", "TrainingJobDefinitions") if request.get(name)
    ]
    if len(given) > 1:
        yield _INVALID, f"Only one of {' and '.join(given)} may be given"
    config = request.get("HyperParameterTuningJobConfig") or {}
    ranges = config.get("ParameterRanges") or {}
    named = [
        str(one.get("Name")) for kind in ranges.values() if isinstance(kind, list) for one in kind
    ]
    for name in _repeated(named):
        yield _INVALID, f"Hyperparameter {name!r} has several ranges"
    for kind in ("IntegerParameterRanges", "ContinuousParameterRanges"):
        for one in ranges.get(kind) or []:
            if _is_above(one.get("MinValue"), one.get("MaxValue")):
                yield (
                    _INVALID,
                    (
                        f"The range of {one.get('Name')!r} is invalid: MinValue "
                        f"{one['MinValue']} is greater than MaxValue {one['MaxValue']}"
                    ),
                )


def _is_above(low: Any, high: Any) -> bool:
    try:
        return float(low) > float(high)
    except (TypeError, ValueError):
        return False


def _container_problems(request: Mapping[str, Any]) -> _Problems:
    containers = request.get("Containers") or []
    names = [one["ContainerHostname"] for one in containers if one.get("ContainerHostname")]
    for name in _repeated(names):
        yield _INVALID, f"ContainerHostname {name!r} is of several containers"
    if names and len(names) < len(containers):
        yield _INVALID, "ContainerHostname must be given for each of the containers, or for none"
    for one in [*containers, *filter(None, [request.get("PrimaryContainer")])]:
        if one.get("ModelDataUrl") and one.get("ModelDataSource"):
            yield _INVALID, "A container has both ModelDataUrl and ModelDataSource; give one"


def _name_problems(items: Sequence[Mapping[str, Any]], member: str) -> _Problems:
    for name in _repeated([str(item.get(member)) for item in items if item.get(member)]):
        yield _INVALID, f"{member} {name!r} is given several times; each must be unique"


def _repeated(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], _Problems]]] = {
    "CreateEndpointConfig": _variant_problems,
    "CreateHyperParameterTuningJob": _tuning_problems,
    "CreateModel": _container_problems,
    "CreateProcessingJob": _processing_problems,
    "CreateTrainingJob": _training_problems,
    "CreateTransformJob": _transform_problems,
}
