"""Answers compressed with gzip, for clients that take it, where that is worth it.

A page of changes is a megabyte of text, and a fifth of that when it is compressed: it is sent and kept in that form. Compressing
takes as long as finding an answer, so it is done only where what was made is kept and sent again: with
``RESPONSE_CACHE_BYTES=0`` nothing is compressed. Each encoding has a validator of its own, because it has other bytes.
Answers to keys, drafts and previews are never compressed: what is secret must not show in a length.
"""

import zlib
from functools import lru_cache

from django.conf import settings

# How the validator of a compressed form ends.
GZIP_MARK = '-gzip"'
# Shorter answers fit into one packet anyway. Unit: bytes.
MIN_BYTES = 1_000
# Of a page of changes level 3 makes a fifth in 6 ms; level 6 makes a seventh in 15 ms.
_LEVEL = 3
# Tells zlib to write the format of gzip, with the largest window.
_GZIP = 31
# How every gzip file begins (RFC 1952); no JSON text does.
_MAGIC = b"\x1f\x8b"


def varies(body: bytes) -> bool:
    """Whether ``body`` is sent in another form to clients that take gzip."""
    return len(body) >= MIN_BYTES and settings.RESPONSE_CACHE_BYTES > 0


def gzipped(body: bytes) -> bytes:
    """``body`` as gzip; the same bytes each time."""
    return zlib.compress(body, _LEVEL, wbits=_GZIP)


def start_of(body: bytes, length: int) -> bytes:
    """The first ``length`` bytes of what was sent as ``body``, compressed or not."""
    if body.startswith(_MAGIC):
        return zlib.decompressobj(wbits=_GZIP).decompress(body, length)
    return body[:length]


def etag_of_gzip(etag: str) -> str:
    """The validator of the compressed form, out of that of the plain one."""
    return etag[:-1] + GZIP_MARK


@lru_cache(maxsize=256)
def prefers_gzip(accept_encoding: str) -> bool:
    """Whether a client that sends this ``Accept-Encoding`` (RFC 9110, 12.5.3) gets gzip.

    It does when it takes gzip and likes nothing better to get the plain form. What cannot be read is not taken.
    """
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        name, _semicolon, parameter = part.partition(";")
        weights[name.strip()] = _weight(parameter)
    gzip = max((weights[name] for name in ("gzip", "x-gzip") if name in weights), default=weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weight(parameter: str) -> float:
    name, _equals, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    try:
        weight = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
