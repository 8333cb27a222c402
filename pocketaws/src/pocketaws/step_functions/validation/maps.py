"""The fields of Map states that have rules of their own."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pocketaws.step_functions.validation import templates, values
from pocketaws.step_functions.validation.report import DefinitionPlace
from pocketaws.step_functions.validation.retriers import check_fields

_ONLY_DISTRIBUTED: Final = (
    "ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount",
    "ToleratedFailureCountPath", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
)  # fmt: skip
# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
_LABEL: Final = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")
_READERS: Final = ("s3:getObject", "s3:listObjectsV2")
_WRITERS: Final = ("s3:putObject",)
_INPUT_TYPE: Final = values.one_of("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
_BATCH_SIZES: Final = (
    "MaxItemsPerBatch", "MaxItemsPerBatchPath",
    "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath",
)  # fmt: skip
_CONFIG: Final[values.Checks] = {
    "Mode": values.one_of("INLINE", "DISTRIBUTED"),
    "ExecutionType": values.one_of("STANDARD", "EXPRESS"),
}


def is_distributed(state: Mapping[str, Any]) -> bool:
    """Tell whether a Map state runs child executions."""
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def runs_express(state: Mapping[str, Any]) -> bool:
    """Tell whether a Map state's child executions are Express ones."""
    return is_distributed(state) and (
        state["ItemProcessor"]["ProcessorConfig"].get("ExecutionType") == "EXPRESS"
    )


def check(state: Mapping[str, Any], place: DefinitionPlace, *, jsonata: bool) -> None:
    """Check a Map state's own fields; the states inside are checked elsewhere."""
    if "ItemProcessor" not in state and "Iterator" not in state:
        place.error("The field 'ItemProcessor' is required")
    _check_config(state, place)
    if not is_distributed(state):
        for name in state.keys() & set(_ONLY_DISTRIBUTED):
            place.at(name).error(f"Field '{name}' is supported in DISTRIBUTED mode only")
    elif "Label" in state and not _is_label(state["Label"]):
        place.at("Label").error("Label is not valid", "INVALID_LABEL_NAME")
    for name in ("ItemSelector", "ItemReader", "ItemBatcher", "ResultWriter"):
        if name in state:
            _check_object(state[name], place.at(name), jsonata=jsonata)
    if is_distributed(state):
        _check_reader(state.get("ItemReader"), place.at("ItemReader"))
        _check_batcher(state.get("ItemBatcher"), place.at("ItemBatcher"))
        _check_writer(state.get("ResultWriter"), place.at("ResultWriter"))
    if "Items" in state and jsonata:
        _check_items(state["Items"], place.at("Items"))


def _check_reader(reader: Any, place: DefinitionPlace) -> None:
    """Check what items are read from.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    if not isinstance(reader, dict):
        return
    _check_resource(reader, place, _READERS)
    config = reader.get("ReaderConfig")
    if isinstance(config, dict) and "InputType" in config:
        problem = _INPUT_TYPE(config["InputType"])
        if problem:
            place.at("ReaderConfig", "InputType").error(problem)


def _check_writer(writer: Any, place: DefinitionPlace) -> None:
    """Check where results are written to; without a Resource they are only formatted.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """
    if isinstance(writer, dict) and ("Resource" in writer or "WriterConfig" not in writer):
        _check_resource(writer, place, _WRITERS)


def _check_batcher(batcher: Any, place: DefinitionPlace) -> None:
    """Check that batches have a size.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
    """
    if isinstance(batcher, dict) and not any(name in batcher for name in _BATCH_SIZES):
        place.error("One of the fields MaxItemsPerBatch and MaxInputBytesPerBatch must be there")


def _check_resource(
    holder: Mapping[str, Any], place: DefinitionPlace, known: tuple[str, ...]
) -> None:
    if "Resource" not in holder:
        place.error("The field 'Resource' is required")
    elif not any(_ends(holder, name) for name in known):
        place.at("Resource").error(f"Value is not valid. Allowed are the calls {', '.join(known)}")


def _ends(holder: Mapping[str, Any], call: str) -> bool:
    return str(holder.get("Resource")).endswith(f":states:::{call}")


def _is_label(label: Any) -> bool:
    return isinstance(label, str) and _LABEL.fullmatch(label) is not None


def _check_config(state: Mapping[str, Any], place: DefinitionPlace) -> None:
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    here = place.at("ItemProcessor", "ProcessorConfig")
    if config is None:
        return
    if not isinstance(config, dict):
        here.error("Value must be an object")
        return
    check_fields(config, _CONFIG, here)
    if config.get("Mode") == "DISTRIBUTED" and "ExecutionType" not in config:
        here.error("The field 'ExecutionType' is required")


def _check_object(value: Any, place: DefinitionPlace, *, jsonata: bool) -> None:
    if isinstance(value, dict) or (jsonata and isinstance(value, str)):
        templates.check(value, place, jsonata=jsonata)
    else:
        place.error("Value must be an object")


def _check_items(value: Any, place: DefinitionPlace) -> None:
    if isinstance(value, list | dict):
        templates.check(value, place, jsonata=True)
        return
    problem = values.only_expression(value)
    if problem:
        place.error("Value must be an array or a JSONata expression")
