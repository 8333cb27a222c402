"""Read the Parquet files of a training channel as the XGBoost container reads them.

pyarrow, which the container has, is no dependency of the runtime: whoever trains from Parquet
installs it.

Source: aws/sagemaker-xgboost-container on GitHub,
`src/sagemaker_xgboost_container/data_utils.py` (`_get_parquet_dmatrix_file_mode`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from pocketaws.sagemaker.xgboost.log import TrainingError


def parquet_matrix(paths: Sequence[Path]) -> xgb.DMatrix:
    """Return a matrix whose labels are the first column; weights are not known in Parquet.

    Args:
        paths: Files, read with the columns of the first; names that begin with `_` are left out.

    Raises:
        TrainingError: pyarrow is not installed.
        ValueError: A file is no Parquet, or a column holds no numbers.
    """
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise TrainingError(
            "Reading Parquet here needs pyarrow, "
            "which the container has: install it beside this package (pip install pyarrow), or "
            "write CSV"
        ) from error
    read = [str(path) for path in paths if not path.name.startswith("_")]
    # Folders are no columns: the container puts all files into one.
    table = parquet.read_table(read, partitioning=None)
    columns = [_numbers(table.column(index), name) for index, name in enumerate(table.column_names)]
    cells = np.column_stack(columns)
    return xgb.DMatrix(cells[:, 1:], label=cells[:, 0])


def _numbers(column: Any, name: str) -> NDArray[np.float64]:
    """Return a column as numbers, nulls as NaN."""
    values = column.to_numpy()
    if values.dtype.kind in "mM":
        raise ValueError(f"column {name!r} is of type {column.type}, which is no number")
    numbers: NDArray[np.float64] = values.astype(np.float64)
    return numbers
