"""The execution input: its fields, and how it is merged over the stack's defaults and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from caching import cache
from combinations import impossible
from fields import (
    Checker,
    boolean,
    instance_type,
    integer,
    number,
    one_of,
    s3_uri,
    s3_uri_or_none,
    share,
    tags,
)
from gate import Gate, check_metric, gate_of
from hyperparameters import checkers_of
from posed import REGRESSION, Posed
from started import NOT_SAID, STARTED_BY, flattened, starter
from tuning import check_tuning, lowest
from wording import SHOWN_PROBLEMS, checked, shown, unknown_names

# The Step Functions console fills this field into every new execution's input.
IGNORED_FIELDS: Final = frozenset({"Comment"})


class InvalidExecutionInput(ValueError):  # noqa: N818 - it is the error's name in the console
    """The execution input cannot be run; the text has one line a problem, for the first 20."""

    def __init__(self, problems: list[str]) -> None:
        more = len(problems) - SHOWN_PROBLEMS
        lines = problems[:SHOWN_PROBLEMS] + ([f"and {more} more problems"] if more > 0 else [])
        super().__init__("execution input: " + "\n".join(lines))


@dataclass(frozen=True)
class Settings:
    """What one execution runs with: the input merged over the stack's defaults.

    The names are the fields of the execution input; docs/execution-input.md has them as a table.
    mse is the mean squared error on the test split, in squared units of the label. The gate's
    threshold is None where max_mse stands for it. The problem and the number of features are those
    of jobs/columns.py. Tuning, and the URI of a batch, are empty where none is asked for. Who
    started it is "by hand" where the input does not say. Seconds are wall-clock, gb is GiB of
    volume an instance, a share is a fraction of the rows.
    """

    input_data_uri: str
    validation_share: float
    test_share: float
    split_seed: int
    max_rejected_share: float
    processing_instance_type: str
    processing_instance_count: int
    processing_volume_size_gb: int
    processing_max_runtime_seconds: int
    training_instance_type: str
    training_instance_count: int
    training_volume_size_gb: int
    training_max_runtime_seconds: int
    training_use_spot: bool
    training_max_wait_seconds: int
    max_mse: float
    max_mse_increase: float
    if_not_comparable: str
    approval: str
    approval_min_improvement: float
    approval_timeout_seconds: int
    hyperparameters: Mapping[str, str]
    tags: Mapping[str, str]
    cache: bool | Mapping[str, str] = False
    gate_metric: str = "mse"
    gate_threshold: float | None = None
    problem: str = REGRESSION
    features: int = 0
    batch_data_uri: str = ""
    batch_instance_type: str = ""
    batch_instance_count: int = 1
    batch_timeout_seconds: int = 1
    started_by: str = NOT_SAID
    tuning: Mapping[str, Any] = field(default_factory=dict)


# Upper ends are those of CreateProcessingJob and CreateTrainingJob:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
_FIVE_DAYS_AND_MORE: Final = 777_600
_28_DAYS: Final = 2_419_200
# A transform job has no time limit of its own; its state has this one.
_A_WEEK: Final = 604_800
# A standard execution runs for a year at most:
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_364_DAYS: Final = 31_449_600
# What functions/read_evaluation knows to decide by.
_APPROVALS: Final = ("automatic", "automatic_if_better", "required")
_IF_NOT_COMPARABLE: Final = ("ask", "refuse", "max_mse")
_CHECKERS: Final[Mapping[str, Checker]] = {
    "input_data_uri": s3_uri,
    "validation_share": share(minimum=0.01, maximum=0.5),
    "test_share": share(minimum=0.01, maximum=0.49),
    "split_seed": integer(0, 2**32 - 1),
    "max_rejected_share": share(minimum=0, maximum=0.99),
    "processing_instance_type": instance_type,
    "processing_instance_count": integer(1, 100),
    "processing_volume_size_gb": integer(1, 16_384, "GB"),
    "processing_max_runtime_seconds": integer(1, _FIVE_DAYS_AND_MORE, "seconds"),
    "training_instance_type": instance_type,
    "training_instance_count": integer(1, 100),
    "training_volume_size_gb": integer(1, 16_384, "GB"),
    "training_max_runtime_seconds": integer(1, _28_DAYS, "seconds"),
    "training_use_spot": boolean,
    "training_max_wait_seconds": integer(1, _28_DAYS, "seconds"),
    "max_mse": number(above=0, maximum=1e12),
    "max_mse_increase": share(minimum=0, maximum=10),
    "if_not_comparable": one_of(_IF_NOT_COMPARABLE),
    "approval": one_of(_APPROVALS),
    "approval_min_improvement": share(minimum=0, maximum=0.99),
    "approval_timeout_seconds": integer(1, _364_DAYS, "seconds"),
    "batch_data_uri": s3_uri_or_none,
    "batch_instance_type": instance_type,
    "batch_instance_count": integer(1, 100),
    "batch_timeout_seconds": integer(1, _A_WEEK, "seconds"),
    "tags": tags,
    STARTED_BY: starter,
    "cache": cache,
}
_GATE: Final = ("gate_metric", "gate_threshold")
FIELD_NAMES: Final = (*_CHECKERS, *_GATE, "hyperparameters", "tuning")
_A_REGRESSION: Final = Posed()


def parse_execution_input(
    execution_input: Any, *, defaults: Mapping[str, Any], posed: Posed = _A_REGRESSION
) -> Settings:
    """Return the settings of an execution.

    Args:
        execution_input: the JSON that the execution was started with, parsed.
        defaults: a value for every field, from the stack.
        posed: the problem.

    Raises:
        InvalidExecutionInput: naming every field that is wrong, not just the first; where more
            than 20 are, these, and how many more there are.
    """
    if not isinstance(execution_input, dict):
        raise InvalidExecutionInput(
            ['must be a JSON object such as {} or {"split_seed": 7}, not ' + shown(execution_input)]
        )
    problems: list[str] = []
    fields = flattened(execution_input, problems)
    given = {key: value for key, value in fields.items() if key not in IGNORED_FIELDS}
    merged = {**defaults, **given}
    problems += unknown_names("field", given, FIELD_NAMES)
    values = {name: checked(name, merged[name], _CHECKERS[name], problems) for name in _CHECKERS}
    values["hyperparameters"] = _hyperparameters(given, defaults, problems, posed)
    gate: Gate = gate_of(given, defaults, posed=posed, problems=problems)
    values |= {"gate_metric": gate.metric, "gate_threshold": gate.threshold}
    values |= {"problem": posed.problem, "features": posed.features}
    values["tuning"] = check_tuning(
        merged["tuning"],
        hyperparameters=_given_hyperparameters(given),
        posed=posed,
        problems=problems,
    )
    if not problems:
        problems += _contradictions(values, given)
    if problems:
        raise InvalidExecutionInput(sorted(problems))
    if "training_max_wait_seconds" not in given:
        values["training_max_wait_seconds"] = max(
            values["training_max_wait_seconds"], values["training_max_runtime_seconds"]
        )
    return Settings(**values)


def given_problems(given: Mapping[str, Any], posed: Posed = _A_REGRESSION) -> list[str]:
    """Return a line for each field that is wrong whatever the stack's defaults are."""
    problems: list[str] = []
    given = flattened(given, problems)
    problems += unknown_names("field", given, (*FIELD_NAMES, *IGNORED_FIELDS))
    for name in given.keys() & _CHECKERS.keys():
        checked(name, given[name], _CHECKERS[name], problems)
    _hyperparameters(given, {"hyperparameters": {}}, problems, posed)
    check_metric(given, posed=posed, problems=problems)
    check_tuning(
        given.get("tuning", {}),
        hyperparameters=_given_hyperparameters(given),
        posed=posed,
        problems=problems,
    )
    return sorted(problems)


