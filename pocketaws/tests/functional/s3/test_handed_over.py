"""Objects that jobs get and leave as files are what they would be on AWS."""

import hashlib
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulated.images import SKLEARN_URI
from emulated.roles import made_role
from emulated.training_jobs import BUCKET, bucket, csv_rows, definition, ended, script_definition
from emulated.waiting import eventually
from pocketaws.errors import JobFailure
from pocketaws.handed import Handed, HandedFile
from pocketaws.runtime import LocalRuntime
from pocketaws.sagemaker import objects

LARGE = csv_rows(20_000)
WRITES = {
    "in place": "open(path, 'r+b').write(b'changed')",
    "from the start": "open(path, 'wb').write(b'changed')",
    "at the end": "open(path, 'ab').write(b'changed')",
    "shorter": "os.truncate(path, 10)",
    "after chmod": "os.chmod(path, 0o600), open(path, 'wb').write(b'changed')",
    "another name": "os.link(path, path + '2'), open(path + '2', 'wb').write(b'changed')",
    "another program": "subprocess.run(['sh', '-c', 'echo changed'], stdout=open(path, 'r+b'))",
    "no mode": "os.chmod(path, 0)",
    "a mapping": "mmap.mmap(os.open(path, os.O_RDWR), 0)[:7] = b'changed'",
    "gone": "os.remove(path)",
    "moved": "os.rename(path, '/opt/ml/processing/output/moved.csv')",
}


@pytest.fixture
def prefix(runtime: LocalRuntime) -> str:
    """A prefix with a large object in/a.csv."""
    made = str(uuid.uuid4())
    bucket(runtime).put_object(Bucket=BUCKET, Key=f"{made}/in/a.csv", Body=LARGE)
    return made


def started(runtime: LocalRuntime, prefix: str, source: str) -> dict[str, str]:
    """Start a processing job with a script; return what names it."""
    imports = "import mmap, os, subprocess, time\npath = '/opt/ml/processing/input/in/a.csv'\n"
    script = f"{imports}{source}\n"
    bucket(runtime).put_object(Bucket=BUCKET, Key=f"{prefix}/code/do.py", Body=script.encode())
    inputs = [
        {
            "InputName": name,
            "S3Input": {
                "S3Uri": f"s3://{BUCKET}/{prefix}/{name}/",
                "LocalPath": f"/opt/ml/processing/input/{name}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
        for name in ("code", "in")
    ]
    # Two that are one folder: what the first takes is there for the second.
    outputs = [
        {
            "OutputName": name,
            "S3Output": {
                "S3Uri": f"s3://{BUCKET}/{prefix}/{name}",
                "LocalPath": "/opt/ml/processing/output",
                "S3UploadMode": "EndOfJob",
            },
        }
        for name in ("out", "again")
    ]
    name = {"ProcessingJobName": f"handed-{uuid.uuid4().hex[:12]}"}
    runtime.client("sagemaker").create_processing_job(
        **name,
        AppSpecification={
            "ImageUri": SKLEARN_URI,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/do.py"],
        },
        ProcessingInputs=inputs,
        ProcessingOutputConfig={"Outputs": outputs},
        ProcessingResources={
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 1,
            }
        },
        RoleArn=made_role(runtime, "processes"),
    )
    return name


def processed(runtime: LocalRuntime, prefix: str, source: str) -> dict[str, Any]:
    name = started(runtime, prefix, source)
    describe = runtime.client("sagemaker").describe_processing_job
    return ended(describe, "ProcessingJobStatus", **name)


def held(runtime: LocalRuntime, key: str) -> bytes:
    content = runtime.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return bytes(content)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_script_that_changes_its_input_leaves_the_object(
    runtime: LocalRuntime, prefix: str, write: str
) -> None:
    job = processed(runtime, prefix, write)

    assert job["ProcessingJobStatus"] == "Completed", job
    assert held(runtime, f"{prefix}/in/a.csv") == LARGE


def test_a_training_script_that_changes_its_input_leaves_the_object(runtime: LocalRuntime) -> None:
    request = script_definition(
        runtime, "open('/opt/ml/input/data/train/data.csv', 'wb').write(b'changed')"
    )
    source = request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    key = f"{source.partition(BUCKET + '/')[2]}/data.csv"
    runtime.client("s3").put_object(Bucket=BUCKET, Key=key, Body=LARGE)
    name = {"TrainingJobName": f"handed-{uuid.uuid4().hex[:12]}"}
    sagemaker = runtime.client("sagemaker")
    sagemaker.create_training_job(**name, **request)

    ended(sagemaker.describe_training_job, "TrainingJobStatus", **name)

    assert held(runtime, key) == LARGE


def test_an_object_that_is_overwritten_and_deleted_stays_what_a_job_got(
    runtime: LocalRuntime, prefix: str
) -> None:
    s3, key = bucket(runtime), f"{prefix}/in/a.csv"
    name = started(
        runtime,
        prefix,
        "first = open(path, 'rb')\nfirst.read(10)\nprint('begun', flush=True)\ntime.sleep(1.0)\n"
        "open('/opt/ml/processing/output/seen.csv', 'wb').write(open(path, 'rb').read())",
    )
    job = next(job for job in runtime.jobs if job.name == name["ProcessingJobName"])
    eventually(lambda: any("begun" in path.read_text() for path in job.log_paths if path.exists()))
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"other")
    s3.delete_object(Bucket=BUCKET, Key=key)

    describe = runtime.client("sagemaker").describe_processing_job
    assert ended(describe, "ProcessingJobStatus", **name)["ProcessingJobStatus"] == "Completed"

    assert held(runtime, f"{prefix}/out/seen.csv") == LARGE
    assert held(runtime, f"{prefix}/again/seen.csv") == LARGE


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "raise SystemExit(3)"])
def test_what_a_killed_job_wrote_becomes_no_object(
    runtime: LocalRuntime, prefix: str, end: str
) -> None:
    write = "open('/opt/ml/processing/output/half.csv', 'wb').write(open(path, 'rb').read(5000))"

    job = processed(runtime, prefix, f"{write}\nopen(path, 'wb').write(b'changed')\n{end}")

    assert job["ProcessingJobStatus"] == "Failed"
    listed = runtime.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
    assert {item["Key"] for item in listed} == {f"{prefix}/in/a.csv", f"{prefix}/code/do.py"}
    assert held(runtime, f"{prefix}/in/a.csv") == LARGE


