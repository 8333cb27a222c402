"""Read the channels of a training job as the XGBoost container reads them.

Sources: aws/sagemaker-xgboost-container on GitHub, `src/sagemaker_xgboost_container/data_utils.py`
and `algorithm_mode/channel_validation.py`, and `src/sagemaker_algorithm_toolkit/
channel_validation.py`.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.log import TrainingError, brief, log

MAX_FOLDER_DEPTH: Final = 3
CONTENT_TYPES: Final = {
    "csv": "csv",
    "libsvm": "libsvm",
    "parquet": "parquet",
    "recordio-protobuf": "recordio-protobuf",
    "text/csv": "csv",
    "text/libsvm": "libsvm",
    "text/x-libsvm": "libsvm",
    "application/x-parquet": "parquet",
    "application/x-recordio-protobuf": "recordio-protobuf",
}
LIBSVM_LINE: Final = re.compile(
    r"\s*[-+.\deE]+(?::[-+.\deE]+)?(?:\s+qid:\d+)?(?:\s+\d+:[-+.\deE]+)*\s*(?:#.*)?\s*", re.ASCII
)

Table = NDArray[np.float32]


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
        if name != "code":
            _check_channel(name, channel)
    return _content_format(channels["train"])


def _check_channel(name: str, channel: Mapping[str, str]) -> None:
    if name not in ("train", "validation"):
        raise TrainingError(f"Extraneous channel found: {name}")
    mode = channel.get("TrainingInputMode", "File")
    if mode == "Pipe":
        raise TrainingError(f"Channel '{name}': Pipe mode is not reproduced locally; use File")
    distribution = channel.get("S3DistributionType", "FullyReplicated")
    distribution_known = distribution in ("FullyReplicated", "ShardedByS3Key")
    if mode not in ("File", "FastFile") or not distribution_known:
        raise TrainingError(
            f"Channel configuration for '{name}' channel is not supported: {dict(channel)}"
        )
    if name == "validation":
        _content_format(channel)


def _content_format(channel: Mapping[str, str]) -> str:
    given = channel.get("ContentType", "text/libsvm")
    media_type, *parameters = (part.strip() for part in given.lower().split(";"))
    if media_type not in CONTENT_TYPES:
        accepted = ", ".join(CONTENT_TYPES)
        raise TrainingError(f"{given} is not an accepted ContentType: {accepted}.")
    content_format = CONTENT_TYPES[media_type]
    sizes = [text.partition("=")[2] for text in parameters if text.startswith("label_size")]
    if content_format == "csv" and any(size.strip() != "1" for size in sizes):
        raise TrainingError(
            f"{given} is not an accepted csv ContentType. "
            "Optional parameter label_size must be equal to 1"
        )
    if content_format not in ("csv", "libsvm"):
        raise TrainingError(f"{given}: reading {content_format} is not reproduced locally; use csv")
    return content_format


def read_channel(directory: Path, content_format: str, *, weighted: bool) -> xgb.DMatrix | None:
    """Read all files of a channel into one matrix, None where they hold nothing.

    Args:
        directory: The channel's, which need not exist.
        content_format: What `check_channels` returned.
        weighted: Whether the second column of a CSV file is the weight of its row.

    Raises:
        TrainingError: A file is hidden or cannot be read in this format.
    """
    files = _files_with_content(directory)
    if not files:
        return None
    try:
        if content_format == "csv":
            matrix = _csv_matrix(files, weighted=weighted)
        else:
            matrix = _libsvm_matrix(files)
    except (ValueError, xgb.core.XGBoostError) as error:
        reason = f"Failed to load {content_format} data with exception:\n{brief(error)}"
        raise TrainingError(reason) from error
    if matrix.num_row() == 0:
        raise TrainingError("Got input data without labels. Please check the input data set.")
    return matrix


def _files_with_content(directory: Path) -> list[Path]:
    """List the files of a channel that hold anything, in the order of their paths.

    The container refuses names that begin with a dot, and leaves out folders below the third level.
    It reads names that begin with an underscore: `_SUCCESS` is harmless only as it is empty.
    """
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    if any(path.name.startswith(".") for path in files):
        raise TrainingError("Hidden file found in the data path! Remove that before training.")
    return [
        path
        for path in files
        if path.stat().st_size and len(path.relative_to(directory).parts) <= MAX_FOLDER_DEPTH
    ]


def _csv_matrix(files: Sequence[Path], *, weighted: bool) -> xgb.DMatrix:
    """Build a matrix whose first column is the label, the second the weight where asked for."""
    delimiters = [_delimiter(path) for path in files]
    # The container finds the delimiter of every file, and reads all with that of the first.
    parts = [_read_csv(path, delimiters[0]) for path in files]
    for path, part in zip(files, parts, strict=True):
        if part.shape[1] != parts[0].shape[1]:
            columns = f"{part.shape[1]} columns, {files[0].name} has {parts[0].shape[1]}"
            raise TrainingError(f"{path.name}: has {columns}")
    table = parts[0] if len(parts) == 1 else np.concatenate(parts)
    first_feature = 2 if weighted else 1
    weight = table[:, 1] if weighted else None
    return xgb.DMatrix(table[:, first_feature:], label=table[:, 0], weight=weight)


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8", errors="ignore") as lines:
        line = lines.readline()
    try:
        delimiter = csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        reason = f"{path.name}: Could not determine delimiter on line {line[:50]}:\n{error}"
        raise TrainingError(reason) from error
    log(f"Determined delimiter of CSV input is '{delimiter}'")
    return delimiter


def _read_csv(path: Path, delimiter: str) -> Table:
    try:
        with path.open(encoding="utf-8") as lines:
            return np.loadtxt(
                lines, np.float32, None, delimiter=delimiter, converters=_cell, ndmin=2
            )
    except ValueError as error:
        raise TrainingError(f"{path.name}: {error}") from error


def _cell(text: str) -> float:
    return float(text) if text.strip() else np.nan


def _libsvm_matrix(files: Sequence[Path]) -> xgb.DMatrix:
    """Check every line, since XGBoost's own reader takes a malformed one for something else."""
    for path in files:
        _check_libsvm(path)
    return xgb.DMatrix(";".join(map(str, files)) + "?format=libsvm")


def _check_libsvm(path: Path) -> None:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip() and not LIBSVM_LINE.fullmatch(line):
                raise TrainingError(
                    f"Line {number} '{line.strip()[:50]}...' of file '{path.name}' is not "
                    "'LIBSVM' format. Please ensure the file is in 'LIBSVM' format."
                )
