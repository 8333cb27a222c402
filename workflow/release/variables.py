"""CodePipeline's variables: `#{namespace.key}` in what an action is configured with.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-variables.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workflow.errors import WorkflowError

PIPELINE_NAMESPACE: Final = "variables"
RESERVED_NAMESPACE: Final = "codepipeline"
_VARIABLE: Final = re.compile(r"#\{([\w@-]+)\.([\w@-]+)\}")
# By namespace, then by key.
Variables = Mapping[str, Mapping[str, str]]


def named_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield namespace and key of each variable in a text, a list or an object."""
    if isinstance(value, str):
        for match in _VARIABLE.finditer(value):
            yield match[1], match[2]
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from named_in(item)


def resolved(text: str, variables: Variables, *, where: str) -> str:
    """Return a text with each variable replaced by its value.

    Raises:
        WorkflowError: there is no such variable.
    """

    def value(match: re.Match[str]) -> str:
        namespace, key = match.groups()
        known = variables.get(namespace)
        if known is None or key not in known:
            items = sorted(known) if known is not None else sorted(variables)
            raise WorkflowError(
                f"{where}: the variable {match[0]} has no value; "
                f"{namespace if known is not None else 'the namespaces'} "
                f"{'holds' if known is not None else 'are'} {', '.join(items) or 'nothing'}"
            )
        return known[key]

    return _VARIABLE.sub(value, text)
