"""Check the channels of a training job as the XGBoost container checks them.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_algorithm_toolkit/
channel_validation.py`, `src/sagemaker_xgboost_container/algorithm_mode/channel_validation.py` and
`data_utils.py`.
"""

from collections.abc import Mapping
from typing import Final

from pocketaws.sagemaker.xgboost.log import TrainingError

CSV: Final = "csv"
LIBSVM: Final = "libsvm"
PARQUET: Final = "parquet"
RECORDIO: Final = "recordio-protobuf"
CONTENT_TYPES: Final = {
    "csv": CSV,
    "libsvm": LIBSVM,
    "parquet": PARQUET,
    "recordio-protobuf": RECORDIO,
    "text/csv": CSV,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "application/x-parquet": PARQUET,
    "application/x-recordio-protobuf": RECORDIO,
}
_DEFAULT_TYPE: Final = "text/libsvm"
_DISTRIBUTIONS: Final = ("FullyReplicated", "ShardedByS3Key")


def check_channels(channels: Mapping[str, Mapping[str, str]]) -> str:
    """Return the format of the train channel, which the container takes for both channels.

    Args:
        channels: The content of `inputdataconfig.json`.

    Raises:
        TrainingError: A channel is missing, unknown or of a kind that is not supported.
    """
    if "train" not in channels:
        raise TrainingError("Missing required channel: train")
    for name, channel in channels.items():
        _check_channel(name, channel)
    content_format = CONTENT_TYPES[channels["train"].get("ContentType", _DEFAULT_TYPE)]
    for name, channel in channels.items():
        if channel.get("TrainingInputMode") == "Pipe":
            raise TrainingError(
                f"Channel '{name}': Pipe mode for {content_format} is refused by image 3.2-0 for "
                "CSV and Parquet, and is not reproduced locally; use TrainingInputMode File"
            )
    if content_format == RECORDIO:
        raise TrainingError(
            f"{channels['train']['ContentType']}: reading {RECORDIO} is not reproduced locally; "
            "use text/csv"
        )
    return content_format


def _check_channel(name: str, channel: Mapping[str, str]) -> None:
    """Compare a channel with what is supported: as whole strings, as the container does.

    A parameter, capitals or a space make another type, which is refused.
    """
    if name not in ("train", "validation", "code"):
        raise TrainingError(f"Extraneous channel found: {name}")
    content_type = channel.get("ContentType", _DEFAULT_TYPE)
    mode = channel.get("TrainingInputMode", "File")
    distribution = channel.get("S3DistributionType", "FullyReplicated")
    supported = _is_data(content_type, mode) and distribution in _DISTRIBUTIONS
    if name == "code":
        as_code = ("text/python", "File", "FullyReplicated")
        supported = (content_type, mode, distribution) == as_code
    if not supported:
        given = {**channel, "ContentType": content_type}
        raise TrainingError(
            f"Channel configuration for '{name}' channel is not supported: {given}"
            f"{_remedy(name, content_type, mode)}"
        )


def _is_data(content_type: str, mode: str) -> bool:
    if CONTENT_TYPES.get(content_type) == LIBSVM:
        return mode == "File"
    return content_type in CONTENT_TYPES and mode in ("File", "Pipe")


def _remedy(name: str, content_type: str, mode: str) -> str:
    if name == "code":
        return ". A code channel has ContentType text/python and TrainingInputMode File"
    if content_type not in CONTENT_TYPES:
        return f". ContentType {content_type!r} has to be one of these, exactly: " + ", ".join(
            CONTENT_TYPES
        )
    if mode != "File":
        return f". TrainingInputMode {mode!r} has to be File"
    return f". S3DistributionType has to be one of {', '.join(_DISTRIBUTIONS)}"
