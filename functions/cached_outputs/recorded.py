"""What an execution made and may be used again: checked once more, and written down."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

from contents import TooManyObjects, content_of
from entries import Entry, keep
from lookup import ARTIFACT, Table

_OUTPUTS: Final = ("train", "validation", "test", "rejected", "report")
_DAY_SECONDS: Final = 86_400


def keep_outputs(
    event: Mapping[str, Any], *, table: Table, s3: Any, now: float, retention_days: int
) -> dict[str, str]:
    """Keep the outputs of the jobs that ran; return a note.

    Nothing is kept where an input is another one than when the keys were made, or was written
    since: nobody could tell which of them the job has read.

    Args:
        event: of the handler in `keep.py`.
        table: of the entries.
        s3: a client.
        now: seconds since 1970.
        retention_days: that the bucket keeps preprocessed data.
    """
    cached = event["Cached"]
    try:
        changed = _changed(cached, s3=s3)
        if changed is not None:
            return {"note": f"Kept nothing: {changed} changed while the jobs ran"}
        entries = list(_entries(event, s3=s3, now=now, retention_days=retention_days))
    except TooManyObjects as error:
        return {"note": f"Kept nothing: {error}"}
    kept = [keep(entry, table_name=table.name, dynamodb=table.dynamodb) for entry in entries]
    if all(kept):
        return {"note": f"Kept for executions to come: the outputs of {len(kept)} jobs"}
    return {"note": "Kept nothing where the outputs of an execution that started later stand"}


def _changed(cached: Mapping[str, Any], *, s3: Any) -> str | None:
    looked_at = datetime.datetime.fromisoformat(cached["looked_at"])
    for uri, digest in cached["inputs"].items():
        content = content_of(uri, s3=s3)
        written_since = content.changed_at is not None and content.changed_at > looked_at
        if content.digest != digest or written_since:
            return str(uri)
    return None


def _entries(
    event: Mapping[str, Any], *, s3: Any, now: float, retention_days: int
) -> Iterator[Entry]:
    cached, processing = event["Cached"], event["Preprocessing"]
    made = []
    if not cached["has_data"]:
        outputs = {name: processing[f"{name}_uri"] for name in _OUTPUTS}
        answers = {"processing_job": event["ProcessingJob"]}
        made.append((cached["keys"]["preprocessing"], answers, outputs))
    job = event["TrainingJob"]
    answers = {"training_job": job, "tuned": event["Tuned"]}
    artifact = {ARTIFACT: job["ModelArtifacts"]["S3ModelArtifacts"]}
    made.append((cached["keys"]["training"], answers, artifact))
    for key, told, uris in made:
        yield Entry(
            key=key,
            answers=told,
            outputs=uris,
            digests={uri: content_of(uri, s3=s3).digest for uri in uris.values()},
            execution_arn=event["ExecutionArn"],
            started_at=datetime.datetime.fromisoformat(event["ExecutionStartTime"]).timestamp(),
            kept_at=now,
            delete_at=int(now) + retention_days * _DAY_SECONDS,
        )
