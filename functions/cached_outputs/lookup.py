"""What of an execution's jobs is there already, and the state that the execution goes on with."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from contents import TooManyObjects, content_of
from entries import Entry, find
from keys import input_uris, keys_of, outputs_of
from metadata import metadata_text

ARTIFACT: Final = "model"
_NOTHING: Final = "nothing"
_SEARCH: Final = ("asked", "config")


@dataclass(frozen=True)
class Table:
    """The stack's table, and a client of DynamoDB that reaches it."""

    name: str
    dynamodb: Any


@dataclass(frozen=True)
class _Found:
    """An entry that can be used; else why there is none."""

    entry: Entry | None
    why_not: str = ""


def look_up(event: Mapping[str, Any], *, table: Table, s3: Any, now: float) -> dict[str, Any]:
    """Return what the execution goes on with.

    The model counts only where the data does, too, since the evaluation reads that.

    Args:
        event: of the handler in `find.py`.
        table: of the entries.
        s3: a client.
        now: seconds since 1970.

    Returns:
        `has_data` and `has_model` (what need not be made), `state` (what takes the place of keys of
        the execution's state then), `to_keep` (whether what is made may be kept), `keys`,
        `inputs` (a digest by URI) and `looked_at` (ISO 8601) for that; `note` and `lineage` say
        what was reused, in a sentence and as the model registry takes it; `jobs` lists it.
    """
    # What is searched before the training decides about its hyperparameters.
    searched = {name: event["Tuning"].get(name) for name in _SEARCH}
    preprocessing, training = event["Preprocessing"], {**event["Training"], "Tuning": searched}
    looked_at = datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat()
    try:
        inputs = {uri: content_of(uri, s3=s3).digest for uri in input_uris(preprocessing, training)}
    except TooManyObjects as error:
        nothing = _Found(None, f"{error}, which are not compared")
        return _answer(
            event, nothing, None, looked_at=looked_at, keys=None, inputs={}, to_keep=False
        )
    keys = keys_of(preprocessing, training, digest=inputs.__getitem__)
    bound = event.get("ExpiresAfterSeconds")
    data = _usable(keys.preprocessing, bound, table=table, s3=s3, now=now)
    model = _usable(keys.training, bound, table=table, s3=s3, now=now) if data.entry else None
    kept = {"keys": keys._asdict(), "inputs": inputs, "to_keep": not (model and model.entry)}
    return _answer(event, data, model, looked_at=looked_at, **kept)


def _usable(key: str, bound: float | None, *, table: Table, s3: Any, now: float) -> _Found:
    entry = find(key, table_name=table.name, dynamodb=table.dynamodb)
    if entry is None:
        return _Found(None, "no recorded execution ran it with this image, code, data and settings")
    of_whom = f"that of {entry.told}"
    # DynamoDB deletes what has expired some days later.
    if now >= entry.delete_at:
        return _Found(None, f"{of_whom} is older than data is kept")
    if bound is not None and now - entry.kept_at >= bound:
        return _Found(None, f"{of_whom} is older than expires_after")
    if any(content_of(uri, s3=s3).digest != told for uri, told in entry.digests.items()):
        return _Found(None, f"what {entry.told} left is gone or was changed")
    return _Found(entry)


def _answer(
    event: Mapping[str, Any], data: _Found, model: _Found | None, **told: Any
) -> dict[str, Any]:
    trained = model.entry if model else None
    reused = {"preprocessing": data.entry, "training": trained}
    entries = {kind: entry for kind, entry in reused.items() if entry}
    told |= {
        "has_data": data.entry is not None,
        "has_model": trained is not None,
        "note": _note(data, model),
        "lineage": _lineage(entries),
        "jobs": [
            {"kind": kind, "name": _job_name(entry), "execution_arn": entry.execution_arn}
            for kind, entry in entries.items()
        ],
    }
    # Once it has taken its place, the state need not hold it twice.
    return {**told, "state": {**_state(event, data.entry, trained), "cached": told}}


def _state(event: Mapping[str, Any], data: Entry | None, model: Entry | None) -> dict[str, Any]:
    """Return the keys of the execution's state as if the jobs had run: answers and URIs."""
    if data is None:
        return {}
    own = {uri: name for name, uri in outputs_of(event["Preprocessing"]).items()}
    prepared = {
        key: {name: _moved(value, own, data.outputs) for name, value in event[field].items()}
        for key, field in (("processing", "Processing"), ("gate", "Gate"))
    }
    if model is None:
        return {**prepared, **data.answers}
    tuning = {**event["Tuning"], "best": model.answers["tuned"]}
    trained = {"training_job": model.answers["training_job"], "tuning": tuning}
    return {**prepared, **data.answers, **trained}


def _moved(value: Any, own: Mapping[str, str], outputs: Mapping[str, str]) -> Any:
    return outputs[own[value]] if isinstance(value, str) and value in own else value


def _note(data: _Found, model: _Found | None) -> str:
    if data.entry is None:
        return f"Reused: nothing. Preprocessing: {data.why_not}"
    if model is None or model.entry is None:
        return f"Reused: the data of {data.entry.told}. Training: {model.why_not if model else ''}"
    if data.entry.execution_arn == model.entry.execution_arn:
        return f"Reused: the data and the model of {data.entry.told}"
    return f"Reused: the data of {data.entry.told} and the model of {model.entry.told}"


def _lineage(entries: Mapping[str, Entry]) -> str:
    texts = [f"{kind} of {entry.execution_name}" for kind, entry in entries.items()]
    return metadata_text(" and ".join(texts) or _NOTHING)


def _job_name(entry: Entry) -> str | None:
    answers = {**entry.answers.get("processing_job", {}), **entry.answers.get("training_job", {})}
    name = answers.get("ProcessingJobName") or answers.get("TrainingJobName")
    return name and str(name)
