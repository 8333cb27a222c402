"""SageMaker's List calls of jobs, and Search; moto's know few filters and no order."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.model import StructureShape
from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, Jobs
from pocketaws.sagemaker.listing import listed, members_of, searched
from pocketaws.sagemaker.moto.lists import answer_page, summaries
from pocketaws.sagemaker.moto.model_registry import in_registry
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors
from pocketaws.service_models import service_model

Handler = Callable[[SageMakerResponse], ActionResult]

_OF_TUNING: Final = "TrainingJobSummaries"
# What Search looks through here; moto looks through the rest.
_SEARCHED: Final = {"TrainingJob": JobKind.TRAINING, "ProcessingJob": JobKind.PROCESSING}


def changes(jobs: Jobs) -> list[Change]:
    """Return what to change in moto's SageMaker."""
    return [
        *(
            Change(SageMakerResponse, f"list_{kind.snake}_jobs", _list(jobs, kind))
            for kind in JobKind
        ),
        Change(
            SageMakerResponse,
            "list_training_jobs_for_hyper_parameter_tuning_job",
            _list_of_tuning(jobs),
            adds=True,
        ),
        Change(SageMakerResponse, "search", _search(jobs)),
    ]


def _list(jobs: Jobs, kind: JobKind) -> Handler:
    operation = f"List{kind.value}Jobs"
    member, summary = summaries(operation)

    def answer(self: SageMakerResponse) -> ActionResult:
        described = [_summarised(job) for job in jobs.all() if job.kind is kind]
        with sagemaker_errors():
            page, token = listed(
                described,
                json.loads(self.body or "{}"),
                operation=operation,
                word=f"{kind.value}Job",
                summary=summary,
            )
        return answer_page({member: page}, token)

    return answer


def _summarised(job: Job) -> dict[str, Any]:
    """Return a description with what only a summary has at its top."""
    config = job.request.get("HyperParameterTuningJobConfig", {})
    more = {name: config[name] for name in ("Strategy", "ResourceLimits") if name in config}
    return {**job.description(), **more}


def _list_of_tuning(jobs: Jobs) -> Handler:
    operation = "ListTrainingJobsForHyperParameterTuningJob"
    _, summary = summaries(operation, _OF_TUNING)

    def answer(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            job = jobs.get(JobKind.TUNING, request["HyperParameterTuningJobName"])
            objective = "FinalObjectiveMetricValue"
            trials = [_with_objective(trial, objective) for trial in job.trials]
            page, token = listed(
                trials, request, operation=operation, word="TrainingJob", summary=summary
            )
        return answer_page({_OF_TUNING: page}, token)

    return answer


def _with_objective(trial: Mapping[str, Any], name: str) -> dict[str, Any]:
    metric = trial.get("FinalHyperParameterTuningJobObjectiveMetric")
    return {**trial, name: metric["Value"] if metric else None}


def _search(jobs: Jobs) -> Handler:
    original = SageMakerResponse.search
    shape = service_model("sagemaker").shape_for("SearchRecord")
    assert isinstance(shape, StructureShape), "botocore's model says so"  # noqa: S101

    def search(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        registered = in_registry(request["Resource"])
        if registered is not None:
            with sagemaker_errors():
                page, token = searched(registered, request)
            results = [{request["Resource"]: one} for one in page]
            return answer_page({"Results": results}, token)
        kind = _SEARCHED.get(request["Resource"])
        if kind is None or request["Resource"] not in shape.members:
            answer: ActionResult = original(self)
            return answer
        member = shape.members[request["Resource"]]
        assert isinstance(member, StructureShape), "each of them is a record"  # noqa: S101
        described = [
            {**job.description(), "Tags": _tags(self, job.arn)}
            for job in jobs.all()
            if job.kind is kind
        ]
        with sagemaker_errors():
            page, token = searched(described, request)
        results = [{request["Resource"]: members_of(one, member)} for one in page]
        return answer_page({"Results": results}, token)

    return search


def _tags(response: SageMakerResponse, arn: str) -> list[dict[str, str]]:
    resource = response.sagemaker_backend._get_resource_from_arn(arn)
    return list(getattr(resource, "tags", None) or [])
