"""A fleet: the one container that serves an endpoint configuration's model here.

Fetches the model's artifact as SageMaker does, unpacks it, and starts the container's process at
the endpoint's socket.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from pocketaws.errors import LocalRuntimeError, ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.ends import end_of
from pocketaws.processes.zygote_process import Child, Zygote
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.endpoints.meter import Count, read_count

# A name and not an import: the container's libraries are the zygote's to import.
CONTAINER_MODULE: Final = "pocketaws.sagemaker.endpoints.container"
_READY_NAME: Final = "ready.json"
_LOG_NAME: Final = "log.txt"
_START_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.005


class LaunchFailure(Exception):  # noqa: N818 - an outcome of a deployment, not an error of ours
    """The fleet does not get into service; the text is the endpoint's FailureReason."""


@dataclass(frozen=True)
class ContainerStage:
    """A container of a pipeline.

    Attributes:
        work: the repository of the known image whose work is done.
        image_tag: such as "3.2-0".
        artifact_uri: of model.tar.gz; None where it has none.
        environment: of the container.
    """

    work: str
    image_tag: str
    artifact_uri: str | None
    environment: Mapping[str, str]

    @property
    def code_uri(self) -> str | None:
        """Of the archive of its script; None where model.tar.gz holds it, or it has none."""
        uri = self.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        return uri if uri.startswith("s3://") else None


@dataclass(frozen=True)
class ServedModel:
    """What a variant serves.

    Attributes:
        name: of the model.
        role_arn: the model's execution role.
        image_uri: as the model gives it.
        artifact_uri: of model.tar.gz; None where the model has none.
        environment: of its container.
        stages: of a pipeline, which are called in turn; empty of a model of one container.
    """

    name: str
    role_arn: str
    image_uri: str
    artifact_uri: str | None
    environment: Mapping[str, str]
    stages: tuple[ContainerStage, ...] = ()

    @property
    def archives(self) -> Iterator[tuple[str, str]]:
        """What is fetched for it: each archive's URI, and the folder that it is unpacked in."""
        if not self.stages and self.artifact_uri is not None:
            yield self.artifact_uri, "."
        for number, stage in enumerate(self.stages):
            for uri, folder in ((stage.artifact_uri, "."), (stage.code_uri, "code")):
                if uri is not None:
                    yield uri, f"{number}/{folder}"


@dataclass(frozen=True)
class Fleet:
    """A container that answers at its endpoint's socket.

    Attributes:
        home_dir: holds the unpacked model and the container's folder.
        asked: set once it is to end.
    """

    home_dir: Path
    model: ServedModel
    zygote: Zygote
    child: Child
    pid: int
    asked: threading.Event = field(default_factory=threading.Event)

    @property
    def has_ended(self) -> bool:
        """Whether it answers no more."""
        return self.child.exit_code.done()

    @property
    def failure(self) -> str:
        """Why it has ended by itself, as the endpoint's FailureReason."""
        try:
            ended = end_of(self.child.exit_code.result())
        except LocalRuntimeError as error:
            ended = f"is gone: {error}"
        last = _last_line(self.log_path)
        return f"The container of model {self.model.name} {ended}. Its last line: {last}"

    @property
    def log_path(self) -> Path:
        """The container's output."""
        return _container_dir(self.home_dir) / _LOG_NAME

    def count(self) -> Count:
        """Return how often it was called so far."""
        return read_count(_container_dir(self.home_dir))

    def stop(self, *, timeout_seconds: float) -> None:
        """Have it accept no more, finish what has begun and end; after a time, kill it.

        Raises:
            LocalRuntimeError: the zygote is gone, and the container with it.
        """
        self.asked.set()
        # Not after its end was told: another process may have the number by then.
        if not self.child.exit_code.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
        if not wait([self.child.exit_code], timeout_seconds).done:
            self.zygote.kill(self.child)
        self.child.exit_code.result()

    def forget(self) -> None:
        """Remove its files; only what it has counted is needed no more, either."""
        shutil.rmtree(self.home_dir, ignore_errors=True)


