"""Which names of executions Step Functions takes."""

import re
from typing import Final

_LONGEST: Final = 80
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_NO_CHARACTER: Final = re.compile(
    '[\\s<>{}\\[\\]?*"#%\\\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]'
)


def execution_name_problem(name: str) -> str | None:
    """Say why Step Functions would refuse a name; None where it takes it."""
    wrong = _NO_CHARACTER.search(name)
    if wrong:
        return f"must not hold {wrong[0]!r}; letters, digits, - and _ always can be"
    if not 1 <= len(name) <= _LONGEST:
        return f"must have 1 to {_LONGEST} characters, and has {len(name)}"
    return None
