"""Transform jobs: the model's container answers what its input's records ask.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import bz2
import gzip
import json
import tarfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure, ServiceError
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.processes.zygote_process import Zygote
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.jobs import hosts
from pocketaws.sagemaker.jobs.hosts import Host
from pocketaws.sagemaker.jobs.jobs import Job
from pocketaws.sagemaker.jobs.record_paths import check_path
from pocketaws.sagemaker.jobs.transform_records import Processing

_FAILED: Final = "ClientError: See job logs for more information"
_UNPACK: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "None": bytes,
    "Gzip": gzip.decompress,
    "Bzip2": bz2.decompress,
}
_MODEL: Final = "model"
_REQUESTS: Final = "requests"


@dataclass(frozen=True)
class TransformContainer:
    """Does transform jobs; see `jobs.Container`.

    Attributes:
        zygote: has XGBoost imported.
        jobs_dir: where jobs have their folders.
        roles: that models have.
        make_client: returns a client of an emulated service by its name.
    """

    zygote: Zygote
    jobs_dir: Path
    roles: AssumedRoles
    make_client: Callable[[str], Any]

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse what SageMaker refuses, and what this machine does not do."""
        model = self._model(request["ModelName"])
        given = request["TransformInput"]
        split = given.get("SplitType", "None")
        if split not in ("None", "Line"):
            raise ServiceError(
                "ValidationException",
                f"Value {split!r} at 'transformInput.splitType' is not done by the local runtime; "
                "it knows None and Line",
            )
        kind = given["DataSource"]["S3DataSource"]["S3DataType"]
        if kind != "S3Prefix":
            raise ServiceError(
                "ValidationException",
                f"Value {kind!r} at 'transformInput.dataSource.s3DataSource.s3DataType' is not "
                "done by the local runtime; it knows S3Prefix",
            )
        for member, name in (("inputFilter", "InputFilter"), ("outputFilter", "OutputFilter")):
            check_path(member, (request.get("DataProcessing") or {}).get(name, "$"))
        self.roles.credentials(model["ExecutionRoleArn"])

    def run(self, job: Job) -> None:
        """Bring the model, answer each object's records, write what comes of them."""
        model = self._model(job.request["ModelName"])
        s3 = self.roles.client(model["ExecutionRoleArn"], "s3")
        with hosts.made_hosts(job, ["algo-1"], self.jobs_dir) as (host,):
            container = model["PrimaryContainer"]
            _bring_model(host, container.get("ModelDataUrl"), s3)
            self._transform(job, host, container, s3)

    def _model(self, name: str) -> Mapping[str, Any]:
        try:
            model = self.make_client("sagemaker").describe_model(ModelName=name)
        except ClientError as error:
            raise ServiceError("ValidationException", error.response["Error"]["Message"]) from error
        if "PrimaryContainer" not in model:
            raise ServiceError(
                "ValidationException",
                f"model {name} has several containers, which the local runtime does not transform",
            )
        found: Mapping[str, Any] = model
        return found

    def _transform(self, job: Job, host: Host, container: Mapping[str, Any], s3: Any) -> None:
        processing = Processing.of(job.request)
        given = job.request["TransformInput"]
        unpack = _UNPACK[given.get("CompressionType", "None")]
        uri = given["DataSource"]["S3DataSource"]["S3Uri"]
        bucket_name, prefix = objects.split_uri(uri)
        keys = objects.list_keys(uri, s3=s3)
        sources, bodies = [], []
        for key in keys:
            with closing(s3.get_object(Bucket=bucket_name, Key=key)["Body"]) as body:
                content = unpack(body.read())
            records = processing.records(content)
            asked = list(processing.requests(records))
            sources.append((key, records, len(asked)))
            bodies += asked
        answers = iter(self._answers(job, host, container, bodies))
        if job.stopping.is_set():
            return
        for key, records, count in sources:
            output = processing.output(records, [next(answers) for _ in range(count)])
            _write(job, key, prefix, output, s3=s3)

    def _answers(
        self, job: Job, host: Host, container: Mapping[str, Any], bodies: list[bytes]
    ) -> list[bytes]:
        folder = host.home_dir / _REQUESTS
        folder.mkdir()
        (folder / "count.json").write_text(json.dumps(len(bodies)), encoding="utf-8")
        for number, body in enumerate(bodies):
            (folder / str(number)).write_bytes(body)
        given, output = job.request["TransformInput"], job.request["TransformOutput"]
        headers = {"content-type": given.get("ContentType", ""), "accept": output.get("Accept", "")}
        environment = {
            "SAGEMAKER_BATCH": "true",
            **container.get("Environment", {}),
            **job.request.get("Environment", {}),
        }
        child = hosts.start(
            host,
            job,
            self.zygote,
            target="pocketaws.sagemaker.xgboost.transforming:main",
            arguments={
                "model_dir": str(host.home_dir / _MODEL),
                "requests_dir": str(folder),
                "image_tag": container["Image"].rpartition(":")[2],
                "headers": {name: value for name, value in headers.items() if value},
            },
            environment=hosts.container_environment(host, job, environment),
        )
        (code,) = hosts.wait([child], job, self.zygote, max_seconds=hosts.DEFAULT_MAX_SECONDS)
        if job.stopping.is_set():
            return []
        if code:
            raise JobFailure(_FAILED)
        paths = [folder / f"{number}.out" for number in range(len(bodies))]
        return [path.read_bytes() for path in paths]


def _bring_model(host: Host, artifact_uri: str | None, s3: Any) -> None:
    target = host.home_dir / _MODEL
    target.mkdir()
    if artifact_uri is None:
        return
    archive_path = host.home_dir / "model.tar.gz"
    bucket_name, key = objects.split_uri(artifact_uri)
    try:
        objects.fetch(bucket_name, key, archive_path, s3=s3, only_read=True)
        with tarfile.open(archive_path) as archive:
            archive.extractall(target, filter="data")
    except (ClientError, tarfile.TarError, OSError, EOFError) as error:
        raise JobFailure(
            f"ClientError: Failed to download model data from {artifact_uri}: {error}"
        ) from error


def _write(job: Job, key: str, prefix: str, output: bytes, *, s3: Any) -> None:
    """Write what comes of an object under its name, with `.out` at the end."""
    name = objects.relative(key, prefix)
    target = job.request["TransformOutput"]["S3OutputPath"].rstrip("/")
    bucket_name, out_prefix = objects.split_uri(target)
    out_key = f"{out_prefix}/{name}.out".lstrip("/")
    s3.put_object(Bucket=bucket_name, Key=out_key, Body=output)
