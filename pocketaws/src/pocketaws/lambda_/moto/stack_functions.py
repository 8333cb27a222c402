"""Lambda's resources in stacks: versions, aliases and permissions, which moto makes by half.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

import base64
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction, LambdaVersion, LayerVersion, Permission
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.common_models import CloudFormationModel

from pocketaws.change import Change
from pocketaws.cloudformation.moto.resource_errors import client_errors
from pocketaws.cloudformation.moto.template_resource import TemplateResource

# What Lambda takes where a template says nothing.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "Description": "",
    "Environment": {"Variables": {}},
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
}


def changes(make_client: Callable[[str], Any]) -> list[Change]:
    """Return what to change in moto's Lambda.

    Args:
        make_client: returns a client of an emulated service by its name.
    """
    return [
        Change(AliasResource, "make_client", staticmethod(make_client), adds=True),
        Change(LambdaVersion, "create_from_cloudformation_json", _named_version()),
        Change(Permission, "create_from_cloudformation_json", _named_permission()),
        Change(Permission, "delete", _taken_permission, adds=True),
        Change(LayerVersion, "physical_resource_id", property(lambda layer: layer.arn), adds=True),
    ]


def whole_update(cloudformation_json: dict[str, Any]) -> dict[str, Any]:
    """Return what an update makes of a function: what its template leaves out is as at first."""
    properties = {**_DEFAULTS, **cloudformation_json["Properties"]}
    code = properties["Code"]
    if "ZipFile" in code:
        properties["Code"] = {**code, "ZipFile": zipped_source(code["ZipFile"])}
    return {**cloudformation_json, "Properties": properties}


def zipped_source(source: str) -> bytes:
    """Return the bundle, in Base64, of a function whose source stands in its template.

    It is called index, whatever its language; moto knows Python's only.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
    """
    buffer = io.BytesIO(LambdaFunction._create_zipfile_from_plaintext_code(source))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.js", source)
    return base64.b64encode(buffer.getvalue())


def _named_version() -> Any:
    original = LambdaVersion.create_from_cloudformation_json.__func__

    def create(
        cls: type[LambdaVersion],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> LambdaVersion:
        arguments = (resource_name, cloudformation_json, account_id, region_name)
        version = original(cls, *arguments, **more)
        # moto gives it no physical id, so that a Ref of it cannot be resolved.
        function_name = cloudformation_json["Properties"]["FunctionName"]
        function = get_lambda_backend(account_id, region_name).get_function(function_name)
        version.physical_resource_id = f"{function.function_arn}:{version.version}"
        return version

    return classmethod(create)


def _named_permission() -> Any:
    original = Permission.create_from_cloudformation_json.__func__

    def create(
        cls: type[Permission],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Permission:
        function_name = cloudformation_json["Properties"]["FunctionName"]
        policy = get_lambda_backend(account_id, region_name).get_function(function_name).policy
        arguments = (resource_name, cloudformation_json, account_id, region_name)
        permission = original(cls, *arguments, **more)
        permission.policy = policy
        permission.physical_resource_id = policy.statements[-1]["Sid"] = resource_name
        return permission

    return classmethod(create)


def _taken_permission(self: Permission, account_id: str, region_name: str) -> None:  # noqa: ARG001
    """Take a permission out of its function's policy."""
    kept = [one for one in self.policy.statements if one["Sid"] != self.physical_resource_id]
    self.policy.statements = kept


class AliasResource(TemplateResource, CloudFormationModel):  # type: ignore[misc]
    """AWS::Lambda::Alias; a Ref of it is its ARN."""

    TYPE = "AWS::Lambda::Alias"
    ATTRIBUTES = ("AliasArn",)

    make_client: Callable[[str], Any]

    def __init__(self, arn: str) -> None:
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return self.arn

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        return self.arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003 - the client's, as the region
        region_name: str,  # noqa: ARG003
        **_: Any,
    ) -> "AliasResource":
        """Create the alias."""
        with client_errors():
            answer = cls.make_client("lambda").create_alias(
                **_alias_request(cloudformation_json["Properties"])
            )
        return cls(answer["AliasArn"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "AliasResource",
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,  # noqa: ARG003
    ) -> "AliasResource":
        """Have the alias name another version."""
        request = {"Description": "", **_alias_request(cloudformation_json["Properties"])}
        with client_errors():
            cls.make_client("lambda").update_alias(**request)
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the alias with its stack; with its function it is gone already."""
        function_arn, _, name = self.arn.rpartition(":")
        try:
            self.make_client("lambda").delete_alias(FunctionName=function_arn, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def _alias_request(properties: Mapping[str, Any]) -> dict[str, Any]:
    members = ("FunctionName", "Name", "Description")
    request = {name: properties[name] for name in members if name in properties}
    request["FunctionVersion"] = str(properties["FunctionVersion"])
    weights = (properties.get("RoutingConfig") or {}).get("AdditionalVersionWeights")
    if weights:
        # A list there, a table here.
        table = {item["FunctionVersion"]: float(item["FunctionWeight"]) for item in weights}
        request["RoutingConfig"] = {"AdditionalVersionWeights": table}
    return request
