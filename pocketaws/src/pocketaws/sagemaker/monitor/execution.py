"""One execution of a monitoring schedule: what it says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pocketaws.sagemaker.monitor.definitions import MonitoringType

COMPLETED: Final = "Completed"
COMPLETED_WITH_VIOLATIONS: Final = "CompletedWithViolations"
FAILED: Final = "Failed"
IN_PROGRESS: Final = "InProgress"
# As SageMaker says it: https://github.com/aws/sagemaker-python-sdk/issues/2634
NO_DATA: Final = "Job inputs had no data"


@dataclass(frozen=True)
class MonitoringExecution:
    """An execution.

    Attributes:
        scheduled: when it was due; the end of the data that it looks at.
        status: SageMaker's MonitoringExecutionStatus.
        report_uri: S3 prefix of its reports.
        definition_name: None where the schedule has its definition inside.
        processing_job_arn: None where there was nothing to analyze.
        failure_reason: of one that Failed.
        exit_message: what the container said at its end.
    """

    schedule_name: str
    kind: MonitoringType
    endpoint_name: str
    scheduled: datetime
    created: datetime
    modified: datetime
    status: str
    report_uri: str
    definition_name: str | None = None
    processing_job_arn: str | None = None
    failure_reason: str | None = None
    exit_message: str | None = None

    def summary(self) -> dict[str, Any]:
        """Return what ListMonitoringExecutions answers."""
        told = {
            "MonitoringScheduleName": self.schedule_name,
            "ScheduledTime": self.scheduled,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            "MonitoringExecutionStatus": self.status,
            "ProcessingJobArn": self.processing_job_arn,
            "EndpointName": self.endpoint_name,
            "FailureReason": self.failure_reason,
            "MonitoringJobDefinitionName": self.definition_name,
            "MonitoringType": self.kind.value,
        }
        return {key: value for key, value in told.items() if value is not None}


def status_of(job: Mapping[str, Any]) -> str:
    """Return the status that a processing job's end means, by DescribeProcessingJob's answer.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-outputs.html
    """
    status = str(job["ProcessingJobStatus"])
    if status == COMPLETED and str(job.get("ExitMessage")).startswith(COMPLETED_WITH_VIOLATIONS):
        return COMPLETED_WITH_VIOLATIONS
    return status
