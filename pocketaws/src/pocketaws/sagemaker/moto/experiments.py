"""SageMaker Experiments: names are unique, and a job becomes a trial component of its trial."""

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.sagemaker.models import FakeTrialComponent
from moto.sagemaker.responses import SageMakerResponse

from pocketaws.change import Change
from pocketaws.errors import ServiceError
from pocketaws.partitions import partition_of
from pocketaws.sagemaker.jobs.jobs import Job, JobKind, now
from pocketaws.sagemaker.moto.sagemaker_errors import sagemaker_errors
from pocketaws.shelf import Shelved

Handler = Callable[[SageMakerResponse], ActionResult]

# The resources' names in ARNs, by moto's record of them.
_ARN_TYPES: Final = {
    "experiments": "experiment",
    "trials": "experiment-trial",
    "trial_components": "experiment-trial-component",
}

# What is long in a trial component, and final where its job has ended.
_SHELVED: Final = ("parameters", "input_artifacts", "output_artifacts", "metrics")


def changes() -> list[Change]:
    """Return what to change in moto's SageMaker."""
    handlers = {
        "create_experiment": _create("experiments", "Experiment"),
        "create_trial": _create("trials", "Trial"),
        "describe_experiment": _described_experiment(),
        "describe_trial": _existing("trials", "TrialName", SageMakerResponse.describe_trial),
        "describe_trial_component": _existing(
            "trial_components", "TrialComponentName", SageMakerResponse.describe_trial_component
        ),
        "delete_experiment": _deleted("experiments", "ExperimentName", _trials_left),
        "delete_trial": _deleted("trials", "TrialName", _components_left),
        "delete_trial_component": _deleted(
            "trial_components", "TrialComponentName", _associations_left
        ),
    }
    return [
        *(Change(SageMakerResponse, name, handler) for name, handler in handlers.items()),
        Change(FakeTrialComponent, "__getattr__", _from_shelf, adds=True),
        Change(FakeTrialComponent, "gen_response_object", _whole_response()),
    ]


def check(backend: Any, request: Mapping[str, Any]) -> None:
    """Refuse a job whose ExperimentConfig names what does not exist.

    Raises:
        ServiceError: with SageMaker's code.
    """
    config = request.get("ExperimentConfig", {})
    for member, records in (("ExperimentName", "experiments"), ("TrialName", "trials")):
        if member in config:
            _must_exist(backend, records, config[member])


def begin_trial_component(backend: Any, kind: JobKind, request: Mapping[str, Any]) -> None:
    """Make a job's trial component, where it has an ExperimentConfig.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ExperimentConfig.html
    """
    config = request.get("ExperimentConfig")
    if not config:
        return
    job_name = request[f"{kind.value}JobName"]
    name = _component_name(kind, job_name)
    backend.create_trial_component(
        trial_component_name=name,
        trial_name=None,
        status={"PrimaryStatus": "InProgress", "Message": "Status: InProgress"},
        start_time=now(),
        end_time=None,
        display_name=config.get("TrialComponentDisplayName"),
        parameters=_parameters(request),
        input_artifacts=_input_artifacts(request),
        output_artifacts=None,
        metadata_properties=None,
    )
    backend.trial_components[name].source = {
        "SourceArn": _arn(backend, kind.arn_type, job_name),
        "SourceType": f"SageMaker{kind.value}Job",
    }
    if "TrialName" in config or "ExperimentName" in config:
        backend.associate_trial_component(_trial_name(backend, config), name)


def end_trial_component(backend: Any, job: Job) -> None:
    """Write down in a job's trial component how it ended."""
    component = backend.trial_components.get(_component_name(job.kind, job.name))
    if component is None:
        return
    reason = job.details.get("FailureReason")
    message = f"Status: {job.status}" + (f", failure reason: {reason}" if reason else "")
    component.status = {"PrimaryStatus": job.status, "Message": message}
    component.end_time = component.last_modified_time = now()
    component.metrics = {
        metric["MetricName"]: {
            "Values": {0: {"Value": metric["Value"]}},
            "Timestamp": metric["Timestamp"].timestamp(),
        }
        for metric in job.details.get("FinalMetricDataList", [])
    }
    model_uri = job.details.get("ModelArtifacts", {}).get("S3ModelArtifacts")
    if model_uri:
        component.output_artifacts = {"SageMaker.ModelArtifact": {"Value": model_uri}}
    fields = vars(component)
    component.shelved = Shelved({name: fields.pop(name) for name in _SHELVED})


