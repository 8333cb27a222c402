"""The document of the real clients is read and compared as its reader would."""

from tests.functional.transcript import Done, Step, not_printed, steps

DOCUMENT = """\
Text.

    $ echo one \\
        two
    one two

    $ make
    …
    built 3f5a9c01b2d4

More text.
"""


def test_commands_and_what_is_shown_are_told_apart() -> None:
    assert steps(DOCUMENT) == [
        Step("echo one \\\n    two", ("one two",)),
        Step("make", ("…", "built 3f5a9c01b2d4")),
    ]


def test_what_varies_may_and_what_does_not_may_not() -> None:
    step = Step("make", ("begins with…", "built 3f5a9c01b2d4", "took 12.5 s"))

    assert not_printed(Done(step, 0, "x\nbegins with this\nbuilt 77aa00bb11cc\ntook 9.1 s\n")) == []
    assert not_printed(Done(step, 0, "begins with this\nbuilt 77aa00bb11cc\ntook 9 h\n")) == [
        "took 12.5 s"
    ]


def test_lines_have_to_come_in_the_documents_order() -> None:
    step = Step("make", ("first", "second"))

    assert not_printed(Done(step, 0, "second\nfirst\n")) == ["second"]
