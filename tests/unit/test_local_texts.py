"""Messages on this machine lead to what is there."""

from workflow.laptop.local_texts import local_text

TEXT = """\
abalone trained a model.

Or decide with the AWS CLI:
aws sagemaker update-model-package --region eu-west-1

Report: https://eu-west-1.console.aws.amazon.com/s3/object/bucket?region=eu-west-1&prefix=reports
Execution: run-7
https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn"""


def test_a_report_and_a_command_lead_to_this_machine_and_no_link_to_aws() -> None:
    told = local_text(TEXT, report="runs/7/report.html", endpoint_url="http://localhost:1")

    assert told.splitlines()[3:] == [
        "aws --endpoint-url http://localhost:1 sagemaker update-model-package --region eu-west-1",
        "",
        "Report: runs/7/report.html",
        "Execution: run-7",
    ]


def test_once_the_emulated_aws_has_ended_no_command_is_offered() -> None:
    told = local_text(TEXT, report="runs/7/report.html")

    assert "aws " not in told
    assert "has ended" in told
