"""The one package that reaches into moto's private parts; moto is pinned exactly because of it.

What it changes, for the whole process and for the time of `installed()`:

* `sagemaker`: processing and training jobs are done by `jobs.Jobs`; a model needs a new name, an
  image that is stood for and an artifact that exists.
* `function_logs`, `execution_logs`, `job_logs`: what functions and jobs print and what executions
  do stands in their log groups.
* `step_functions` with `state_machines`, `stack_machines`, `executions`, `definition_calls`,
  `task_tokens`, `activities` and `map_runs`: moto keeps state machines, and what they do is done
  here.
* `cloudformation`: Lambda functions are called by `functions.Functions`, not in Docker, and a
  custom resource is waited for before what reads its attributes is made; stacks are updated,
  rolled back and deleted in order, and tell what became of each resource.
* `physical_names`: what a template does not name gets a name that its service takes.
* `resource_types`: what creates resources of a type may be imported when it is asked for.
* `resource_limits`: a resource whose properties a service would refuse fails.
* `submitted_templates` with `change_sets`: SAM templates are transformed, as `sam deploy` needs;
  with `stack_creation`, a stack that cannot be created is taken back.
* `stack_exports`: what one stack exports and another imports can neither go nor change.
* `endpoints`, `runtime_invocations`: endpoints serve, and InvokeEndpoint reaches them.
* `sns`: what is published is kept, and a topic is created anew only as it is.
* `parameters`: Parameter Store's keep their type and pattern, and are listed in pages.
* `lists`: SageMaker's List calls heed their filters, order and pages.
* `tags`: SageMaker's tags are of what there is, each key once.
* `model_registry`, `experiments`: what SageMaker keeps of models and trials, with its errors.
* `events`: EventBridge's rules reach functions and state machines.
* `alarms`: stacks create alarms, and a change of state is an event.
* `actions`: what a call asks for is what its header says, which the gate has looked at.
* `function_urls`: Lambda's function URLs answer.
* `buckets`: stacks' buckets are what their templates say, and S3 tells EventBridge what is written
  to those that ask for it.
* `schedules`: stacks create schedules of EventBridge Scheduler, which checks them.
* `role_resources` with `roles`: stacks' roles have the policies that their templates say.
* `objects`: what S3's objects hold lies in files.
* `dynamodb`: a stack's table is encrypted and forgets as its template says.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from pocketaws.change import made
from pocketaws.cloudformation.moto import (
    change_sets,
    resource_types,
    stack_creation,
    stack_exports,
    submitted_templates,
)
from pocketaws.cloudformation.moto.submitted_templates import Templates
from pocketaws.cloudwatch.moto import alarms, kept_events, log_patterns
from pocketaws.dynamodb.moto import dynamodb
from pocketaws.events.events import Deliveries
from pocketaws.events.moto import buckets, events, schedules
from pocketaws.gate.moto import dispatch, untracked
from pocketaws.iam.assumed_roles import AssumedRoles
from pocketaws.iam.enforcement import Enforcement
from pocketaws.iam.moto import actions, role_resources
from pocketaws.lambda_.function_urls import FunctionUrls
from pocketaws.lambda_.functions import Functions
from pocketaws.lambda_.moto import function_urls, invocations
from pocketaws.lambda_.moto import functions as cloudformation
from pocketaws.s3.moto import objects
from pocketaws.sagemaker.endpoints.service import EndpointService
from pocketaws.sagemaker.jobs.jobs import Jobs
from pocketaws.sagemaker.moto import (
    endpoints,
    experiments,
    lists,
    model_registry,
    runtime_invocations,
    sagemaker,
    tags,
)
from pocketaws.sns.messages import Message
from pocketaws.sns.moto import sns
from pocketaws.ssm.moto import parameters
from pocketaws.step_functions.moto import stack_machines, step_functions
from pocketaws.step_functions.pulse import Pulse
from pocketaws.step_functions.stack_definitions import check_definition

# How long executions that were stopped may take to notice it.
_JOIN_SECONDS: Final = 5


@dataclass(frozen=True)
class Workers:
    """What does the work that moto would only record.

    Attributes:
        jobs: do SageMaker's jobs.
        functions: call Lambda functions.
        deliveries: bring events to the targets of rules.
        urls: answer at function URLs.
        endpoints: serve models.
        enforcement: decides who may use a function's URL.
        objects_dir: keeps what S3's objects hold.
    """

    jobs: Jobs
    functions: Functions
    deliveries: Deliveries
    urls: FunctionUrls
    endpoints: EndpointService
    enforcement: Enforcement
    objects_dir: Path


@dataclass(frozen=True)
class Assumed:
    """The account's roles, by the service that assumes them."""

    states: AssumedRoles
    cloudformation: AssumedRoles
    sagemaker: AssumedRoles


