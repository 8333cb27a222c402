"""`workflow invoke`: predictions of the endpoint for the rows of a file or of standard input."""

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
from workflow.commands import SUMMARIES
from workflow.errors import InputDataError, UnknownFeaturesError

DESCRIPTION: Final = aws.described(SUMMARIES["invoke"])
EXAMPLES: Final = """examples:
  workflow invoke data/abalone-sample.csv
  workflow invoke rows.csv --endpoint-name abalone-production --output-format json
  head -3 data/abalone-sample.csv | workflow invoke --with-input
"""
STDIN: Final = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "file",
        nargs="?",
        default=STDIN,
        metavar="FILE",
        help="rows of CSV; - is standard input (default: -)",
    )
    aws.add_endpoint_name(parser)
    parser.set_defaults(is_encoded=False)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--raw",
        dest="is_encoded",
        action="store_false",
        help="the rows are as in the data set, with or without the label (default)",
    )
    form.add_argument(
        "--encoded",
        dest="is_encoded",
        action="store_true",
        help="the rows are encoded already: sent as they are",
    )
    parser.add_argument(
        "--output-format",
        choices=sorted(_FORMATS),
        default="csv",
        help="a prediction a line (a number, or a class and its probability), or a JSON object a "
        "line (default: csv)",
    )
    parser.add_argument(
        "--with-input", action="store_true", help="put each row before its prediction"
    )
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="leave out rows that cannot be encoded (default: send nothing)",
    )
    aws.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print a prediction for each row, in their order; return 0 where there is one for each.

    Raises:
        WorkflowError: the rows cannot be read or encoded, the endpoint's model takes other
            features, or the endpoint refused.
    """
    clients = aws.clients(arguments)
    write = _FORMATS[arguments.output_format]
    with _opened(arguments.file) as raw, tempfile.TemporaryFile() as encoded:
        encoding = None
        if arguments.is_encoded:
            rejected = check_encoded(raw, encoded)
        else:
            encoding = served_encoding(arguments.endpoint_name, clients=clients)
            rejected = encode_raw(raw, encoded, encoding=encoding)
        if rejected.count:
            _tell(rejected, skip=arguments.skip_bad_rows)
        if not encoded.seek(0, 2):
            raise InputDataError(f"{_name(arguments.file)} holds no row to send")
        classes = (
            _checked_classes(arguments, encoded, clients)
            if encoding is None
            else served_classes(arguments.endpoint_name, clients=clients)
        )
        for row, prediction in predict(
            read_rows(encoded, raw),
            arguments.endpoint_name,
            runtime=clients("sagemaker-runtime"),
            numbers=classes.numbers,
        ):
            print(write(row, prediction, classes, with_input=arguments.with_input))
    return 0


def _checked_classes(
    arguments: argparse.Namespace, encoded: IO[bytes], clients: aws.Clients
) -> Classes:
    """Hold what is sent to what the endpoint's model takes, as far as anything says it.

    Returns:
        What its answers mean; numbers where nothing says it.
    """
    try:
        if arguments.is_encoded:
            return check_count(first_count(encoded), arguments.endpoint_name, clients=clients)
        return check_names(encoded_features(), arguments.endpoint_name, clients=clients)
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
