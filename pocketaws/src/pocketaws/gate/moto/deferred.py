"""What moto and werkzeug make at once for calls that hardly ever come, made when it is asked for.

A key of KMS has a pair of RSA, which encrypting does not use; a route of Flask has a function that
builds its URL, compiled for each; and a session of boto3 is made to list services.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import boto3
from moto.core import base_backend, utils
from moto.kms import models
from werkzeug.routing.rules import Rule

from pocketaws.change import Change


def changes() -> list[Change]:
    """Return what to change."""
    return [
        Change(models, "generate_private_key", _private_key()),
        Change(Rule, "_compile_builder", _builder()),
        Change(base_backend, "Session", _session),
        Change(utils, "Session", _session),
    ]


class _PrivateKey:
    """A key of KMS that signs, or is verified by.

    Args:
        generate: makes it.
    """

    def __init__(self, generate: Callable[[], Any]) -> None:
        self._generate = generate
        self._lock = threading.Lock()
        self._made: Any = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            self._made = self._made or self._generate()
        return getattr(self._made, name)


def _private_key() -> Callable[[str], _PrivateKey]:
    original = models.generate_private_key

    def generate(key_spec: str) -> _PrivateKey:
        return _PrivateKey(lambda: original(key_spec))

    return generate


def _builder() -> Callable[..., Any]:
    original = Rule._compile_builder

    def compile_builder(self: Rule, *more: bool, **named: bool) -> Callable[..., Any]:
        compiled = functools.cache(lambda: original(self, *more, **named))

        def build(rule: Rule, **values: Any) -> Any:
            return compiled()(rule, **values)

        return build

    return compile_builder


def _session() -> boto3.Session:
    """Return the session of the runtime, for what every session says alike."""
    return boto3.DEFAULT_SESSION or boto3.Session()