@contextmanager
def installed(
    workers: Workers,
    *,
    answer_url: Callable[[str], str],
    sagemaker_arn_prefix: str,
    make_client: Callable[[str], Any],
    pulse: Pulse,
    outbox: list[Message],
    roles: Assumed,
    transform: Callable[[str], dict[str, Any]],
) -> Iterator[None]:
    """Put the runtime in moto's place for the time of the context.

    One runtime a process: moto keeps its state in the process, too.

    Args:
        workers: do moto's work.
        answer_url: returns where a custom resource's function is told to answer, by a path.
        sagemaker_arn_prefix: of what SageMaker keeps, up to the account.
        make_client: returns a client of an emulated service by its name.
        pulse: beats at every event of an execution's history.
        outbox: gets every message that is published to a topic.
        roles: as which services act.
        transform: makes plain CloudFormation of the text of a packaged SAM template.
    """
    s3 = make_client("s3")
    templates = Templates(transform, s3, check_definition)
    region = sagemaker_arn_prefix.split(":")[3]
    account_id = sagemaker_arn_prefix.split(":")[4]
    engine = step_functions.Engine(
        workers.jobs,
        pulse,
        roles.states,
        region=region,
        expect=invocations.expecting(workers.functions, account_id, region),
    )
    changes = [
        *sagemaker.changes(workers.jobs, s3, make_client, roles.sagemaker),
        *step_functions.changes(engine),
        *stack_machines.changes(s3),
        *cloudformation.changes(workers.functions, answer_url, make_client),
        *resource_types.changes(),
        *submitted_templates.changes(templates),
        *stack_creation.changes(templates),
        *stack_exports.changes(),
        *change_sets.changes(templates, roles.cloudformation),
        *endpoints.changes(workers.endpoints.endpoints, workers.endpoints.recorder),
        *runtime_invocations.changes(workers.endpoints.invocations),
        *sns.changes(outbox),
        *parameters.changes(),
        *model_registry.changes(sagemaker_arn_prefix, s3),
        *experiments.changes(),
        *lists.changes(workers.endpoints.endpoints),
        *tags.changes(),
        *events.changes(workers.deliveries),
        *alarms.changes(make_client),
        *function_urls.changes(workers.urls, workers.enforcement),
        *role_resources.changes(),
        *dynamodb.changes(),
        *objects.changes(workers.objects_dir),
        *buckets.changes(make_client),
        *schedules.changes(make_client),
        *actions.changes(workers.enforcement.identities.administrator),
        *dispatch.changes(),
        *untracked.changes(),
        *log_patterns.changes(),
        *kept_events.changes(),
    ]
    _forget_everything()
    originals = made(changes)
    try:
        yield
    finally:
        engine.join(timeout_seconds=_JOIN_SECONDS)
        # While the changes stand: moto's own objects complain where they are let go.
        _forget_everything()
        for original in reversed(originals):
            original.taken_back()
        _forget_everything()


def _forget_everything() -> None:
    """Empty the emulated account: what one runtime has made is not there in the next."""
    BackendDict.reset()
    reset_model_data()
