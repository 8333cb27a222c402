"""Read the channels of a training job through XGBoost's own readers, as the container does.

What XGBoost's text reader takes for a number is its own affair: a word is a missing value, a header
line a row of label 0. It is the reader that a job on SageMaker has, so the same file trains the
same model here; `xgboost_misread` says where it read something else than what stands there.

Source: aws/sagemaker-xgboost-container on GitHub,
`src/sagemaker_xgboost_container/data_utils.py`.
"""

import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import xgboost as xgb

from pocketaws.sagemaker.xgboost import misread
from pocketaws.sagemaker.xgboost.channels import CSV, LIBSVM, PARQUET
from pocketaws.sagemaker.xgboost.files import (
    ChannelFiles,
    check_libsvm,
    delimiter_of,
    find_files,
    warn_of_the_same_files,
)
from pocketaws.sagemaker.xgboost.log import TrainingError, brief, warn
from pocketaws.sagemaker.xgboost.paged import LARGEST_SHARE, paged_matrix
from pocketaws.sagemaker.xgboost.parquet import parquet_matrix


@dataclass(frozen=True)
class Matrices:
    """The data of a host.

    Attributes:
        train: None where the channel is absent or empty here.
        validation: Likewise.
        both: The rows of both, for cross validation; None where that was not asked for.
    """

    train: xgb.DMatrix | None
    validation: xgb.DMatrix | None
    both: xgb.DMatrix | None = None


@dataclass(frozen=True)
class Reading:
    """How channels are read.

    Attributes:
        content_format: What `check_channels` returned.
        is_weighted: Whether the second column of a CSV file is the weight of its row.
        largest_bytes: Text of more is read in pieces that lie on disk; None reads all at once.
    """

    content_format: str
    is_weighted: bool = False
    largest_bytes: int | None = None


def read_matrices(
    train_dir: Path, validation_dir: Path | None, reading: Reading, *, joined: bool = False
) -> Matrices:
    """Read a job's channels, after all their files were checked.

    Args:
        train_dir: The train channel's, which need not exist.
        validation_dir: Likewise; None where the job has no such channel.
        reading: How.
        joined: Whether the rows of both are wanted in one matrix as well.

    Raises:
        TrainingError: A file is hidden or cannot be read in this format.
    """
    train = find_files(train_dir)
    validation = find_files(validation_dir) if validation_dir else ChannelFiles(train_dir, ())
    warn_of_the_same_files(train, validation)
    delimiters = [_checked(files, reading.content_format) for files in (train, validation)]
    train_matrix = _matrix([train], reading, delimiters[0])
    validation_matrix = _matrix([validation], reading, delimiters[1])
    both = None
    if joined and train_matrix is not None:
        both = train_matrix
        if validation_matrix is not None:
            both = _matrix([train, validation], reading, delimiters[0], is_told=False)
    return Matrices(train_matrix, validation_matrix, both)


def _checked(files: ChannelFiles, content_format: str) -> str:
    """Check the files of a channel; return the delimiter where they are CSV, else nothing."""
    if not files.paths:
        return ""
    if content_format == LIBSVM:
        check_libsvm(files)
    return delimiter_of(files) if content_format == CSV else ""


def _matrix(
    channels: Sequence[ChannelFiles], reading: Reading, delimiter: str, *, is_told: bool = True
) -> xgb.DMatrix | None:
    """Read channels into one matrix, None where they hold nothing."""
    paths = [path for channel in channels for path in channel.paths]
    if not paths:
        return None
    is_paged = is_told and _is_too_large(paths, reading)
    try:
        if reading.content_format == PARQUET:
            matrix, forms = parquet_matrix(paths), None
        elif is_paged:
            return _paged(channels[0], paths, reading, delimiter)
        else:
            matrix, forms = _read_text(channels, reading, delimiter, is_told=is_told)
    except (ValueError, OSError, TypeError, xgb.core.XGBoostError) as error:
        reason = f"Failed to load {reading.content_format} data with exception:\n{brief(error)}"
        raise TrainingError(reason) from error
    if matrix.num_row() == 0:
        raise TrainingError("Got input data without labels. Please check the input data set.")
    if is_told:
        _tell_misread(channels[0], matrix, reading, delimiter, forms=forms)
    return matrix


def _read_text(
    channels: Sequence[ChannelFiles], reading: Reading, delimiter: str, *, is_told: bool
) -> tuple[xgb.DMatrix, set[bytes] | None]:
    """Return the matrix of channels, and the forms of the rows where they are to be looked at.

    XGBoost reads in one thread, so those are found in another.
    """
    paths = [path for channel in channels for path in channel.paths]
    with ThreadPoolExecutor(1) as beside:
        is_compared = is_told and reading.content_format == CSV
        forms = beside.submit(misread.row_forms, channels[0]) if is_compared else None
        matrix = _text_matrix(paths, _arguments(reading, delimiter))
        return matrix, forms.result() if forms else None


def _is_too_large(paths: Sequence[Path], reading: Reading) -> bool:
    size = sum(path.stat().st_size for path in paths)
    return reading.largest_bytes is not None and size > reading.largest_bytes


def _paged(
    channel: ChannelFiles, paths: Sequence[Path], reading: Reading, delimiter: str
) -> xgb.DMatrix:
    warn(
        f"channel {channel.directory.name}: its text is more than {reading.largest_bytes} bytes, "
        f"{LARGEST_SHARE:.0%} of the memory that is free here, so it is read in pieces that lie on "
        "disk, and what XGBoost misreads is not looked for; on SageMaker the container holds all "
        "of it in the instance's memory"
    )
    return paged_matrix(
        [path for path in paths if path.stat().st_size],
        lambda path: _text_matrix([path], _arguments(reading, delimiter)),
        delimiter,
        first_feature=2 if reading.is_weighted else 1,
    )


def _arguments(reading: Reading, delimiter: str) -> str:
    if reading.content_format == LIBSVM:
        return "format=libsvm"
    weight = "&weight_column=1" if reading.is_weighted else ""
    return f"format=csv&label_column=0&delimiter={delimiter}{weight}"


def _text_matrix(paths: Sequence[Path], arguments: str) -> xgb.DMatrix:
    """Have XGBoost read files, each in a folder of its own.

    It lists a folder in any order, and takes `?`, `;` and `#` in a file's name for its arguments.
    """
    with tempfile.TemporaryDirectory(prefix="channel-") as name, warnings.catch_warnings():
        # XGBoost 3.1 and later says that its text reader is deprecated; it is the container's.
        warnings.filterwarnings("ignore", message=".*Text file input has been deprecated")
        folders: list[str] = []
        for path in (path for path in paths if path.stat().st_size):
            folder = Path(name) / str(len(folders))
            folder.mkdir()
            (folder / "rows").symlink_to(path.resolve())
            folders.append(str(folder))
        return xgb.DMatrix(f"{';'.join(folders)}?{arguments}")


def _tell_misread(
    files: ChannelFiles,
    matrix: xgb.DMatrix,
    reading: Reading,
    delimiter: str,
    *,
    forms: set[bytes] | None,
) -> None:
    if reading.content_format == CSV:
        table = misread.Table(delimiter, matrix, is_weighted=reading.is_weighted)
        told = misread.of_csv(files, table, forms)
    else:
        told = misread.of_libsvm(files) if reading.content_format == LIBSVM else []
    for text in told:
        warn(f"channel {files.directory.name}: {text}")
