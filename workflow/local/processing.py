"""Processing jobs: run the script that the entrypoint names, on every host of the job."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workflow.local import hosts, objects
from workflow.local.data_sources import check_processing
from workflow.local.errors import JobFailure, ServiceError
from workflow.local.hosts import Host
from workflow.local.images import image_for, known_text
from workflow.local.jobs import Job
from workflow.local.opt_ml import host_names, resource_config
from workflow.local.processes import Zygote

_PYTHONS: Final = ("python", "python3")
_MESSAGE_BYTES: Final = 1024


@dataclass(frozen=True)
class ProcessingContainer:
    """Does processing jobs; see `jobs.Container`.

    Attributes:
        zygotes: the process that forks the containers, by the image's repository.
        jobs_dir: where the hosts' folders are made.
        s3: a client of the emulator.
        aws_environment: how a script reaches the emulator, as its role would let it reach AWS.
        config_path: the AWS configuration that the environment names.
    """

    zygotes: Mapping[str, Zygote]
    jobs_dir: Path
    s3: Any
    aws_environment: Mapping[str, str]
    config_path: Path

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse an image or an entrypoint that this machine cannot stand for."""
        image_uri = request["AppSpecification"]["ImageUri"]
        if image_for(image_uri) is None:
            raise ServiceError(
                "ValidationException",
                f"Value {image_uri!r} at 'appSpecification.imageUri' is an image that the local "
                f"runtime does not stand for; it stands for {known_text()}",
            )
        entrypoint = request["AppSpecification"].get("ContainerEntrypoint", [])
        if len(entrypoint) < 2 or entrypoint[0] not in _PYTHONS:  # noqa: PLR2004
            raise ServiceError(
                "ValidationException",
                f"Value {entrypoint!r} at 'appSpecification.containerEntrypoint' cannot be run "
                'locally; give ["python3", "/opt/ml/processing/input/.../script.py"]',
            )
        check_processing(request)

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

    def _bring_inputs(self, job: Job, host: Host, index: int, count: int) -> None:
        for item in job.request.get("ProcessingInputs", []):
            source = item["S3Input"]
            sharded = source.get("S3DataDistributionType") == "ShardedByS3Key"
            keys = objects.share_of(
                objects.list_keys(source["S3Uri"], s3=self.s3),
                host_index=index,
                host_count=count,
                sharded=sharded,
            )
            target = host.opt_ml.local(source["LocalPath"])
            objects.download(source["S3Uri"], keys, target, s3=self.s3)

    def _make_outputs(self, job: Job, host: Host) -> None:
        for output in _outputs(job):
            host.opt_ml.local(output["LocalPath"]).mkdir(parents=True, exist_ok=True)

    def _run_scripts(self, job: Job, made: list[Host]) -> None:
        image = image_for(job.request["AppSpecification"]["ImageUri"])
        assert image is not None, "check() accepted the image"  # noqa: S101
        zygote = self.zygotes[image.repository]
        limits = job.request.get("StoppingCondition", {})
        children = [
            hosts.start(
                host,
                job,
                zygote,
                target="workflow.local.containers.script:run",
                arguments={"argv": _argv(job, host)},
                environment=hosts.container_environment(
                    host, job, {**self.aws_environment, **job.request.get("Environment", {})}
                ),
                read_only=[self.config_path],
            )
            for host in made
        ]
        max_seconds = limits.get("MaxRuntimeInSeconds", hosts.DEFAULT_MAX_SECONDS)
        exit_codes = hosts.wait(children, job, zygote, max_seconds=max_seconds)
        self._read_messages(job, made)
        if not job.stopping.is_set() and any(exit_codes):
            code = next(code for code in exit_codes if code)
            raise JobFailure(
                f"AlgorithmError: See job logs for more information, exit code: {code}"
            )

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
                objects.upload(source, output["S3Uri"], s3=self.s3)


def _outputs(job: Job) -> list[dict[str, Any]]:
    outputs = job.request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return [output["S3Output"] for output in outputs]


def _argv(job: Job, host: Host) -> list[str]:
    specification = job.request["AppSpecification"]
    argv = specification["ContainerEntrypoint"][1:] + specification.get("ContainerArguments", [])
    return [host.opt_ml.rewritten(text) for text in argv]
