"""Training jobs: run the built-in algorithm that the image holds, on every host of the job."""

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.ends import container_end
from pocketaws.processes.zygote_process import Child, Zygote
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.images import image_for, known_text
from pocketaws.sagemaker.jobs import hosts, script_mode
from pocketaws.sagemaker.jobs.data_sources import check_channels
from pocketaws.sagemaker.jobs.hosts import Host
from pocketaws.sagemaker.jobs.jobs import Job, now
from pocketaws.sagemaker.jobs.opt_ml import host_names, resource_config
from pocketaws.sagemaker.xgboost import log as xgboost_log

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingContainer:
    """Does training jobs; see `jobs.Container`, and `processing` for the attributes."""

    zygote: Zygote
    light: Zygote
    jobs_dir: Path
    roles: AssumedRoles

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse what SageMaker refuses, and an image that this machine cannot stand for."""
        image_uri = request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
        image = image_for(image_uri)
        if image is None or not (image.trains or script_mode.is_script(request)):
            raise ServiceError(
                "ValidationException",
                f"Value {image_uri!r} at 'algorithmSpecification.trainingImage' is an image whose "
                f"training the local runtime does not stand for; it knows {known_text()}",
            )
        stopping = request.get("StoppingCondition", {})
        wait_seconds = stopping.get("MaxWaitTimeInSeconds")
        if request.get("EnableManagedSpotTraining"):
            if wait_seconds is None or wait_seconds < stopping.get("MaxRuntimeInSeconds", 0):
                raise ServiceError(
                    "ValidationException",
                    f"Invalid MaxWaitTimeInSeconds {wait_seconds}: spot training needs one that "
                    "is not below MaxRuntimeInSeconds",
                )
        elif wait_seconds is not None:
            raise ServiceError(
                "ValidationException",
                "MaxWaitTimeInSeconds can only be specified when EnableManagedSpotTraining is true",
            )
        check_channels(request)
        self.roles.credentials(request["RoleArn"])

    def run(self, job: Job) -> None:
        """Bring the channels, train on each host, take the model."""
        names = host_names(job.request["ResourceConfig"]["InstanceCount"])
        with hosts.made_hosts(job, names, self.jobs_dir) as made:
            for index, host in enumerate(made):
                self._lay_out(job, host, index, names)
            self._train(job, made)
            if not job.stopping.is_set():
                self._take_model(job, made)

    def _lay_out(self, job: Job, host: Host, index: int, names: list[str]) -> None:
        config = resource_config(host.name, names, job.request["ResourceConfig"]["InstanceType"])
        host.opt_ml.write_config("resourceconfig.json", config)
        host.opt_ml.write_config("inputdataconfig.json", _input_data_config(job.request))
        hyperparameters = job.request.get("HyperParameters", {})
        host.opt_ml.write_config("hyperparameters.json", hyperparameters)
        host.opt_ml.model_dir.mkdir()
        if script_mode.is_script(job.request):
            script_mode.bring_code(job.request, host, self._s3(job))
        self._bring_channels(job, host, index, len(names))

    def _bring_channels(self, job: Job, host: Host, index: int, count: int) -> None:
        s3 = self._s3(job)
        for channel in job.request.get("InputDataConfig", []):
            source = channel["DataSource"]["S3DataSource"]
            keys = objects.share_of(
                objects.list_keys(source["S3Uri"], s3=s3),
                host_index=index,
                host_count=count,
                sharded=source.get("S3DataDistributionType") == "ShardedByS3Key",
            )
            target = host.opt_ml.channel_dir(channel["ChannelName"])
            # Only a script of the user's may write to them.
            only_read = not script_mode.is_script(job.request)
            objects.download(source["S3Uri"], keys, target, s3=s3, only_read=only_read)

    def _s3(self, job: Job) -> Any:
        return self.roles.client(job.request["RoleArn"], "s3")

    def _train(self, job: Job, made: list[Host]) -> None:
        # Where the hosts of a distributed job find each other.
        rendezvous = made[0].temporary_dir / "rendezvous"
        rendezvous.mkdir()
        if script_mode.is_script(job.request):
            self._run_scripts(job, made)
            return
        children = [
            hosts.start(
                host,
                job,
                self.zygote,
                target="pocketaws.sagemaker.xgboost.training:main",
                arguments={"root": str(host.opt_ml.base), "rendezvous": str(rendezvous)},
                environment=hosts.container_environment(
                    host, job, job.request.get("Environment", {})
                ),
                more_folders=[rendezvous],
            )
            for host in made
        ]
        self._await(job, made, children, self.zygote)

    def _run_scripts(self, job: Job, made: list[Host]) -> None:
        image = image_for(job.request["AlgorithmSpecification"]["TrainingImage"])
        zygote = self.zygote if image is not None and image.trains else self.light
        children = [
            hosts.start(
                host,
                job,
                zygote,
                target="pocketaws.sagemaker.jobs.script:run",
                arguments={
                    "argv": script_mode.argv(job.request, host),
                    **hosts.stand_ins(host),
                },
                environment=hosts.container_environment(
                    host,
                    job,
                    {
                        **script_mode.environment(job.request, host),
                        **job.request.get("Environment", {}),
                    },
                ),
            )
            for host in made
        ]
        self._await(job, made, children, zygote)

    def _await(self, job: Job, made: list[Host], children: list[Child], zygote: Zygote) -> None:
        limits = job.request.get("StoppingCondition", {})
        max_seconds = limits.get("MaxRuntimeInSeconds", hosts.DEFAULT_MAX_SECONDS)
        exit_codes = hosts.wait(children, job, zygote, max_seconds=max_seconds)
        _tell_warnings(job, made)
        if not job.stopping.is_set() and any(exit_codes):
            raise JobFailure(_failure_reason(made, exit_codes))

    def _take_model(self, job: Job, made: list[Host]) -> None:
        output_uri = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        artifact_uri = f"{output_uri}/{job.name}/output/model.tar.gz"
        master = next((host for host in made if any(host.opt_ml.model_dir.iterdir())), made[0])
        objects.upload_archive(master.opt_ml.model_dir, artifact_uri, s3=self._s3(job))
        data_dir = master.opt_ml.output_data_dir
        if data_dir.is_dir() and any(data_dir.iterdir()):
            output_data_uri = f"{output_uri}/{job.name}/output/output.tar.gz"
            objects.upload_archive(data_dir, output_data_uri, s3=self._s3(job))
        job.details["ModelArtifacts"] = {"S3ModelArtifacts": artifact_uri}
        job.details["FinalMetricDataList"] = _final_metrics(job.request, master.log_path)


def _tell_warnings(job: Job, made: list[Host]) -> None:
    """Say what a container on SageMaker would not say."""
    for host in made:
        lines = host.log_path.read_text(errors="replace").splitlines()
        for text in xgboost_log.runtime_warnings(lines):
            _LOG.warning("training job %s on %s: %s", job.name, host.name, text)


def _input_data_config(request: Mapping[str, Any]) -> dict[str, Any]:
    config = {}
    mode = request["AlgorithmSpecification"].get("TrainingInputMode", "File")
    for channel in request.get("InputDataConfig", []):
        source = channel["DataSource"]["S3DataSource"]
        config[channel["ChannelName"]] = {
            "TrainingInputMode": channel.get("InputMode", mode),
            "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        }
        if "ContentType" in channel:
            config[channel["ChannelName"]]["ContentType"] = channel["ContentType"]
    return config


def _failure_reason(made: list[Host], exit_codes: list[int]) -> str:
    """Take the failure of the first host that tells of its own, not of the others' leaving."""
    paths = [host.opt_ml.failure_path for host in made if host.opt_ml.failure_path.exists()]
    failures = [path.read_text(errors="replace").strip() for path in paths]
    if not failures:
        # Those that were killed leave the others behind, who fail for want of them.
        text, code = container_end(min(code for code in exit_codes if code))
        return f"AlgorithmError: {text}, exit code: {code}"
    failure = min(failures, key=xgboost_log.blames_other_hosts)
    return f"AlgorithmError: {failure}, exit code: {max(exit_codes)}"


def _final_metrics(request: Mapping[str, Any], log_path: Path) -> list[dict[str, Any]]:
    log = log_path.read_text(errors="replace")
    metrics = xgboost_log.final_metrics(log.splitlines())
    for definition in request["AlgorithmSpecification"].get("MetricDefinitions", []):
        found = re.findall(definition["Regex"], log)
        with suppress(ValueError, TypeError):
            if found:
                metrics[definition["Name"]] = float(found[-1])
    return [
        {"MetricName": name, "Value": value, "Timestamp": now()} for name, value in metrics.items()
    ]
