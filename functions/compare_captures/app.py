"""Compare a window that is too small for a machine of its own, by the code of jobs/monitor.py.

`jobs/` is a link to the repository's; the scripts that the comparison needs know the standard
library alone.
"""

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
from transfer import download, download_all, upload_all

S3 = boto3.client("s3")
JOBS_DIR = Path(__file__).parent / "jobs"


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Compare, and leave the report in the bucket.

    Args:
        event: what functions/find_captures answers.
        context: not used.

    Returns:
        `note`, what came of it in a sentence.

    Raises:
        JobError: the baseline cannot be used.
        botocore.exceptions.ClientError: S3 refused.
    """
    with tempfile.TemporaryDirectory() as folder:
        return {"note": compare(event, folder=Path(folder), s3=S3)}


def compare(event: dict[str, Any], *, folder: Path, s3: Any) -> str:
    """Bring what is compared, compare it, take what came of it; return a sentence."""
    bucket_name, baseline = event["bucket_name"], event["baseline"]
    download(baseline["bucket_name"], baseline["key"], folder / "baseline.json", s3=s3)
    download_all(bucket_name, event["capture_prefixes"], folder / "captures", s3=s3)
    download_all(bucket_name, event["truth_prefixes"], folder / "truth", s3=s3)
    if event["history_key"]:
        download(bucket_name, event["history_key"], folder / "history.json", s3=s3)
    note = compared(event, folder)
    upload_all(folder / "output", bucket_name, event["report_prefix"], s3=s3)
    return note


def compared(event: dict[str, Any], folder: Path) -> str:
    """Run the job's own code on what lies in a folder."""
    if str(JOBS_DIR) not in sys.path:
        sys.path.append(str(JOBS_DIR))
    monitor: Any = importlib.import_module("monitor")
    window, settings = event["window"], event["settings"]
    limits = monitor.Limits(
        level=settings["level"],
        min_effect=settings["min_effect"],
        min_rows=settings["min_rows"],
    )
    report = monitor.compare(
        monitor.Job(
            baseline_path=folder / "baseline.json",
            captures_dir=folder / "captures",
            output_dir=folder / "output",
            truth_dir=folder / "truth",
            history_path=folder / "history.json",
            since=window["from"],
            until=window["until"],
            title=settings["title"],
            limits=limits,
            endpoint_calls=event["endpoint_calls"],
        )
    )
    return str(report["note"])
