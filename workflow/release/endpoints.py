"""What serves when a release has ended: each endpoint, its model, and one prediction of it."""

from typing import TYPE_CHECKING

from workflow.laptop import recorded_model
from workflow.release.execution import View

if TYPE_CHECKING:
    from pocketaws import LocalRuntime


def tell_endpoints(runtime: "LocalRuntime", view: View) -> None:
    """Say what serves now, whatever became of the release."""
    sagemaker = runtime.client("sagemaker")
    pages = sagemaker.get_paginator("list_endpoints").paginate(
        SortBy="CreationTime", SortOrder="Ascending"
    )
    for item in [item for page in pages for item in page["Endpoints"]]:
        name = item["EndpointName"]
        endpoint = sagemaker.describe_endpoint(EndpointName=name)
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
        (variant,) = config["ProductionVariants"]
        model_name = variant["ModelName"]
        view.note(
            f"endpoint {name}: {endpoint['EndpointStatus']}, model {model_name}, "
            f"{runtime.serving_url(name)}"
        )
        row = recorded_model.known_row(model_name, runtime.client)
        if row is not None and endpoint["EndpointStatus"] == "InService":
            view.note(f"endpoint {name}: predicts {_predicted(name, row, runtime)} for {row}")


def _predicted(endpoint_name: str, row: str, runtime: "LocalRuntime") -> str:
    answer = runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint_name, ContentType="text/csv", Body=row.encode()
    )
    text = answer["Body"].read().decode().strip()
    return f"{float(text):.2f}"
