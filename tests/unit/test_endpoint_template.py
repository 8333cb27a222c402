"""endpoint.yaml: whole for every choice of parameters, and what AWS's own models take."""

import itertools
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.validate import ParamValidator

from pocketaws.gate.rules import request_problems
from pocketaws.service_models import operation_model
from tests.unit.modules import PROJECT_DIR
from tests.unit.rendered_template import Rendered
from workflow.template import read_template

TEMPLATE_PATH = PROJECT_DIR / "endpoint.yaml"
TEXT = TEMPLATE_PATH.read_text()
TEMPLATE = read_template(TEMPLATE_PATH)
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

SERVERLESS = {"Hosting": "serverless"}
CAPTURE = {"CaptureSamplingPercentage": "20"}
TWO_INSTANCES = {"InitialInstanceCount": "2", "MinInstanceCount": "2"}
EVERYTHING = {
    **CAPTURE,
    **TWO_INSTANCES,
    "TrafficShifting": "CANARY",
    "EnableAutoscaling": "true",
    "KmsKeyArn": KEY_ARN,
    "RetrainOnDrift": "true",
}
CHOICES: list[list[dict[str, str]]] = [
    [{}, SERVERLESS],
    [{}, CAPTURE],
    [{}, {"KmsKeyArn": KEY_ARN}],
    [{}, {"EnableAutoscaling": "true"}],
    [{}, {"RunSmokeTest": "false"}],
    [{}, {"RollBackOnAlarm": "false"}],
    [{}, {"RetrainOnDrift": "true"}],
    [{}, {"TrafficShifting": "CANARY"}, {"TrafficShifting": "LINEAR"}],
]


def rendered(**parameters: str) -> Rendered:
    return Rendered(TEMPLATE, **parameters)


def only(rendered: Rendered, resource_type: str) -> dict[str, Any]:
    (properties,) = rendered.of_type(resource_type).values()
    return properties


def problems(service: str, operation: str, request: dict[str, Any]) -> list[str]:
    """Return what botocore, or the service by its own constraints, has against a request."""
    model = operation_model(service, operation)
    assert model is not None
    report = ParamValidator().validate(request, model.input_shape)
    found = [report.generate_report()] if report.has_errors() else []
    if service == "application-autoscaling":
        # Its patterns hold pairs of surrogates, which Java reads as one character.
        return found
    return found + request_problems(service, operation, request)


@pytest.mark.slow
def test_cfn_lint_finds_nothing() -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(TEMPLATE_PATH)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_sam_transform_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    # The transform's libraries take seconds, and only this test needs them.
    from pocketaws.cloudformation.build import build

    code = build(str(TEMPLATE_PATH), str(tmp_path))

    assert code == 0, (tmp_path / "error.txt").read_text()
    transformed = json.loads((tmp_path / "template.json").read_text())
    kinds = {resource["Type"] for resource in transformed["Resources"].values()}
    assert "AWS::Lambda::Function" in kinds
    assert not any(kind.startswith("AWS::Serverless") for kind in kinds)
    assert transformed["Rules"].keys() == TEMPLATE["Rules"].keys()


def test_every_combination_of_choices_refers_only_to_what_it_creates() -> None:
    combinations = [
        {key: value for choice in choices for key, value in choice.items()}
        for choices in itertools.product(*CHOICES)
    ]

    for parameters in combinations:
        whole = rendered(**parameters)
        json.loads(only(whole, "AWS::CloudWatch::Dashboard")["DashboardBody"])
        assert whole.outputs["EndpointName"]["Value"] == "abalone"
    assert len(combinations) > 300


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_is_described_bounded_and_in_a_group(name: str) -> None:
    parameter = TEMPLATE["Parameters"][name]
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert parameter["Description"]
    assert parameter.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}
    assert ("MinValue" in parameter) == ("MaxValue" in parameter)
    assert ("AllowedPattern" in parameter) == ("ConstraintDescription" in parameter)
    assert sum(name in group["Parameters"] for group in groups) == 1


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_default_is_within_its_own_bounds(name: str) -> None:
    parameter = TEMPLATE["Parameters"][name]
    default = parameter["Default"]

    assert re.fullmatch(parameter.get("AllowedPattern", ".*"), str(default))
    assert default in parameter.get("AllowedValues", [default])
    assert parameter.get("MinValue", default) <= default <= parameter.get("MaxValue", default)


