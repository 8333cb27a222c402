"""Text that is too large for this machine's memory, read in pieces that XGBoost keeps on disk.

The container holds all of a channel in memory, and its instance is chosen for that; a laptop is
not. XGBoost's own reader reads every piece, so the cells, and the model, are the same:
https://xgboost.readthedocs.io/en/stable/tutorials/external_memory.html
"""

import shutil
import tempfile
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xgboost as xgb

from pocketaws.sagemaker.xgboost.channels import CSV

# A matrix takes about twice its text, and training on it as much again.
LARGEST_SHARE: Final = 0.25
_PIECE_BYTES: Final = 32 * 1024**2
_METHODS: Final = (None, "auto", "hist", "approx")
_BOOSTERS: Final = (None, "gbtree")
_MEMORY: Final = Path("/proc/meminfo")


def can_be_paged(settings: Mapping[str, Any], content_format: str) -> bool:
    """Tell whether a job may read its text in pieces: XGBoost trains trees alone like that."""
    is_tree = settings.get("booster") in _BOOSTERS and settings.get("tree_method") in _METHODS
    return is_tree and "_kfold" not in settings and content_format == CSV


def available_bytes() -> int | None:
    """Return how much memory is free for a new process; None where the system does not tell."""
    try:
        lines = _MEMORY.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines if ":" in line)
    return int(sizes["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in sizes else None


def paged_matrix(
    paths: Sequence[Path],
    read: Callable[[Path], xgb.DMatrix],
    delimiter: str,
    *,
    first_feature: int,
    piece_bytes: int = _PIECE_BYTES,
) -> xgb.DMatrix:
    """Read CSV files into a matrix whose pages lie in a folder, which goes with it.

    Args:
        paths: of the files.
        read: reads one file as it is read whole.
        delimiter: of cells.
        first_feature: how many cells stand before the features.
        piece_bytes: of text that is read at once.
    """
    folder = Path(tempfile.mkdtemp(prefix="pages-"))
    pieces = _Pieces(folder, lambda: _pieces(paths, piece_bytes), read)
    with paths[0].open("rb") as file:
        pieces.columns = file.readline().count(delimiter.encode()) + 1 - first_feature
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*Text file input has been deprecated")
        matrix = xgb.DMatrix(pieces)
    weakref.finalize(matrix, shutil.rmtree, folder, ignore_errors=True)
    return matrix


def _pieces(paths: Sequence[Path], piece_bytes: int) -> Iterator[list[bytes]]:
    for path in paths:
        with path.open("rb") as file:
            while lines := file.readlines(piece_bytes):
                yield lines


class _Pieces(xgb.DataIter):  # type: ignore[misc]  # XGBoost has no types
    def __init__(
        self,
        folder: Path,
        pieces: Callable[[], Iterator[list[bytes]]],
        read: Callable[[Path], xgb.DMatrix],
    ) -> None:
        self.columns = 0
        self._path = folder / "piece"
        self._pieces, self._read = pieces, read
        self._left = pieces()
        super().__init__(cache_prefix=str(folder / "page"))

    def reset(self) -> None:
        self._left = self._pieces()

    def next(self, input_data: Callable[..., Any]) -> bool:
        lines = next(self._left, None)
        if lines is None:
            return False
        with self._path.open("wb") as file:
            file.writelines(lines)
        matrix = self._read(self._path)
        cells = matrix.get_data()
        # The last columns of a piece may be missing in all of its rows.
        cells.resize(cells.shape[0], max(self.columns, cells.shape[1]))
        weights = matrix.get_weight()
        input_data(
            data=cells,
            label=matrix.get_label(),
            **({"weight": weights} if len(weights) else {}),
        )
        return True