def _hyperparameters(
    given: Mapping[str, Any], defaults: Mapping[str, Any], problems: list[str], posed: Posed
) -> dict[str, str]:
    checkers = checkers_of(posed)
    overrides = given.get("hyperparameters", {})
    if not isinstance(overrides, dict):
        problems.append(
            f"hyperparameters = {shown(overrides)}: must be an object such as "
            '{"num_round": 100}; what it leaves out keeps its default'
        )
        return {}
    problems += unknown_names(
        "hyperparameter", overrides, tuple(checkers), prefix="hyperparameters."
    )
    return {
        name: checked(f"hyperparameters.{name}", value, checkers[name], problems)
        for name, value in {**defaults["hyperparameters"], **overrides}.items()
        if name in checkers
    }


def _given_hyperparameters(given: Mapping[str, Any]) -> Mapping[str, Any]:
    found = given.get("hyperparameters", {})
    return found if isinstance(found, dict) else {}


def _contradictions(values: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    problems = []
    if values["validation_share"] + values["test_share"] > 0.9:  # noqa: PLR2004
        problems.append(
            f"validation_share = {values['validation_share']} and test_share = "
            f"{values['test_share']}: leave less than a tenth of the rows for training; lower one"
        )
    wait, runtime = values["training_max_wait_seconds"], values["training_max_runtime_seconds"]
    if "training_max_wait_seconds" in given and wait < runtime:
        problems.append(
            f"training_max_wait_seconds = {wait}: must be at least training_max_runtime_seconds "
            f"({runtime}); it holds the waiting for spot capacity and the training itself"
        )
    problems += impossible(
        {**values["hyperparameters"], **lowest(values["tuning"])},
        training_instance_count=values["training_instance_count"],
    )
    return problems
