"""Imports the modules of a folder that is no package, by bare name, as Lambda does."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import boto3
import botocore.loaders
import botocore.session

# Functions carry some of its modules by links; here these are the project's own, as one cannot be
# imported twice under one name.
import workflow.report  # noqa: F401

PROJECT_DIR = Path(__file__).parents[2]
FUNCTIONS_DIR = PROJECT_DIR / "functions"
# A client that is made at import needs these; without them it would ask the machine's own files.
_AWS_ENVIRONMENT: Mapping[str, str | None] = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_PROFILE": None,
}


# The models of services: reading them is most of what an import of a function's clients costs.
_MODELS = botocore.loaders.create_loader()


def load(folder: str, *, parent: Path = FUNCTIONS_DIR, **environment: str) -> SimpleNamespace:
    """Return every module of a folder, by name, freshly imported.

    Functions share module names such as `app`, so nothing stays behind: no module under its bare
    name, no path, no environment variable, no default session of boto3.

    Args:
        folder: its name in `parent`, such as "prepare_execution".
        parent: the folder of the folder.
        environment: more variables to import with, such as AWS_ENDPOINT_URL_S3.
    """
    names = sorted(path.stem for path in (parent / folder).glob("*.py"))
    with (
        _variables({**_AWS_ENVIRONMENT, **environment}),
        _bare_names(parent / folder, names),
        _no_bytecode(),
        _new_default_session(),
    ):
        return SimpleNamespace(**{name: importlib.import_module(name) for name in names})


@contextlib.contextmanager
def _variables(values: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    _set_variables(values)
    try:
        yield
    finally:
        _set_variables(before)


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@contextlib.contextmanager
def _bare_names(folder: Path, names: Sequence[str]) -> Iterator[None]:
    hidden = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(hidden)


@contextlib.contextmanager
def _no_bytecode() -> Iterator[None]:
    # `sam deploy` bundles the folder as it is.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


@contextlib.contextmanager
def _new_default_session() -> Iterator[None]:
    # boto3.client keeps the credentials that it finds first in a session that the process shares.
    session = botocore.session.get_session()
    session.register_component("data_loader", _MODELS)
    before, boto3.DEFAULT_SESSION = boto3.DEFAULT_SESSION, boto3.Session(botocore_session=session)
    try:
        yield
    finally:
        boto3.DEFAULT_SESSION = before
