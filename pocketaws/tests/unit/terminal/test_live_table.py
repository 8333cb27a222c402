"""A live table in a terminal: what stands where."""

import io
import time

from rich.console import Console
from rich.table import Table

from emulated.waiting import eventually
from pocketaws.terminal.live_table import LiveTable
from pocketaws.terminal.signs_of_life import signs_of_life


def table(name: str) -> Table:
    drawn = Table("State")
    drawn.add_row(name)
    return drawn


def test_a_question_stands_below_the_table_and_is_not_drawn_over() -> None:
    shown = io.StringIO()
    live = LiveTable(Console(file=shown, force_terminal=True, width=40))
    live.note("noted")
    live.draw(table("waits"))

    live.ask("yes or no?")
    asked = shown.getvalue()
    live.draw(table("goes on"))
    live.end()

    after = shown.getvalue().removeprefix(asked)
    assert asked.rindex("waits") < asked.rindex("yes or no?")
    assert asked.endswith("yes or no?\n")
    # Neither the cursor goes up over the question, nor is it written again.
    assert "yes or no?" not in after
    assert after.index("goes on") > 0
    assert "\x1b[1A" not in after[: after.index("goes on")]


def test_there_is_a_sign_of_life_each_second() -> None:
    told: list[str] = []

    begun = time.monotonic()
    with signs_of_life(told.append, "still starting"):
        eventually(lambda: len(told) == 2)
        seconds = time.monotonic() - begun
    count = len(told)
    time.sleep(1.1)

    assert seconds >= 2
    assert told == ["still starting"] * count


def test_signs_of_life_end_with_whoever_reads_them() -> None:
    told: list[str] = []

    def gone(text: str) -> None:
        told.append(text)
        raise BrokenPipeError

    with signs_of_life(gone, "still starting"):
        eventually(lambda: bool(told))

    assert told == ["still starting"]
