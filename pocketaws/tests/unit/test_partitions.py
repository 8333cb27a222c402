"""Regions and partitions, against botocore's sessions and moto."""

from pathlib import Path

import pytest
from botocore.session import Session
from moto.utilities.utils import get_partition

import pocketaws
from pocketaws.partitions import (
    NOT_EMULATED,
    partition_of,
    region_problem,
    regions,
    url_suffix_of,
)
from pocketaws.runtime import LocalRuntime
from pocketaws.sagemaker.images import image_for
from pocketaws.step_functions.definition_rules import definition_problems

SOURCES = sorted(Path(pocketaws.__file__).parent.rglob("*.py"))
SESSION = Session()


@pytest.mark.parametrize("region", regions())
def test_a_regions_partition_is_botocores(region: str) -> None:
    assert partition_of(region) == SESSION.get_partition_for_region(region)


def test_every_region_that_botocore_reaches_is_known() -> None:
    reached = {
        region
        for partition in SESSION.get_available_partitions()
        for region in SESSION.get_available_regions("cloudformation", partition)
    }

    assert reached <= regions().keys()


@pytest.mark.parametrize("region", regions())
def test_a_region_is_refused_where_moto_takes_it_for_one_of_another_partition(region: str) -> None:
    is_known = get_partition(region) == partition_of(region)

    assert is_known is (partition_of(region) not in NOT_EMULATED)
    assert is_known is (region_problem(region) is None)


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("eu-west-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("us-gov-west-1", "amazonaws.com"),
        ("eusc-de-east-1", "amazonaws.eu"),
        ("us-iso-east-1", "c2s.ic.gov"),
    ],
)
def test_images_are_in_registries_of_their_region(region: str, suffix: str) -> None:
    uri = f"123456789012.dkr.ecr.{region}.{suffix}/sagemaker-xgboost:3.2-0"

    assert url_suffix_of(region) == suffix
    assert image_for(uri) is not None
    assert image_for(uri.replace(suffix, "amazonaws.com.jp")) is None
    assert image_for(uri.replace(region, "mars-1")) is None


@pytest.mark.parametrize(
    ("region", "told"),
    [
        ("eu-west-11", "region 'eu-west-11': AWS has no such region; name one .* eu-west-1"),
        ("", "region '': AWS has no such region"),
        ("aws-global", "region 'aws-global': AWS has no such region"),
        ("us-isof-south-1", "region 'us-isof-south-1': is of the partition aws-iso-f, which"),
    ],
)
def test_a_runtime_is_in_a_region_that_there_is(region: str, told: str) -> None:
    with pytest.raises(pocketaws.LocalRuntimeError, match=told):
        LocalRuntime(region=region)


def test_a_task_is_of_its_state_machines_partition() -> None:
    definition = """{"StartAt": "Call", "States": {"Call": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "any"}}}}"""

    [problem] = definition_problems(definition, partition="aws-cn")

    assert definition_problems(definition, partition="aws") == []
    assert "The resource provided arn:aws:states:::lambda:invoke is not recognized" in problem
    assert "not available in this region" in problem


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_source_writes_a_partition_out(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "arn:aws:" not in text, "pocketaws.partitions knows the partition of a region"
