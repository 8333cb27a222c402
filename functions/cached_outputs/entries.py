"""The entries of the stack's table: what a job that was not in vain has left, under its key.

An entry is written whole, in one call, once its execution has recorded the model; of executions
that ran at once with the same key that of the one that started last stays.
"""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_CONDITION: Final = "attribute_not_exists(cache_key) OR started_at < :started_at"


@dataclass(frozen=True)
class Entry:
    """A job that can be answered with what it made.

    Attributes:
        key: of the job; see `keys.py`.
        answers: what its state left in the execution's, by name; of a training, too, what was
            `tuned` before it.
        outputs: where they lie, by name.
        digests: of the content of its outputs, by URI.
        execution_arn: of the execution that ran the job.
        started_at: of that execution, in seconds since 1970.
        kept_at: in the same.
        delete_at: in the same; the outputs may be gone then.
    """

    key: str
    answers: Mapping[str, Any]
    outputs: Mapping[str, str]
    digests: Mapping[str, str]
    execution_arn: str
    started_at: float
    kept_at: float
    delete_at: int

    @property
    def execution_name(self) -> str:
        """The execution's name, which its ARN ends with."""
        return self.execution_arn.rpartition(":")[2]

    @property
    def told(self) -> str:
        """The execution, and when it was kept, for people."""
        time = datetime.datetime.fromtimestamp(self.kept_at, datetime.UTC)
        return f"{self.execution_name} ({time:%Y-%m-%d %H:%M} UTC)"


def find(key: str, *, table_name: str, dynamodb: Any) -> Entry | None:
    """Return the entry of a key, or None.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refused.
    """
    found = dynamodb.get_item(
        TableName=table_name, Key={"cache_key": {"S": key}}, ConsistentRead=True
    ).get("Item")
    if not found:
        return None
    return Entry(
        key=key,
        answers=json.loads(found["answers"]["S"]),
        outputs=json.loads(found["outputs"]["S"]),
        digests=json.loads(found["digests"]["S"]),
        execution_arn=found["execution_arn"]["S"],
        started_at=float(found["started_at"]["N"]),
        kept_at=float(found["kept_at"]["N"]),
        delete_at=int(found["delete_at"]["N"]),
    )


def keep(entry: Entry, *, table_name: str, dynamodb: Any) -> bool:
    """Write an entry, unless that of a newer execution stands there; return whether it was written.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refused.
    """
    started_at = {"N": repr(entry.started_at)}
    item = {
        "cache_key": {"S": entry.key},
        "answers": {"S": json.dumps(entry.answers)},
        "outputs": {"S": json.dumps(entry.outputs)},
        "digests": {"S": json.dumps(entry.digests)},
        "execution_arn": {"S": entry.execution_arn},
        "started_at": started_at,
        "kept_at": {"N": repr(entry.kept_at)},
        "delete_at": {"N": str(entry.delete_at)},
    }
    try:
        dynamodb.put_item(
            TableName=table_name,
            Item=item,
            ConditionExpression=_CONDITION,
            ExpressionAttributeValues={":started_at": started_at},
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
