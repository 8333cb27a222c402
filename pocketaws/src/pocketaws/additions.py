"""What the emulator has to know of a project beside its template: `pocketaws.toml`.

[[image]]
repository = "my-scripts"
tags = ["1.0"]
stands_for = "sagemaker-scikit-learn"

[[need]]
call = "secretsmanager:GetSecretValue"
action = "secretsmanager:GetSecretValue"
resource = "arn:{partition}:secretsmanager:{region}:{account}:secret:{SecretId}-*"
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pocketaws.errors import ArgumentError
from pocketaws.iam.added_needs import Need
from pocketaws.sagemaker.images import Image, own_image

FILE_NAME: Final = "pocketaws.toml"
_IMAGE_KEYS: Final = {"repository", "tags", "stands_for"}
_NEED_KEYS: Final = {"call", "action", "resource"}


@dataclass(frozen=True)
class Additions:
    """What is added to the emulator's own tables.

    Attributes:
        images: of the user's own, each with the known one that is run in its place.
        needs: what calls need that the emulator has not looked up.
    """

    images: tuple[Image, ...] = ()
    needs: tuple[Need, ...] = ()


def additions_beside(template: Path | None) -> Additions:
    """Return what the file beside a template says; nothing where there is none.

    Raises:
        ArgumentError: it says something that cannot be.
    """
    if template is None:
        return Additions()
    path = (template if template.is_dir() else template.parent) / FILE_NAME
    if not path.is_file():
        return Additions()
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path}: cannot be read: {error}") from error
    return read_additions(tables, where=str(path))


def read_additions(tables: Mapping[str, Any], *, where: str) -> Additions:
    """Return what the tables `image` and `need` say.

    Raises:
        ArgumentError: a table, a key or a value cannot be; the text begins with `where`.
    """
    unknown = tables.keys() - {"image", "need"}
    if unknown:
        raise ArgumentError(f"{where}: {', '.join(sorted(unknown))}: only image and need are known")
    return Additions(
        tuple(_each(tables, "image", _image, where)), tuple(_each(tables, "need", _need, where))
    )


def _each(
    tables: Mapping[str, Any], name: str, made: Callable[[dict[str, Any]], Any], where: str
) -> list[Any]:
    items = tables.get(name, [])
    if not isinstance(items, list):
        raise ArgumentError(f"{where}: {name}: must be an array of tables: [[{name}]]")
    found = []
    for number, item in enumerate(items, start=1):
        try:
            found.append(made(item))
        except (TypeError, ValueError) as error:
            raise ArgumentError(f"{where}: {name} {number}: {error}") from error
    return found


def _image(item: dict[str, Any]) -> Image:
    _check_keys(item, _IMAGE_KEYS, _IMAGE_KEYS)
    tags = item["tags"]
    if not isinstance(tags, list) or not tags or not all(isinstance(tag, str) for tag in tags):
        raise ValueError(f"tags = {tags!r}: must be a list of texts")
    return own_image(item["repository"], tags, item["stands_for"])


def _need(item: dict[str, Any]) -> Need:
    _check_keys(item, _NEED_KEYS, {"call", "action"})
    return Need(**item)


def _check_keys(item: Mapping[str, Any], known: set[str], needed: set[str]) -> None:
    if not needed <= item.keys() <= known:
        has = ", ".join(sorted(item)) or "nothing"
        raise ValueError(f"must have {', '.join(sorted(needed))}, and has {has}")
    for key, value in item.items():
        if key != "tags" and not isinstance(value, str):
            raise ValueError(f"{key} = {value!r}: must be a text")
