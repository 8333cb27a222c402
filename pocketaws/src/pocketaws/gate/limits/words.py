"""AWS's words for what a member must satisfy."""


def length_problem(member: str, value: str, maximum: int) -> str:
    """Return how AWS refuses a text that is too long, as a sum of one problem."""
    return (
        f"1 validation error detected: Value {value!r} at '{member}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {maximum}"
    )


def pattern_problem(member: str, value: str, pattern: str) -> str:
    """Return how AWS refuses a text that does not match, as a sum of one problem."""
    return (
        f"1 validation error detected: Value {value!r} at '{member}' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {pattern}"
    )
