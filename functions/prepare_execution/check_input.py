"""Check an execution input as far as it can be without a stack: JSON on stdin, problems on stdout.

    python check_input.py < input.json

For who starts an execution and wants to hear at once what its first state would refuse. Whether
the data is there, and what depends on the stack's defaults, is left to that state.

Exit code: 0 where nothing is wrong, 3 with a line for each problem.
"""

import json
import sys

from execution_input import InvalidExecutionInput, given_problems
from posed import posed

NO_PROBLEM, PROBLEMS = 0, 3


def main() -> int:
    """Print the problems of the input on stdin and return the exit code."""
    problems = given_problems(json.load(sys.stdin), posed())
    if not problems:
        return NO_PROBLEM
    print(InvalidExecutionInput(problems))
    return PROBLEMS


if __name__ == "__main__":
    sys.exit(main())
