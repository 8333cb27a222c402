"""Say whether SageMaker's newest packages know newer images: `python -m security.newer_images`.

An image is patched for some months and then no more, and nothing here would notice. The packages'
lists of images (`image_uri_config/*.json` in the wheels of `sagemaker` and `sagemaker-core`) are
where AWS publishes versions and accounts in a form that can be read.
"""

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

PROJECT_DIR: Final = Path(__file__).parents[1]
PACKAGES: Final = ("sagemaker", "sagemaker-core")
_LISTS: Final = {"sagemaker-xgboost": "xgboost", "sagemaker-scikit-learn": "sklearn"}
_VERSION: Final = re.compile(r"(\d+)\.(\d+)-(\d+)")


class NotReadError(Exception):
    """The packages could not be downloaded, or none of them has the lists."""


@dataclass(frozen=True)
class Known:
    """A version of an image that a package lists, with the account of each region."""

    repository: str
    version: tuple[int, ...]
    accounts: Mapping[str, str]


def main() -> int:
    """Print what is newer than the template, and accounts that differ.

    Returns:
        0 when nothing is, 1 when something is, 2 when the lists could not be read.
    """
    template = yaml_parse((PROJECT_DIR / "template.yaml").read_text(encoding="utf-8"))
    try:
        wheels, known = _newest()
    except NotReadError as error:
        print(f"newer-images: NOT DONE: {error}")
        return 2
    told = differences(template["Mappings"], known)
    for line in told:
        print(line)
    print(f"newer-images: {len(told)} differences between template.yaml and {', '.join(wheels)}")
    return 1 if told else 0


def differences(mappings: Mapping[str, Any], known: Iterable[Known]) -> list[str]:
    """Return a line for each image that is newer than the template's, and for other accounts.

    Args:
        mappings: of the template: `Image` and `ImageRegistry`.
        known: what the packages list.
    """
    listed = list(known)
    told: list[str] = []
    for image in (entry["Name"] for entry in mappings["Image"].values()):
        repository, _, tag = image.partition(":")
        ours = _version(tag)
        versions = {one.version: one for one in listed if one.repository == repository}
        told += [
            f"{image}: {_text(version)} is newer" for version in sorted(versions) if version > ours
        ]
        if ours not in versions:
            told.append(f"{image}: not listed; {_text(max(versions, default=()))} is the newest")
        else:
            told += _other_accounts(image, mappings["ImageRegistry"], versions[ours].accounts)
    return told


def known_images(wheel_path: Path) -> list[Known]:
    """Return what a package's lists hold for CPUs and training, the versions of any processor."""
    known: list[Known] = []
    with zipfile.ZipFile(wheel_path) as wheel:
        for repository, list_name in _LISTS.items():
            for name in wheel.namelist():
                if name.endswith(f"/image_uri_config/{list_name}.json"):
                    known += _listed(repository, json.loads(wheel.read(name)))
    return known


def _newest() -> tuple[list[str], list[Known]]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--dest", folder, *PACKAGES]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own environment's
        if ended.returncode:
            raise NotReadError(f"{', '.join(PACKAGES)} could not be downloaded: {ended.stderr}")
        wheels = sorted(Path(folder).glob("*.whl"))
        known = [one for wheel in wheels for one in known_images(wheel)]
        names = [" ".join(wheel.name.split("-")[:2]) for wheel in wheels]
    if not known:
        raise NotReadError(f"no list of images in {', '.join(names)}")
    return names, known


def _listed(repository: str, document: Mapping[str, Any]) -> list[Known]:
    versions = document["training"]["versions"]
    return [
        Known(repository, _version(version), entry["registries"])
        for version, entry in versions.items()
        if _version(version) and entry["repository"] == repository
    ]


def _version(tag: str) -> tuple[int, ...]:
    """Return the numbers of a tag such as 3.2-0 or 1.9-0-cpu-py3; none of one without them."""
    match = _VERSION.match(tag)
    return tuple(map(int, match.groups())) if match else ()


def _text(version: tuple[int, ...]) -> str:
    return "{}.{}-{}".format(*version) if version else "nothing"


def _other_accounts(
    image: str, ours: Mapping[str, Mapping[str, str]], theirs: Mapping[str, str]
) -> list[str]:
    accounts = {region: entry["AccountId"] for region, entry in ours.items()}
    return [
        f"{image}: in {region} of {theirs.get(region, 'no account')}, "
        f"in template.yaml of {accounts.get(region, 'no account')}"
        for region in sorted({*accounts, *theirs})
        if accounts.get(region) != theirs.get(region)
    ]


if __name__ == "__main__":
    sys.exit(main())
