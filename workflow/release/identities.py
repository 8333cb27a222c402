"""Who acts: each action of a pipeline has a role, and this is where its calls get their client."""

import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pocketaws import LocalRuntime

_PIPELINE: Final = "codepipeline.amazonaws.com"
_BUILD: Final = "codebuild.amazonaws.com"


class RoleSessions:
    """Makes clients and variables for roles, which are named by their ARNs.

    Args:
        runtime: has the roles.
    """

    def __init__(self, runtime: "LocalRuntime") -> None:
        self._as_pipeline = runtime.assumed_by(_PIPELINE, "pipeline")
        self._as_build = runtime.assumed_by(_BUILD, "build")

    def client(self, service: str, *, role_arn: str) -> Any:
        """Return a boto3 client that acts as an action's role.

        Raises:
            ServiceError: there is no such role, or it does not trust CodePipeline.
        """
        return self._as_pipeline.client(role_arn, service)

    def variables(self, *, role_arn: str, is_build: bool = False) -> dict[str, str]:
        """Return the environment variables with which a program acts as a role.

        While a local runtime is up, every AWS variable of this process is the emulator's.

        Raises:
            ServiceError: there is no such role, or it does not trust CodePipeline or CodeBuild.
        """
        roles = self._as_build if is_build else self._as_pipeline
        emulators = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        return {**emulators, **roles.credentials(role_arn).environment()}
