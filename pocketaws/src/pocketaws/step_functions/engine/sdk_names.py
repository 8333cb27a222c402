"""Services as the AWS SDK for Java names them, which is how `aws-sdk` resources do.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

import functools
import re
from typing import Any, Final

from botocore.model import OperationModel

from pocketaws.service_models import data_loader, operation_model

# Where the SDK's name is not botocore's without hyphens: botocore's `serviceId` without spaces.
_OTHERWISE: Final = {
    "applicationdiscoveryservice": "discovery",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costandusagereportservice": "cur",
    "costexplorer": "ce",
    "databasemigrationservice": "dms",
    "directoryservice": "ds",
    "directoryservicedata": "ds-data",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearchservice": "es",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "iotjobsdataplane": "iot-jobs-data",
    "lexmodelbuildingservice": "lex-models",
    "lexmodelsv2": "lexv2-models",
    "lexruntimeservice": "lex-runtime",
    "lexruntimev2": "lexv2-runtime",
    "marketplaceentitlementservice": "marketplace-entitlement",
    "marketplacemetering": "meteringmarketplace",
    "migrationhub": "mgh",
    "pinpointsmsvoice": "sms-voice",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
    "simpledb": "sdb",
}
_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*")


@functools.cache
def botocore_name(sdk_name: str) -> str | None:
    """Return how botocore names a service, or None where there is none of that name."""
    return _botocore_names().get(sdk_name.lower())


@functools.cache
def _botocore_names() -> dict[str, str]:
    services = data_loader().list_available_services("service-2")
    plain = {name.replace("-", ""): name for name in services if name not in _OTHERWISE.values()}
    return {**plain, **_OTHERWISE}


@functools.cache
def operation(service: str, action: str) -> OperationModel | None:
    """Return botocore's model of a call, or None where the service has no such call.

    Args:
        service: as botocore names it.
        action: such as "putObject"; the case of its letters may be the SDK's.
    """
    exact = operation_model(service, action[0].upper() + action[1:])
    if exact is not None:
        return exact
    names = data_loader().load_service_model(service, "service-2")["operations"]
    found = {name.lower(): name for name in names}.get(action.lower())
    return None if found is None else operation_model(service, found)


@functools.cache
def error_prefix(sdk_name: str) -> str:
    """Return what error names start with, such as SageMaker, Ssm or DynamoDb."""
    service = botocore_name(sdk_name)
    if service is None:
        return sdk_name
    model: dict[str, Any] = data_loader().load_service_model(service, "service-2")
    return "".join(word.capitalize() for word in _WORDS.findall(model["metadata"]["serviceId"]))
