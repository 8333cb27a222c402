"""A workflow that is not this repository's, in the same runtime: it must know of neither."""

import functools
import json
import operator
import os
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from emulated.images import SKLEARN_URI
from emulated.roles import made_role
from emulated.waiting import eventually
from pocketaws.cloudformation.deploy import Stack
from pocketaws.runtime import LocalRuntime
from pocketaws.sagemaker.jobs.jobs import Job
from pocketaws.step_functions.execution import Execution

OTHER_DIR = Path(__file__).parent / "other_workflow"
CODE_DIR = "/opt/ml/processing/input/code"
SECONDS = 20


@dataclass(frozen=True)
class Shop:
    """The other stack, and how the tests use it."""

    runtime: LocalRuntime
    stack: Stack

    @property
    def shelf(self) -> str:
        return self.stack.outputs["ShelfName"]

    def put(self, **objects: str) -> str:
        """Put objects under a prefix of their own and return its URI."""
        prefix = f"shelf/{uuid.uuid4()}/"
        for name, text in objects.items():
            self.runtime.client("s3").put_object(
                Bucket=self.shelf, Key=prefix + name, Body=text.encode()
            )
        return f"s3://{self.shelf}/{prefix}"

    def get(self, uri: str) -> dict[str, str]:
        bucket_name, _, prefix = uri.removeprefix("s3://").partition("/")
        s3 = self.runtime.client("s3")
        listed = s3.list_objects_v2(Bucket=bucket_name, Prefix=prefix).get("Contents", [])
        return {
            item["Key"].removeprefix(prefix): s3.get_object(Bucket=bucket_name, Key=item["Key"])[
                "Body"
            ]
            .read()
            .decode()
            for item in listed
        }

    def take_stock(self, *articles: str, name: str | None = None, **changes: Any) -> Execution:
        orders = [{"article": article, "count": 3} for article in articles]
        execution_input = {"orders": orders, "shelf_uri": self.put(jam="1"), **changes}
        return self.runtime.run(self.stack.outputs["StocktakingArn"], execution_input, name=name)

    def probe(self, name: str, **event: Any) -> Any:
        """Call the probing function and return what it returns, or its error's payload."""
        answer = self.runtime.client("lambda").invoke(
            FunctionName=self.stack.outputs["ProbeName"],
            Payload=json.dumps({**event, "probe": name}),
        )
        return json.loads(answer["Payload"].read())

    def request(self, script: str, **changes: Any) -> dict[str, Any]:
        return {
            "ProcessingJobName": f"job-{uuid.uuid4()}",
            "RoleArn": self.stack.outputs["JobRoleArn"],
            "AppSpecification": {
                "ImageUri": SKLEARN_URI,
                "ContainerEntrypoint": ["python3", f"{CODE_DIR}/{script}"],
            },
            "ProcessingInputs": [s3_input("code", f"s3://{self.shelf}/scripts/", CODE_DIR)],
            "ProcessingResources": {"ClusterConfig": cluster(1)},
            **changes,
        }

    def start(self, request: dict[str, Any]) -> Job:
        self.runtime.client("sagemaker").create_processing_job(**request)
        return next(job for job in self.runtime.jobs if job.name == request["ProcessingJobName"])

    def process(self, script: str, **changes: Any) -> dict[str, Any]:
        """Run a processing job to its end and return its description."""
        job = self.start(self.request(script, **changes))
        assert job.ended.wait(SECONDS)
        described: dict[str, Any] = self.runtime.client("sagemaker").describe_processing_job(
            ProcessingJobName=job.name
        )
        return described

    def do(self, *lines: str, **changes: Any) -> dict[str, Any]:
        """Run lines of Python as a processing script."""
        return self.process("do.py", Environment={"DO": "\n".join(lines)}, **changes)

    def machine(self, state: dict[str, Any]) -> str:
        """Create a state machine of one state and return its ARN."""
        definition = {"StartAt": "Work", "States": {"Work": {**state, "End": True}}}
        created = self.runtime.client("stepfunctions").create_state_machine(
            name=f"one-{uuid.uuid4()}",
            definition=json.dumps(definition),
            roleArn=made_role(self.runtime, "one-state"),
        )
        return str(created["stateMachineArn"])


