"""The check of a definition that a stack brings, before the stack is made."""

from pocketaws.errors import DeploymentError
from pocketaws.step_functions.definition_rules import definition_problems


def check_definition(logical_id: str, definition: str) -> None:
    """Refuse a definition that Step Functions would.

    Args:
        logical_id: of the state machine in its template.
        definition: its text.

    Raises:
        DeploymentError: with what is wrong.
        UnsupportedResourceError: a state needs what the runtime does not run.
    """
    # The stack puts something else in place of what stands for it.
    problems = definition_problems(definition, placeholders=True)
    if problems:
        raise DeploymentError(
            f"{logical_id}: Invalid State Machine Definition: {', '.join(problems)}"
        )
