"""The services that states call: what Step Functions has, and what of it the runtime runs.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

_ONCE: Final = ("",)
_JOB: Final = ("", "sync")
_TOKEN: Final = ("", "waitForTaskToken")
_ALL: Final = ("", "sync", "waitForTaskToken")

# By service and action, how a task may wait: not at all, for a job's end, for a token.
_OPTIMISED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "apigateway": {"invoke": _TOKEN},
    "athena": {
        "startQueryExecution": _JOB,
        **dict.fromkeys(("stopQueryExecution", "getQueryExecution", "getQueryResults"), _ONCE),
    },
    "batch": {"submitJob": _ALL},
    "bedrock": {"invokeModel": _ALL, "createModelCustomizationJob": _ALL},
    "codebuild": {
        **dict.fromkeys(("startBuild", "startBuildBatch", "retryBuild", "retryBuildBatch"), _JOB),
        **dict.fromkeys(("stopBuild", "stopBuildBatch", "batchDeleteBuilds"), _ONCE),
        **dict.fromkeys(("batchGetReports", "deleteBuildBatch"), _ONCE),
    },
    "databrew": {"startJobRun": _JOB},
    "dynamodb": dict.fromkeys(("getItem", "putItem", "deleteItem", "updateItem"), _ONCE),
    "ecs": {"runTask": _ALL},
    "eks": {
        **dict.fromkeys(("createCluster", "deleteCluster", "createNodegroup"), _JOB),
        **dict.fromkeys(("deleteNodegroup", "createFargateProfile", "deleteFargateProfile"), _JOB),
        "call": _ALL,
        "runJob": _ALL,
    },
    "elasticmapreduce": {
        **dict.fromkeys(("createCluster", "terminateCluster", "addStep"), _JOB),
        **dict.fromkeys(("cancelStep", "setClusterTerminationProtection"), _ONCE),
        **dict.fromkeys(("modifyInstanceFleetByName", "modifyInstanceGroupByName"), _ONCE),
    },
    "emr-containers": {
        **dict.fromkeys(("deleteVirtualCluster", "startJobRun"), _JOB),
        "createVirtualCluster": _ONCE,
    },
    "emr-serverless": dict.fromkeys(
        ("createApplication", "deleteApplication", "startApplication", "stopApplication",
         "startJobRun", "cancelJobRun"),
        _JOB,
    ),
    "events": {"putEvents": _TOKEN},
    "glue": {"startJobRun": _JOB},
    "http": {"invoke": _ONCE},
    "lambda": {"invoke": _TOKEN},
    "mediaconvert": {"createJob": _JOB},
    "sagemaker": {
        **dict.fromkeys(("createHyperParameterTuningJob", "createLabelingJob"), _JOB),
        **dict.fromkeys(("createProcessingJob", "createTrainingJob", "createTransformJob"), _JOB),
        **dict.fromkeys(("createModel", "createEndpointConfig"), _ONCE),
        **dict.fromkeys(("createEndpoint", "updateEndpoint"), _ONCE),
    },
    "sns": {"publish": _TOKEN},
    "sqs": {"sendMessage": _TOKEN},
    "states": {"startExecution": ("", "sync", "sync:2", "waitForTaskToken")},
}  # fmt: skip
_SDK: Final = "aws-sdk:"
# What the runtime runs of the optimised integrations; of the AWS SDK's it runs all.
SAGEMAKER_JOBS: Final = (
    "createProcessingJob",
    "createTrainingJob",
    "createTransformJob",
    "createHyperParameterTuningJob",
)
_SAGEMAKER_CALLS: Final = (
    "createModel",
    "createEndpointConfig",
    "createEndpoint",
    "updateEndpoint",
)
_RUN_WHOLLY: Final = ("lambda", "sns", "sqs", "states", "events", "dynamodb")
_SERVICE: Final = re.compile(
    r"arn:[^:]+:states:::(?P<service>aws-sdk:[\w-]+|[\w-]+):(?P<action>\w+)"
    r"(?:\.(?P<pattern>\w+(?::\d+)?))?"
)
_FUNCTION: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(:[^:]+)?")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]+:[^:]*:activity:[^:]+")


class Integration(NamedTuple):
    """What a task's resource names.

    Attributes:
        service: such as "lambda" or "aws-sdk:s3".
        action: such as "invoke".
        pattern: "", "sync", "sync:2" or "waitForTaskToken".
    """

    service: str
    action: str
    pattern: str

    @property
    def sdk_service(self) -> str | None:
        """The service as the AWS SDK names it; None of an optimised integration."""
        return self.service.removeprefix(_SDK) if self.service.startswith(_SDK) else None

    @property
    def is_known(self) -> bool:
        """Whether Step Functions has it; of the AWS SDK only how it may wait is looked at."""
        if self.sdk_service is not None:
            return self.pattern in _TOKEN
        return self.pattern in _OPTIMISED.get(self.service, {}).get(self.action, ())

    @property
    def is_run(self) -> bool:
        """Whether the runtime runs what Step Functions has."""
        if self.service == "sagemaker":
            return self.action in {*SAGEMAKER_JOBS, *_SAGEMAKER_CALLS}
        return self.sdk_service is not None or self.service in _RUN_WHOLLY


def left_out() -> set[str]:
    """Return the integrations that the runtime does not run, such as "glue:startJobRun"."""
    return {
        f"{service}:{action}"
        for service, actions in _OPTIMISED.items()
        for action in actions
        if not Integration(service, action, "").is_run
    }


def read(resource: str) -> Integration | None:
    """Return what a task's resource names, or None where it is no service's."""
    found = _SERVICE.fullmatch(resource)
    if found is None:
        return None
    return Integration(found["service"], found["action"], found["pattern"] or "")


def is_worker(resource: str) -> bool:
    """Tell whether a resource is a function or an activity."""
    return bool(_FUNCTION.fullmatch(resource) or _ACTIVITY.fullmatch(resource))


def supported_in_words() -> str:
    """Return what the runtime runs, for whoever asks for something else."""
    of_sagemaker = [
        *(f"sagemaker:{name}(.sync)" for name in SAGEMAKER_JOBS),
        *(f"sagemaker:{name}" for name in _SAGEMAKER_CALLS),
    ]
    others = ("lambda:invoke", "sns:publish", "sqs:sendMessage", "states:startExecution")
    last = ("events:putEvents", "dynamodb:*", "aws-sdk:*")
    return ", ".join([*of_sagemaker, *others, *last])
