"""Objects of moto's S3, which would keep up to 16 MB of each in memory, and larger ones open."""

from pathlib import Path
from types import SimpleNamespace

from moto.s3 import models

from pocketaws.change import Change
from pocketaws.s3.content import Content


def changes(folder: Path) -> list[Change]:
    """Return what to change in moto's S3.

    Args:
        folder: of what objects hold.
    """
    in_files = SimpleNamespace(SpooledTemporaryFile=lambda *_, **__: Content(folder))
    return [Change(models, "tempfile", in_files)]