def s3_input(name: str, uri: str, local_path: str, **more: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": local_path, "S3DataType": "S3Prefix"}
    return {"InputName": name, "S3Input": {**source, "S3InputMode": "File", **more}}


def s3_output(uri: str, local_path: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": local_path, "S3UploadMode": "EndOfJob"}
    return {"Outputs": [{"OutputName": "out", "S3Output": source}]}


def cluster(count: int) -> dict[str, Any]:
    return {"InstanceCount": count, "InstanceType": "ml.t3.medium", "VolumeSizeInGB": 1}


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def log_of(job_name: str, runtime: LocalRuntime) -> str:
    (job,) = [job for job in runtime.jobs if job.name == job_name]
    return "".join(path.read_text() for path in job.log_paths if path.exists())


@pytest.fixture(scope="session")
def shop(runtime: LocalRuntime) -> Shop:
    stack = runtime.deploy(
        OTHER_DIR / "template.yaml", stack_name="corner-shop", parameters={"Currency": "CHF"}
    )
    for path in (OTHER_DIR / "scripts").iterdir():
        if path.suffix == ".py":
            runtime.client("s3").upload_file(
                str(path), stack.outputs["ShelfName"], f"scripts/{path.name}"
            )
    return Shop(runtime, stack)


@pytest.fixture
def parents_variable() -> Iterator[str]:
    os.environ["SHOPS_OWN_SECRET"] = "sesame"
    yield "SHOPS_OWN_SECRET"
    del os.environ["SHOPS_OWN_SECRET"]


# ---------------------------------------------------------------------------------- the workflow


def test_it_runs_with_what_the_templates_parameter_says(shop: Shop) -> None:
    execution = shop.take_stock("apple", "pear", name="monday")

    assert execution.status == "SUCCEEDED", execution.cause
    written = shop.runtime.client("ssm").get_parameter(
        Name=shop.stack.outputs["TotalParameterName"]
    )
    assert execution.output["prices"] == ["9 CHF", "12 CHF"]
    assert execution.output["count_status"] == "Completed"
    assert written["Parameter"]["Value"] == "9 CHF"
    assert shop.get(f"s3://{shop.shelf}/counted/monday/") == {"count.json": '["jam"]'}


def test_a_choice_can_end_it(shop: Shop) -> None:
    execution = shop.take_stock()

    assert (execution.status, execution.error) == ("FAILED", "NothingOrdered")
    assert execution.cause == "orders is empty"


def test_a_caught_error_carries_the_handlers_type_and_message(shop: Shop) -> None:
    execution = shop.take_stock("plum")

    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["shop"] == "Corner shop"
    assert execution.output["error"] == "UnknownArticleError"
    assert execution.output["cause"]["errorType"] == "UnknownArticleError"
    assert execution.output["cause"]["errorMessage"] == "no plum in this shop"


def test_two_executions_at_once_do_not_meet(shop: Shop) -> None:
    with ThreadPoolExecutor(2) as pool:
        monday, tuesday = pool.map(shop.take_stock, ("apple", "pear"))

    assert (monday.output["prices"], tuesday.output["prices"]) == (["9 CHF"], ["12 CHF"])


def test_what_is_not_created_is_listed_where_its_condition_holds(shop: Shop) -> None:
    assert set(shop.stack.not_created) == {
        ("BellListener", "AWS::SNS::Subscription"),
        ("Purse", "AWS::Budgets::Budget"),
    }
    assert "PurseName" not in shop.stack.outputs
    assert {"Bell", "BellListenerNote"} <= shop.stack.resources.keys()


def test_a_custom_resource_gives_its_attributes_and_its_id(shop: Shop) -> None:
    environment = shop.probe("environment")

    assert shop.stack.outputs["RegistrationNumber"] == "no-1-CHF"
    assert environment["REGISTRATION_NUMBER"] == "no-1-CHF"
    assert environment["REGISTRATION"] == "registration-of-CHF"


def test_code_may_lie_outside_of_the_templates_folder(
    runtime: LocalRuntime, tmp_path: Path
) -> None:
    for name in ("code", "stack"):
        (tmp_path / name).mkdir()
    (tmp_path / "code" / "app.py").write_text("def f(event, context): return event")
    (tmp_path / "stack" / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources: {F: {Type: AWS::Serverless::Function, Properties: "
        "{Runtime: python3.12, Handler: app.f, CodeUri: ../code}}}"
    )

    stack = runtime.deploy(tmp_path / "stack" / "template.yaml", stack_name="outside")

    answer = runtime.client("lambda").invoke(FunctionName=stack.resources["F"], Payload=b'"x"')
    assert answer["Payload"].read() == b'"x"'


# -------------------------------------------------------------------------------------- handlers


def test_a_handler_has_the_templates_environment_and_nothing_of_the_parents(
    shop: Shop, parents_variable: str
) -> None:
    environment = shop.probe("environment")

    assert environment["CURRENCY"] == "CHF"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == shop.stack.outputs["ProbeName"]
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "192"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert environment["AWS_SESSION_TOKEN"]
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["HOME"] != str(Path.home())
    assert not {parents_variable, "VIRTUAL_ENV", "PYTHONPATH", "AWS_PROFILE"} & environment.keys()


def test_a_handler_is_told_its_context(shop: Shop) -> None:
    name, memory_mb, arn = shop.probe("told_context")

    assert name == shop.stack.outputs["ProbeName"]
    assert memory_mb == "192"
    assert arn.endswith(f":function:{name}")


@pytest.mark.parametrize(
    ("probe", "error_type", "message"),
    [
        ("fail", "OddError", "seven is odd"),
        ("not_json", "Runtime.MarshalError", "Object of type set is not JSON serializable"),
        ("leave", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
    ],
)
def test_a_handlers_error_is_reported_as_by_lambda(
    shop: Shop, probe: str, error_type: str, message: str
) -> None:
    payload = shop.probe(probe)

    assert payload["errorType"] == error_type
    assert message in payload["errorMessage"]


def test_a_handler_that_closes_its_output_harms_nobody(shop: Shop) -> None:
    assert shop.probe("close_output") == "closed"
    assert shop.probe("environment")["CURRENCY"] == "CHF"


def test_a_handler_that_takes_too_long_is_ended_with_all_it_started(shop: Shop) -> None:
    arn = shop.machine(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {
                "FunctionName": shop.stack.outputs["ProbeName"],
                "Payload": {"probe": "sleep"},
            },
        }
    )
    execution = shop.runtime.run(arn, {})

    assert (execution.status, execution.error) == ("FAILED", "Sandbox.Timedout")
    assert "Task timed out after 5.00 seconds" in json.loads(execution.cause or "")["errorMessage"]
    handler_pid, helper_pid = json.loads(_log_line(shop, "["))
    assert is_gone(handler_pid)
    assert is_gone(helper_pid)


def test_what_a_handler_prints_is_in_cloudwatch_logs(shop: Shop) -> None:
    text = f"said {uuid.uuid4()}"

    shop.probe("say", text=text)

    assert _log_line(shop, "said") == text


@pytest.mark.parametrize(
    "module", ["workflow", "pocketaws", "pocketaws.sagemaker.jobs.jobs", "jobs", "functions"]
)
def test_a_handler_cannot_import_this_repository(shop: Shop, module: str) -> None:
    payload = shop.probe("load", module=module)

    assert payload["errorType"] == "ModuleNotFoundError"
    assert payload["errorMessage"].startswith("No module named")


def test_a_handler_starts_in_the_folder_of_its_bundle(shop: Shop) -> None:
    assert json.loads(shop.probe("read", path="settings.json")) == {"kind": "bundled"}


@pytest.mark.parametrize("path", ["settings.json", "app.py"])
def test_a_handler_may_not_change_its_bundle(shop: Shop, path: str) -> None:
    payload = shop.probe("write", path=path)

    assert payload["errorType"] == "PermissionError"
    assert "may only read" in payload["errorMessage"]


@pytest.mark.parametrize("probe", ["read", "write"])
@pytest.mark.parametrize("place", ["home", "repository", "other's temporary folder"])
def test_a_handler_is_kept_in_its_own_folders(
    shop: Shop, tmp_path: Path, probe: str, place: str
) -> None:
    folder = {"home": Path.home(), "repository": OTHER_DIR.parents[2]}.get(place, tmp_path)
    path = folder / "pyproject.toml"

    payload = shop.probe(probe, path=str(path))

    if path.is_relative_to("/tmp"):
        # There it finds its own files only.
        assert payload["errorType"] == "FileNotFoundError"
    else:
        assert payload["errorType"] == "PermissionError"
        assert os.path.realpath(path) in payload["errorMessage"]
    assert place == "repository" or not path.exists()


def test_a_handler_reaches_the_emulator_with_a_session_of_its_own(shop: Shop) -> None:
    assert "probe.txt" in shop.probe("buckets", bucket=shop.shelf)


def test_two_calls_at_once_have_folders_of_their_own(shop: Shop) -> None:
    texts = [f"note {number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda text: shop.probe("keep", text=text), texts))

    assert kept == texts


def test_a_call_leaves_no_files_behind(shop: Shop) -> None:
    folder = Path(shop.probe("environment")["TMPDIR"])

    assert folder.parent.is_dir()
    assert not folder.exists()


# ------------------------------------------------------------------------------------------ jobs


def test_a_script_gets_its_arguments_and_variables_with_its_own_tree(
    shop: Shop, parents_variable: str
) -> None:
    out_uri = shop.put() + "told"
    job = shop.process(
        "tell.py",
        AppSpecification={
            "ImageUri": SKLEARN_URI,
            "ContainerEntrypoint": ["python3", f"{CODE_DIR}/tell.py"],
            "ContainerArguments": [
                CODE_DIR,
                "/opt/ml/processing/output",
                "/opt/ml/config",
                "--in=/opt/ml/a:/opt/ml/b",
                "s3://bucket/opt/ml/c",
                "/opt/mlops",
            ],
        },
        Environment={"PLACE": "/opt/ml/processing/x", "PLAIN": "opt/ml"},
        ProcessingOutputConfig=s3_output(out_uri, "/opt/ml/processing/output"),
    )

    told = json.loads(shop.get(out_uri + "/")["algo-1.json"])
    base = told["argv"][2].removesuffix("/config")
    assert job["ProcessingJobStatus"] == "Completed"
    assert "/opt/ml" not in base
    assert told["argv"][0] == base + CODE_DIR.removeprefix("/opt/ml")
    assert told["argv"][3:] == [f"--in={base}/a:{base}/b", "s3://bucket/opt/ml/c", "/opt/mlops"]
    assert told["environment"]["PLACE"] == f"{base}/processing/x"
    assert told["environment"]["PLAIN"] == "opt/ml"
    assert told["environment"]["PROCESSING_JOB_NAME"] == job["ProcessingJobName"]
    assert told["environment"]["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert told["environment"]["AWS_SESSION_TOKEN"]
    assert told["environment"]["HOME"] != str(Path.home())
    assert not {parents_variable, "VIRTUAL_ENV", "PYTHONPATH"} & told["environment"].keys()


def test_a_hosts_copies_are_removed_after_its_job_and_its_log_is_kept(shop: Shop) -> None:
    job = shop.do("import os; print('I was in', os.getcwd())")

    (log_path,) = shop.runtime.jobs[-1].log_paths
    assert job["ProcessingJobStatus"] == "Completed"
    assert log_path.read_text().startswith("I was in")
    assert [path.name for path in log_path.parent.iterdir()] == [log_path.name]


def test_three_instances_share_the_objects(shop: Shop) -> None:
    names = [f"part-{number}" for number in range(7)]
    data_uri, out_uri = shop.put(**dict.fromkeys(names, "x")), shop.put() + "told"
    shared, whole = "/opt/ml/processing/input/shared", "/opt/ml/processing/input/whole"
    shop.process(
        "tell.py",
        AppSpecification={
            "ImageUri": SKLEARN_URI,
            "ContainerEntrypoint": ["python3", f"{CODE_DIR}/tell.py"],
            "ContainerArguments": [shared, "/opt/ml/processing/out", "/opt/ml/config"],
        },
        ProcessingInputs=[
            s3_input("code", f"s3://{shop.shelf}/scripts/", CODE_DIR),
            s3_input("a", data_uri, shared, S3DataDistributionType="ShardedByS3Key"),
            s3_input("b", data_uri, whole, S3DataDistributionType="FullyReplicated"),
        ],
        ProcessingOutputConfig=s3_output(out_uri, "/opt/ml/processing/out"),
        ProcessingResources={"ClusterConfig": cluster(3)},
    )

    told = {name: json.loads(text)["files"] for name, text in shop.get(out_uri + "/").items()}
    assert told.keys() == {"algo-1.json", "algo-2.json", "algo-3.json"}
    assert sorted(functools.reduce(operator.iadd, told.values(), [])) == names
    assert sorted(map(len, told.values())) == [2, 2, 3]


def test_a_script_that_names_opt_ml_itself_finds_it(shop: Shop) -> None:
    job = shop.do(
        "import os; os.makedirs('/opt' + '/ml/processing/output'); "
        "open('/opt' + '/ml/processing/output/x', 'w').write('y'); "
        "assert os.listdir('/opt' + '/ml/processing/output') == ['x']; "
        "os.mkdir('/tmp/mine')"
    )

    assert job["ProcessingJobStatus"] == "Completed", log_of(job["ProcessingJobName"], shop.runtime)


@pytest.mark.parametrize("place", ["home", "repository", "other's temporary folder"])
def test_a_script_is_kept_in_its_own_folders(shop: Shop, tmp_path: Path, place: str) -> None:
    folder = {"home": Path.home(), "repository": OTHER_DIR.parents[2]}.get(place, tmp_path)

    job = shop.do(f"open({str(folder / 'pyproject.toml')!r}, 'a')")

    assert job["ProcessingJobStatus"] == "Failed"
    log = log_of(job["ProcessingJobName"], shop.runtime)
    if folder.is_relative_to("/tmp"):
        assert "FileNotFoundError" in log
        return
    assert f"PermissionError: processing job {job['ProcessingJobName']} on algo-1" in log
    assert os.path.realpath(folder / "pyproject.toml") in log


def test_a_script_cannot_import_this_repository(shop: Shop) -> None:
    job = shop.do("import workflow")

    assert job["ProcessingJobStatus"] == "Failed"
    log = log_of(job["ProcessingJobName"], shop.runtime)
    assert "ModuleNotFoundError: No module named 'workflow'" in log


def test_a_script_may_have_a_module_of_this_packages_name(shop: Shop) -> None:
    code_uri = shop.put(**{"main.py": "import workflow; print(workflow.KIND)",
                           "workflow.py": "KIND = 'their own'"})  # fmt: skip
    job = shop.process("main.py", ProcessingInputs=[s3_input("code", code_uri, CODE_DIR)])

    assert log_of(job["ProcessingJobName"], shop.runtime) == "their own\n"


@pytest.mark.parametrize(
    ("lines", "exit_code"),
    [
        (["raise SystemExit(7)"], 7),
        (["raise ValueError('no')"], 1),
        (["import sys", "sys.exit('text')"], 1),
        (["raise SystemExit(2**40 + 5)"], 5),
        (["import sys", "sys.stdout.close()", "raise SystemExit(4)"], 4),
        (["import os, signal", "os.kill(os.getpid(), signal.SIGKILL)"], 137),
    ],
)
def test_a_failures_exit_code_is_in_its_reason(
    shop: Shop, lines: list[str], exit_code: int
) -> None:
    job = shop.do(*lines)

    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith(f"exit code: {exit_code}")


def test_an_exit_message_is_told(shop: Shop) -> None:
    job = shop.process(
        "do.py",
        Environment={
            "DO": "import os; open(os.environ['MESSAGE_PATH'], 'w').write('the jam is off')\n"
            "raise SystemExit(2)",
            "MESSAGE_PATH": "/opt/ml/output/message",
        },
    )

    assert job["ExitMessage"] == "the jam is off"
    assert job["FailureReason"].endswith("exit code: 2")


def test_a_script_ends_as_its_interpreter_would(shop: Shop) -> None:
    job = shop.do(
        "import atexit, threading, time",
        "atexit.register(print, 'at exit')",
        "threading.Thread(target=lambda: (time.sleep(0.2), print('in thread'))).start()",
        "print('main', end=' ')",
    )

    assert log_of(job["ProcessingJobName"], shop.runtime) == "main in thread\nat exit\n"


@pytest.mark.parametrize("own_session", [False, True])
def test_what_a_script_starts_does_not_outlive_it(shop: Shop, *, own_session: bool) -> None:
    job = shop.do(
        "import subprocess",
        f"print(subprocess.Popen(['sleep', '60'], start_new_session={own_session}).pid)",
    )

    pid = int(log_of(job["ProcessingJobName"], shop.runtime))
    assert job["ProcessingJobStatus"] == "Completed"
    assert is_gone(pid)


def test_ending_one_job_leaves_the_processes_of_another(shop: Shop) -> None:
    lines = "import subprocess, time; p = subprocess.Popen(['sleep', '60'], "
    lines += "start_new_session=True); print(p.pid, flush=True); time.sleep(60)"
    other = shop.start(shop.request("do.py", Environment={"DO": lines}))
    assert eventually(lambda: "\n" in log_of(other.name, shop.runtime))
    pid = int(log_of(other.name, shop.runtime))

    shop.do("pass")
    alive_meanwhile = not is_gone(pid)
    shop.runtime.client("sagemaker").stop_processing_job(ProcessingJobName=other.name)

    assert alive_meanwhile
    assert other.ended.wait(SECONDS)
    assert other.status == "Stopped"
    assert is_gone(pid)


def test_a_script_reaches_the_emulator_as_its_role_would_let_it(shop: Shop) -> None:
    job = shop.do(
        "import boto3",
        f"print(boto3.client('s3').list_objects_v2(Bucket={shop.shelf!r})['KeyCount'] > 0)",
    )

    assert log_of(job["ProcessingJobName"], shop.runtime) == "True\n"


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("s3://corner-shop-has-no-such-bucket/x/", "bucket does not exist"),
        ("SHELF/no-such-prefix/", "No S3 objects found under S3 URL"),
    ],
)
def test_an_input_that_is_not_there_fails_the_job(shop: Shop, uri: str, told: str) -> None:
    uri = uri.replace("SHELF", f"s3://{shop.shelf}")
    inputs = [s3_input("data", uri, "/opt/ml/processing/input/data")]

    job = shop.process("do.py", ProcessingInputs=inputs)

    assert job["ProcessingJobStatus"] == "Failed"
    assert told in job["FailureReason"]


def test_an_output_bucket_that_is_not_there_fails_the_job(shop: Shop) -> None:
    job = shop.do(
        "import os",
        "open(os.path.join(os.environ['HOME'], 'ml/processing/out/x'), 'w').close()",
        ProcessingOutputConfig=s3_output("s3://no-such-bucket-here/x", "/opt/ml/processing/out"),
    )

    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Data upload failed")


def test_a_job_that_fails_at_once_is_listed_as_failed(shop: Shop) -> None:
    inputs = [s3_input("data", f"s3://{shop.shelf}/none/", "/opt/ml/processing/input/data")]
    failed = {shop.process("do.py", ProcessingInputs=inputs)["ProcessingJobName"] for _ in range(5)}

    paginator = shop.runtime.client("sagemaker").get_paginator("list_processing_jobs")
    pages = list(paginator.paginate(StatusEquals="Failed"))
    listed = [item for page in pages for item in page["ProcessingJobSummaries"]]
    assert failed <= {item["ProcessingJobName"] for item in listed}


# ------------------------------------------------------------------------------------- stopping


def sleeping_state(shop: Shop, **more: Any) -> dict[str, Any]:
    request = shop.request("do.py", Environment={"DO": "import time; time.sleep(60)"})
    resource = "arn:aws:states:::sagemaker:createProcessingJob.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": request, **more}


def test_a_state_that_times_out_stops_its_job(shop: Shop) -> None:
    state = sleeping_state(shop, TimeoutSeconds=1)
    arn = shop.machine(state)

    execution = shop.runtime.run(arn, {})

    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
    name = state["Parameters"]["ProcessingJobName"]
    # On a busy machine its Create call is answered after that.
    (job,) = eventually(lambda: [job for job in shop.runtime.jobs if job.name == name])
    assert job.ended.wait(SECONDS)
    assert job.status == "Stopped"


def test_stopping_an_execution_stops_its_job(shop: Shop) -> None:
    state = sleeping_state(shop)
    arn = shop.runtime.start_execution(shop.machine(state), {})
    name = state["Parameters"]["ProcessingJobName"]
    assert eventually(lambda: any(job.name == name for job in shop.runtime.jobs))

    shop.runtime.client("stepfunctions").stop_execution(executionArn=arn, error="Enough")
    execution = shop.runtime.wait(arn)

    assert execution.status == "ABORTED"
    (job,) = [job for job in shop.runtime.jobs if job.name == name]
    assert job.ended.wait(SECONDS)
    assert job.status == "Stopped"


def test_a_job_that_has_ended_is_not_stopped_again(shop: Shop) -> None:
    job = shop.do("pass")

    with pytest.raises(ClientError, match="is in status Completed"):
        shop.runtime.client("sagemaker").stop_processing_job(
            ProcessingJobName=job["ProcessingJobName"]
        )


def test_a_second_runtime_in_the_process_is_refused(shop: Shop) -> None:
    before = threading.active_count()

    with pytest.raises(Exception, match="a local runtime is up in this process already"):
        LocalRuntime().__enter__()
    assert threading.active_count() == before


def _log_line(shop: Shop, start: str) -> str:
    """Return the newest line of the probing function's log that starts like this."""
    logs = shop.runtime.client("logs")
    events = logs.filter_log_events(logGroupName=f"/aws/lambda/{shop.stack.outputs['ProbeName']}")
    lines = [event["message"] for event in events["events"] if event["message"].startswith(start)]
    return str(lines[-1])
