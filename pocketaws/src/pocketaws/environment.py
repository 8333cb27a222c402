"""The process's environment while a runtime is up: emulated credentials, no real account.

moto's engine makes its own clients, which read the environment; a profile, a proxy or an endpoint
that the user has set must neither reach them nor be reached by them.
"""

import glob
import os
import shlex
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pocketaws.wire.keys import Key

_KEY_ID: Final = "AWS_ACCESS_KEY_ID"
_SECRET: Final = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - a variable's name
_PRIVATE: Final = 0o600
_READABLE: Final = 0o666  # less what the user's mask takes
_PART: Final = ".part"
_NOT_TO_BE_SET: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
)
_NO_PROXY: Final = "localhost,127.0.0.1"
# What an installer may read of the user\'s environment: where packages come from, and by what way.
_PASSED_PREFIXES: Final = ("PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_")
_PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
_PASSED_NAMES: Final = frozenset({"HOME", "PATH", *_PROXIES, *(name.upper() for name in _PROXIES)})


def client_environment(
    *, endpoint_url: str, region: str, config_path: Path, key: Key | None = None
) -> dict[str, str]:
    """Return the variables with which boto3 reaches the emulator and nothing else.

    Args:
        endpoint_url: of the emulator.
        region: of the emulated account.
        config_path: of the AWS configuration.
        key: of the administrator; the one that this process has where it is None.
    """
    return {
        "AWS_ACCESS_KEY_ID": key.access_key_id if key else os.environ.get(_KEY_ID, ""),
        "AWS_SECRET_ACCESS_KEY": key.secret if key else os.environ.get(_SECRET, ""),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": str(config_path),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # StartSyncExecution would be sent to `sync-localhost`, which is no host.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "NO_PROXY": _NO_PROXY,
        "no_proxy": _NO_PROXY,
    }


def shell_lines(variables: Mapping[str, str]) -> list[str]:
    """Return what a shell has to carry out to reach the emulator, whatever its user has set.

    A token of the user's would be sent beside the emulator's key, and a profile that the emulator's
    configuration does not have stops every client.
    """
    exports = (
        f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
        if name.startswith("AWS_")
    )
    return [f"unset {' '.join(_NOT_TO_BE_SET)}", *exports]


def write_config(config_path: Path) -> None:
    """Write an AWS configuration: names of buckets stand in the path, and nothing before the host.

    `bucket.localhost` is no host, and neither is `sync-localhost`, StartSyncExecution's.
    """
    write_whole(
        config_path,
        "[default]\ndisable_host_prefix_injection = true\ns3 =\n    addressing_style = path\n",
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but the user may read, whoever could read what was there before."""
    write_whole(path, text, mode=_PRIVATE)


def write_whole(path: Path, text: str, *, mode: int = _READABLE) -> None:
    """Write a file so that whoever looks, after a kill too, finds the old text or the new.

    Of several who write it at once the last to end is read. What a kill has left half written goes
    with the next writing.
    What is no file, such as /dev/stdout, is written as it is.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    place = path.resolve()
    for left in place.parent.glob(f"{glob.escape(place.name)}.*{_PART}"):
        if not _is_written(left):
            left.unlink(missing_ok=True)
    own = f"{os.getpid()}-{threading.get_ident()}"
    written_path = place.with_name(f"{place.name}.{own}{_PART}")
    try:
        descriptor = os.open(written_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written_path.replace(place)
    except BaseException:
        written_path.unlink(missing_ok=True)
        raise


def _is_written(part: Path) -> bool:
    """Tell whether the process is there that a file beside another one was begun by."""
    process_id = part.name.removesuffix(_PART).rpartition(".")[2].partition("-")[0]
    try:
        os.kill(int(process_id), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        # It is another user's.
        pass
    return True


@contextmanager
def isolated() -> Iterator[None]:
    """Hide the user's AWS configuration from this process for the time of the context.

    Importing moto is enough to need it: it makes a session, which fails on a profile that is not
    there.
    """
    with _replaced({"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}):
        yield


@contextmanager
def emulated(variables: dict[str, str], *, port: int) -> Iterator[None]:
    """Replace every AWS variable of this process by the emulator's for the time of the context."""
    # moto's engine asks MOTO_PORT where its own server is. Which regions there are is the gate's to
    # say; moto knows of some services too few.
    motos = {"MOTO_PORT": str(port), "MOTO_ALLOW_NONEXISTENT_REGION": "true"}
    with _replaced(variables | motos):
        yield


@contextmanager
def reaching(variables: Mapping[str, str]) -> Iterator[None]:
    """Replace every AWS variable of this process by those of a runtime that another one keeps up.

    Args:
        variables: as `client_environment` returns them.
    """
    with _replaced({**variables, "NO_PROXY": _NO_PROXY, "no_proxy": _NO_PROXY}):
        yield


@contextmanager
def _replaced(variables: dict[str, str]) -> Iterator[None]:
    names = {name for name in os.environ if name.startswith("AWS_")} | variables.keys()
    before = {name: os.environ.get(name) for name in names}
    _set(dict.fromkeys(names) | variables)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def installer_variables() -> dict[str, str]:
    """Return the variables of this process that an installer needs."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_NAMES or name.startswith(_PASSED_PREFIXES)
    }


def cache_dir() -> Path:
    """Return the folder that keeps what is kept, from one deployment to the next."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pocketaws"
