"""Every mapped region gets what there is in it, and nothing that there is not."""

import json
from pathlib import Path

import pytest
from botocore.session import Session

from pocketaws import partition_of, region_problem
from regions.availability import has
from regions.matrix import matrix
from regions.templates import NAMES, condition_in, mapped_regions, seen, types_of
from tests.unit.modules import load
from workflow.errors import RegionError
from workflow.laptop.region import checked, state_dir_in
from workflow.project import project
from workflow.template import read_template

pytestmark = pytest.mark.slow

PROJECT_DIR = Path(__file__).parents[2]
WITHOUT_PAGE = [
    "ap-south-2",
    "ap-southeast-4",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-2",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "us-gov-east-1",
    "us-gov-west-1",
]
CASES = [(name, region) for name in NAMES for region in mapped_regions()]


@pytest.mark.parametrize(("name", "region"), CASES)
def test_a_stack_asks_for_what_its_region_has(name: str, region: str) -> None:
    missing = {item for item in types_of(name, region) if not has(region, item)}

    assert not missing or seen(name, region).refusals


@pytest.mark.parametrize(("name", "region"), CASES)
def test_a_region_is_refused_only_for_what_it_lacks(name: str, region: str) -> None:
    refusals = seen(name, region).refusals

    assert not refusals or not all(has(region, item) for item in types_of(name, region))
    assert all(region in text for text in refusals)


@pytest.mark.parametrize("region", mapped_regions())
def test_the_page_is_where_it_can_be(region: str) -> None:
    resources = seen("template.yaml", region).resources

    assert ("ApprovalPageFunction" in resources) is (region not in WITHOUT_PAGE)


@pytest.mark.parametrize("region", mapped_regions())
def test_the_registrys_group_is_made_by_the_stack_or_by_the_first_execution(region: str) -> None:
    template = read_template(PROJECT_DIR / "template.yaml")["Resources"]
    function, role = template["StartTrialFunction"], template["StartTrialRole"]
    variable = function["Properties"]["Environment"]["Variables"]["MODEL_PACKAGE_GROUP_NAME"]
    [policy] = role["Properties"]["Policies"]
    [granted] = [
        item["Fn::If"] for item in policy["PolicyDocument"]["Statement"] if "Fn::If" in item
    ]
    by_stack = "ModelPackageGroup" in seen("template.yaml", region).resources

    assert by_stack is has(region, "AWS::SageMaker::ModelPackageGroup")
    assert by_stack is condition_in("template.yaml", region, "HasModelPackageGroups")
    # The name and the permission are there under the one condition, and for the two calls.
    assert (granted[0], variable["Fn::If"][0]) == ("HasModelPackageGroups",) * 2
    assert granted[2]["Action"] == [
        "sagemaker:CreateModelPackageGroup",
        "sagemaker:DescribeModelPackageGroup",
    ]


def test_the_table_of_the_document_is_the_templates() -> None:
    text = (PROJECT_DIR / "docs" / "deploy.md").read_text(encoding="utf-8")

    assert matrix() in text, "make regions writes it"


def test_every_partition_has_its_console_or_is_known_to_have_none() -> None:
    console = load("approval").console
    mapped = read_template(PROJECT_DIR / "pipeline.yaml")["Mappings"]["Console"]
    hosts = {partition: entry["Host"] for partition, entry in mapped.items()}
    partitions = set(Session().get_available_partitions())

    assert {key: host for key, host in hosts.items() if host} == dict(console.CONSOLE_HOSTS)
    assert {partition_of(region) for region in mapped_regions()} <= set(hosts)
    assert partitions <= set(hosts)


def test_what_functions_share_is_one_file_that_the_others_link_to() -> None:
    shared: dict[str, set[Path]] = {}
    for path in sorted((PROJECT_DIR / "functions").glob("*/*.py")):
        shared.setdefault(path.read_text(encoding="utf-8"), set()).add(path)
    groups = [paths for paths in shared.values() if len(paths) > 1]

    assert {path.name for paths in groups for path in paths} >= {"console.py", "execution.py"}
    assert all(len({path.resolve() for path in paths}) == 1 for paths in groups)


def test_the_definition_names_no_partition(committed_definition: dict[str, object]) -> None:
    assert "arn:aws:" not in json.dumps(committed_definition)


def test_project_toml_names_the_region_that_is_emulated() -> None:
    assert checked(None, PROJECT_DIR / "template.yaml") == project().region
    assert state_dir_in(Path("kept"), project().region) == Path("kept")
    assert state_dir_in(Path("kept"), "cn-north-1") == Path("kept", "cn-north-1")


@pytest.mark.parametrize("region", mapped_regions())
def test_a_region_is_refused_on_a_laptop_only_where_aws_or_a_template_does(region: str) -> None:
    paths = [PROJECT_DIR / name for name in NAMES[:2]]
    refused = any(seen(name, region).refusals for name in NAMES[:2]) or region_problem(region)

    if refused:
        with pytest.raises(RegionError, match=f"--region '{region}'"):
            checked(region, *paths)
    else:
        assert checked(region, *paths) == region


SOURCES = sorted(
    path
    for pattern in ("*.yaml", "*.yml", "*.toml", "Makefile")
    for path in PROJECT_DIR.glob(pattern)
) + sorted(
    path
    for folder in ("workflow", "functions", "jobs", "regions", "security", "bench", "data")
    for path in (PROJECT_DIR / folder).rglob("*")
    if path.is_file() and path.suffix in {".py", ".json", ".toml", ".yaml", ".txt"}
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT_DIR)))
def test_no_source_writes_a_partition_out(path: Path) -> None:
    assert "arn:aws:" not in path.read_text(encoding="utf-8")
