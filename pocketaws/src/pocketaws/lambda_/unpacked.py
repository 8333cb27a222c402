"""The bundles of functions, each unpacked once."""

import hashlib
import io
import shutil
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path

from pocketaws.lambda_.function import Function


class UnpackedBundles:
    """The folders of bundles and layers.

    Args:
        folder: that they are made in.
    """

    def __init__(self, folder: Path) -> None:
        self._dir = folder
        self._lock = threading.Lock()

    def task_dir(self, function: Function) -> Path:
        """Return the folder of a function's code."""
        return self._unpacked(f"{function.name}-{function.code_sha256[:16]}", [function.code])

    def layers_dir(self, function: Function) -> Path | None:
        """Return the folder that stands for /opt, where a function has layers."""
        if not function.layers:
            return None
        digest = hashlib.sha256(b"".join(function.layers)).hexdigest()[:16]
        return self._unpacked(f"layers-{digest}", function.layers)

    def _unpacked(self, name: str, bundles: Iterable[bytes]) -> Path:
        folder = self._dir / name
        with self._lock:
            if not folder.exists():
                # Only a whole bundle gets the name by which the next call finds it.
                unfinished_dir = self._dir / "unfinished"
                shutil.rmtree(unfinished_dir, ignore_errors=True)
                for bundle in bundles:
                    zipfile.ZipFile(io.BytesIO(bundle)).extractall(unfinished_dir)
                unfinished_dir.rename(folder)
        return folder
