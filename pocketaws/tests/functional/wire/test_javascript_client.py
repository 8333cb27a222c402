"""AWS's own client for JavaScript reaches the runtime with what it exports, unchanged."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pocketaws.runtime import LocalRuntime

VERSION = "3.1164.0"
CLIENTS = ("client-s3", "client-sfn", "client-ssm")
SECONDS = 180
SCRIPT = """
const { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand } =
  require("@aws-sdk/client-s3");
const { SFNClient, ListStateMachinesCommand } = require("@aws-sdk/client-sfn");
const { SSMClient, PutParameterCommand, GetParameterCommand } = require("@aws-sdk/client-ssm");
const { Readable } = require("stream");

async function main() {
  const s3 = new S3Client({ forcePathStyle: true });
  const ssm = new SSMClient({});
  const sfn = new SFNClient({});
  const told = {};
  await s3.send(new CreateBucketCommand({ Bucket: "from-node" }));
  const body = "a".repeat(200000);
  await s3.send(new PutObjectCommand({ Bucket: "from-node", Key: "text", Body: "größer" }));
  await s3.send(new PutObjectCommand({
    Bucket: "from-node", Key: "stream", Body: Readable.from([Buffer.from(body)]),
    ContentLength: body.length,
  }));
  const got = async (Key) =>
    (await s3.send(new GetObjectCommand({ Bucket: "from-node", Key }))).Body.transformToString();
  told.text = await got("text");
  told.stream = (await got("stream")) === body;
  await ssm.send(new PutParameterCommand({ Name: "/from/node", Value: "7", Type: "String" }));
  told.value = (await ssm.send(new GetParameterCommand({ Name: "/from/node" }))).Parameter.Value;
  told.machines = Array.isArray((await sfn.send(new ListStateMachinesCommand({}))).stateMachines);
  const stranger = new SSMClient({
    credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "not the secret" },
  });
  told.refused = await stranger.send(new GetParameterCommand({ Name: "/from/node" }))
    .then(() => "answered", (error) => error.name);
  console.log(JSON.stringify(told));
}
main().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the clients installed."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text(json.dumps({"name": "asks", "private": True}))
    packages = [f"@aws-sdk/{name}@{VERSION}" for name in CLIENTS]
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"the clients cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "ask.js").write_text(SCRIPT, encoding="utf-8")
    return folder


def asked(project: Path, exported: Mapping[str, str]) -> dict[str, Any]:
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, "ask.js"],
        cwd=project,
        env={"PATH": str(Path(node).parent), "HOME": str(project), **exported},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_javascript_client_is_answered_and_one_with_a_wrong_secret_is_not(
    runtime: LocalRuntime, project: Path
) -> None:
    told = asked(project, runtime.exported)

    assert told == {
        "text": "größer",
        "stream": True,
        "value": "7",
        "machines": True,
        "refused": "InvalidSignatureException",
    }
