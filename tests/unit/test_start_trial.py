"""Trials: created with the experiment before the first one, and left alone where they exist."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.modules import load

function = load("start_trial")
TrialOfAnother = function.trial.TrialOfAnother


class NotThereError(ClientError):  # type: ignore[misc]
    """What the fake raises as a client's `exceptions.ResourceNotFound`."""


def _error(code: str, operation: str) -> ClientError:
    kind = NotThereError if code == "ResourceNotFound" else ClientError
    return kind({"Error": {"Code": code, "Message": "no"}}, operation)


class FakeSageMaker:
    """Experiments and trials by name; `refusal` is what every creation is answered with."""

    exceptions = SimpleNamespace(ResourceNotFound=NotThereError)

    def __init__(self, *experiments: str, refusal: str | None = None, **trials: str) -> None:
        self.experiments = list(experiments)
        self.trials = trials
        self.refusal = refusal

    def create_experiment(self, **request: Any) -> None:
        self._check(request["ExperimentName"] in self.experiments, "CreateExperiment")
        self.experiments.append(request["ExperimentName"])

    def create_trial(self, **request: Any) -> None:
        if request["ExperimentName"] not in self.experiments:
            raise _error("ResourceNotFound", "CreateTrial")
        self._check(request["TrialName"] in self.trials, "CreateTrial")
        self.trials[request["TrialName"]] = request["ExperimentName"]

    def describe_experiment(self, **request: Any) -> dict[str, Any]:
        if request["ExperimentName"] not in self.experiments:
            raise _error("ResourceNotFound", "DescribeExperiment")
        return {"ExperimentName": request["ExperimentName"]}

    def describe_trial(self, **request: Any) -> dict[str, Any]:
        name = request["TrialName"]
        if name not in self.trials:
            raise _error("ResourceNotFound", "DescribeTrial")
        return {"TrialName": name, "ExperimentName": self.trials[name]}

    def _check(self, exists: bool, operation: str) -> None:
        if self.refusal or exists:
            raise _error(self.refusal or "ValidationException", operation)


def start(sagemaker: FakeSageMaker, name: str = "run_1") -> None:
    function.trial.start_trial(name, experiment_name="abalone", sagemaker=sagemaker)


def test_the_first_trial_brings_the_experiment_with_it() -> None:
    sagemaker = FakeSageMaker()

    start(sagemaker)

    assert sagemaker.experiments == ["abalone"]
    assert sagemaker.trials == {"run_1": "abalone"}


def test_a_later_trial_joins_the_experiment_that_there_is() -> None:
    sagemaker = FakeSageMaker("abalone", run_1="abalone")

    start(sagemaker, "run_2")

    assert sagemaker.experiments == ["abalone"]
    assert sagemaker.trials == {"run_1": "abalone", "run_2": "abalone"}


def test_a_trial_that_exists_is_no_error() -> None:
    sagemaker = FakeSageMaker("abalone", run_1="abalone")

    start(sagemaker)

    assert sagemaker.trials == {"run_1": "abalone"}


def test_an_experiment_that_another_execution_has_just_created_is_no_error() -> None:
    sagemaker = FakeSageMaker()
    create = sagemaker.create_experiment
    # The other execution is a moment faster.
    sagemaker.create_experiment = lambda **request: [create(**request), create(**request)]  # type: ignore[method-assign,assignment]

    start(sagemaker)

    assert sagemaker.trials == {"run_1": "abalone"}


def test_a_trial_of_another_experiment_is_refused_by_name() -> None:
    sagemaker = FakeSageMaker("abalone", run_1="other")

    with pytest.raises(TrialOfAnother, match=r"^trial 'run_1' belongs to experiment 'other', not"):
        start(sagemaker)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException", "Throttling"])
def test_what_sagemaker_refuses_and_does_not_have_fails_the_state(code: str) -> None:
    with pytest.raises(ClientError, match=code):
        start(FakeSageMaker("abalone", refusal=code))


@pytest.mark.parametrize("event", [{}, {"TrialName": None}, {"TrialName": ""}, {"TrialName": 7}])
def test_an_event_without_a_name_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^TrialName must be a text, got "):
        function.app.trial_name_of(event)


# The registry's group, where CloudFormation cannot make it.
class FakeRegistry:
    """Model package groups by name; `refusal` is what every call is answered with."""

    exceptions = SimpleNamespace(ResourceNotFound=NotThereError)

    def __init__(self, *groups: str, refusal: str | None = None) -> None:
        self.groups = list(groups)
        self.refusal = refusal

    def describe_model_package_group(self, **request: Any) -> dict[str, Any]:
        if self.refusal or request["ModelPackageGroupName"] not in self.groups:
            raise _error(self.refusal or "ValidationException", "DescribeModelPackageGroup")
        return {"ModelPackageGroupName": request["ModelPackageGroupName"]}

    def create_model_package_group(self, **request: Any) -> None:
        if request["ModelPackageGroupName"] in self.groups:
            raise _error("ValidationException", "CreateModelPackageGroup")
        self.groups.append(request["ModelPackageGroupName"])


def test_a_group_that_is_not_there_is_made_once() -> None:
    sagemaker = FakeRegistry()

    function.trial.make_group("models-1a2b3c4d", sagemaker=sagemaker)
    function.trial.make_group("models-1a2b3c4d", sagemaker=sagemaker)

    assert sagemaker.groups == ["models-1a2b3c4d"]


def test_a_group_that_is_refused_is_an_error() -> None:
    sagemaker = FakeRegistry(refusal="AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        function.trial.make_group("models-1a2b3c4d", sagemaker=sagemaker)

    assert sagemaker.groups == []
