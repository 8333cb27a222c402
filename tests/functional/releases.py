"""Releases of the repository on one emulated account, one after the other."""

from pathlib import Path

from pocketaws.runtime import LocalRuntime
from tests.functional.releasing import Repository, Seen, repository
from workflow.release.execution import PipelineEnd
from workflow.release.local import ReleaseRequest, plan, release_to

ROW = "0.455,0.365,0.095,0.514,0.2245,0.101,0.15,0,0,1"


class Releases:
    """Releases of one repository to one emulated account, one after another."""

    def __init__(self, runtime: LocalRuntime, folder: Path) -> None:
        self.repository: Repository = repository(folder / "source")
        self._output_dir = folder / "runs"
        self._runtime = runtime
        self.view = Seen()

    def release(
        self, *, is_approved: bool = True, earlier: PipelineEnd | None = None, **variables: str
    ) -> PipelineEnd:
        request = ReleaseRequest(
            source_dir=self.repository.folder,
            is_approved=is_approved,
            variables=variables,
            parameters={},
            offline=True,
            output_dir=self._output_dir,
        )
        self.view = Seen()
        return release_to(self._runtime, plan(request), self.view, earlier=earlier)

    def served(self, endpoint_name: str) -> str:
        """Return the name of the model that an endpoint serves."""
        sagemaker = self._runtime.client("sagemaker")
        endpoint = sagemaker.describe_endpoint(EndpointName=endpoint_name)
        assert endpoint["EndpointStatus"] == "InService"
        config_name = endpoint["EndpointConfigName"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=config_name)
        return str(config["ProductionVariants"][0]["ModelName"])

    def deployed_commit(self) -> str:
        """Return the commit that the workflow's stack was last deployed with."""
        cloudformation = self._runtime.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName="abalone-prod")["Stacks"]
        values = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
        return str(values["GitCommit"])

    def predicted(self, endpoint_name: str) -> float:
        answer = self._runtime.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=endpoint_name, ContentType="text/csv", Body=ROW.encode()
        )
        return float(answer["Body"].read().decode())
