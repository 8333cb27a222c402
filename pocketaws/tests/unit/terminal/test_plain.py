"""What others have written commands no terminal."""

import pytest

from pocketaws.terminal.display import lines
from pocketaws.terminal.plain import plain


@pytest.mark.parametrize("text", ["", "plain", "größer als 5 µm", "two\nlines\tand a tab", "鮑"])
def test_what_can_be_printed_stays(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("over\rwritten", r"over\rwritten"),
        ("bell\x07", r"bell\x07"),
        ("\u202eback", r"\u202eback"),
        ("\x9b1m", r"\x9b1m"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("lone \ud800", r"lone \ud800"),
    ],
)
def test_what_commands_a_terminal_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_note_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    lines().note("key \x1b[2J")

    assert r"key \x1b[2J" in capsys.readouterr().out
