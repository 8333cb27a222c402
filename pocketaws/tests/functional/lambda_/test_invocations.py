"""What Invoke answers, and what a handler finds: its context, /tmp, layers; in Node.js, too."""

import base64
import io
import json
import shutil
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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
