"""What is left out while moto is imported is there for whoever asks for it."""

import json
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.runtime import LocalRuntime

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "a", "version": "1", "description": "b"},
    "paths": {},
}


def test_the_emulators_import_reads_no_tables_and_no_validator() -> None:
    code = (
        "import sys, pocketaws\n"
        "pocketaws.LocalRuntime\n"
        "from moto.ec2.models import instance_types\n"
        "read = [table._read.cache_info().misses for by_region in"
        " instance_types.INSTANCE_TYPE_OFFERINGS.values() for table in by_region.values()]\n"
        "print(sum(read), 'pydantic' in sys.modules, 'jsonschema' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["0", "False", "False"]


def test_types_of_instances_are_there_when_asked_for(runtime: LocalRuntime) -> None:
    ec2 = runtime.client("ec2")

    (described,) = ec2.describe_instance_types(InstanceTypes=["m5.large"])["InstanceTypes"]
    offered = ec2.describe_instance_type_offerings(
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": ["m5.large"]}],
    )["InstanceTypeOfferings"]

    assert described["VCpuInfo"]["DefaultVCpus"] == 2
    assert len(ec2.describe_instance_types()["InstanceTypes"]) > 50
    assert {item["LocationType"] for item in offered} == {"availability-zone"}


def test_documents_of_open_api_are_validated(runtime: LocalRuntime) -> None:
    gateway = runtime.client("apigateway")
    good, bad = json.dumps(DOCUMENT), json.dumps(DOCUMENT | {"paths": 7})

    made = gateway.import_rest_api(failOnWarnings=True, body=good)
    with pytest.raises(ClientError, match="Failed to parse the uploaded OpenAPI document"):
        gateway.import_rest_api(failOnWarnings=True, body=bad)

    assert made["name"] == "a"
