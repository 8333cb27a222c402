"""template.yaml and samconfig.toml: what a reviewer would look for, and AWS's own lists."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xgboost
import yaml

from pocketaws.sagemaker.images import newest_tag
from tests.definition_environment import listed_images
from workflow.template import read_template

PROJECT_DIR = Path(__file__).parents[2]
TEMPLATE_PATH = PROJECT_DIR / "template.yaml"


TEMPLATE = read_template(TEMPLATE_PATH)
RESOURCES = TEMPLATE["Resources"]


def _of_type(resource_type: str) -> dict[str, Any]:
    return {
        name: resource["Properties"]
        for name, resource in RESOURCES.items()
        if resource["Type"] == resource_type
    }


def _statements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for item in value.values():
            yield from _statements(item)
    elif isinstance(value, list):
        for item in value:
            yield from _statements(item)


ALLOWED = [item for item in _statements(RESOURCES) if item["Effect"] == "Allow"]


@pytest.mark.parametrize("statement", ALLOWED, ids=lambda item: item.get("Sid", "assume"))
def test_no_action_is_a_wildcard(statement: dict[str, Any]) -> None:
    actions = statement["Action"]

    assert not any("*" in action for action in ([actions] if isinstance(actions, str) else actions))


def test_a_wildcard_resource_has_its_reason_beside_it() -> None:
    lines = TEMPLATE_PATH.read_text().splitlines()
    wildcards = [number for number, line in enumerate(lines) if line.strip() == "Resource: '*'"]

    assert wildcards
    for number in wildcards:
        assert lines[number - 1].strip().startswith("#"), f"line {number + 1}"


def test_the_bucket_is_encrypted_private_and_refuses_plain_http() -> None:
    (bucket,) = _of_type("AWS::S3::Bucket").values()
    (policy,) = _of_type("AWS::S3::BucketPolicy").values()

    assert bucket["BucketEncryption"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["LifecycleConfiguration"]["Rules"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_log_group_is_kept_for_a_set_time() -> None:
    groups = _of_type("AWS::Logs::LogGroup")

    assert len(groups) == len(_of_type("AWS::Serverless::Function")) + 1
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())


def test_every_function_has_a_role_and_a_log_group_of_its_own() -> None:
    functions = _of_type("AWS::Serverless::Function")

    roles = [str(function["Role"]) for function in functions.values()]
    groups = [str(function["LoggingConfig"]) for function in functions.values()]
    assert len(set(roles)) == len(set(groups)) == len(functions)


def test_a_boundary_bounds_every_role() -> None:
    roles = _of_type("AWS::IAM::Role").values()
    bounded = {"Fn::If": ["Bound", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}

    assert roles
    assert all(role.get("PermissionsBoundary") == bounded for role in roles)


def test_executions_are_traced_and_logged() -> None:
    (machine,) = _of_type("AWS::Serverless::StateMachine").values()

    assert machine["Tracing"] == {"Enabled": True}
    assert machine["Logging"]["Level"] == "ALL"
    assert machine["Logging"]["IncludeExecutionData"] is False


# The last versions that the SDK's second generation lists. Those of today have the same accounts,
# which `make newer-images` looks up in its third.
@pytest.mark.parametrize(("config", "version"), [("xgboost", "3.0-5"), ("sklearn", "1.4-2")])
def test_the_image_registry_is_the_sagemaker_sdks(config: str, version: str) -> None:
    mapping = TEMPLATE["Mappings"]["ImageRegistry"]

    registries = listed_images(config)["training"]["versions"][version]["registries"]
    assert {region: entry["AccountId"] for region, entry in mapping.items()} == registries


@pytest.mark.parametrize("key", ["Processing", "XGBoost"])
def test_the_images_are_the_newest_that_the_local_runtime_stands_for(key: str) -> None:
    (machine,) = _of_type("AWS::Serverless::StateMachine").values()
    uri, values = machine["DefinitionSubstitutions"][f"{key}ImageUri"]["Fn::Sub"]
    repository, _, tag = TEMPLATE["Mappings"]["Image"][key]["Name"].partition(":")

    assert uri == "${AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Image}"
    assert values["Image"] == {"Fn::FindInMap": ["Image", key, "Name"]}
    assert tag == newest_tag(repository)


def test_the_library_is_the_one_of_the_xgboost_image() -> None:
    tag = TEMPLATE["Mappings"]["Image"]["XGBoost"]["Name"].partition(":")[2]
    project = tomllib.loads((PROJECT_DIR / "pocketaws" / "pyproject.toml").read_text())["project"]
    pins = [pin for pin in project["dependencies"] if pin.startswith("xgboost")]

    assert xgboost.__version__.rpartition(".")[0] == tag.partition("-")[0]
    assert pins
    assert all(f"=={xgboost.__version__};" in pin for pin in pins)


def test_aliases_of_yaml_are_not_used_since_cloudformation_refuses_them() -> None:
    tokens = [type(token).__name__ for token in yaml.scan(TEMPLATE_PATH.read_text())]

    assert not {"AnchorToken", "AliasToken"} & set(tokens)


def test_dev_and_prod_have_tables_of_their_own() -> None:
    config = tomllib.loads((PROJECT_DIR / "samconfig.toml").read_text())

    names = [config[name]["deploy"]["parameters"]["stack_name"] for name in ("dev", "prod")]
    assert len(set(names)) == 2
    for name in ("dev", "prod"):
        for override in config[name]["deploy"]["parameters"]["parameter_overrides"]:
            assert override.partition("=")[0] in TEMPLATE["Parameters"]
