"""What came of the batch that a released model was to predict for, in lines."""

from collections.abc import Mapping
from typing import Any, Final

from fitting import cut

_LEFT_OUT_MAXIMUM: Final = 1_024


def batch_lines(state: Mapping[str, Any], *, missed: str = "") -> list[str]:
    """Return the lines of an execution that had a batch, and none of one that had not.

    Args:
        state: the execution's; of `batch` (functions/prepare_execution) and `batch_job`
            (jobs/encode_batch.py) is read where the predictions are, and which rows are not there.
        missed: why there are no predictions; empty where there are.
    """
    batch, job = state.get("batch"), state.get("batch_job")
    if not isinstance(batch, Mapping) or not batch.get("is_wanted"):
        return []
    if missed:
        return [f"Batch: {batch.get('input_data_uri')} was not predicted for, {missed}"]
    done = job.get("ExitMessage") if isinstance(job, Mapping) else None
    return [
        f"Predictions: {batch.get('predictions_uri')}, for {batch.get('input_data_uri')}",
        *([f"Batch: {cut(str(done), _LEFT_OUT_MAXIMUM)}"] if done else []),
    ]
