"""Find the files of a channel as the XGBoost container finds them, and look at their first lines.

Where the container's behaviour hangs on the order in which a directory is listed, which differs
from run to run there, files are taken in the order of their names, and whatever any order would
have the container refuse is refused.

Source: aws/sagemaker-xgboost-container on GitHub,
`src/sagemaker_xgboost_container/data_utils.py`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pocketaws.sagemaker.xgboost.log import TrainingError, log

MAX_FOLDER_DEPTH: Final = 3


@dataclass(frozen=True)
class ChannelFiles:
    """What lies in a channel.

    Attributes:
        directory: The channel's.
        paths: The files that are read, none where the channel holds no bytes at all.
    """

    directory: Path
    paths: tuple[Path, ...]

    def name(self, path: Path) -> str:
        """Return a file's path below its channel."""
        return path.relative_to(self.directory).as_posix()


def find_files(directory: Path) -> ChannelFiles:
    """List the files of a channel that are read.

    The container walks three levels; at a folder below them its walk ends, and whatever it would
    have come to later is lost.

    Args:
        directory: The channel's, which need not exist.

    Raises:
        TrainingError: A file is hidden, or all lie too deep.
    """
    everything = [path for path in directory.rglob("*") if path.is_file()]
    if any(path.name.startswith(".") for path in everything):
        raise TrainingError("Hidden file found in the data path! Remove that before training.")
    if not sum(path.stat().st_size for path in everything):
        return ChannelFiles(directory, ())
    paths: list[Path] = []
    is_whole = _walk(directory, 1, paths)
    lost = sorted(set(everything) - set(paths))
    if not paths:
        raise TrainingError(
            f"No file of channel {directory.name} lies within {MAX_FOLDER_DEPTH} levels of folders"
        )
    if not is_whole:
        log(_loss(directory, lost), level="WARNING")
    return ChannelFiles(directory, tuple(paths))


def _walk(directory: Path, depth: int, paths: list[Path]) -> bool:
    """Gather files; False where a folder too deep has ended the walk."""
    if depth > MAX_FOLDER_DEPTH:
        return False
    for path in sorted(directory.iterdir()):
        if path.is_file():
            paths.append(path)
        elif not _walk(path, depth + 1, paths):
            return False
    return True


def _loss(directory: Path, lost: Sequence[Path]) -> str:
    names = ", ".join(path.relative_to(directory).as_posix() for path in lost[:3])
    return (
        f"The depth of folder {directory} exceed the limit {MAX_FOLDER_DEPTH}. "
        f"Not read: {len(lost)} files ({names}{', ...' if len(lost) > 3 else ''}); "  # noqa: PLR2004
        "on SageMaker others may be lost, too, as the folder is listed in another order there. "
        "Please adjust the folder structure accordingly."
    )


def warn_of_the_same_files(train: ChannelFiles, validation: ChannelFiles) -> None:
    """Warn, in the container's words, of files of one name and size in both channels."""
    sizes = {path.name: path.stat().st_size for path in _top(train)}
    for path in _top(validation):
        if sizes.get(path.name) == path.stat().st_size:
            log(
                f"Suspected identical files found. ({train.directory / path.name} and {path}"
                f"with same size {path.stat().st_size} bytes). Note: Duplicate data in the "
                "training set and validation set is usually not intentional and can impair the "
                "validity of the model evaluation by the validation score.",
                level="WARNING",
            )


def _top(files: ChannelFiles) -> Iterator[Path]:
    return (path for path in files.paths if path.parent == files.directory)


def delimiter_of(files: ChannelFiles) -> str:
    """Return what divides the cells of a channel's CSV files, found in each one's first line.

    The container reads all files with the delimiter of whichever the directory lists first, so an
    empty file, even `_SUCCESS`, fails a job sooner or later.

    Raises:
        TrainingError: A first line gives none.
    """
    delimiters = {files.name(path): _sniffed(path, files.name(path)) for path in files.paths}
    first_name, first = next(iter(delimiters.items()))
    for name, delimiter in delimiters.items():
        if delimiter != first:
            log(
                f"{name} is divided by {delimiter!r} and {first_name} by {first!r}: all are read "
                "by one of them, on SageMaker that of whichever is listed first",
                level="WARNING",
            )
    return first


def _sniffed(path: Path, name: str) -> str:
    try:
        with path.open(encoding="utf-8") as lines:
            line = lines.readline()
    except UnicodeDecodeError as error:
        raise TrainingError(f"{name}: is no UTF-8: {error}. Write the file as UTF-8.") from error
    try:
        delimiter = csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        hint = " The file is empty; take it out of the channel." if not line else ""
        reason = f"{name}: Could not determine delimiter on line {line[:50]}:\n{error}{hint}"
        raise TrainingError(reason) from error
    log(f"Determined delimiter of CSV input is '{delimiter}'")
    return delimiter


def check_libsvm(files: ChannelFiles) -> None:
    """Check lines up to the first that has two features, as the container does.

    Raises:
        TrainingError: A line is no libsvm.
    """
    for path in files.paths:
        if not path.name.startswith("_"):
            _check_first_lines(path, files.name(path))


def _check_first_lines(path: Path, name: str) -> None:
    with path.open(encoding="utf-8", errors="ignore") as lines:
        for line in lines:
            features = _feature_count(line)
            if features is None:
                raise TrainingError(
                    f"First line '{line[:50]}...' of file '{name}' is not 'LIBSVM' format. "
                    "Please ensure the file is in 'LIBSVM' format."
                )
            if features > 1:
                return
    log(
        f"File {name} is not an invalid LIBSVM file but has no features. "
        "Accepting simple validation.",
        level="WARNING",
    )


def _feature_count(line: str) -> int | None:
    """Count the features of a line as the container does, None where it is refused.

    It looks for a colon in each field between single spaces, and at the first of them alone for
    more than one.
    """
    label, *fields = line.split(" ")
    parts = label.split(":")
    if len(parts) > 2 or not all(_is_number(part) for part in parts):  # noqa: PLR2004
        return None
    if fields and (any(":" not in field for field in fields) or fields[0].count(":") != 1):
        return None
    return len(fields)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
