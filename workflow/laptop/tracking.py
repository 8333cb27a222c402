"""A run on this machine, told to an MLflow server where MLFLOW_TRACKING_URI names one."""

import os
from collections.abc import Callable
from typing import Final

from workflow.report.record import Record
from workflow.report.sources import Sources

URI_VARIABLE: Final = "MLFLOW_TRACKING_URI"


def track_run(record: Record, sources: Sources, note: Callable[[str], None]) -> None:
    """Log a run and say so; a server that is down or refuses is told, and stops nothing."""
    uri = os.environ.get(URI_VARIABLE)
    if not uri:
        return
    from workflow.report.tracked import track
    from workflow.report.tracking_server import TrackingError, TrackingServer

    if not uri.startswith(("http://", "https://")):
        note(f"MLflow was not told: {URI_VARIABLE} = {uri!r}: on this machine, name one by URL")
        return
    try:
        tracked = track(record, TrackingServer(uri, session=None), sources)
    except TrackingError as error:
        note(f"MLflow was not told: {error}")
        return
    note(f"MLflow has run {tracked.run_id} at {uri}")
    if tracked.without_files:
        note(f"  without its files: {tracked.without_files}")
