"""An embedded AWS that runs deployed Step Functions workflows on this machine.

No Docker, no AWS account: moto's server runs in this process, SAM and CloudFormation templates are
deployed to it, and the work that moto only records is done: processing scripts, XGBoost training
and Lambda handlers run in processes of their own. Any template and definition made of what is
supported runs in it.

What users need stands in `__all__`, and each name is imported when it is first asked for: moto
takes a second to import, and the warmed processes must start before that.

Inside, from the outside in: `commands` and `pytest_plugin`; `runtime` (start, deploy, execute,
stop), put together by `services`, and `attached`, another process's runtime; `gate` (what every
request passes: bounds, signatures, roles, rules, faults); a folder for each service of AWS;
`processes` (warmed ones, their children, the sandbox); on the ground `environment`, `errors`,
`service_models`. moto's private parts are known to the folders called `moto` only, and `installed`
makes and takes back what they change in it.
"""

import gc
import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pocketaws.additions import Additions, additions_beside
    from pocketaws.attached import AttachedRuntime
    from pocketaws.cloudformation.bundles import BUCKET_NAME, package_bundles
    from pocketaws.cloudformation.parameter_rules import parameter_problem
    from pocketaws.cloudformation.stack import Stack
    from pocketaws.cloudformation.template_file import read_template
    from pocketaws.commands.empty import empty_argument
    from pocketaws.commands.strict_json import no_number, once_each
    from pocketaws.early_copy import EarlyCopy
    from pocketaws.environment import (
        cache_dir,
        client_environment,
        isolated,
        shell_lines,
        write_config,
        write_private,
        write_whole,
    )
    from pocketaws.errors import (
        DeploymentError,
        LocalRuntimeError,
        PocketawsError,
        UnsupportedResourceError,
    )
    from pocketaws.exports import EXPORTS_PATH, Exports, read_exports, taken_back, write_exports
    from pocketaws.gate.faults import Answer, Fault, Hang, JobEnd
    from pocketaws.handed import HandedFile
    from pocketaws.iam.added_needs import Need
    from pocketaws.installation import installation_digest
    from pocketaws.partitions import partition_of, region_problem, url_suffix_of
    from pocketaws.processes.warmup import Warmup
    from pocketaws.runtime import LocalRuntime
    from pocketaws.sagemaker.images import Image
    from pocketaws.sagemaker.jobs.jobs import Job
    from pocketaws.sagemaker.objects import fetch
    from pocketaws.sns.messages import Message
    from pocketaws.step_functions.definition_rules import definition_problems
    from pocketaws.step_functions.execution import Execution, execution_of
    from pocketaws.step_functions.execution_names import execution_name_problem
    from pocketaws.terminal.display import Display, display, lines
    from pocketaws.terminal.ended import in_order, leave
    from pocketaws.terminal.plain import plain
    from pocketaws.terminal.progress import Progress, State
    from pocketaws.terminal.screens import Screen, TimedLines, screen
    from pocketaws.terminal.signs_of_life import signs_of_life
    from pocketaws.terminal.standard_output import shown
    from pocketaws.wire.local_site import local_site

__all__ = [
    "BUCKET_NAME",
    "EXPORTS_PATH",
    "Additions",
    "Answer",
    "AttachedRuntime",
    "DeploymentError",
    "Display",
    "EarlyCopy",
    "Execution",
    "Exports",
    "Fault",
    "HandedFile",
    "Hang",
    "Image",
    "Job",
    "JobEnd",
    "LocalRuntime",
    "LocalRuntimeError",
    "Message",
    "Need",
    "PocketawsError",
    "Progress",
    "Screen",
    "Stack",
    "State",
    "TimedLines",
    "UnsupportedResourceError",
    "Warmup",
    "additions_beside",
    "cache_dir",
    "client_environment",
    "definition_problems",
    "display",
    "empty_argument",
    "execution_name_problem",
    "execution_of",
    "fetch",
    "in_order",
    "installation_digest",
    "isolated",
    "leave",
    "lines",
    "local_site",
    "no_number",
    "once_each",
    "package_bundles",
    "parameter_problem",
    "partition_of",
    "plain",
    "read_exports",
    "read_template",
    "region_problem",
    "screen",
    "shell_lines",
    "shown",
    "signs_of_life",
    "taken_back",
    "url_suffix_of",
    "write_config",
    "write_exports",
    "write_private",
    "write_whole",
]

_HOMES: Final = {
    "BUCKET_NAME": "cloudformation.bundles",
    "EXPORTS_PATH": "exports",
    "Additions": "additions",
    "Answer": "gate.faults",
    "AttachedRuntime": "attached",
    "DeploymentError": "errors",
    "Display": "terminal.display",
    "EarlyCopy": "early_copy",
    "Execution": "step_functions.execution",
    "Exports": "exports",
    "Fault": "gate.faults",
    "HandedFile": "handed",
    "Hang": "gate.faults",
    "Image": "sagemaker.images",
    "Job": "sagemaker.jobs.jobs",
    "JobEnd": "gate.faults",
    "LocalRuntime": "runtime",
    "LocalRuntimeError": "errors",
    "Message": "sns.messages",
    "Need": "iam.added_needs",
    "PocketawsError": "errors",
    "Progress": "terminal.progress",
    "Screen": "terminal.screens",
    "Stack": "cloudformation.stack",
    "State": "terminal.progress",
    "TimedLines": "terminal.screens",
    "UnsupportedResourceError": "errors",
    "Warmup": "processes.warmup",
    "additions_beside": "additions",
    "cache_dir": "environment",
    "client_environment": "environment",
    "definition_problems": "step_functions.definition_rules",
    "display": "terminal.display",
    "empty_argument": "commands.empty",
    "execution_name_problem": "step_functions.execution_names",
    "execution_of": "step_functions.execution",
    "fetch": "sagemaker.objects",
    "in_order": "terminal.ended",
    "installation_digest": "installation",
    "isolated": "environment",
    "leave": "terminal.ended",
    "lines": "terminal.display",
    "local_site": "wire.local_site",
    "no_number": "commands.strict_json",
    "once_each": "commands.strict_json",
    "package_bundles": "cloudformation.bundles",
    "parameter_problem": "cloudformation.parameter_rules",
    "partition_of": "partitions",
    "plain": "terminal.plain",
    "read_exports": "exports",
    "read_template": "cloudformation.template_file",
    "region_problem": "partitions",
    "screen": "terminal.screens",
    "shell_lines": "environment",
    "shown": "terminal.standard_output",
    "signs_of_life": "terminal.signs_of_life",
    "taken_back": "exports",
    "url_suffix_of": "partitions",
    "write_config": "environment",
    "write_exports": "exports",
    "write_private": "environment",
    "write_whole": "environment",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "LocalRuntime":
        value = _runtime_class()
    else:
        value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def _runtime_class() -> Any:
    """Import the runtime, and with it moto.

    A collection would find nothing among what is imported, and look through all of it again and
    again; and importing moto makes three sessions of botocore, which share one reader here.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        from pocketaws import service_models
        from pocketaws.gate.moto.spared import spared

        with service_models.shared(), spared():
            from pocketaws.runtime import LocalRuntime
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
    return LocalRuntime
