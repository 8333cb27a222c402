"""ResultWriter: where a distributed Map state puts the results of its children.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.step_functions.engine.documents import json_text, time_text
from pocketaws.step_functions.engine.errors import RESULT_WRITER, StateError
from pocketaws.step_functions.engine.map_runs import ChildExecution, MapRun
from pocketaws.step_functions.engine.visits import Visit

_FILES: Final = {"SUCCEEDED": "SUCCEEDED_0.json", "FAILED": "FAILED_0.json"}


def written(visit: Visit, record: MapRun, outputs: list[Any]) -> Any:
    """Return the state's result: the outputs, or where they have been written.

    Raises:
        StateError: `States.ResultWriterFailed`.
    """
    if "ResultWriter" not in visit.state:
        return outputs
    writer = visit.filled("ResultWriter", visit.effective_input())
    where = writer.get("Arguments") or writer.get("Parameters")
    shaped = _transformed(record, writer.get("WriterConfig", {}), outputs)
    if not where:
        return shaped
    try:
        return _stored(visit, record, where, shaped)
    except (ClientError, KeyError) as error:
        raise StateError(RESULT_WRITER, str(error)) from error


def _transformed(record: MapRun, config: Mapping[str, Any], outputs: list[Any]) -> Any:
    kind = config.get("Transformation", "NONE")
    if kind == "COMPACT":
        return outputs
    if kind == "FLATTEN":
        return [item for output in outputs for item in _items(output)]
    return [result_record(child) for child in record.children]


def _items(output: Any) -> Iterable[Any]:
    return output if isinstance(output, list) else [output]


def result_record(child: ChildExecution) -> dict[str, Any]:
    """Return what a result file tells of a child execution."""
    output = {"Output": json_text(child.output), "OutputDetails": {"Included": True}}
    return {
        "ExecutionArn": child.arn,
        "Input": json_text(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        **(output if child.status == "SUCCEEDED" else child.error),
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "StartDate": time_text(child.started),
        "Status": child.status,
        "StopDate": time_text(child.stopped),
    }


def _stored(visit: Visit, record: MapRun, where: Mapping[str, Any], shaped: Any) -> dict[str, Any]:
    frame = visit.frame
    s3 = frame.run.services.client(frame.run.role_arn, "s3")
    bucket, prefix = where["Bucket"], str(where.get("Prefix", ""))
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    folder += record.arn.rpartition(":")[2]
    files: dict[str, list[Any]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status, name in _FILES.items():
        content = _content(record, status, shaped)
        if content:
            key = f"{folder}/{name}"
            body = json.dumps(content).encode()
            s3.put_object(Bucket=bucket, Key=key, Body=body)
            files[status].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": bucket, "MapRunArn": record.arn, "ResultFiles": files}
    key = f"{folder}/manifest.json"
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(manifest).encode())
    record.results_written = True
    return {"MapRunArn": record.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _content(record: MapRun, status: str, shaped: Any) -> list[Any]:
    if status == "SUCCEEDED" and not _are_children(shaped):
        return list(shaped)
    return [result_record(child) for child in record.children if child.status == status]


def _are_children(shaped: Any) -> bool:
    return all(isinstance(item, dict) and "ExecutionArn" in item for item in shaped)
