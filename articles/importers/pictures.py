"""Pictures that a manuscript brings along: inside the file or beside it, never from the network.

A picture is accepted by its content, not by its name, and its size in pixels is known before anything decodes it: a
small file can otherwise unfold into gigabytes.
"""

import base64
import binascii
import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from PIL import Image

# The same limits as for pictures uploaded in the admin. Units: bytes, pixels over all frames.
MAX_PICTURE_BYTES = 10 * 1024 * 1024
MAX_PICTURE_PIXELS = 50_000_000

_SUFFIXES = {"PNG": "png", "JPEG": "jpg", "MPO": "jpg", "GIF": "gif", "WEBP": "webp", "AVIF": "avif"}


class NoPicture(ValueError):
    """A picture cannot be taken over; the message says why."""


@dataclass(frozen=True)
class PictureShelf:
    """Where the pictures of one manuscript are: ``attached`` by source, else in ``folder`` or below it."""

    folder: Path | None = None
    attached: Mapping[str, bytes] = field(default_factory=dict)

    def take(self, source: str) -> tuple[bytes, str]:
        """Bytes and a file name of the picture that ``source`` names. Raises ``NoPicture``."""
        source = source.strip()
        if source in self.attached:
            data, stem = self.attached[source], PurePosixPath(source).stem
        elif source.startswith("data:"):
            data, stem = _embedded(source), "picture"
        else:
            data, stem = self._beside(source)
        return data, f"{stem[:80]}.{_checked_suffix(data)}"

    def _beside(self, source: str) -> tuple[bytes, str]:
        try:
            parts = urlsplit(source)
        except ValueError:
            raise NoPicture("its address cannot be read") from None
        if parts.scheme in {"http", "https", "ftp"} or parts.netloc:
            raise NoPicture(f"it is on the network ({source[:200]}) and nothing is fetched from there")
        if not parts.path:
            raise NoPicture("it has no address")
        if parts.scheme or self.folder is None:
            raise NoPicture(f"“{source[:200]}” is not beside the manuscript")
        try:
            path = (self.folder / unquote(parts.path)).resolve()
            if not path.is_relative_to(self.folder.resolve()):
                raise NoPicture(f"“{source[:200]}” lies outside the manuscript’s folder")
            if not path.is_file():
                raise NoPicture(f"there is no file “{source[:200]}” beside the manuscript")
            if path.stat().st_size > MAX_PICTURE_BYTES:
                raise NoPicture(f"it is larger than {MAX_PICTURE_BYTES // 1024**2} MB")
            return path.read_bytes(), path.stem
        except OSError as error:
            raise NoPicture(f"“{source[:200]}” cannot be opened: {error.strerror}") from None
        except ValueError as error:  # a null byte in a path is refused by the operating system's interface
            if isinstance(error, NoPicture):
                raise
            raise NoPicture("its address cannot be read") from None


def _embedded(source: str) -> bytes:
    form, comma, body = source.partition(",")
    if not comma or not form.endswith(";base64"):
        raise NoPicture("it is embedded in a form other than base64")
    if len(body) > MAX_PICTURE_BYTES * 4 // 3 + 4:
        raise NoPicture(f"it is larger than {MAX_PICTURE_BYTES // 1024**2} MB")
    try:
        return base64.b64decode("".join(unquote(body).split()), validate=True)
    except binascii.Error:
        raise NoPicture("its embedded bytes are damaged") from None


def _checked_suffix(data: bytes) -> str:
    if len(data) > MAX_PICTURE_BYTES:
        raise NoPicture(f"it is larger than {MAX_PICTURE_BYTES // 1024**2} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own, lower limit follows
            with Image.open(io.BytesIO(data)) as picture:
                form, pixels = picture.format or "", picture.width * picture.height
                if pixels <= MAX_PICTURE_PIXELS:
                    pixels *= getattr(picture, "n_frames", 1)
    except Exception as error:  # a damaged picture makes the decoders raise nearly anything
        raise NoPicture(f"its bytes are no picture that can be read ({type(error).__name__})") from None
    if form not in _SUFFIXES:
        raise NoPicture(f"its format, {form}, is not one of AVIF, GIF, JPEG, PNG, WebP")
    if pixels > MAX_PICTURE_PIXELS:
        raise NoPicture(f"it has {pixels:,} pixels; at most {MAX_PICTURE_PIXELS:,} are allowed")
    return _SUFFIXES[form]
