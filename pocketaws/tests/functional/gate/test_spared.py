"""What is left out while moto is imported is there for whoever asks for it."""

import json
import subprocess
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core import loaders
from moto.core.common_models import CloudFormationModel

from pocketaws.gate.moto import models, spared
from pocketaws.model_files import undocumented
from pocketaws.runtime import LocalRuntime

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "a", "version": "1", "description": "b"},
    "paths": {},
}


def test_the_emulators_import_brings_no_service_that_nobody_asks_for() -> None:
    code = (
        "import sys, pocketaws\n"
        "pocketaws.LocalRuntime\n"
        "from moto.core.models import DEFAULT_ACCOUNT_ID as told\n"
        "from pocketaws.gate.moto import spared\n"
        "names = [*spared._LIBRARIES, 'pydantic', 'responses']\n"
        "names += [f'moto.{service}' for service in spared._SERVICES.values()]\n"
        "print([name for name in names if name in sys.modules])\n"
        "types = spared.bring('moto.ec2.models.instance_types')\n"
        "tables = types.INSTANCE_TYPE_OFFERINGS.values()\n"
        "read = [each._read.cache_info().misses for by in tables for each in by.values()]\n"
        "from moto.core.models import MockAWS, DEFAULT_ACCOUNT_ID as real\n"
        "print(sum(read), real == told, isinstance(MockAWS, type), 'responses' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == ["[]", "0 True True True"]


def test_each_service_that_is_spared_creates_the_types_that_it_is_known_by() -> None:
    spared.bring_services()

    made = {
        (model.__module__.split(".")[1], "::".join(model.cloudformation_type().split("::")[:2]))
        for model in CloudFormationModel.__subclasses__()
        if not model.cloudformation_type().startswith("AWS::SERVICE")
    }
    known = {(service, prefix) for prefix, service in spared._SERVICES.items()}
    services = set(spared._SERVICES.values())
    assert {each for each in made if each[0] in services or each in known} == known
    assert not {prefix for service, prefix in made if service not in services} & {*spared._SERVICES}


def test_a_resource_of_a_service_that_was_spared_is_created(runtime: LocalRuntime) -> None:
    cloudformation, ec2 = runtime.client("cloudformation"), runtime.client("ec2")
    network = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
    template = json.dumps({"Resources": {"Network": network}})

    cloudformation.create_stack(StackName="spared", TemplateBody=template)

    (made,) = cloudformation.describe_stack_resources(StackName="spared")["StackResources"]
    (found,) = ec2.describe_vpcs(VpcIds=[made["PhysicalResourceId"]])["Vpcs"]
    assert found["CidrBlock"] == "10.0.0.0/16"
    # EC2 shows a stack's resources by these.
    assert {"Key": "aws:cloudformation:stack-name", "Value": "spared"} in found["Tags"]


@pytest.mark.parametrize("service", ["s3", "sqs", "cloudformation"])
def test_moto_reads_its_own_additions_to_what_is_kept(service: str) -> None:
    own = loaders.create_loader().load_service_model(service, "service-2")

    assert undocumented(models._load(service, "service-2")) == undocumented(own)


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
