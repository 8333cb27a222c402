"""What was worked out of a file once, kept as JSON in the user's cache by what decides it.

Nothing that lies there is ever run, and what is not whole is made anew.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, NamedTuple


class KeptJson(NamedTuple):
    """A folder of the last values that were made.

    Attributes:
        folder: of the files.
        most: how many of them stay.
    """

    folder: Path
    most: int

    def read(self, name: str) -> Any:
        """Return the value of a name; None where none is kept, or not whole.

        Raises:
            PermissionError: this process may not read what is kept.
        """
        try:
            return json.loads((self.folder / f"{name}.json").read_bytes())
        except PermissionError:
            raise
        except (OSError, ValueError):
            return None

    def keep(self, name: str, value: Any) -> None:
        """Keep what JSON can carry, and of all the newest; none where that is not possible.

        Args:
            name: says all that decides the value.
            value: of the name.
        """
        path = self.folder / f"{name}.json"
        text = json.dumps(value, separators=(",", ":"))
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, written = tempfile.mkstemp(dir=self.folder, suffix=".part")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(written).replace(path)
            except BaseException:
                Path(written).unlink(missing_ok=True)
                raise
            newest = sorted(self.folder.iterdir(), key=lambda each: -each.stat().st_mtime)
            for old in newest[self.most :]:
                old.unlink(missing_ok=True)


def is_plain(value: Any) -> bool:
    """Tell whether JSON gives a value back as it is, and no part of it stands in two places."""
    seen: set[int] = set()

    def is_seen_again(part: Any) -> bool:
        if not isinstance(part, dict | list):
            return False
        if id(part) in seen:
            return True
        seen.add(id(part))
        return any(map(is_seen_again, part.values() if isinstance(part, dict) else part))

    try:
        return not is_seen_again(value) and bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False
