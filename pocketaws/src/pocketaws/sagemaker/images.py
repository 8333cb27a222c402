"""Which container images the runtime can stand for, and what it runs in their place."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pocketaws.partitions import regions, url_suffix_of

_URI: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z0-9.-]+)/"
    r"(?P<repository>[^:@]+)"
    r":(?P<tag>[\w.-]+)"
)


@dataclass(frozen=True)
class Image:
    """An image that is stood for.

    Attributes:
        repository: of the image, in an AWS account.
        tags: the versions that are stood for, the newest first. Models of an older one are served
            and compared, too.
        trains: whether it holds a built-in algorithm.
        stands_for: the repository of the known image that is run in its place, where it is an
            image of the user's own.
    """

    repository: str
    tags: tuple[str, ...]
    trains: bool
    stands_for: str = ""

    @property
    def work(self) -> str:
        """The repository of the known image whose work is done."""
        return self.stands_for or self.repository


KNOWN_IMAGES: Final = (
    Image("sagemaker-xgboost", ("3.2-0", "3.0-5"), trains=True),
    Image("sagemaker-scikit-learn", ("1.9-0-cpu-py3", "1.4-2-cpu-py3"), trains=False),
)


# Those of whoever started the runtime, of which there is one a process.
_added: list[Image] = []


def own_image(repository: str, tags: Sequence[str], stands_for: str) -> Image:
    """Return an image of the user's own, in whose place a known one is run.

    Raises:
        ValueError: no image of the repository `stands_for` is known.
    """
    known = {image.repository: image for image in KNOWN_IMAGES}
    if stands_for not in known:
        raise ValueError(f"stands_for = {stands_for!r}: must be {' or '.join(known)}")
    return Image(repository, tuple(tags), known[stands_for].trains, stands_for)


@contextmanager
def added(images: Sequence[Image]) -> Iterator[None]:
    """Stand for images of the user's own, too."""
    _added[:] = images
    try:
        yield
    finally:
        _added.clear()


def image_for(image_uri: str) -> Image | None:
    """Return the known image of a URI, or None."""
    match = _URI.fullmatch(image_uri)
    if match is None or not _is_registry(match["region"], match["suffix"]):
        return None
    for image in (*KNOWN_IMAGES, *_added):
        if match["repository"] == image.repository and match["tag"] in image.tags:
            return image
    return None


def _is_registry(region: str, suffix: str) -> bool:
    return region in regions() and suffix == url_suffix_of(region)


def newest_tag(repository: str) -> str:
    """Return the newest tag of a repository that is stood for.

    Raises:
        KeyError: no image of that repository is.
    """
    return {image.repository: image.tags[0] for image in KNOWN_IMAGES}[repository]


def known_text() -> str:
    """Name the known images, for an error's text."""
    images = (*KNOWN_IMAGES, *_added)
    return ", ".join(f"{image.repository}:{tag}" for image in images for tag in image.tags)