@pytest.mark.parametrize(
    ("parameters", "remedy"),
    [
        ({**SERVERLESS, **CAPTURE}, "set CaptureSamplingPercentage=0"),
        ({"RetrainOnDrift": "true"}, "set CaptureSamplingPercentage above 0"),
        ({"TrafficShifting": "LINEAR"}, "set InitialInstanceCount to 2 or more"),
        (
            {"TrafficShifting": "CANARY", "InitialInstanceCount": "3", "EnableAutoscaling": "true"},
            "set MinInstanceCount to 2 or more",
        ),
    ],
)
def test_parameters_that_do_not_go_together_are_refused_with_a_remedy(
    parameters: dict[str, str], remedy: str
) -> None:
    refusals = rendered(**parameters).refusals()

    assert any(remedy in refusal for refusal in refusals)


@pytest.mark.parametrize("parameters", [{}, SERVERLESS, EVERYTHING])
def test_parameters_that_go_together_are_not_refused(parameters: dict[str, str]) -> None:
    assert rendered(**parameters).refusals() == []


@pytest.mark.parametrize("parameters", [{}, SERVERLESS, EVERYTHING])
def test_sagemaker_takes_the_endpoint_and_its_configuration(parameters: dict[str, str]) -> None:
    whole = rendered(**parameters)
    config = only(whole, "AWS::SageMaker::EndpointConfig")
    endpoint = only(whole, "AWS::SageMaker::Endpoint")

    retention = {"RetainAllVariantProperties", "ExcludeRetainedVariantProperties"}
    created = {key: value for key, value in endpoint.items() if key not in retention}
    named = {"EndpointConfigName": "generated", **config}
    assert problems("sagemaker", "CreateEndpointConfig", named) == []
    assert problems("sagemaker", "CreateEndpoint", created) == []
    assert problems("sagemaker", "UpdateEndpoint", endpoint) == []


