"""Log events that are shelved: as many, as they were, in their order, whoever reads them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from moto.logs.models import LogEvent

from pocketaws.cloudwatch.moto.kept_events import KeptEvents


def event(message: str) -> LogEvent:
    return LogEvent(1, {"timestamp": 2, "message": message})


@given(st.lists(st.lists(st.text(), max_size=40)))
def test_what_is_put_is_there_in_its_order(batches: list[list[str]]) -> None:
    kept, put = KeptEvents(), list[Any]()
    for batch in batches:
        events = [event(message) for message in batch]
        kept += events
        put += events

    assert len(kept) == len(put)
    assert [vars(one) for one in kept] == [vars(one) for one in put]
    assert all(
        one.to_filter_dict() == two.to_filter_dict() for one, two in zip(kept, put, strict=True)
    )


def test_events_that_come_one_by_one_become_few_documents() -> None:
    kept = KeptEvents()
    for number in range(100):
        kept += [event(f"line {number}")]

    assert len(kept._many) + len(kept._few) < 32
    assert [one.message for one in kept] == [f"line {number}" for number in range(100)]
