"""Print, for each role, what it is granted without need and what it needs and lacks."""

import sys

from tests.functional.permissions.account import run
from tests.functional.permissions.findings import unused
from tests.functional.permissions.needed import needed_accesses
from workflow.local.runtime import LocalRuntime


def main() -> int:
    """Run everything with enforcement on; return 0 where every role is granted what it needs."""
    with LocalRuntime() as runtime:
        account = run(runtime)
        held = list(account.held(needed_accesses()))
        refused = [item for item in runtime.enforcement.used or () if not item.allowed]
    problems = [f"{item.role_arn} was refused {item.access}" for item in refused]
    for item in held:
        template, name = item.role.key
        problems += [f"{template} {name} needs and lacks {access}" for access in item.denied()]
    for template, name, sid, text in unused(held):
        problems.append(f"{template} {name} {sid}: granted without need: {text}")
    for problem in problems:
        print(problem)
    print(f"{len(held)} roles, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
