"""What Invoke answers, and what a handler finds: its context, /tmp, layers; in Node.js, too."""

import base64
import datetime
import io
import json
import shutil
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError

from emulated.roles import made_role
from emulated.waiting import eventually
from pocketaws.lambda_ import node_process
from pocketaws.runtime import LocalRuntime

HANDLER = """
import pathlib, os, sys
def handler(event, context):
    if event.get("raise"):
        raise ValueError("no")
    if event.get("bucket"):
        import boto3
        boto3.client("s3").put_object(Bucket=event["bucket"], Key="called", Body=b"")
    with open("/tmp/kept.txt", "w") as file:
        file.write("hello")
    pathlib.Path("/tmp/folder").mkdir()
    found = {
        "left": context.get_remaining_time_in_millis(),
        "identity": context.identity.cognito_identity_id,
        "custom": context.client_context and context.client_context.custom,
        "title": context.client_context and context.client_context.client.app_title,
        "kept": pathlib.Path("/tmp/kept.txt").read_text(),
        "listed": sorted(os.listdir("/tmp")),
        "there": os.path.exists("/tmp/kept.txt"),
    }
    if event.get("layers"):
        import shared
        found["shared"] = shared.WORD
        found["opt"] = open("/opt/word.txt").read()
    return found
"""
NODE = """
exports.handler = async (event, context) => {
  if (event.raise) throw new TypeError('no');
  console.log('said', context.functionName);
  return { doubled: event.number * 2, left: context.getRemainingTimeInMillis() > 0 };
};
"""
Made = Callable[..., str]


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return buffer.getvalue()


@pytest.fixture
def functions(runtime: LocalRuntime) -> Any:
    return runtime.client("lambda")


@pytest.fixture
def made(runtime: LocalRuntime, functions: Any) -> Made:
    def create(source: str = HANDLER, file_name: str = "app_py", **more: Any) -> str:
        name = f"f-{uuid.uuid4().hex[:8]}"
        settings = {"Runtime": "python3.12", "Handler": "app.handler", "Timeout": 20, **more}
        functions.create_function(
            FunctionName=name,
            Role=made_role(runtime, "small-function"),
            Code={"ZipFile": zipped(**{file_name: source})},
            **settings,
        )
        return name

    return create


def answer(functions: Any, name: str, event: Any, **more: Any) -> Any:
    invoked = functions.invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return json.loads(invoked["Payload"].read())


def test_a_handler_has_its_context_and_a_folder_for_temporary_files(
    functions: Any, made: Made
) -> None:
    context = {"custom": {"a": "b"}, "client": {"app_title": "shop"}}
    encoded = base64.b64encode(json.dumps(context).encode()).decode()

    found = answer(functions, made(), {}, ClientContext=encoded)

    assert 0 < found.pop("left") <= 20_000
    assert {"kept.txt", "folder"} <= set(found.pop("listed"))
    assert found == {
        "identity": None,
        "custom": {"a": "b"},
        "title": "shop",
        "kept": "hello",
        "there": True,
    }


CREDENTIALS = """
import os
def handler(event, context):
    return {name: os.environ[name.upper()] for name in event}
"""


def test_what_a_process_was_given_holds_though_the_clock_jumps_while_it_runs(
    runtime: LocalRuntime, functions: Any, made: Made
) -> None:
    names = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
    given = answer(functions, made(CREDENTIALS), names)
    moved = datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(days=10)

    with time_machine.travel(moved, tick=True):
        session = boto3.Session(**given, region_name=runtime.region)
        sts = session.client("sts", endpoint_url=runtime.endpoint_url)
        caller = sts.get_caller_identity()

    assert ":assumed-role/small-function/" in caller["Arn"]


def test_a_qualifier_names_a_version_that_is_there(functions: Any, made: Made) -> None:
    name = made("def handler(event, context):\n    return context.function_version\n")
    version = functions.publish_version(FunctionName=name)["Version"]

    invoked = functions.invoke(FunctionName=name, Qualifier=version)
    assert (json.loads(invoked["Payload"].read()), invoked["ExecutedVersion"]) == ("1", "1")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName=name, Qualifier="7")


