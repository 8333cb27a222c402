"""The custom resource that publishes the job scripts, answering a real HTTP server."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.modules import FUNCTIONS_DIR, PROJECT_DIR, load

Publisher = Callable[..., Any]


class FakeS3:
    """The objects of a bucket, by key."""

    def __init__(self, *keys: str) -> None:
        self.objects = dict.fromkeys(keys, b"")

    def put_object(self, **request: Any) -> None:
        self.objects[request["Key"]] = request["Body"]

    def delete_object(self, **request: Any) -> None:
        del self.objects[request["Key"]]

    def get_paginator(self, operation: str) -> SimpleNamespace:
        assert operation == "list_objects_v2"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, **request: Any) -> list[dict[str, Any]]:
        found = [{"Key": key} for key in self.objects if key.startswith(request["Prefix"])]
        return [{"Contents": [item]} for item in found] or [{}]


@dataclass
class Server:
    """A server on this machine that takes every PUT."""

    url: str
    bodies: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str | None] = field(default_factory=dict)

    @property
    def answer(self) -> dict[str, Any]:
        """What CloudFormation was told."""
        return dict(json.loads(self.bodies["/answer?signature=abc"]))


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            taken.bodies[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
            taken.content_types[self.path] = self.headers["Content-Type"]
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        http_server.daemon_threads = True
        taken = Server(f"http://127.0.0.1:{http_server.server_port}")
        Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield taken
        http_server.shutdown()


@pytest.fixture
def publish(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """Run the handler of a bundle that holds the given scripts; its S3 is the server too."""

    def run(**scripts: str) -> None:
        jobs_dir = tmp_path / "publish_jobs" / "jobs"
        jobs_dir.mkdir(parents=True)
        for name in ("app.py", "response.py", "stack_name.py"):
            shutil.copy(FUNCTIONS_DIR / "publish_jobs" / name, jobs_dir.parent)
        for name, text in scripts.items():
            (jobs_dir / f"{name}.py").write_text(text)
        bundle = load("publish_jobs", parent=tmp_path, AWS_ENDPOINT_URL_S3=server.url)
        monkeypatch.setenv("BUCKET_NAME", "stack-bucket")
        bundle.app.lambda_handler(request("Create", server.url), None)

    return run


def request(kind: str, url: str) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": f"{url}/answer?signature=abc",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/abalone/1",
        "RequestId": "request-1",
        "LogicalResourceId": "JobScripts",
    }


publish_jobs = load("publish_jobs")
app, stack_name = publish_jobs.app, publish_jobs.stack_name


def published_uri(scripts_dir: Path, s3: FakeS3 | None = None) -> str:
    published = app.publish_scripts(scripts_dir, bucket_name="stack-bucket", s3=s3 or FakeS3())
    return str(published["ScriptsUri"])


def write_scripts(folder: Path, scripts: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in scripts.items():
        (folder / name).write_text(text)


def test_a_success_is_answered_with_the_fields_of_the_contract(
    publish: Publisher, server: Server
) -> None:
    publish(preprocess="print(1)\n")

    uri = server.answer["Data"]["ScriptsUri"]
    assert server.answer == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "job-scripts",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/abalone/1",
        "RequestId": "request-1",
        "LogicalResourceId": "JobScripts",
        "Data": {"ScriptsUri": uri},
    }
    assert server.bodies[uri.removeprefix("s3:/") + "preprocess.py"] == b"print(1)\n"


def test_the_answer_has_the_empty_content_type_that_its_url_is_signed_for(
    publish: Publisher, server: Server
) -> None:
    publish(preprocess="print(1)\n")

    assert server.content_types["/answer?signature=abc"] == ""


def test_a_bundle_without_scripts_is_answered_with_a_reason(
    publish: Publisher, server: Server
) -> None:
    publish()

    assert server.answer["Status"] == "FAILED"
    assert server.answer["Reason"].startswith("FileNotFoundError: no job script in ")
    assert server.answer["Reason"].endswith("build the bundle with sam build")
    assert server.answer["PhysicalResourceId"] == "job-scripts"


def test_every_script_is_under_one_prefix_and_nothing_else_is(tmp_path: Path) -> None:
    for name in ("preprocess.py", "evaluate_model.py", "notes.txt"):
        (tmp_path / name).write_text(name)
    s3 = FakeS3()

    uri = published_uri(tmp_path, s3)

    assert re.fullmatch("s3://stack-bucket/jobs/[0-9a-f]{16}/", uri)
    assert {f"s3://stack-bucket/{key}": body for key, body in s3.objects.items()} == {
        f"{uri}preprocess.py": b"preprocess.py",
        f"{uri}evaluate_model.py": b"evaluate_model.py",
    }


def test_the_prefix_stays_while_the_scripts_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "preprocess.py").write_text("print(1)\n")
    (tmp_path / "rows.py").write_text("print(2)\n")
    first = published_uri(tmp_path)

    (tmp_path / "rows.py").touch()
    (tmp_path / "notes.txt").write_text("print(3)\n")

    assert published_uri(tmp_path) == first


@pytest.mark.parametrize(
    "changed",
    [
        {"preprocess.py": "print(1)\n", "rows.py": "print(3)\n"},
        {"preprocess.py": "print(2)\n", "rows.py": "print(1)\n"},
        {"preprocess.py": "print(1)\n", "columns.py": "print(2)\n"},
        {"preprocess.py": "print(1)\n"},
        {"preprocess.py": "print(1)\n", "rows.py": "print(2)\n", "objects.py": ""},
        {"preprocess.py": "print(1)\nrows.py 9\nprint(2)\n"},
    ],
    ids=["changed", "exchanged", "renamed", "removed", "added", "joined"],
)
def test_a_change_of_any_script_changes_the_prefix(tmp_path: Path, changed: dict[str, str]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    write_scripts(before, {"preprocess.py": "print(1)\n", "rows.py": "print(2)\n"})
    write_scripts(after, changed)

    assert published_uri(after) != published_uri(before)


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_the_scripts_of_the_repository_are_published(kind: str) -> None:
    s3 = FakeS3("jobs/older/preprocess.py")

    published = app.handle(request(kind, ""), bucket_name="stack-bucket", s3=s3)

    prefix = published["ScriptsUri"].removeprefix("s3://stack-bucket/")
    scripts = {path.name: path.read_bytes() for path in (PROJECT_DIR / "jobs").glob("*.py")}
    assert {prefix + name: body for name, body in scripts.items()}.items() <= s3.objects.items()
    assert "jobs/older/preprocess.py" in s3.objects, "a running execution may still read it"


@pytest.mark.parametrize("keys", [(), ("jobs/1/a.py", "jobs/2/b.py")], ids=["empty", "two"])
def test_a_delete_removes_the_scripts_and_nothing_else(keys: tuple[str, ...]) -> None:
    others = ["input/rows.csv", "jobs-archive/a.py", "training/model.tar.gz"]
    s3 = FakeS3(*keys, *others)

    published = app.handle(request("Delete", ""), bucket_name="stack-bucket", s3=s3)

    assert published == {}
    assert list(s3.objects) == others


@pytest.mark.parametrize("name", ["a", "abalone--dev", "a" * 54])
def test_a_stack_whose_resources_can_be_named_after_it_is_taken(name: str) -> None:
    stack_name.check_stack_name(f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("a" * 55, "has 55 characters, .* deploy under a name of at most 54 characters$"),
        ("a" * 128, "has 128 characters"),
        ("abalone-", "ends with a hyphen, .* deploy under another one$"),
    ],
)
def test_a_stack_whose_resources_cannot_is_refused_with_a_remedy(name: str, remedy: str) -> None:
    with pytest.raises(stack_name.UnusableStackName, match=remedy):
        stack_name.check_stack_name(f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1")


def test_only_a_new_stack_is_refused_since_an_old_one_could_not_change_its_name() -> None:
    old = {**request("Update", ""), "StackId": f"arn:aws:cloudformation:r:1:stack/{'a' * 99}/1"}

    assert app.handle(old, bucket_name="stack-bucket", s3=FakeS3())["ScriptsUri"]
    with pytest.raises(stack_name.UnusableStackName):
        app.handle({**old, "RequestType": "Create"}, bucket_name="stack-bucket", s3=FakeS3())