def test_a_changed_model_replaces_the_configuration_and_updates_the_endpoint_in_place() -> None:
    first = rendered(ModelName="/first").resources
    second = rendered(ModelName="/second").resources

    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"EndpointConfig", "SmokeTest"}
    assert "EndpointConfigName" not in first["EndpointConfig"]["Properties"]
    name = TEMPLATE["Resources"]["Endpoint"]["Properties"]["EndpointConfigName"]
    assert name == {"Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]}


def test_the_model_name_is_read_from_parameter_store_at_every_deployment() -> None:
    parameter = TEMPLATE["Parameters"]["ModelName"]

    assert parameter["Type"] == "AWS::SSM::Parameter::Value<String>"
    assert parameter["Default"] == "/abalone-dev/model-name"


@pytest.mark.parametrize(
    ("shifting", "size"),
    [("CANARY", "CanarySize"), ("LINEAR", "LinearStepSize"), ("ALL_AT_ONCE", None)],
)
def test_traffic_moves_as_the_parameters_say(shifting: str, size: str | None) -> None:
    whole = rendered(TrafficShifting=shifting, TrafficStepPercent="25", **TWO_INSTANCES)
    policy = only(whole, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    routing = policy["TrafficRoutingConfiguration"]

    sizes = {size: {"Type": "CAPACITY_PERCENT", "Value": 25}} if size else {}
    assert routing == {"Type": shifting, "WaitIntervalInSeconds": 300, **sizes}
    assert problems("sagemaker", "UpdateEndpoint", only(whole, "AWS::SageMaker::Endpoint")) == []


def test_serverless_inference_gets_nothing_that_it_does_not_have() -> None:
    whole = rendered(**EVERYTHING | SERVERLESS)

    config = only(whole, "AWS::SageMaker::EndpointConfig")
    assert config.keys() == {"ProductionVariants"}
    assert config["ProductionVariants"][0]["ServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 5,
    }
    assert not {"InstanceType", "InitialInstanceCount"} & config["ProductionVariants"][0].keys()
    policy = only(whole, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"] == {
        "Type": "ALL_AT_ONCE",
        "WaitIntervalInSeconds": 300,
    }
    kinds = {resource["Type"] for resource in whole.resources.values()}
    assert not any("Scal" in kind or "Monitoring" in kind or "S3" in kind for kind in kinds)


def test_an_update_is_rolled_back_when_the_endpoint_fails_or_slows_down() -> None:
    config = only(rendered(), "AWS::SageMaker::Endpoint")["DeploymentConfig"]

    alarms = [alarm["AlarmName"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]]
    assert alarms == ["servererroralarm", "latencyalarm"]
    without = only(rendered(RollBackOnAlarm="false"), "AWS::SageMaker::Endpoint")
    assert "AutoRollbackConfiguration" not in without["DeploymentConfig"]


def test_an_alarm_goes_off_within_the_shortest_wait_of_a_step() -> None:
    alarms = rendered().of_type("AWS::CloudWatch::Alarm").values()

    shortest = TEMPLATE["Parameters"]["TrafficWaitSeconds"]["MinValue"]
    assert all(alarm["Period"] * alarm["EvaluationPeriods"] < shortest for alarm in alarms)


@pytest.mark.parametrize("name", ["ServerErrorAlarm", "LatencyAlarm"])
def test_an_idle_endpoint_is_not_rolled_back(name: str) -> None:
    alarm = rendered().of_type("AWS::CloudWatch::Alarm")[name]

    assert alarm["TreatMissingData"] == "notBreaching"


def test_cloudwatch_takes_every_alarm_and_the_dashboard() -> None:
    whole = rendered(**EVERYTHING)
    dashboard = only(whole, "AWS::CloudWatch::Dashboard")

    for name, alarm in whole.of_type("AWS::CloudWatch::Alarm").items():
        assert problems("cloudwatch", "PutMetricAlarm", {"AlarmName": name, **alarm}) == []
    assert problems("cloudwatch", "PutDashboard", dashboard) == []


def test_scaling_keeps_what_was_scaled_to_and_nothing_else_across_an_update() -> None:
    endpoint = only(rendered(EnableAutoscaling="true"), "AWS::SageMaker::Endpoint")

    assert endpoint["RetainAllVariantProperties"] is True
    assert endpoint["ExcludeRetainedVariantProperties"] == [
        {"VariantPropertyType": "DataCaptureConfig"}
    ]
    fixed = only(rendered(), "AWS::SageMaker::Endpoint")
    assert fixed["RetainAllVariantProperties"] is False


def test_application_auto_scaling_takes_the_target_and_the_policy() -> None:
    whole = rendered(EnableAutoscaling="true", MaxInstanceCount="7")
    target = only(whole, "AWS::ApplicationAutoScaling::ScalableTarget")
    policy = only(whole, "AWS::ApplicationAutoScaling::ScalingPolicy")

    service = "application-autoscaling"
    assert problems(service, "RegisterScalableTarget", target) == []
    assert target["ResourceId"] == "endpoint/abalone/variant/AllTraffic"
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 7)
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    asked = {key: value for key, value in policy.items() if key != "ScalingTargetId"}
    asked["TargetTrackingScalingPolicyConfiguration"] = policy.pop(
        "TargetTrackingScalingPolicyConfiguration"
    )
    request = {**asked, **{name: target[name] for name in names}}
    assert problems(service, "PutScalingPolicy", request) == []


def test_every_part_names_the_same_variant() -> None:
    whole = rendered(**EVERYTHING)
    (variant,) = only(whole, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]

    body = json.loads(only(whole, "AWS::CloudWatch::Dashboard")["DashboardBody"])
    target = only(whole, "AWS::ApplicationAutoScaling::ScalableTarget")
    dimensions = [
        dimension["Value"]
        for alarm in whole.of_type("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "VariantName"
    ]
    drawn = re.findall(r"'VariantName', '(\w+)'", str(body))
    assert dimensions
    assert drawn
    assert {*dimensions, *drawn, target["ResourceId"].rpartition("/")[2]} == {
        variant["VariantName"]
    }


def test_captured_data_is_encrypted_private_short_lived_and_not_sent_in_the_clear() -> None:
    whole = rendered(**CAPTURE)
    bucket = only(whole, "AWS::S3::Bucket")
    (statement,) = only(whole, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert bucket["BucketEncryption"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_key_encrypts_all_that_is_stored() -> None:
    whole = rendered(**EVERYTHING)

    config = only(whole, "AWS::SageMaker::EndpointConfig")
    assert config["KmsKeyId"] == config["DataCaptureConfig"]["KmsKeyId"] == KEY_ARN
    (rule,) = only(whole, "AWS::S3::Bucket")["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY_ARN


@pytest.mark.parametrize("parameters", [{}, CAPTURE, EVERYTHING])
def test_every_alarm_reaches_the_function_that_tells_of_it(parameters: dict[str, str]) -> None:
    whole = rendered(**parameters)

    pattern = whole.of_type("AWS::Events::Rule")["AlarmRule"]["EventPattern"]
    names = {arn.rpartition("/")[2] for arn in pattern["resources"]}
    assert names == {name.lower() for name in whole.of_type("AWS::CloudWatch::Alarm")}


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        (CAPTURE, ""),
        ({"RetrainOnDrift": "true"}, ""),
        (EVERYTHING, "driftalarm,qualityalarm"),
    ],
)
def test_only_drift_retrains_and_only_where_it_is_asked_for(
    parameters: dict[str, str], names: str
) -> None:
    whole = rendered(**parameters)
    function = whole.of_type("AWS::Serverless::Function")["AnswerAlarmFunction"]
    role = whole.of_type("AWS::IAM::Role")["AnswerAlarmRole"]

    assert function["Environment"]["Variables"]["RETRAINING_ALARM_NAMES"] == names
    assert ("states:StartExecution" in json.dumps(role)) == bool(names)


def test_the_smoke_test_comes_after_the_endpoint_and_again_for_each_configuration() -> None:
    resource = TEMPLATE["Resources"]["SmokeTest"]

    assert resource["DependsOn"] == "Endpoint"
    assert resource["Properties"]["ModelName"] == {"Ref": "ModelName"}
    assert resource["Properties"]["EndpointConfigName"] == {
        "Fn::GetAtt": ["EndpointConfig", "EndpointConfigName"]
    }


def test_cloudformation_waits_longer_than_the_smoke_test_may_take() -> None:
    whole = rendered()
    function = whole.of_type("AWS::Serverless::Function")["SmokeTestFunction"]

    assert function["Timeout"] < only(whole, "Custom::SmokeTest")["ServiceTimeout"]


def _statements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("Effect") == "Allow":
            yield value
        for item in value.values():
            yield from _statements(item)
    elif isinstance(value, list):
        for item in value:
            yield from _statements(item)


ALLOWED = list(_statements(TEMPLATE["Resources"]))


@pytest.mark.parametrize("statement", ALLOWED, ids=lambda item: item.get("Sid", "assume"))
def test_no_action_is_a_wildcard(statement: dict[str, Any]) -> None:
    actions = statement["Action"]

    assert not any("*" in action for action in ([actions] if isinstance(actions, str) else actions))


def test_a_wildcard_resource_has_its_reason_beside_it() -> None:
    lines = TEXT.splitlines()
    wildcards = [number for number, line in enumerate(lines) if line.strip() == "Resource: '*'"]

    assert wildcards
    for number in wildcards:
        assert lines[number - 1].strip().startswith("#"), f"line {number + 1}"


def test_every_function_has_a_role_and_a_log_group_of_its_own_that_expires() -> None:
    whole = rendered()
    functions = whole.of_type("AWS::Serverless::Function").values()
    groups = whole.of_type("AWS::Logs::LogGroup").values()

    assert len({function["Role"] for function in functions}) == len(functions) == len(groups)
    assert len({function["LoggingConfig"]["LogGroup"] for function in functions}) == len(groups)
    assert all(group["RetentionInDays"] == 30 for group in groups)


def test_a_boundary_bounds_every_role() -> None:
    boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    bound = rendered(**EVERYTHING, PermissionsBoundaryArn=boundary_arn).of_type("AWS::IAM::Role")
    unbound = rendered(**EVERYTHING).of_type("AWS::IAM::Role")

    assert {role.get("PermissionsBoundary") for role in bound.values()} == {boundary_arn}
    assert {role.get("PermissionsBoundary") for role in unbound.values()} == {None}


def test_aliases_of_yaml_are_not_used_since_cloudformation_refuses_them() -> None:
    tokens = [type(token).__name__ for token in yaml.scan(TEXT)]

    assert not {"AnchorToken", "AliasToken"} & set(tokens)


@pytest.mark.parametrize("name", ["staging", "production"])
def test_staging_and_production_deploy_this_template_with_their_own_settings(name: str) -> None:
    config = tomllib.loads((PROJECT_DIR / "samconfig.toml").read_text())
    settings = config[name]["deploy"]["parameters"]
    parameters = dict(item.split("=", 1) for item in settings["parameter_overrides"])

    assert settings["template_file"] == "endpoint.yaml"
    assert settings["stack_name"] == f"abalone-endpoint-{name}"
    whole = rendered(**parameters)
    assert whole.refusals() == []
    assert only(whole, "AWS::SageMaker::Endpoint")["EndpointName"] == f"abalone-{name}"


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_every_parameter_stands_in_the_document(name: str) -> None:
    text = (PROJECT_DIR / "docs" / "endpoint.md").read_text()

    assert f"`{name}`" in text
