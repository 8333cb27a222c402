"""Messages on this machine lead to what is there."""

from workflow.laptop.local_texts import local_text, served_text

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


HERE = {"console_url": "http://localhost:2", "endpoint_url": "http://localhost:1"}
DRIFT = """\
A feature drifts.

Page: s3://captures/reports/2026/11/29/14/report.html
https://eu-west-1.console.aws.amazon.com/s3/object/captures?region=eu-west-1&prefix=reports

Retraining was started: arn:aws:states:eu-west-1:123456789012:execution:abalone:drift-24h-7

Alarm: drift
https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/drift"""


def test_while_the_console_is_up_messages_lead_to_its_pages() -> None:
    told = served_text(TEXT, **HERE).splitlines()

    assert told[3].startswith("aws --endpoint-url http://localhost:1 sagemaker ")
    assert told[5:] == ["Report: http://localhost:2/executions/run-7", "Execution: run-7"]


def test_drift_leads_to_the_window_and_to_the_retraining() -> None:
    told = served_text(DRIFT, **HERE).splitlines()

    assert told[2] == "Page: http://localhost:2/monitor/2026/11/29/14"
    assert told[-2:] == ["Alarm: drift", "See: http://localhost:2/executions/drift-24h-7"]
    assert "console.aws" not in "".join(told)


def test_what_is_about_no_execution_leads_to_the_endpoint() -> None:
    told = served_text("Windows are missing.", **HERE)

    assert told == "Windows are missing.\nSee: http://localhost:2/endpoint"
