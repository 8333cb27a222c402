"""The record of an execution here and the page that shows it, in the folder of its files."""

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from pocketaws import write_whole
from workflow.account import objects
from workflow.account.executions import Documents
from workflow.account.objects import place_of
from workflow.laptop.bucket import RESULT_KINDS, Taken
from workflow.laptop.emulated import Emulated
from workflow.laptop.stack import EndedExecution, LocalWorkflow
from workflow.laptop.tracking import track_run
from workflow.report.build import record_of
from workflow.report.page import REPORT_NAME, page_of
from workflow.report.record import Data, as_text
from workflow.report.record_form import RECORD_NAME
from workflow.report.sources import Sources


class Written(TypedDict):
    """What an outcome tells of the record; see `outcome.Outcome`."""

    data: Data | None
    record_path: Path
    report_path: Path


def write_record(
    ended: EndedExecution, workflow: LocalWorkflow[Emulated], taken: Taken, files_dir: Path
) -> Written:
    """Write run.json and report.html, and tell MLflow where MLFLOW_TRACKING_URI names a server.

    What the run has already got is not asked for again: the history's events, and the files.

    Args:
        ended: the execution.
        workflow: in which it ran.
        taken: its files.
        files_dir: gets both.
    """
    stepfunctions = workflow.runtime.client("stepfunctions")
    arn = ended.execution.arn
    described = stepfunctions.describe_execution(executionArn=arn)
    machine = stepfunctions.describe_state_machine_for_execution(executionArn=arn)
    documents = Documents(described, ended.events, json.loads(machine["definition"]))
    sources = sources_of(taken, workflow.bucket_name, s3=workflow.runtime.client("s3"))
    record = record_of(documents, sources, now=datetime.datetime.now(datetime.UTC))
    write_whole(files_dir / RECORD_NAME, as_text(record))
    write_whole(files_dir / REPORT_NAME, page_of(record))
    track_run(record, sources, workflow.screen.note)
    return Written(
        data=record.data,
        record_path=files_dir / RECORD_NAME,
        report_path=files_dir / REPORT_NAME,
    )


def sources_of(taken: Taken, bucket_name: str, *, s3: Any) -> Sources:
    """Return the readers for files that were taken out of a bucket.

    What an earlier run left there, the baseline of the model in production, is read where it is.
    """

    def read_start(uri: str, maximum_bytes: int) -> bytes | None:
        path = taken.objects.get(_key(uri, bucket_name))
        if path is None:
            return objects.read_start(uri, maximum_bytes, s3=s3)
        with path.open("rb") as file:
            return file.read(maximum_bytes)

    def uris_under(uri: str) -> Sequence[str]:
        prefix = _key(uri, bucket_name)
        found = sorted(key for key in taken.objects if prefix and key.startswith(prefix))
        return [f"s3://{bucket_name}/{key}" for key in found]

    def log_tail(_kind: str, job_name: str, lines: int) -> Sequence[str]:
        texts = (path.read_text(errors="replace") for path in taken.logs.get(job_name, []))
        return [line for text in texts for line in text.splitlines()[-lines:]]

    return Sources(read_start, uris_under, log_tail)


def prefixes_of(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how the keys begin of what an execution left in the bucket, or went on with.

    None where it failed before its first function had given it a name. The outputs of an earlier
    execution's jobs stand in the document in place of its own.
    """
    base_name = _base_name_of(events)
    if base_name is None:
        return []
    document = last_document(events)
    artifacts = document.get("training_job", {}).get("ModelArtifacts", {})
    uris = document.get("processing", {}).get("train_uri"), artifacts.get("S3ModelArtifacts")
    own = {f"{kind}/{base_name}/" for kind in RESULT_KINDS}
    return sorted(own.union(*(_folders_of(uri) for uri in uris if uri)))


def _folders_of(uri: str) -> set[str]:
    """Return the first two folders of a key, as a set of one; none where it is of no result."""
    kind, _, rest = place_of(uri).key.partition("/")
    return {f"{kind}/{rest.partition('/')[0]}/"} if kind in RESULT_KINDS else set()


def _base_name_of(events: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what the names of an execution's jobs and objects begin with; None where it got none.

    Its first function makes it, and every state after that gets it.
    """
    for event in events:
        given = json.loads(event.get("stateEnteredEventDetails", {}).get("input", "null"))
        if isinstance(given, dict) and isinstance(given.get("base_name"), str):
            return str(given["base_name"])
    return None


def last_document(events: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the execution's state as its last state got it; empty where that is no object."""
    for event in reversed(events):
        entered = event.get("stateEnteredEventDetails")
        if entered is not None:
            found = json.loads(entered.get("input", "null"))
            return found if isinstance(found, dict) else {}
    return {}


def _key(uri: str, bucket_name: str) -> str:
    place = place_of(uri)
    return place.key if place.bucket_name == bucket_name else ""
