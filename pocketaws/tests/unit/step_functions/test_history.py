"""The events of an execution, packed and not."""

from pocketaws.step_functions.engine.history import Event, History, Pointer


def written(count: int) -> tuple[History, Pointer, list[Event]]:
    told: list[Event] = []
    history, pointer = History(told.append), Pointer()
    for number in range(count):
        history.add(pointer, "PassStateEntered", {"name": "A", "input": f'{{"n": {number}}}'})
    return history, pointer, told


def test_packing_changes_no_event() -> None:
    history, _, told = written(3)

    history.shelve()
    history.shelve()

    assert history.events == told == history.events


def test_events_follow_those_that_were_packed() -> None:
    history, pointer, told = written(2)
    history.shelve()

    number = history.add(pointer, "ExecutionSucceeded", {"output": "1"})

    assert (number, history.events[2]["previousEventId"]) == (3, 2)
    assert history.events == told
