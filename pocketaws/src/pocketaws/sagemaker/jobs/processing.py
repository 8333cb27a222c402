"""Processing jobs: run the entrypoint's script, or the image's own, on every host of the job."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.ends import container_end
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.images import Image, image_for, known_text
from pocketaws.sagemaker.jobs import hosts
from pocketaws.sagemaker.jobs.data_sources import check_processing
from pocketaws.sagemaker.jobs.hosts import Host
from pocketaws.sagemaker.jobs.jobs import Job
from pocketaws.sagemaker.jobs.opt_ml import host_names, resource_config

_PYTHONS: Final = ("python", "python3")
_MESSAGE_BYTES: Final = 1024


@dataclass(frozen=True)
class ProcessingContainer:
    """Does processing jobs; see `jobs.Container`.

    Attributes:
        zygotes: what forks the containers, by the repository of the image whose work it does.
        jobs_dir: where the hosts' folders are made.
        roles: as which data are brought and taken, and whose credentials a script gets.
        aws_environment: how a script reaches the emulator.
        config_path: the AWS configuration that the environment names.
    """

    zygotes: Mapping[str, Zygote]
    jobs_dir: Path
    roles: AssumedRoles
    aws_environment: Mapping[str, str]
    config_path: Path

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse an image or an entrypoint that this machine cannot stand for."""
        image_uri = request["AppSpecification"]["ImageUri"]
        image = image_for(image_uri)
        if image is None:
            raise ServiceError(
                "ValidationException",
                f"Value {image_uri!r} at 'appSpecification.imageUri' is an image that the local "
                f"runtime does not stand for; it stands for {known_text()}",
            )
        _check_entrypoint(request["AppSpecification"])
        check_processing(request)
        self.roles.credentials(request["RoleArn"])

    def run(self, job: Job) -> None:
        """Bring the inputs, run the script on each host, take the outputs."""
        cluster = job.request["ProcessingResources"]["ClusterConfig"]
        names = host_names(cluster["InstanceCount"])
        with hosts.made_hosts(job, names, self.jobs_dir) as made:
            for index, host in enumerate(made):
                host.opt_ml.write_config("processingjobconfig.json", dict(job.request))
                config = resource_config(host.name, names, cluster["InstanceType"])
                host.opt_ml.write_config("resourceconfig.json", config)
                self._bring_inputs(job, host, index, len(made))
                self._make_outputs(job, host)
            self._run_scripts(job, made)
            if not job.stopping.is_set():
                self._take_outputs(job, made)

    def _client(self, job: Job, service: str) -> Any:
        return self.roles.client(job.request["RoleArn"], service)

    def _bring_inputs(self, job: Job, host: Host, index: int, count: int) -> None:
        s3 = self._client(job, "s3")
        for item in job.request.get("ProcessingInputs", []):
            source = item["S3Input"]
            sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
            keys = objects.share_of(
                objects.list_keys(source["S3Uri"], s3=s3),
                host_index=index,
                host_count=count,
                sharded=sharded,
            )
            target = host.opt_ml.local(source["LocalPath"])
            objects.download(source["S3Uri"], keys, target, s3=s3)

    def _make_outputs(self, job: Job, host: Host) -> None:
        for output in _outputs(job):
            host.opt_ml.local(output["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def _run_scripts(self, job: Job, made: list[Host]) -> None:
        image = _image(job)
        zygote = self.zygotes[image.work]
        limits = job.request.get("StoppingCondition", {})
        credentials = self.roles.credentials(job.request["RoleArn"])
        aws = {**self.aws_environment, **credentials.environment()}
        children = []
        for host in made:
            environment = hosts.container_environment(
                host, job, {**aws, **job.request.get("Environment", {})}
            )
            children.append(
                hosts.start(
                    host,
                    job,
                    zygote,
                    target="pocketaws.sagemaker.jobs.script:run",
                    arguments={
                        "argv": _argv(job, host),
                        **hosts.stand_ins(host, also=[self.config_path]),
                    },
                    environment=environment,
                    read_only=[self.config_path],
                )
            )
        max_seconds = limits.get("MaxRuntimeInSeconds", hosts.DEFAULT_MAX_SECONDS)
        exit_codes = hosts.wait(children, job, zygote, max_seconds=max_seconds)
        self._read_messages(job, made)
        if not job.stopping.is_set() and any(exit_codes):
            text, code = container_end(min(code for code in exit_codes if code))
            message = text or "See job logs for more information"
            raise JobFailure(f"AlgorithmError: {message}, exit code: {code}")

    def _read_messages(self, job: Job, made: list[Host]) -> None:
        for host in made:
            if host.opt_ml.message_path.exists():
                message = host.opt_ml.message_path.read_bytes()[:_MESSAGE_BYTES]
                job.details["ExitMessage"] = message.decode(errors="ignore")
                return

    def _take_outputs(self, job: Job, made: list[Host]) -> None:
        for host in made:
            for output in _outputs(job):
                source = host.opt_ml.local(output["LocalPath"])
                objects.upload(source, output["S3Uri"], s3=self._client(job, "s3"))


def _outputs(job: Job) -> list[dict[str, Any]]:
    outputs = job.request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return [output["S3Output"] for output in outputs]


def _check_entrypoint(specification: Mapping[str, Any]) -> None:
    entrypoint = specification.get("ContainerEntrypoint", [])
    if len(entrypoint) < 2 or entrypoint[0] not in _PYTHONS:  # noqa: PLR2004
        raise ServiceError(
            "ValidationException",
            f"Value {entrypoint!r} at 'appSpecification.containerEntrypoint' cannot be run "
            'locally; give ["python3", "/opt/ml/processing/input/.../script.py"]',
        )


def _image(job: Job) -> Image:
    image = image_for(job.request["AppSpecification"]["ImageUri"])
    assert image is not None, "check() accepted the image"  # noqa: S101
    return image


def _argv(job: Job, host: Host) -> list[str]:
    specification = job.request["AppSpecification"]
    argv = specification["ContainerEntrypoint"][1:] + specification.get("ContainerArguments", [])
    return [host.opt_ml.rewritten(text) for text in argv]
