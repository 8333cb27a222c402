"""What serves when a release has ended: each endpoint, its model, and one prediction of it."""

import json
from typing import TYPE_CHECKING, Any

from workflow.laptop import recorded_model
from workflow.release.execution import View

if TYPE_CHECKING:
    from pocketaws import LocalRuntime


def tell_endpoints(runtime: "LocalRuntime", view: View) -> None:
    """Say what serves now, whatever became of the release."""
    sagemaker = runtime.client("sagemaker")
    for item in sagemaker.list_endpoints(SortBy="CreationTime", SortOrder="Ascending")["Endpoints"]:
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
        row = _known_row(model_name, runtime)
        if row is not None and endpoint["EndpointStatus"] == "InService":
            view.note(f"endpoint {name}: predicts {_predicted(name, row, runtime)} for {row}")


def _known_row(model_name: str, runtime: "LocalRuntime") -> str | None:
    """Return the first row of a model's known answers as CSV; None where there are none."""
    s3 = runtime.client("s3")
    container = runtime.client("sagemaker").describe_model(ModelName=model_name)["PrimaryContainer"]
    bucket_name = container["ModelDataUrl"].removeprefix("s3://").partition("/")[0]
    key = recorded_model.answers_key(model_name)
    if not s3.list_objects_v2(Bucket=bucket_name, Prefix=key)["KeyCount"]:
        return None
    answers: Any = json.loads(s3.get_object(Bucket=bucket_name, Key=key)["Body"].read())
    return ",".join(f"{value:g}" for value in answers["rows"][0]["features"])


def _predicted(endpoint_name: str, row: str, runtime: "LocalRuntime") -> str:
    answer = runtime.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint_name, ContentType="text/csv", Body=row.encode()
    )
    text = answer["Body"].read().decode().strip()
    return f"{float(text):.2f}"
