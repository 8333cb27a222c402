"""The parameter that holds the newest model's name, written by executions that do not wait.

Parameter Store has no conditional write, but it numbers every write and keeps them all for a
while. So a writer looks again after its write: a newer record that its own write covered stands
in the history, and the writer puts it back. Whoever wrote last has looked after that, so once all
are done the parameter holds the newest record.

A version that none of us wrote (by hand, to go back to an earlier model) counts as older than
everything, and the records before it no longer count: what was taken back stays so until an
execution records a model.

Between a late write and its mending (two calls, about a tenth of a second) a reader can see the
older name. Parameter Store keeps 100 versions and deletes the oldest at each write; where the
oldest has a label, it refuses with ParameterMaxVersionLimitExceeded and says to move the label.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from record import Record, record_from_version

# Each round after the first needs another writer in between: executions that end together.
_ROUNDS: Final = 20


class ParameterContended(RuntimeError):  # noqa: N818 - it is the error's name in the console
    """Others wrote between each of our writes and the look after it, time and again."""


@dataclass(frozen=True)
class Kept:
    """What the parameter holds in the end, and in which version."""

    record: Record
    version: int


@dataclass(frozen=True)
class _Version:
    number: int
    value: str
    record: Record | None


def keep_newest(
    record: Record, *, parameter_name: str, ssm: Any, pause: Callable[[], None]
) -> Kept:
    """Make the parameter hold the newest of `record` and those in its history; return which.

    Idempotent: where the parameter holds the name already, nothing is written, so the history
    stays a list of models.

    Args:
        record: the model of this execution.
        parameter_name: created if it does not exist.
        ssm: a client of Parameter Store.
        pause: waits a moment, before looking again at what others are writing.

    Raises:
        ParameterContended: after 20 rounds others still write in between.
        botocore.exceptions.ClientError: Parameter Store refused.
    """
    written = 0
    for _ in range(_ROUNDS):
        versions = _versions(parameter_name, ssm=ssm)
        if versions[-1].number < written:
            # A replica of the store that has not seen our own write says nothing about others'.
            pause()
            continue
        newest = _newest(record, versions)
        if versions[-1].value == newest.model_name:
            return Kept(newest, versions[-1].number)
        try:
            written = _put(newest, parameter_name=parameter_name, ssm=ssm)
        except ssm.exceptions.TooManyUpdates:
            pause()
    raise ParameterContended(
        f"{parameter_name} was written by others in each of {_ROUNDS} rounds; whether it holds "
        f"{record.model_name} or a newer model is not certain; run this state again"
    )


def _versions(parameter_name: str, *, ssm: Any) -> list[_Version]:
    """Return the versions from the oldest to the current one, after an empty one that always is."""
    pages = ssm.get_paginator("get_parameter_history").paginate(Name=parameter_name)
    try:
        found = [version for page in pages for version in page["Parameters"]]
    except ssm.exceptions.ParameterNotFound:
        found = []
    versions = [
        _Version(
            number=item["Version"],
            value=item["Value"],
            record=record_from_version(item["Value"], item.get("Description", "")),
        )
        for item in found
    ]
    return [_Version(0, "", None), *sorted(versions, key=lambda version: version.number)]


def _newest(record: Record, versions: Sequence[_Version]) -> Record:
    candidates = [record]
    for version in reversed(versions):
        if version.record is None:
            break
        candidates.append(version.record)
    return max(candidates, key=lambda candidate: candidate.order)


def _put(record: Record, *, parameter_name: str, ssm: Any) -> int:
    response = ssm.put_parameter(
        Name=parameter_name,
        Description=record.description,
        Value=record.model_name,
        Type="String",
        Overwrite=True,
    )
    return int(response["Version"])