RESULTS = """
import collections, decimal
def handler(event, context):
    Point = collections.namedtuple("Point", "x y")
    return {
        "bytes": b"caf\\xc3\\xa9",
        "nested": [{"b": b"1"}],
        "decimal": decimal.Decimal("1.5"),
        "point": Point(1, (2, 3)),
        b"key": None,
    }
"""
RAISES = """
class Odd(Exception):
    pass
def inner():
    raise Odd("so odd")
def handler(event, context):
    return inner() if event == 1 else {1, 2}
"""


def test_a_result_is_encoded_as_lambdas_own_encoder_does(functions: Any, made: Made) -> None:
    assert answer(functions, made(RESULTS), {}) == {
        "bytes": "café",
        "nested": [{"b": "1"}],
        "decimal": 1.5,
        "point": {"x": 1, "y": [2, 3]},
        "key": None,
    }


def test_an_errors_document_has_the_request_and_the_handlers_own_frames(
    functions: Any, made: Made
) -> None:
    name = made(RAISES)
    document = answer(functions, name, 1)

    assert list(document) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (document["errorMessage"], document["errorType"]) == ("so odd", "Odd")
    assert len(document["requestId"]) == len(str(uuid.uuid4()))
    assert [line.splitlines()[0] for line in document["stackTrace"]] == [
        '  File "/var/task/app.py", line 7, in handler',
        '  File "/var/task/app.py", line 5, in inner',
    ]
    refused = answer(functions, name, 2)
    assert (refused["errorType"], refused["stackTrace"]) == ("Runtime.MarshalError", [])


ENDS = """
import os, signal, time
def handler(event, context):
    print("one\x0ctwo")
    if event.get("raise"):
        raise ValueError("no")
    if event.get("sleep"):
        time.sleep(30)
    if "begun" in event:
        # As where a runtime's end kills it while its result is written.
        with open(os.path.join(os.environ["TMPDIR"], "result.json"), "w") as result:
            result.write(event["begun"])
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(event["exit"])
"""


@pytest.mark.parametrize(
    ("event", "error_type", "words", "told", "report"),
    [
        (
            {"raise": True},
            "ValueError",
            "no",
            [
                "one\x0ctwo",
                (
                    "[ERROR] ValueError: no\nTraceback (most recent call last):\n\xa0\xa0File "
                    '"/var/task/app.py", line 6, in handler'
                ),
            ],
            "Max Memory Used",
        ),
        ({"sleep": 1}, "Sandbox.Timedout", "timed out after 5.00 sec", ["one\x0ctwo"], "timeout"),
        (
            {"exit": 3},
            "Runtime.ExitError",
            "Runtime exited with error: exit status 3",
            ["one\x0ctwo", "RequestId: "],
            "Status: error\tError Type: Runtime.ExitError",
        ),
        (
            {"exit": 0},
            "Runtime.ExitError",
            "Runtime exited without providing a reason",
            ["one\x0ctwo", "RequestId: "],
            "Status: error\tError Type: Runtime.ExitError",
        ),
        *(
            (
                {"begun": begun},
                "Runtime.ExitError",
                "Runtime exited with error: signal: killed",
                ["one\x0ctwo", "RequestId: "],
                "Status: error\tError Type: Runtime.ExitError",
            )
            for begun in ("", "null")
        ),
    ],
)
def test_how_a_call_ends_is_told_in_its_answer_and_its_log(
    runtime: LocalRuntime,
    functions: Any,
    made: Made,
    event: dict[str, Any],
    error_type: str,
    words: str,
    told: list[str],
    report: str,
) -> None:
    name = made(ENDS, Timeout=5 if "sleep" in event else 20)

    invoked = functions.invoke(FunctionName=name, Payload=json.dumps(event))

    document = json.loads(invoked["Payload"].read())
    assert (invoked["FunctionError"], document["errorType"]) == ("Unhandled", error_type)
    assert words in document["errorMessage"]
    logged = runtime.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    _, *printed, _, last = [item["message"] for item in logged]
    assert [line[: len(want)] for line, want in zip(printed, told, strict=True)] == told
    assert report in last


