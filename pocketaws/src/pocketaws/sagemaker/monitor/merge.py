"""Captured calls beside their ground truth, as Model Monitor's merge job puts them together.

A line of ground truth names its call by the InferenceId that the caller gave, or else by the
eventId of the captured line. A call whose truth has not come in is left out.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pocketaws.errors import JobFailure
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.monitor.definitions import Definition
from pocketaws.sagemaker.monitor.job import Source


def merged(source: Source, definition: Definition, *, s3: Any) -> Source | None:
    """Write the calls of which the truth is known, and return where; None where there are none.

    Args:
        source: of the captured data.
        definition: of model quality; the merged data lies under merge/ of its output.
        s3: a client of the emulator.

    Raises:
        JobFailure: no ground truth is there, or a line cannot be read.
    """
    truths = {
        str(_metadata(line, where)["eventId"]): line
        for line, where in _lines(definition.ground_truth_uri, s3)
    }
    lines: list[str] = []
    for path in source.paths:
        for record, where in _lines(f"{source.uri}/{path}", s3):
            metadata = _metadata(record, where)
            truth = truths.get(str(metadata.get("inferenceId", metadata["eventId"])))
            if truth is not None and _is_in(metadata, source):
                lines.append(json.dumps({**record, "groundTruthData": truth["groundTruthData"]}))
    if not lines:
        return None
    uri = f"{definition.output['S3Uri'].rstrip('/')}/merge/{uuid.uuid4()}"
    bucket_name, key = objects.split_uri(uri)
    body = "\n".join(lines).encode()
    s3.put_object(Bucket=bucket_name, Key=f"{key}/merged/data.jsonl", Body=body)
    return replace(source, uri=uri, paths=["merged"])


def _lines(uri: str, s3: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield every record under a prefix, and where it stands."""
    bucket_name, _ = objects.split_uri(uri)
    for key in objects.list_keys(uri, s3=s3):
        text = s3.get_object(Bucket=bucket_name, Key=key)["Body"].read().decode()
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                where = f"{key}, line {number}"
                yield _record(line, where), where


def _record(line: str, where: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise JobFailure(f"ClientError: {where} is no JSON: {error}") from error
    if not isinstance(record, dict):
        raise JobFailure(f"ClientError: {where} must be a JSON object, not {line[:80]!r}")
    return record


def _metadata(record: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    metadata = record.get("eventMetadata")
    if not isinstance(metadata, dict) or "eventId" not in metadata:
        raise JobFailure(f"ClientError: {where} lacks eventMetadata.eventId")
    return metadata


def _is_in(metadata: Mapping[str, Any], source: Source) -> bool:
    time = datetime.fromisoformat(str(metadata["inferenceTime"]))
    return source.start <= time < source.end
