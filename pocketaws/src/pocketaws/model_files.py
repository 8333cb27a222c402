"""botocore's descriptions of services as files that are read fast: without their documentation.

A description is megabytes of compressed JSON, nine tenths of which is text for people; parsing what
a run needs took a fifth of its start. What was read once is kept in the user's cache without that
text, under a name that path, size and time of the original make.
"""

import hashlib
import os
from typing import Any, Final

from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader, instance_cache

from pocketaws.environment import cache_dir
from pocketaws.kept_json import KeptJson

_EXTENSIONS: Final = (".json", ".json.gz")
# What is smaller is read in less time than it takes to look for what is kept.
_LEAST_BYTES: Final = 8 * 1024
# Some of every service that a run asks for, for a few versions of botocore.
_MOST: Final = 100
_DOCUMENTATION: Final = "documentation"
_FORM: Final = 1


class KeptFiles(JSONFileLoader):  # type: ignore[misc] # botocore has no types
    """Reads descriptions from what is kept, and keeps what it reads.

    Where this may not be done, as in a handler, they are read as they are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept = KeptJson(cache_dir() / "models", _MOST)

    def load_file(self, file_path: str) -> Any:
        """Return what a file holds, without documentation; None where there is no such file.

        Args:
            file_path: without its extension.
        """
        name = _kept_name(file_path)
        if name is None:
            return super().load_file(file_path)
        try:
            kept = self._kept.read(name)
        except PermissionError:
            return super().load_file(file_path)
        if kept is not None:
            return kept
        data = undocumented(super().load_file(file_path))
        self._kept.keep(name, data)
        return data


class ModelLoader(Loader):  # type: ignore[misc] # botocore has no types
    """Looks for the one service that is asked for; botocore's looks at all four hundred first."""

    FILE_LOADER_CLASS = KeptFiles

    @instance_cache  # type: ignore[untyped-decorator]
    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """Return a description of a service.

        Raises:
            UnknownServiceError: there is no such service, as the loader of botocore says it.
            DataNotFoundError: it has no such version.
        """
        try:
            latest = self.determine_latest_version(service_name, type_name)
        except DataNotFoundError:
            return super().load_service_model(service_name, type_name, api_version)
        version = api_version or latest
        model = self.load_data(os.path.join(service_name, version, type_name))  # noqa: PTH118
        extras = self._find_extras(service_name, type_name, version)
        self._extras_processor.process(model, extras)
        return model


def undocumented(value: Any) -> Any:
    """Return a description whose documentation is empty; botocore asks here and there for some."""
    if isinstance(value, dict):
        return {
            name: "" if name == _DOCUMENTATION and isinstance(item, str) else undocumented(item)
            for name, item in value.items()
        }
    return [undocumented(item) for item in value] if isinstance(value, list) else value


def _kept_name(file_path: str) -> str | None:
    """Return the name under which a file is kept; None for what is not worth it, or not there."""
    for extension in _EXTENSIONS:
        try:
            status = os.stat(file_path + extension)  # noqa: PTH116 - hundreds are not there
        except OSError:
            continue
        if status.st_size < _LEAST_BYTES:
            return None
        told = f"{_FORM} {file_path}{extension} {status.st_size} {status.st_mtime_ns}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]
    return None
