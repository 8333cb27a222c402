"""Model Monitor's resources in templates; a Ref of each is its ARN.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-dataqualityjobdefinition.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-modelqualityjobdefinition.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-monitoringschedule.html
"""

import uuid
from typing import Any, ClassVar, Final, Self

from moto.core.common_models import CloudFormationModel

from pocketaws.cloudformation.moto.resource_errors import resource_errors
from pocketaws.cloudformation.template_properties import checked_request
from pocketaws.sagemaker.monitor.definitions import MonitoringType
from pocketaws.sagemaker.monitor.schedules import Monitoring


class _Named:
    """A resource by its name and ARN."""

    monitoring: Monitoring

    def __init__(self, name: str, arn: str) -> None:
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        """What a Ref gives."""
        return self.arn


class _JobDefinition(_Named):
    """A job definition; nothing of one can change, so an update makes another, as on AWS."""

    kind: ClassVar[MonitoringType]

    @staticmethod
    def cloudformation_name_type() -> str:
        """Name the property that names the resource."""
        return "JobDefinitionName"

    @classmethod
    def cloudformation_type(cls) -> str:
        """Name the type in templates."""
        return f"AWS::SageMaker::{cls.kind.value}JobDefinition"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in ("JobDefinitionArn", "CreationTime")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        return str(self.monitoring.definition(self.kind, self.name).description()[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,  # noqa: ARG003 - may be longer than SageMaker lets a name be
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,  # noqa: ARG003
        **_: Any,
    ) -> Self:
        """Create the definition; without a name it gets one, as CloudFormation gives it."""
        name = f"{cls.kind.value}JobDefinition-{uuid.uuid4().hex[:12]}"
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(
                {"JobDefinitionName": name, **cloudformation_json["Properties"]},
                "sagemaker",
                f"Create{cls.kind.value}JobDefinition",
            )
            definition = cls.monitoring.create_definition(cls.kind, request)
        return cls(request["JobDefinitionName"], definition.arn)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the definition with its stack."""
        with resource_errors(self.cloudformation_type()):
            self.monitoring.delete_definition(self.kind, self.name)


class DataQualityJobDefinition(_JobDefinition, CloudFormationModel):  # type: ignore[misc]
    """AWS::SageMaker::DataQualityJobDefinition."""

    kind = MonitoringType.DATA_QUALITY


class ModelQualityJobDefinition(_JobDefinition, CloudFormationModel):  # type: ignore[misc]
    """AWS::SageMaker::ModelQualityJobDefinition."""

    kind = MonitoringType.MODEL_QUALITY


class MonitoringSchedule(_Named, CloudFormationModel):  # type: ignore[misc]
    """AWS::SageMaker::MonitoringSchedule; all but its name can change, as its schema says."""

    @staticmethod
    def cloudformation_name_type() -> str:
        """Name the property that names the resource."""
        return "MonitoringScheduleName"

    @staticmethod
    def cloudformation_type() -> str:
        """Name the type in templates."""
        return "AWS::SageMaker::MonitoringSchedule"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in ("MonitoringScheduleArn", "CreationTime", "LastModifiedTime")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt gives."""
        return str(self.monitoring.schedule(self.name).description()[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,  # noqa: ARG003
        **_: Any,
    ) -> "MonitoringSchedule":
        """Create the schedule."""
        properties = {"MonitoringScheduleName": resource_name, **cloudformation_json["Properties"]}
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(properties, "sagemaker", "CreateMonitoringSchedule")
            schedule = cls.monitoring.create_schedule(request)
        return cls(schedule.name, schedule.arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "MonitoringSchedule",
        new_resource_name: str,  # noqa: ARG003
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003
        region_name: str,  # noqa: ARG003
    ) -> "MonitoringSchedule":
        """Give the schedule its new config."""
        config = cloudformation_json["Properties"]["MonitoringScheduleConfig"]
        properties = {
            "MonitoringScheduleName": original_resource.name,
            "MonitoringScheduleConfig": config,
        }
        with resource_errors(cls.cloudformation_type()):
            request = checked_request(properties, "sagemaker", "UpdateMonitoringSchedule")
            schedule = cls.monitoring.update_schedule(request)
        return cls(schedule.name, schedule.arn)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the schedule with its stack."""
        with resource_errors(self.cloudformation_type()):
            self.monitoring.delete_schedule(self.name)


RESOURCES: Final = (DataQualityJobDefinition, ModelQualityJobDefinition, MonitoringSchedule)
