#!/usr/bin/env bash
# moto's Step Functions reads StringMatches as a shell's pattern: "?" and "[...]" are special, and an escaped star is not a star.
#
# Versions:  moto 5.2.5 (with execute_state_machine), boto3 1.44.5.
# Behaviour: in Amazon States Language "*" is the only special character of StringMatches and "\\*" is a star itself. moto
#            answers as Python's fnmatch does: "?" takes any character, "[3]" takes a 3, and a backslash is a backslash.
# Seen:      four of six patterns and texts without an ordinary star are answered otherwise than the language says:
#            "part-?" takes "part-1"; "run[3]/*" takes "run3/model" and not "run[3]/model"; an escaped star does not take "a*b"
# Why:       S3 keys, error names and rows of a run's table hold brackets and question marks ("run[3]", "part-?"). A Choice that was
#            tried on the emulator takes the other branch on AWS, in both directions.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "moto[stepfunctions]==5.2.5" boto3==1.44.5
cd "$folder"
export AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json
import time

import boto3
from moto import mock_aws

# What States Language says of pattern and text, and what moto answers.
CASES = [
    ("log-*.txt", "log-1.txt", True, True),
    ("part-?", "part-1", False, True),
    ("part-?", "part-?", True, True),
    ("run[3]/*", "run[3]/model", True, False),
    ("run[3]/*", "run3/model", False, True),
    ("a\\*b", "a*b", True, False),
    ("a\\*b", "aXb", False, False),
]


def matches(client, pattern, text):
    """Return whether a Choice with the pattern takes its branch for the text."""
    choice = {"Variable": "$.text", "StringMatches": pattern, "Next": "Matched"}
    states = {
        "Choose": {"Type": "Choice", "Choices": [choice], "Default": "Other"},
        "Matched": {"Type": "Pass", "Result": True, "End": True},
        "Other": {"Type": "Pass", "Result": False, "End": True},
    }
    definition = json.dumps({"StartAt": "Choose", "States": states})
    name = f"machine-{time.monotonic_ns()}"
    role = "arn:aws:iam::123456789012:role/machine"
    machine = client.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, name="run", input=json.dumps({"text": text}))
    for _ in range(100):
        described = client.describe_execution(executionArn=execution["executionArn"])
        if described["status"] != "RUNNING":
            return json.loads(described["output"])
        time.sleep(0.1)
    raise SystemExit("the execution did not end")


with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
    client = boto3.client("stepfunctions")
    for pattern, text, language, moto in CASES:
        found = matches(client, pattern, text)
        print(f"{pattern!r:12} on {text!r:16} States Language {language!s:6} moto {found}")
        assert found == moto, "changed"
PYTHON
