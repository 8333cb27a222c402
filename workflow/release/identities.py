"""Who acts: each action of a pipeline has a role, and this is where its calls get their client.

The emulator does not hold a call against its caller's policies, so all roles have its one identity
here. What gives a role credentials of its own belongs here and nowhere else.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow.local.runtime import LocalRuntime


@dataclass(frozen=True)
class Identities:
    """Makes clients and variables for roles, which are named by their ARNs."""

    runtime: "LocalRuntime"

    def client(self, service: str, *, role_arn: str) -> Any:  # noqa: ARG002 - see above
        """Return a boto3 client that acts as a role."""
        return self.runtime.client(service)

    def variables(self, *, role_arn: str) -> dict[str, str]:  # noqa: ARG002 - see above
        """Return the environment variables with which a program acts as a role.

        While a local runtime is up, every AWS variable of this process is the emulator's.
        """
        return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