@dataclass(frozen=True)
class Launcher:
    """Starts fleets.

    Attributes:
        zygote: has XGBoost imported.
        roles: as which models are fetched.
        workers: processes of a container.
    """

    zygote: Zygote
    roles: AssumedRoles
    workers: int

    def launch(
        self, model: ServedModel, home_dir: Path, *, listening: socket.socket, variant_name: str
    ) -> Fleet:
        """Fetch a model and start its container; return when it accepts connections.

        Args:
            model: to serve.
            home_dir: of the fleet; if it holds the unpacked model already, that is served.
            listening: the endpoint's socket.
            variant_name: for the words of a failure.

        Raises:
            LaunchFailure: with the endpoint's FailureReason.
            LocalRuntimeError: the zygote is gone.
        """
        model_dir = home_dir / "model"
        if not model_dir.exists():
            self._unpack(model, model_dir)
        folder = _container_dir(home_dir)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        child = self.zygote.start_child(
            f"{CONTAINER_MODULE}:main",
            {
                "model_dir": str(model_dir),
                "folder": str(folder),
                "ready_path": str(folder / _READY_NAME),
                "workers": self.workers,
                "image_tag": model.image_uri.rpartition(":")[2],
                "stages": [
                    {
                        "work": stage.work,
                        "image_tag": stage.image_tag,
                        "environment": dict(stage.environment),
                    }
                    for stage in model.stages
                ],
            },
            environment=_environment(folder, model.environment),
            folders=[folder],
            read_only=[model_dir],
            log_path=folder / _LOG_NAME,
            subject=f"the container of model {model.name}",
            sockets={"listening": listening},
        )
        pid = self._pid_when_ready(child, folder, variant_name)
        return Fleet(home_dir, model, self.zygote, child, pid)

    def _pid_when_ready(self, child: Child, folder: Path, variant_name: str) -> int:
        deadline = time.monotonic() + _START_SECONDS
        while not (folder / _READY_NAME).exists():
            if child.exit_code.done() or time.monotonic() > deadline:
                self.zygote.kill(child)
                # The sentence is SageMaker's: aws/sagemaker-python-sdk, issue 155. There the log
                # has to be looked up.
                raise LaunchFailure(
                    f"The primary container for production variant {variant_name} did not pass the "
                    "ping health check. Please check CloudWatch logs for this endpoint. Its last "
                    f"line: {_last_line(folder / _LOG_NAME)}"
                )
            time.sleep(_POLL_SECONDS)
        ready = json.loads((folder / _READY_NAME).read_text(encoding="utf-8"))
        return int(ready["pid"])

    def _unpack(self, model: ServedModel, model_dir: Path) -> None:
        archive_path = model_dir.with_name("model.tar.gz")
        unfinished_dir = model_dir.with_name("unfinished")
        unfinished_dir.mkdir(parents=True)
        for uri, folder in model.archives:
            into = unfinished_dir / folder
            into.mkdir(parents=True, exist_ok=True)
            self._extract(model, uri, archive_path, into)
        # Only a whole model gets the name by which it is served again.
        unfinished_dir.rename(model_dir)

    def _extract(self, model: ServedModel, uri: str, archive_path: Path, into: Path) -> None:
        bucket_name, key = objects.split_uri(uri)
        try:
            s3 = self.roles.client(model.role_arn, "s3")
            objects.fetch(bucket_name, key, archive_path, s3=s3)
            with tarfile.open(archive_path) as archive:
                archive.extractall(into, filter="data")
        except ServiceError as error:
            raise LaunchFailure(str(error)) from error
        except ClientError as error:
            raise LaunchFailure(_not_fetched(uri, model.role_arn, error)) from error
        except (tarfile.TarError, OSError, EOFError) as error:
            raise LaunchFailure(
                f"Failed to extract model data archive from {uri}: {error}. "
                "The artifact must be a gzipped tar file, as a training job writes it."
            ) from error
        archive_path.unlink()


def _not_fetched(uri: str, role_arn: str, error: ClientError) -> str:
    if error.response["Error"]["Code"] != "AccessDenied":
        return f"Could not find model data at {uri}."
    return (
        f"Could not access model data at {uri}. Please ensure that the role "
        f"{role_arn!r} has s3:GetObject permissions on it. {error}"
    )


def _container_dir(home_dir: Path) -> Path:
    return home_dir / "container"


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return a container's environment: the model's variables, and no way to a real account."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def _last_line(log_path: Path) -> str:
    written = log_path.read_text(errors="replace") if log_path.exists() else ""
    return (written.strip().splitlines() or ["there is none"])[-1]
