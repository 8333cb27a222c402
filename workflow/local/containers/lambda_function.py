"""What the Python runtime of Lambda does around one call of a handler.

https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The parts of Lambda's context object that do not need the service.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    def __init__(self, request_id: str, function_arn: str, memory_mb: int) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = function_arn
        self.memory_limit_in_mb = str(memory_mb)
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]


def invoke(handler: str, event_path: str, result_path: str, context: dict[str, Any]) -> int:
    """Call the handler and write its result, or its error, as JSON.

    Returns:
        0, or 1 where the handler (or loading it) raised.
    """
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    event = json.loads(Path(event_path).read_text())
    try:
        module_name, _, function_name = handler.rpartition(".")
        function = getattr(importlib.import_module(module_name.replace("/", ".")), function_name)
        result, exit_code = json.dumps(function(event, Context(**context))), 0
    except Exception as error:
        traceback.print_exc()
        result, exit_code = json.dumps(_described(error)), 1
    Path(result_path).write_text(result)
    return exit_code


def _described(error: Exception) -> dict[str, Any]:
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__),
    }