LOGS = """
import logging

def handler(event, context):
    print("said")
    logging.debug("too little")
    logging.getLogger("own").info("kept %s", 1, extra={"order": 7})
    raise ValueError("no")
"""


def test_a_log_in_json_holds_the_handlers_records_and_its_error(
    runtime: LocalRuntime, functions: Any, made: Made
) -> None:
    name = made(LOGS, LoggingConfig={"LogFormat": "JSON"})

    answered = functions.invoke(FunctionName=name, Payload="{}")

    assert answered["FunctionError"] == "Unhandled"
    logged = runtime.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    start, said, record, error, _, last = [item["message"] for item in logged]
    assert (json.loads(start)["type"], said) == ("platform.start", "said")
    own = json.loads(record)
    request_id = own.pop("requestId")
    assert own.pop("timestamp").endswith("Z")
    assert own == {"level": "INFO", "message": "kept 1", "logger": "own", "order": 7}
    raised = json.loads(error)
    assert (raised["log_level"], raised["errorType"], raised["requestId"]) == (
        "ERROR",
        "ValueError",
        request_id,
    )
    assert json.loads(last)["record"]["status"] == "error"
    told = functions.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert told == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
        "LogGroup": f"/aws/lambda/{name}",
    }


def test_levels_belong_to_the_format_json(made: Made) -> None:
    with pytest.raises(ClientError, match="ApplicationLogLevel can be set only where LogFormat is"):
        made(LoggingConfig={"LogFormat": "Text", "ApplicationLogLevel": "DEBUG"})


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "words"),
    [
        ("", "app", "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values"),
        ("", "sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as"),
        ("", "none.handler", "Runtime.ImportModuleError", "Unable to import module 'none'"),
        ("def handler(", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module"),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on"),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_what_fails_before_the_handler_is_called_has_no_request(
    functions: Any, made: Made, source: str, handler: str, error_type: str, words: str
) -> None:
    document = answer(functions, made(source, Handler=handler), {})

    assert (document["errorType"], document["requestId"]) == (error_type, "")
    assert words in document["errorMessage"]
    own = [line for line in document["stackTrace"] if "lambda_function" in line or "pyenv" in line]
    assert not own


def test_what_is_no_json_runs_nothing(functions: Any, made: Made) -> None:
    name = made()
    for wrong in ({"Payload": b"{'a': 1}"}, {"ClientContext": "{}"}, {"ClientContext": "W10="}):
        with pytest.raises(functions.exceptions.InvalidRequestContentException):
            functions.invoke(FunctionName=name, **wrong)


def test_a_function_that_may_run_nothing_is_throttled(functions: Any, made: Made) -> None:
    name = made()
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName=name)
    functions.delete_function_concurrency(FunctionName=name)

    assert "left" in answer(functions, name, {})


def test_a_statement_is_added_once(functions: Any, made: Made) -> None:
    grant = {
        "FunctionName": made(),
        "StatementId": "events",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    }
    functions.add_permission(**grant)

    with pytest.raises(functions.exceptions.ResourceConflictException, match="already exists"):
        functions.add_permission(**grant)


def test_a_runtime_that_does_not_run_cannot_be_set_later(functions: Any, made: Made) -> None:
    with pytest.raises(ClientError, match="runs handlers in Python and Node"):
        functions.update_function_configuration(FunctionName=made(), Runtime="ruby3.3")


def test_what_a_handler_raises_is_unhandled_and_its_version_is_told(
    functions: Any, made: Made
) -> None:
    invoked = functions.invoke(FunctionName=made(), Payload=json.dumps({"raise": True}))

    assert invoked["FunctionError"] == "Unhandled"
    assert invoked["ExecutedVersion"] == "$LATEST"


