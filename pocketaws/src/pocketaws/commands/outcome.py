"""How an execution ended, for the terminal and as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path

from pocketaws.environment import write_whole
from pocketaws.errors import ArgumentError
from pocketaws.step_functions.execution import Execution
from pocketaws.terminal.plain import plain
from pocketaws.terminal.progress import State


def tell(execution: Execution, states: Sequence[State], result_path: Path | None) -> int:
    """Print how an execution ended, write it where that was asked; return the exit code.

    Raises:
        ArgumentError: the result cannot be written; how it ended has been printed.
    """
    print()
    print(f"status      {execution.status}")
    if execution.error is not None:
        print(plain(f"error       {execution.error}"))
    if execution.cause is not None:
        print(plain(f"cause       {execution.cause}"))
    if execution.status == "SUCCEEDED":
        print(plain(f"output      {json.dumps(execution.output, ensure_ascii=False)}"))
    if result_path is not None:
        text = json.dumps(_as_json(execution, states), indent=2, ensure_ascii=False)
        try:
            write_whole(result_path, f"{text}\n")
        except OSError as error:
            raise ArgumentError(f"--result {result_path}: cannot be written: {error}") from error
    return 0 if execution.status == "SUCCEEDED" else 1


def _as_json(execution: Execution, states: Sequence[State]) -> dict[str, object]:
    return {
        "executionArn": execution.arn,
        "status": execution.status,
        "output": execution.output,
        "error": execution.error,
        "cause": execution.cause,
        "states": [
            {
                "name": state.name,
                "status": state.status,
                "seconds": state.seconds,
                "attempts": state.attempts,
            }
            for state in states
        ],
    }