def test_training_leaves_the_objects_that_it_reads(runtime: LocalRuntime) -> None:
    request = definition(runtime) | {
        "HyperParameters": {"num_round": "2", "objective": "reg:squarederror"}
    }
    name = {"TrainingJobName": f"handed-{uuid.uuid4().hex[:12]}"}
    sagemaker = runtime.client("sagemaker")
    sagemaker.create_training_job(**name, **request)

    job = ended(sagemaker.describe_training_job, "TrainingJobStatus", **name)

    assert job["TrainingJobStatus"] == "Completed"
    for channel in request["InputDataConfig"]:
        uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
        assert held(runtime, f"{uri.partition(BUCKET + '/')[2]}/data.csv").count(b"\n") == 60


class Full(Handed):
    """A file for which there is no room."""

    def put(self, target: Path) -> None:
        target.write_bytes(b"half")
        target.unlink()
        raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_object_that_was_there(
    runtime: LocalRuntime, prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes(LARGE * 2)
    s3, key = bucket(runtime), f"{prefix}/in/a.csv"

    with HandedFile(path, is_final=True) as body:
        body.handed = Full(path, len(LARGE) * 2)
        with pytest.raises(OSError, match="No space left"):
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    assert held(runtime, key) == LARGE


def test_a_file_that_is_still_written_to_is_copied(
    runtime: LocalRuntime, prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "written.csv"
    path.write_bytes(LARGE)
    with path.open("r+b") as writing:
        with HandedFile(path, is_final=True) as body:
            bucket(runtime).put_object(Bucket=BUCKET, Key=f"{prefix}/w", Body=body)
        writing.write(b"changed")

    assert held(runtime, f"{prefix}/w") == LARGE


def test_an_object_that_was_handed_over_is_one_as_any(
    runtime: LocalRuntime, prefix: str, tmp_path: Path
) -> None:
    (tmp_path / "file.csv").write_bytes(LARGE)
    s3 = runtime.client("s3")
    s3.put_object(Bucket=BUCKET, Key=f"{prefix}/as-any", Body=LARGE)
    with HandedFile(tmp_path / "file.csv", is_final=True) as body:
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/handed", Body=body)

    handed, any_ = (
        s3.head_object(Bucket=BUCKET, Key=f"{prefix}/{name}") for name in ("handed", "as-any")
    )
    part = s3.get_object(Bucket=BUCKET, Key=f"{prefix}/handed", Range="bytes=5-9")

    for name in ("ETag", "ContentLength", "ContentType", "Metadata", "ServerSideEncryption"):
        assert handed.get(name) == any_.get(name)
    assert handed["ETag"] == f'"{hashlib.md5(LARGE).hexdigest()}"'
    assert part["Body"].read() == LARGE[5:10]


def test_all_who_ask_at_once_get_the_etag_of_what_was_handed_over(
    runtime: LocalRuntime, prefix: str, tmp_path: Path
) -> None:
    text = LARGE * 8
    (tmp_path / "file.csv").write_bytes(text)
    s3 = bucket(runtime)
    with HandedFile(tmp_path / "file.csv", is_final=True) as body:
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/asked", Body=body)

    with ThreadPoolExecutor(4) as pool:
        told = pool.map(lambda _: s3.head_object(Bucket=BUCKET, Key=f"{prefix}/asked"), range(8))

    assert {answer["ETag"] for answer in told} == {f'"{hashlib.md5(text).hexdigest()}"'}


def test_what_a_role_may_not_write_is_refused(runtime: LocalRuntime, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(LARGE)
    s3 = runtime._services.as_sagemaker.client(made_role(runtime, "processes"), "s3")

    with pytest.raises(JobFailure, match="NoSuchBucket"):
        objects.upload(tmp_path, "s3://no-such-bucket-of-mine/prefix", s3=s3)


def test_the_digest_of_a_large_object_is_made_by_who_puts_it(
    runtime: LocalRuntime, prefix: str, tmp_path: Path
) -> None:
    path, s3 = tmp_path / "large", bucket(runtime)
    with path.open("wb") as file:
        file.truncate(300 * 1024**2)

    begun = time.process_time()
    with HandedFile(path, is_final=True) as body:
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/large/a", Body=body)
    put = time.process_time()
    (listed,) = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/large/")["Contents"]
    etag = listed["ETag"]
    looked = time.process_time()

    assert len(etag) == len('""') + 32
    # A handler that looks may run for some seconds alone, and 300 MB take half a second to digest.
    assert looked - put < 0.5 * (put - begun)