def _from_shelf(component: FakeTrialComponent, name: str) -> Any:
    """Return what a component of an ended job has no more in memory."""
    shelved = vars(component).get("shelved")
    if shelved is None or name not in _SHELVED:
        raise AttributeError(name)
    return shelved.read()[name]


def _whole_response() -> Callable[[FakeTrialComponent], dict[str, Any]]:
    original = FakeTrialComponent.gen_response_object

    def gen_response_object(self: FakeTrialComponent) -> dict[str, Any]:
        response: dict[str, Any] = original(self)
        shelved = response.pop("Shelved", None)
        kept = {} if shelved is None else shelved.read()
        # What was updated since is newer.
        return {self.camelCase(name): value for name, value in kept.items()} | response

    return gen_response_object


def _component_name(kind: JobKind, job_name: str) -> str:
    return f"{job_name}-aws-{kind.arn_type}"


def _trial_name(backend: Any, config: Mapping[str, Any]) -> str:
    """Return the trial to associate with; SageMaker makes one where none is named."""
    if "TrialName" not in config:
        name = f"Default-Run-Group-{uuid.uuid4()}"
        backend.create_trial(name, config["ExperimentName"])
        return name
    return str(config["TrialName"])


def _parameters(request: Mapping[str, Any]) -> dict[str, dict[str, str | float]]:
    found: dict[str, dict[str, str | float]] = {}
    for name, text in request.get("HyperParameters", {}).items():
        try:
            found[name] = {"NumberValue": float(text)}
        except ValueError:
            found[name] = {"StringValue": text}
    return found


