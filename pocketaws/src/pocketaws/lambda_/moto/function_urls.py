"""Lambda function URLs: moto records one with a host that nobody answers at."""

from typing import Any, Final

from moto.awslambda.exceptions import FunctionAlreadyExists
from moto.awslambda.models import FunctionUrlConfig, LambdaFunction
from moto.awslambda.utils import get_backend as get_lambda_backend
from moto.core.common_models import CloudFormationModel

from pocketaws.change import Change
from pocketaws.cloudformation.moto.template_resource import TemplateResource
from pocketaws.iam.enforcement import Enforcement
from pocketaws.iam.function_policy import lets_anybody_use_url, lets_caller_use_url
from pocketaws.lambda_.function_urls import FunctionUrl, FunctionUrls
from pocketaws.wire.cors import OriginRule

_CHANGEABLE: Final = ("AuthType", "Cors", "InvokeMode")


def changes(urls: FunctionUrls, enforcement: Enforcement) -> list[Change]:
    """Return what to change in moto's Lambda."""

    def create(self: LambdaFunction, config: dict[str, Any]) -> FunctionUrlConfig:
        if self.url_config is not None:
            raise FunctionAlreadyExists(self.function_name)
        qualifier = config.get("Qualifier")
        arn = f"{self.function_arn}:{qualifier}" if qualifier else self.function_arn
        record = FunctionUrlConfig(function=self, config=config)
        record.url = urls.open(
            FunctionUrl(
                function_arn=arn,
                account_id=self.account_id,
                # What is not public unless somebody says so.
                is_signed_only=lambda: record.config.get("AuthType") != "NONE",
                is_public=lambda: lets_anybody_use_url(self.policy.statements),
                lets=lambda caller: (
                    enforcement.lets_use_url(caller, arn)
                    or lets_caller_use_url(self.policy.statements, caller.key.identity)
                ),
                cors=lambda: _rule(self.url_config),
            )
        )
        self.url_config = record
        return record

    def delete(self: LambdaFunction) -> None:
        if self.url_config is not None:
            urls.close(self.url_config.url)
        self.url_config = None

    return [
        Change(LambdaFunction, "create_url_config", create),
        Change(LambdaFunction, "delete_url_config", delete),
    ]


def _rule(config: FunctionUrlConfig | None) -> OriginRule | None:
    """Return a URL's settings for web pages of other origins."""
    given = (config.config if config is not None else {}).get("Cors")
    if not given:
        return None
    return OriginRule(
        tuple(given.get("AllowOrigins") or ()),
        tuple(given.get("AllowMethods") or ()),
        tuple(given.get("AllowHeaders") or ()),
        tuple(given.get("ExposeHeaders") or ()),
        given.get("MaxAge") and int(given["MaxAge"]),
        is_credentialed=str(given.get("AllowCredentials")).lower() == "true",
    )


class UrlResource(TemplateResource, CloudFormationModel):  # type: ignore[misc]
    """AWS::Lambda::Url; a Ref of it is the function's ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-url.html
    """

    TYPE = "AWS::Lambda::Url"
    ATTRIBUTES = ("FunctionUrl", "FunctionArn")

    def __init__(self, function: LambdaFunction) -> None:
        self.function = function

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return str(self.function.function_arn)

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        if attribute_name == "FunctionArn":
            return self.physical_resource_id
        return str(self.function.get_url_config().url)

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - a URL has no name
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "UrlResource":
        """Open the URL."""
        properties = cloudformation_json["Properties"]
        backend = get_lambda_backend(account_id, region_name)
        function = backend.get_function(properties["TargetFunctionArn"])
        function.create_url_config(
            {key: value for key, value in properties.items() if key != "TargetFunctionArn"}
        )
        return cls(function)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "UrlResource",
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003 - the function's, as the region
        region_name: str,  # noqa: ARG003
    ) -> "UrlResource":
        """Change whom the URL lets in; it stays where it is."""
        properties = cloudformation_json["Properties"]
        config = original_resource.function.get_url_config().config
        for name in _CHANGEABLE:
            config[name] = properties.get(name)
        return original_resource

    def delete(self, account_id: str, region_name: str) -> None:
        """Close the URL with its stack."""
        self.function.delete_url_config()
