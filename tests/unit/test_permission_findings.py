"""What the findings say about one role: what it lacks, what is to spare, which entries are idle."""

from pathlib import Path
from typing import Any

import pytest

from pocketaws.iam.policies import Access, statements_of
from tests.functional.permissions.findings import ASSUME, Held, Sourced, unused
from tests.functional.permissions.granted import Role
from tests.functional.permissions.necessity import unnecessary
from tests.functional.permissions.needed import Needed, NeededFileError, needed_accesses
from tests.functional.permissions.report import Report, read_report, rows_of

BUCKET_ARN = "arn:aws:s3:::shelf"
READ = Access("s3:GetObject", f"{BUCKET_ARN}/input/a")
ABORT = Access("s3:AbortMultipartUpload", f"{BUCKET_ARN}/input/a")
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": ASSUME}
ENTRY = Needed(
    label="1",
    template="template.yaml",
    roles=("Reader",),
    actions=("s3:AbortMultipartUpload",),
    resources=(f"{BUCKET_ARN}/input/a",),
    context=(),
    given=(),
    reason="only AWS gives up an upload",
    source="https://docs.aws.amazon.com/",
)
FILE = """
[[needed]]
template = "template.yaml"
roles = ["Reader"]
actions = ["sqs:SendMessage"]
resources = ["arn:aws:sqs:{region}:{account}:{Queue.name}"]
reason = "keeps what is lost"
source = "https://docs.aws.amazon.com/"
"""


def reading(**changed: Any) -> dict[str, Any]:
    whole = {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET_ARN}/input/*",
    }
    return {**whole, **changed}


def held(*used: Access, needed: tuple[Sourced, ...] = (), **changed: Any) -> Held:
    statements = statements_of({"Statement": reading(**changed)}, policy="p")
    trust = statements_of({"Statement": TRUST}, policy="trust")
    role = Role("template.yaml", "Reader", "arn:any", tuple(statements), tuple(trust))
    return Held(role, used, needed)


def to_spare(*stacks: Held) -> list[str]:
    return [text for *_, text in unused(stacks)]


def test_what_a_run_asks_for_is_not_to_spare() -> None:
    assert to_spare(held(READ)) == []
    assert held(READ).denied() == []


def test_a_statement_that_nothing_would_miss_is_to_spare() -> None:
    assert to_spare(held()) == ["the whole statement"]


def test_one_action_resource_or_value_among_several_is_to_spare() -> None:
    actions = held(READ, Action=["s3:GetObject", "s3:PutObject"])
    resources = held(READ, Resource=[f"{BUCKET_ARN}/input/*", f"{BUCKET_ARN}/output/*"])
    values = held(
        Access(READ.action, READ.resource, (("aws:SourceVpc", "one"),)),
        Condition={"StringEquals": {"aws:SourceVpc": ["one", "two"]}},
    )

    assert to_spare(actions) == ["s3:PutObject"]
    assert to_spare(resources) == [f"{BUCKET_ARN}/output/*"]
    assert to_spare(values) == ["aws:SourceVpc two"]


def test_what_one_stack_needs_is_not_to_spare_in_another() -> None:
    assert to_spare(held(READ), held()) == []


def test_what_is_needed_and_not_granted_is_told() -> None:
    assert held(READ, ABORT).denied() == [ABORT]


def test_an_entry_of_the_list_is_a_need_like_a_call() -> None:
    actions = ["s3:GetObject", "s3:AbortMultipartUpload"]
    role = held(READ, needed=(Sourced(ABORT, ENTRY),), Action=actions)

    assert to_spare(role) == []
    assert list(unnecessary([ENTRY], [role])) == []


def test_an_entry_that_a_run_asks_for_anyway_is_idle() -> None:
    role = held(READ, ABORT, needed=(Sourced(ABORT, ENTRY),), Action="s3:*")

    [told] = unnecessary([ENTRY], [role])
    assert "s3:AbortMultipartUpload of Reader is missed as well" in told


def test_an_entry_that_no_stack_has_a_place_for_is_idle() -> None:
    [told] = unnecessary([ENTRY], [held(READ)])

    assert "Reader is in no stack" in told


def test_the_trust_policy_is_missed_by_the_service_that_assumes_the_role() -> None:
    assumed = Access(ASSUME, "lambda.amazonaws.com")
    by_sid = {row.sid: row for row in rows_of([held(READ, assumed)])}

    assert by_sid["trust"].missed == ("sts:AssumeRole on lambda.amazonaws.com",)
    assert {row.sid: row.unused for row in rows_of([held(READ)])}["trust"]


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = Report(tuple(rows_of([held(READ)])), ("lacks",), ("idle",))
    report.write(tmp_path / "report.json")

    assert read_report(tmp_path / "report.json") == report
    assert report.problems[0] == "lacks"


def test_placeholders_of_an_entry_stand_for_what_a_stack_has(tmp_path: Path) -> None:
    path = tmp_path / "needed.toml"
    path.write_text(FILE, encoding="utf-8")
    [entry] = needed_accesses(path)
    values = {"region": "eu-west-1", "account": "1", "Queue": "https://sqs/1/lost"}

    assert list(entry.accesses(values)) == [
        Access("sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:lost")
    ]
    assert list(entry.accesses({"region": "eu-west-1", "account": "1"})) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('reason = "keeps what is lost"\n', "", "reason"),
        ("reason =", "reazon =", "reazon"),
        ('"keeps what is lost"', '" "', "reason is empty"),
        ('"https://docs.aws.amazon.com/"', '"somebody said so"', "source must be"),
        ('["sqs:SendMessage"]', '"sqs:SendMessage"', "actions must be a list"),
    ],
)
def test_an_entry_that_cannot_be_read_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = tmp_path / "needed.toml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")

    with pytest.raises(NeededFileError, match=told):
        needed_accesses(path)
