"""Arguments that are empty, which a shell makes of a variable that is not set."""

from collections.abc import Sequence


def empty_argument(argv: Sequence[str]) -> str | None:
    """Return what is wrong where an argument is empty, such as `"$FILE"` without a FILE.

    As a path it would be the working folder, as a name none. An empty VALUE of `NAME=VALUE` is one.
    """
    for before, item in zip(["", *argv], argv, strict=False):
        option, sign, value = item.partition("=")
        if not item or (option.startswith("--") and sign and not value):
            named = option if item else before if before.startswith("-") else "an argument"
            return f"{named}: is empty; give a value, or leave it out (is a variable not set?)"
    return None
