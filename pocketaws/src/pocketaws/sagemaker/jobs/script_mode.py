"""Training with a script of the user's own, as the framework containers' toolkit runs it.

https://github.com/aws/sagemaker-training-toolkit
"""

import json
import os
import tarfile
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from pocketaws.errors import JobFailure
from pocketaws.sagemaker import objects
from pocketaws.sagemaker.jobs.hosts import Host
from pocketaws.sagemaker.jobs.opt_ml import host_names

_PROGRAM: Final = "sagemaker_program"
_DIRECTORY: Final = "sagemaker_submit_directory"
_OURS: Final = ("sagemaker_", "_tuning_")


def is_script(request: Mapping[str, Any]) -> bool:
    """Tell whether a training job's request brings a program."""
    return _PROGRAM in request.get("HyperParameters", {})


def bring_code(request: Mapping[str, Any], host: Host, s3: Any) -> None:
    """Unpack the program's archive into /opt/ml/code.

    Raises:
        JobFailure: it is not there, or is no archive.
    """
    uri = str(_value(request["HyperParameters"].get(_DIRECTORY, "")))
    code_dir = host.opt_ml.base / "code"
    code_dir.mkdir(exist_ok=True)
    archive_path = host.temporary_dir / "sourcedir.tar.gz"
    bucket_name, key = objects.split_uri(uri)
    try:
        objects.fetch(bucket_name, key, archive_path, s3=s3)
        with tarfile.open(archive_path) as archive:
            archive.extractall(code_dir, filter="data")
    except (ClientError, tarfile.TarError, OSError) as error:
        raise JobFailure(f"ClientError: the program's archive {uri!r}: {error}") from error
    archive_path.unlink()


def argv(request: Mapping[str, Any], host: Host) -> list[str]:
    """Return the program with its arguments: the user's hyperparameters."""
    given = request["HyperParameters"]
    program = str(_value(given[_PROGRAM]))
    arguments = []
    for name, value in sorted(_users(given).items()):
        arguments += [f"--{name}" if len(name) > 1 else f"-{name}", _argument(value)]
    return [str(host.opt_ml.base / "code" / program), *arguments]


def environment(request: Mapping[str, Any], host: Host) -> dict[str, str]:
    """Return the variables that tell a program where everything is."""
    channels = sorted(item["ChannelName"] for item in request.get("InputDataConfig", []))
    resources = request["ResourceConfig"]
    users = _users(request["HyperParameters"])
    opt_ml = host.opt_ml
    fields: dict[str, Any] = {
        "SM_CHANNELS": channels,
        "SM_CURRENT_HOST": host.name,
        "SM_HOSTS": host_names(resources["InstanceCount"]),
        "SM_HPS": users,
        "SM_INPUT_DIR": str(opt_ml.base / "input"),
        "SM_INPUT_CONFIG_DIR": str(opt_ml.input_config_dir),
        "SM_MODEL_DIR": str(opt_ml.model_dir),
        "SM_MODULE_DIR": str(opt_ml.base / "code"),
        "SM_NUM_CPUS": os.cpu_count() or 1,
        "SM_NUM_GPUS": 0,
        "SM_OUTPUT_DATA_DIR": str(opt_ml.output_data_dir),
        "SM_OUTPUT_DIR": str(opt_ml.output_dir),
        "SM_USER_ENTRY_POINT": _value(request["HyperParameters"][_PROGRAM]),
    }
    fields |= {f"SM_CHANNEL_{name.upper()}": str(opt_ml.channel_dir(name)) for name in channels}
    fields |= {f"SM_HP_{name.upper()}": value for name, value in users.items()}
    return {name: _argument(value) for name, value in fields.items()}


def _users(given: Mapping[str, str]) -> dict[str, Any]:
    return {name: _value(text) for name, text in given.items() if not name.startswith("sagemaker_")}


def _value(text: str) -> Any:
    """Return a hyperparameter's value; the SDK writes them in JSON, others as they are."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _argument(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
