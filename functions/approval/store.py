"""The approvals that people are asked for: a DynamoDB item a model package.

Attributes: `model_package_arn` (S, the key), `task_token` (S, until the execution is resumed),
`link_sha256`, `execution_arn`, `model_name`, `evaluation_uri`, `reason`, `approval_reason` (S),
`numbers` (L of S), `compared`, `left_out`, `report_uri` (S), `expires_at` and `delete_at` (N, epoch
seconds; the second is the table's TTL attribute), `decision` (S) and `decided_at` (N) once decided,
and `claimed_until` (N) while a decision through the page is under way.

The page is never given the task token: what it reads leaves that attribute out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

# Longer than the page's function runs, so that nobody works on a claim that has run out.
CLAIM_SECONDS: Final = 60
_KEPT_SECONDS: Final = 30 * 24 * 3600
_TEXTS: Final = (
    *("model_package_arn", "link_sha256", "execution_arn", "model_name"),
    *("evaluation_uri", "reason", "approval_reason", "compared"),
)
# Which the questions of earlier deployments lack.
_LATER_TEXTS: Final = ("left_out", "report_uri")


@dataclass(frozen=True)
class Table:
    """The table's name, and a client of DynamoDB."""

    name: str
    dynamodb: Any


@dataclass(frozen=True)
class Approval:
    """One question to a person, without the task token; `decision` is None until there is one.

    Attributes:
        link_sha256: of the key in the link.
        evaluation_uri: S3 prefix of evaluation.json and report.json.
        reason: why the gate let the model pass.
        approval_reason: why a person is asked.
        numbers: the metrics, lines of text.
        compared: with what the model was compared, a sentence.
        left_out: which rows of the data were left out, a sentence; empty where nothing is known.
        report_uri: of the execution's report; empty likewise.
        expires_at: when the execution stops waiting, epoch seconds.
    """

    model_package_arn: str
    link_sha256: str = field(repr=False)
    execution_arn: str
    model_name: str
    evaluation_uri: str
    reason: str
    approval_reason: str
    compared: str
    numbers: tuple[str, ...]
    expires_at: int
    decision: str | None = None
    left_out: str = ""
    report_uri: str = ""


def put(approval: Approval, *, task_token: str, table: Table) -> None:
    """Store a new question; an earlier one about the same package is gone, and its link with it."""
    item = {
        **{name: _text(getattr(approval, name)) for name in (*_TEXTS, *_LATER_TEXTS)},
        "task_token": _text(task_token),
        "numbers": {"L": [_text(line) for line in approval.numbers]},
        "expires_at": _number(approval.expires_at),
        "delete_at": _number(approval.expires_at + _KEPT_SECONDS),
    }
    table.dynamodb.put_item(TableName=table.name, Item=item)


def get(model_package_arn: str, *, table: Table) -> Approval | None:
    """Return the question about a package; None where nobody was asked."""
    names = [*_TEXTS, *_LATER_TEXTS, "numbers", "expires_at", "decision"]
    item = _read(model_package_arn, ", ".join(names), table=table)
    if item is None:
        return None
    return Approval(
        **{name: item[name]["S"] for name in _TEXTS},
        **{name: item.get(name, {}).get("S", "") for name in _LATER_TEXTS},
        numbers=tuple(line["S"] for line in item["numbers"]["L"]),
        expires_at=int(item["expires_at"]["N"]),
        decision=item.get("decision", {}).get("S"),
    )


def get_task_token(model_package_arn: str, *, table: Table) -> str | None:
    """Return the token of the execution that waits for a package; None where none does."""
    item = _read(model_package_arn, "task_token", table=table)
    return str(item["task_token"]["S"]) if item and "task_token" in item else None


def claim(approval: Approval, *, now: int, table: Table) -> int | None:
    """Take the right to decide; None where it was decided, taken or replaced.

    A claim ends by itself, so that a function that dies with one does not keep it for ever.

    Returns:
        When the claim ends, epoch seconds; `release` wants it.
    """
    until = now + CLAIM_SECONDS
    taken = _update(
        approval.model_package_arn,
        "SET claimed_until = :until",
        "link_sha256 = :link AND attribute_not_exists(decision) "
        "AND (attribute_not_exists(claimed_until) OR claimed_until <= :now)",
        {
            ":until": _number(until),
            ":link": _text(approval.link_sha256),
            ":now": _number(now),
        },
        table=table,
    )
    return until if taken else None


def release(approval: Approval, claimed_until: int, *, table: Table) -> None:
    """Give a claim back, so that somebody can try again."""
    _update(
        approval.model_package_arn,
        "REMOVE claimed_until",
        "link_sha256 = :link AND claimed_until = :until",
        {":link": _text(approval.link_sha256), ":until": _number(claimed_until)},
        table=table,
    )


def close_link(approval: Approval, decision: str, *, now: int, table: Table) -> None:
    """Write down what was decided through the link, which is dead from now on."""
    _update(
        approval.model_package_arn,
        "SET decision = :decision, decided_at = :now REMOVE claimed_until",
        "link_sha256 = :link",
        {
            ":decision": _text(decision),
            ":now": _number(now),
            ":link": _text(approval.link_sha256),
        },
        table=table,
    )


def close(
    model_package_arn: str, decision: str, *, task_token: str, now: int, table: Table
) -> None:
    """Write down what the execution was told, and forget its token, which is spent."""
    _update(
        model_package_arn,
        "SET decision = :decision, decided_at = :now REMOVE claimed_until, task_token",
        "task_token = :token",
        {":decision": _text(decision), ":now": _number(now), ":token": _text(task_token)},
        table=table,
    )


def _read(model_package_arn: str, names: str, *, table: Table) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] = table.dynamodb.get_item(
        TableName=table.name,
        Key={"model_package_arn": _text(model_package_arn)},
        ProjectionExpression=names,
        ConsistentRead=True,
    )
    return found.get("Item")


def _update(
    model_package_arn: str,
    expression: str,
    condition: str,
    values: Mapping[str, Any],
    *,
    table: Table,
) -> bool:
    """Change an item if the condition holds, and return whether it did."""
    try:
        table.dynamodb.update_item(
            TableName=table.name,
            Key={"model_package_arn": _text(model_package_arn)},
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )
    except table.dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _text(text: str) -> dict[str, str]:
    return {"S": text}


def _number(number: int) -> dict[str, str]:
    return {"N": str(number)}
