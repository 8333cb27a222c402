"""What `workflow invoke` does with the rows: encode, send, and print what is predicted."""

import argparse
import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from workflow.account import aws
from workflow.account.classes import Classes
from workflow.account.model_features import (
    check_count,
    check_names,
    served_classes,
    served_encoding,
)
from workflow.account.predictions import predict
from workflow.account.raw_rows import (
    RawRow,
    Rejected,
    check_encoded,
    encode_raw,
    encoded_features,
    first_count,
    read_rows,
)
from workflow.errors import InputDataError, UnknownFeaturesError

STDIN: Final = "-"


def print_predictions(arguments: argparse.Namespace) -> None:
    """Print a prediction for each row, in their order.

    Args:
        arguments: of the command.

    Raises:
        WorkflowError: the rows cannot be read or encoded, the endpoint's model takes other
            features, or the endpoint refused.
    """
    clients, endpoint_name = aws.clients(arguments), aws.endpoint_name(arguments)
    write = _FORMATS[arguments.output_format]
    with _opened(arguments.file) as raw, tempfile.TemporaryFile() as encoded:
        encoding = None
        if arguments.is_encoded:
            rejected = check_encoded(raw, encoded)
        else:
            encoding = served_encoding(endpoint_name, clients=clients)
            rejected = encode_raw(raw, encoded, encoding=encoding)
        if rejected.count:
            _tell(rejected, skip=arguments.skip_bad_rows)
        if not encoded.seek(0, 2):
            raise InputDataError(f"{_name(arguments.file)} holds no row to send")
        classes = (
            _checked_classes(arguments, encoded, clients)
            if encoding is None
            else served_classes(endpoint_name, clients=clients)
        )
        for row, prediction in predict(
            read_rows(encoded, raw),
            endpoint_name,
            runtime=clients("sagemaker-runtime"),
            numbers=classes.numbers,
        ):
            print(write(row, prediction, classes, with_input=arguments.with_input))


def _checked_classes(
    arguments: argparse.Namespace, encoded: IO[bytes], clients: aws.Clients
) -> Classes:
    """Hold what is sent to what the endpoint's model takes, as far as anything says it.

    Returns:
        What its answers mean; numbers where nothing says it.
    """
    try:
        if arguments.is_encoded:
            return check_count(first_count(encoded), aws.endpoint_name(arguments), clients=clients)
        return check_names(encoded_features(), aws.endpoint_name(arguments), clients=clients)
    except UnknownFeaturesError as error:
        print(f"whether the model takes these features is not known: {error}", file=sys.stderr)
        return Classes()


def _csv(row: RawRow, prediction: str, classes: Classes, *, with_input: bool) -> str:
    told = classes.as_text(prediction)
    return f"{row.line},{told}" if with_input else told


def _json(row: RawRow, prediction: str, classes: Classes, *, with_input: bool) -> str:
    read = {"row": row.line} if with_input else {}
    return json.dumps({"line": row.line_number, **read, **classes.as_fields(prediction)})


_FORMATS: Final[Mapping[str, Callable[..., str]]] = {"csv": _csv, "json": _json}


@contextlib.contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    """Open the rows as a real file, which can be read twice."""
    with contextlib.ExitStack() as files:
        if file == STDIN:
            raw: IO[bytes] = files.enter_context(tempfile.TemporaryFile())
            _copy_stdin(raw)
        else:
            try:
                raw = files.enter_context(Path(file).open("rb"))
            except OSError as error:
                raise InputDataError(f"{file}: cannot be read: {error.strerror}") from error
        yield raw


def _copy_stdin(copy: IO[bytes]) -> None:
    if sys.stdin.isatty():
        print("reading rows from the terminal; Ctrl-D ends them", file=sys.stderr)
    shutil.copyfileobj(sys.stdin.buffer, copy)
    copy.seek(0)


def _tell(rejected: Rejected, *, skip: bool) -> None:
    rows = "1 row" if rejected.count == 1 else f"{rejected.count} rows"
    if not skip:
        raise InputDataError(
            f"{rows} cannot be encoded, so nothing was sent; correct the input, or leave them out "
            f"with --skip-bad-rows:\n{rejected}"
        )
    print(f"{rows} left out:\n{rejected}", file=sys.stderr)


def _name(file: str) -> str:
    return "standard input" if file == STDIN else file