def _input_artifacts(request: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    sources = {
        item["ChannelName"]: item["DataSource"].get("S3DataSource", {}).get("S3Uri")
        for item in request.get("InputDataConfig", [])
    } | {
        item["InputName"]: item.get("S3Input", {}).get("S3Uri")
        for item in request.get("ProcessingInputs", [])
    }
    return {name: {"Value": uri} for name, uri in sources.items() if uri}


def _create(records: str, kind: str) -> Handler:
    original = getattr(SageMakerResponse, f"create_{kind.lower()}")

    def create(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        name, known = request[f"{kind}Name"], getattr(self.sagemaker_backend, records)
        with sagemaker_errors():
            if name in known:
                raise ServiceError(
                    "ValidationException",
                    f"{kind} names must be unique within an AWS account and region. "
                    f"{kind} with name ({name}) already exists.",
                )
            if kind == "Trial":
                _must_exist(self.sagemaker_backend, "experiments", request["ExperimentName"])
        result = original(self)
        known[name].tags = request.get("Tags", [])
        known[name].display_name = request.get("DisplayName", name)
        return result

    return create


def _described_experiment() -> Handler:
    def describe_experiment(self: SageMakerResponse) -> ActionResult:
        name = json.loads(self.body)["ExperimentName"]
        with sagemaker_errors():
            _must_exist(self.sagemaker_backend, "experiments", name)
        described = self.sagemaker_backend.describe_experiment(name)
        display_name = self.sagemaker_backend.experiments[name].display_name
        return ActionResult({**described, "DisplayName": display_name})

    return describe_experiment


def _existing(records: str, member: str, original: Handler) -> Handler:
    """Return a handler that refuses a name that does not exist, with SageMaker's code."""

    def handle(self: SageMakerResponse) -> ActionResult:
        request = json.loads(self.body)
        with sagemaker_errors():
            if member in request:
                _must_exist(self.sagemaker_backend, records, request[member])
        return original(self)

    return handle


def all_experiments(response: SageMakerResponse, _: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what ListExperiments looks through."""
    return [
        _listed("Experiment", one.experiment_name, one)
        | {"DisplayName": getattr(one, "display_name", None)}
        for one in response.sagemaker_backend.experiments.values()
    ]


def _listed(kind: str, name: str, one: Any) -> dict[str, Any]:
    """Return what a list tells of any of them."""
    return {
        f"{kind}Name": name,
        f"{kind}Arn": one.arn,
        "CreationTime": one.creation_time,
        "LastModifiedTime": one.last_modified_time,
    }


def trials_of(response: SageMakerResponse, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what ListTrials looks through.

    Raises:
        ServiceError: there is no such experiment or trial component.
    """
    backend = response.sagemaker_backend
    experiment, component = request.get("ExperimentName"), request.get("TrialComponentName")
    if experiment is not None:
        _must_exist(backend, "experiments", experiment)
    if component is not None:
        _must_exist(backend, "trial_components", component)
    return [
        _listed("Trial", one.trial_name, one) | {"DisplayName": getattr(one, "display_name", None)}
        for one in backend.trials.values()
        if experiment in (None, one.experiment_name)
        and (component is None or component in one.trial_components)
    ]


def components_of(response: SageMakerResponse, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what ListTrialComponents looks through.

    Raises:
        ServiceError: there is no such experiment or trial.
    """
    backend = response.sagemaker_backend
    experiment, trial = request.get("ExperimentName"), request.get("TrialName")
    if experiment is not None:
        _must_exist(backend, "experiments", experiment)
    if trial is not None:
        _must_exist(backend, "trials", trial)
    named = {
        name
        for one in backend.trials.values()
        if experiment in (None, one.experiment_name) and trial in (None, one.trial_name)
        for name in one.trial_components
    }
    asked_all = experiment is None and trial is None
    described = [
        _listed("TrialComponent", one.trial_component_name, one) | _summary(one)
        for name, one in backend.trial_components.items()
        if asked_all or name in named
    ]
    source_arn = request.get("SourceArn")
    if source_arn is None:
        return described
    return [
        one
        for one in described
        if (one["TrialComponentSource"] or {}).get("SourceArn") == source_arn
    ]


def _deleted(records: str, member: str, left: Callable[[Any, str], str]) -> Handler:
    """Return a handler that keeps what something else belongs to."""
    original = getattr(SageMakerResponse, f"delete_{records.removesuffix('s')}")

    def delete(self: SageMakerResponse) -> ActionResult:
        name, backend = json.loads(self.body)[member], self.sagemaker_backend
        with sagemaker_errors():
            _must_exist(backend, records, name)
            belongs = left(backend, name)
            if belongs:
                raise ServiceError("ValidationException", belongs)
        arn = getattr(backend, records)[name].arn
        original(self)
        return ActionResult({f"{member.removesuffix('Name')}Arn": arn})

    return delete


def _trials_left(backend: Any, name: str) -> str:
    trials = [one.trial_name for one in backend.trials.values() if one.experiment_name == name]
    text = f"Experiment '{name}' cannot be deleted while it has trials: {', '.join(trials)}."
    return text if trials else ""


def _components_left(backend: Any, name: str) -> str:
    components = backend.trials[name].trial_components
    text = f"Trial '{name}' cannot be deleted while it has components: {', '.join(components)}."
    return text if components else ""


def _associations_left(backend: Any, name: str) -> str:
    trials = [one.trial_name for one in backend.trials.values() if name in one.trial_components]
    text = f"Trial component '{name}' cannot be deleted while trials have it: {', '.join(trials)}."
    return text if trials else ""


def _summary(component: Any) -> dict[str, Any]:
    """Return what moto leaves out of a list of trial components."""
    return {
        "DisplayName": component.display_name,
        "TrialComponentSource": getattr(component, "source", None),
        "Status": component.status,
        "StartTime": component.start_time,
        "EndTime": component.end_time,
    }


def _arn(backend: Any, arn_type: str, name: str) -> str:
    region = backend.region_name
    place = f"{partition_of(region)}:sagemaker:{region}:{backend.account_id}"
    return f"arn:{place}:{arn_type}/{name.lower()}"


def _must_exist(backend: Any, records: str, name: str) -> None:
    if name in getattr(backend, records):
        return
    arn_type = _ARN_TYPES[records]
    arn = _arn(backend, arn_type, name)
    kind = arn_type.removeprefix("experiment-").replace("-", " ").capitalize()
    raise ServiceError("ResourceNotFound", f"{kind} '{arn}' does not exist.")
