"""The states that watch an endpoint: find a window's captured calls, compare, publish.

What any of them fails with ends the execution, in the words of what failed; it is told of by
EventBridge, and so is what no state could catch.
"""

from typing import Any, Final

from sagemaker.processing import ProcessingOutput, Processor
from sagemaker.session import Session

from workflow.definition import names
from workflow.definition.sdk import State, steps
from workflow.definition.steps.shared import ML_DIR, PLACEHOLDER_INSTANCE, lambda_step, retried_job

# A million captures take a minute or two; what takes an hour hangs.
_JOB_SECONDS: Final = 3600
_VOLUME_GB: Final = 30
_JOB_NAME: Final = (
    "States.Format('{}-{}', $.job_name, "
    "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 0))"
)


def find_captures() -> steps.Task:
    """Look what was captured in the window, and decide how it is compared."""
    return lambda_step(
        names.FIND_CAPTURES,
        "Finds what was captured in the window, and the baseline of the served model",
        function_arn=names.FIND_CAPTURES_FUNCTION_ARN,
        payload={"from": "$.from", "until": "$.until", "reason": "$.reason"},
        output_path="$.Payload",
    )


def how_much_is_there(*, few: State, many: State) -> steps.Choice:
    """Start a machine only for what is too much for a function."""
    choice = steps.Choice(
        names.HOW_MUCH_IS_THERE,
        comment="A machine takes minutes to start; most windows need none",
    )
    choice.add_choice(steps.ChoiceRule.StringEquals("$.how", "job"), next_step=many)
    choice.default_choice(few)
    return choice


def compare_in_a_function() -> steps.Task:
    """Compare a small window, or one without calls."""
    return lambda_step(
        names.COMPARE_IN_A_FUNCTION,
        "Runs the comparison of jobs/monitor.py where it takes seconds",
        function_arn=names.COMPARE_CAPTURES_FUNCTION_ARN,
        payload="$",
        result_path="$.compared",
    )


def compare_in_a_job(session: Session) -> steps.Task:
    """Compare a large window, in memory that does not grow with it."""
    processor = Processor(
        role=names.MONITOR_JOB_ROLE_ARN,
        image_uri=names.MONITOR_IMAGE_URI,
        sagemaker_session=session,
        **PLACEHOLDER_INSTANCE,
    )
    step = steps.ProcessingStep(
        names.COMPARE_IN_A_JOB,
        comment="Runs jobs/monitor.py on a machine of its own",
        processor=processor,
        job_name=_JOB_NAME,
        outputs=[
            ProcessingOutput(
                output_name="report",
                source=f"{ML_DIR}/output/report",
                destination="$.report_uri",
            )
        ],
        container_entrypoint=["python3", f"{ML_DIR}/input/code/monitor.py"],
        parameters=_job_parameters(),
        timeout_seconds=_JOB_SECONDS,
        result_path="$.compared",
    )
    return retried_job(step)


def publish_window() -> steps.Task:
    """Put the numbers that the alarms watch, and what their messages say."""
    return lambda_step(
        names.PUBLISH_WINDOW,
        "Puts the numbers that the alarms watch, and what their messages say",
        function_arn=names.PUBLISH_WINDOW_FUNCTION_ARN,
        payload="$",
        output_path="$.Payload",
    )


def window_published() -> steps.Succeed:
    """End, whatever the numbers say: an alarm is no failure of the monitor."""
    return steps.Succeed(names.WINDOW_PUBLISHED, comment="Its output says what moved")


def window_not_compared() -> steps.Fail:
    """End an execution of which a state failed; error and cause are added by `definition`."""
    return steps.Fail(names.WINDOW_NOT_COMPARED, comment="Its cause is what failed itself said")


def _job_parameters() -> dict[str, Any]:
    return {
        "ProcessingInputs": "$.inputs",
        "AppSpecification": {"ContainerArguments": "$.arguments"},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": names.MONITOR_INSTANCE_TYPE,
                "VolumeSizeInGB": _VOLUME_GB,
            }
        },
        # Of the container; the state's own timeout counts the machine's start, too.
        "StoppingCondition": {"MaxRuntimeInSeconds": _JOB_SECONDS - 600},
    }
