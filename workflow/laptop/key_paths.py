"""Paths of files for keys of S3, which are no paths: none leaves its folder, no two share one."""

import hashlib
import unicodedata
from pathlib import Path
from typing import Final

_DIGEST_CHARACTERS: Final = 8
# Common file systems take 255 bytes in a name.
_MAX_NAME_BYTES: Final = 200
_NO_NAMES: Final = frozenset({"", ".", ".."})


class KeyPaths:
    """Gives each key a path of its own in a folder.

    A key becomes the path that is wanted for it, which is the one that it looks like where nothing
    else is said, unless that would leave the folder, is too long, holds what no file name should,
    or differs from another one by case only, or not at all.

    Args:
        folder: that no path leaves.

    Attributes:
        changed: path by key, of those that could not stand as they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: set[tuple[str, ...]] = set()
        self._folders: set[tuple[str, ...]] = set()
        self.changed: dict[str, Path] = {}

    def path_for(self, key: str, looks_like: str | None = None) -> Path:
        """Return where a key's file goes.

        Args:
            key: of one object; no other has it.
            looks_like: what the path is made of; the key where it is None.
        """
        wanted = (key if looks_like is None else looks_like).split("/")
        parts = [_name(part) for part in wanted]
        if self._taken(parts):
            parts[-1] = _marked(parts[-1], key)
        if self._taken(parts):
            # A file stands where one of its folders would.
            parts = [f"{parts[0]}-{_digest(key)}", *parts[1:]]
        folded = _folded(parts)
        self._files.add(folded)
        self._folders.update(folded[:length] for length in range(1, len(folded)))
        path = self._folder.joinpath(*parts)
        if parts != wanted:
            self.changed[key] = path
        return path

    def _taken(self, parts: list[str]) -> bool:
        folded = _folded(parts)
        parents = {folded[:length] for length in range(1, len(folded))}
        return folded in self._files | self._folders or bool(parents & self._files)


def _folded(parts: list[str]) -> tuple[str, ...]:
    """Return what two names are the same by, for a file system that knows no case."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def _name(part: str) -> str:
    if part in _NO_NAMES:
        return f"%{part.encode().hex()}" if part else "%"
    name = "".join(
        char if char.isprintable() and char not in "\\:" else _quoted(char) for char in part
    )
    content = name.encode("utf-8", "surrogatepass")
    if len(content) <= _MAX_NAME_BYTES:
        return name
    return _marked(content[:_MAX_NAME_BYTES].decode("utf-8", "ignore"), part)


def _quoted(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def _marked(name: str, key: str) -> str:
    stem, dot, suffix = name.partition(".")
    return f"{stem}-{_digest(key)}{dot}{suffix}"


def _digest(key: str) -> str:
    content = key.encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()[:_DIGEST_CHARACTERS]
