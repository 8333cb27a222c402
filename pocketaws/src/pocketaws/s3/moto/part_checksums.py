"""The checksum of an object that comes in parts, without having all of it in memory.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Final

from moto.s3 import utils
from moto.s3.models import MultipartChecksumBuilder

_FULL: Final = "FULL_OBJECT"


class PartChecksums(MultipartChecksumBuilder):  # type: ignore[misc]
    """What moto makes of the parts' checksums; that of the whole object goes on piece by piece.

    Args:
        algorithm: such as "CRC32"; None for S3's default.
        kind: FULL_OBJECT or COMPOSITE; None for the algorithm's default.
    """

    def __init__(self, algorithm: str | None, kind: str | None) -> None:
        super().__init__(algorithm, kind)
        self._goes_on, self._size = _going_on(self.checksum_algorithm)
        self._value = 0

    def add_pieces(self, pieces: Iterable[bytes]) -> None:
        """Take one more part."""
        if self.checksum_type != _FULL:
            self.addPart(b"".join(pieces))
            return
        for piece in pieces:
            self._value = self._goes_on(piece, self._value)
        self.part_count += 1

    def build(self) -> tuple[str, str, int] | None:
        """Return kind, checksum and number of parts."""
        if self.checksum_type != _FULL:
            composite: tuple[str, str, int] | None = super().build()
            return composite
        content = self._value.to_bytes(self._size, "big")
        return self.checksum_type, base64.b64encode(content).decode(), 1


def _going_on(algorithm: str) -> tuple[Callable[[bytes, int], int], int]:
    """Return the function of a checksum, which goes on with a value, and its size in bytes.

    An algorithm whose library is not there is CRC32's, as in moto.
    """
    if algorithm == "CRC64NVME" and utils.HAS_CRT:
        from awscrt import checksums

        return checksums.crc64nvme, 8
    if algorithm == "CRC32C":
        try:
            import crc32c
        except ImportError:
            return binascii.crc32, 4
        return crc32c.crc32c, 4
    return binascii.crc32, 4