def test_a_dry_run_runs_nothing_and_an_event_answers_a_status_alone(
    runtime: LocalRuntime, functions: Any, made: Made
) -> None:
    s3, bucket, name = runtime.client("s3"), f"b-{uuid.uuid4().hex[:8]}", made()
    s3.create_bucket(Bucket=bucket)
    event = json.dumps({"bucket": bucket})

    dry = functions.invoke(FunctionName=name, InvocationType="DryRun", Payload=event)
    time.sleep(0.2)
    nothing = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
    asked = functions.invoke(FunctionName=name, InvocationType="Event", Payload=event)

    assert (dry["StatusCode"], nothing) == (204, 0)
    assert (asked["StatusCode"], asked["Payload"].read()) == (202, b"")
    assert eventually(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1)


def test_a_layers_files_stand_in_opt(functions: Any, made: Made) -> None:
    content = zipped(python__shared_py="WORD = 'of a layer'", word_txt="plain")
    layer = functions.publish_layer_version(LayerName="shared", Content={"ZipFile": content})

    found = answer(functions, made(Layers=[layer["LayerVersionArn"]]), {"layers": True})

    assert (found["shared"], found["opt"]) == ("of a layer", "plain")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_handler_in_node_runs(runtime: LocalRuntime, functions: Any, made: Made) -> None:
    name = made(NODE, "index_js", Runtime="nodejs22.x", Handler="index.handler")

    found = answer(functions, name, {"number": 21})
    failed = functions.invoke(FunctionName=name, Payload=json.dumps({"raise": True}))

    assert found == {"doubled": 42, "left": True}
    assert failed["FunctionError"] == "Unhandled"
    told = json.loads(failed["Payload"].read())
    assert (told["errorType"], told["errorMessage"]) == ("TypeError", "no")
    events = runtime.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{name}", filterPattern="said"
    )["events"]
    assert [event["message"].strip() for event in events] == [f"said {name}"]


@pytest.mark.parametrize("kind", ["java21", "provided.al2023", "ruby3.3"])
def test_another_runtime_is_refused_when_the_function_is_created(made: Made, kind: str) -> None:
    with pytest.raises(ClientError, match="runs handlers in Python and Node"):
        made(Runtime=kind)


SANDBOXED = """
const fs = require('fs');
const tried = (work) => { try { return work(); } catch (error) { return error.code; } };
exports.handler = async (event) => {
  fs.writeFileSync('/tmp/kept.txt', 'hello');
  await fs.promises.copyFile('/tmp/kept.txt', '/tmp/copied.txt');
  return {
    kept: fs.readFileSync('/tmp/copied.txt', 'utf8'),
    listed: fs.readdirSync('/tmp').filter((name) => name.endsWith('.txt')),
    read: tried(() => fs.readFileSync(event.others, 'utf8')),
    written: tried(() => fs.writeFileSync(event.others + '.new', 'x')),
    shell: tried(() => require('child_process').execSync('echo out').toString()),
  };
};
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_node_handler_has_a_tmp_of_its_own_and_reaches_no_others_files(
    functions: Any, made: Made
) -> None:
    if not node_process.permissions([], []):
        pytest.skip("this machine's node has no permissions")
    name = made(SANDBOXED, "index_js", Runtime="nodejs22.x", Handler="index.handler")

    found = answer(functions, name, {"others": str(Path(__file__).resolve())})

    assert (found["kept"], found["shell"]) == ("hello", "out\n")
    assert {"kept.txt", "copied.txt"} <= set(found["listed"])
    # A path below /tmp leads into the function's own, where there is no such file.
    denied = "ENOENT" if Path(__file__).is_relative_to("/tmp") else "ERR_ACCESS_DENIED"
    assert (found["read"], found["written"]) == (denied, denied)
    assert not Path("/tmp/copied.txt").exists()
