"""Every setting that an execution used, by the names of its input, and where it came from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workflow.report.record import Setting
from workflow.report.record_form import DEFAULT, INPUT, STACK, TUNED

# Where functions/prepare_execution puts each; docs/execution-input.md tells what each is.
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "input_data_uri": ("processing", "input_data_uri"),
    "processing_instance_type": ("processing", "instance_type"),
    "processing_instance_count": ("processing", "instance_count"),
    "processing_volume_size_gb": ("processing", "volume_size_gb"),
    "processing_max_runtime_seconds": ("processing", "max_runtime_seconds"),
    "training_instance_type": ("training", "instance_type"),
    "training_instance_count": ("training", "instance_count"),
    "training_volume_size_gb": ("training", "volume_size_gb"),
    "training_max_runtime_seconds": ("training", "stopping_condition", "MaxRuntimeInSeconds"),
    "training_use_spot": ("training", "use_spot"),
    "training_max_wait_seconds": ("training", "stopping_condition", "MaxWaitTimeInSeconds"),
    "tuning": ("tuning", "asked"),
    "batch_data_uri": ("batch", "input_data_uri"),
    "batch_instance_type": ("batch", "instance_type"),
    "batch_instance_count": ("batch", "instance_count"),
    "batch_timeout_seconds": ("batch", "timeout_seconds"),
    "gate_metric": ("gate", "metric"),
    "gate_threshold": ("gate", "threshold"),
    "max_mse": ("gate", "max_mse"),
    "max_mse_increase": ("gate", "max_mse_increase"),
    "if_not_comparable": ("gate", "if_not_comparable"),
    "approval": ("approval", "policy"),
    "approval_min_improvement": ("approval", "min_improvement"),
    "approval_timeout_seconds": ("approval", "timeout_seconds"),
    "cache": ("cache", "setting"),
}
# What the preprocessing job takes as arguments; those of no stack parameter come from the code.
_ARGUMENTS: Final = ("validation_share", "test_share", "split_seed", "max_rejected_share")
_NOT_OF_THE_STACK: Final = (
    *("validation_share", "test_share", "split_seed", "tags"),
    *("batch_instance_type", "batch_instance_count", "batch_timeout_seconds"),
)
# Of which an empty stack parameter says nothing.
_THRESHOLD: Final = "gate_threshold"
_OF_THE_GATE: Final = ("gate_metric", _THRESHOLD)
_EITHER: Final = f"{STACK} or {DEFAULT}"
_HYPERPARAMETERS: Final = "hyperparameters"


def settings_of(prepared: Mapping[str, Any], given: Mapping[str, Any]) -> list[Setting]:
    """Return the settings in the order of docs/execution-input.md.

    Args:
        prepared: the prepared execution; empty where preparing it failed, and then what was given
            stands alone.
        given: the execution's input.
    """
    found = dict(_settings_in(prepared))
    values = found or {name: value for name, value in given.items() if name != _HYPERPARAMETERS}
    settings = [
        Setting(name, value, _source(name, given, values)) for name, value in values.items()
    ]
    hyperparameters = _mapping(_at(prepared, ("training", _HYPERPARAMETERS)))
    own = _mapping(given.get(_HYPERPARAMETERS))
    tuned = _mapping(_at(prepared, ("tuning", "best", _HYPERPARAMETERS)))
    sources = {**dict.fromkeys(own, INPUT), **dict.fromkeys(tuned, TUNED)}
    return settings + [
        Setting(f"{_HYPERPARAMETERS}.{name}", value, sources.get(name, DEFAULT))
        for name, value in {**(hyperparameters or own), **tuned}.items()
    ]


def overridden(settings: Iterable[Setting]) -> dict[str, Any]:
    """Return what the input set, by name."""
    return {item.name: item.value for item in settings if item.source == INPUT}


def _settings_in(prepared: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, place in _PLACES.items():
        value = _at(prepared, place)
        # Of an execution that tunes nothing, that is not told.
        if value not in (None, {}):
            yield name, value
    arguments = _at(prepared, ("processing", "arguments")) or []
    for flag, value in zip(arguments[::2], arguments[1::2], strict=False):
        name = str(flag).removeprefix("--").replace("-", "_")
        if name in _ARGUMENTS:
            yield name, value
    if prepared.get("tags"):
        yield "tags", {item["Key"]: item["Value"] for item in prepared["tags"]}


def _source(name: str, given: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if name in given:
        return INPUT
    if name in _OF_THE_GATE:
        stands = name == _THRESHOLD and values.get("gate_metric") == "mse"
        return "max_mse" if stands and values[name] == values.get("max_mse") else _EITHER
    return DEFAULT if name in _NOT_OF_THE_STACK else STACK


def _at(document: Any, place: Iterable[str]) -> Any:
    for key in place:
        document = _mapping(document).get(key)
    return document


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
