"""The folder tree that SageMaker gives a container as /opt/ml, under a base of our own.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import JobFailure

ROOT: Final = "/opt/ml"
# Not within another path, a URI or a longer name.
_ROOT_OF_A_PATH: Final = re.compile(rf"(?<![\w./~-]){ROOT}(?![\w.-])")


@dataclass(frozen=True)
class OptMl:
    """One host's tree; `base` stands for /opt/ml."""

    base: Path

    @property
    def config_dir(self) -> Path:
        """Where a processing container finds its configuration."""
        return self.base / "config"

    @property
    def input_config_dir(self) -> Path:
        """Where a training container finds its configuration."""
        return self.base / "input" / "config"

    @property
    def model_dir(self) -> Path:
        """What a training container leaves here becomes model.tar.gz."""
        return self.base / "model"

    @property
    def output_dir(self) -> Path:
        """Where a container leaves its reason of failure or its message."""
        return self.base / "output"

    @property
    def output_data_dir(self) -> Path:
        """What a training container leaves here becomes output.tar.gz."""
        return self.output_dir / "data"

    @property
    def failure_path(self) -> Path:
        """A training container's reason of failure."""
        return self.output_dir / "failure"

    @property
    def message_path(self) -> Path:
        """A processing container's exit message."""
        return self.output_dir / "message"

    def channel_dir(self, channel_name: str) -> Path:
        """Return where a training channel's data lies."""
        return self.base / "input" / "data" / channel_name

    def local(self, path: str) -> Path:
        """Return where a container's absolute path under /opt/ml lies here.

        Raises:
            JobFailure: it is not under /opt/ml.
        """
        relative = path.removeprefix(ROOT).lstrip("/")
        if not path.startswith(ROOT + "/") or ".." in relative.split("/"):
            raise JobFailure(f"ClientError: LocalPath {path!r} must lie under {ROOT}/")
        return self.base / relative

    def rewritten(self, text: str) -> str:
        """Return an argument or variable with /opt/ml replaced where it starts a path."""
        return _ROOT_OF_A_PATH.sub(lambda _: str(self.base), text)

    def write_config(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a configuration file where both kinds of container look for it."""
        for folder in (self.config_dir, self.input_config_dir):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(json.dumps(content))


def resource_config(current_host: str, hosts: Sequence[str], instance_type: str) -> dict[str, Any]:
    """Return resourceconfig.json of one host."""
    return {
        "current_host": current_host,
        "hosts": list(hosts),
        "current_instance_type": instance_type,
        "current_group_name": "homogeneousCluster",
        "network_interface_name": "lo",
    }


def host_names(count: int) -> list[str]:
    """Return SageMaker's names of the hosts of a job: algo-1, algo-2, ..."""
    return [f"algo-{number}" for number in range(1, count + 1)]
