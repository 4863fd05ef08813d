"""Opaque places in a list: where a page ended, signed, and good only for the list that gave them.

A cursor names the last document by the value it was ordered by and by its id, so what is published or withdrawn meanwhile
moves nothing: no document is left out or comes twice.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.core.signing import BadSignature, Signer

from cms.api.problem_details import bad_parameter
from cms.publishing.lists import Ordering

_MESSAGE = "This cursor was not given by this list; start again without it, with the same filters and order"


def ordering_of(name: str) -> Ordering:
    """The order that a client calls ``name``."""
    return Ordering(name.removeprefix("-"), name.startswith("-"))


def fingerprint_of(narrows: Mapping[str, str]) -> str:
    """What tells lists apart: ``narrows`` says which documents a list has, and in which order."""
    return hashlib.sha256(json.dumps(sorted(narrows.items())).encode()).hexdigest()[:16]


def write(value: Any, document_id: uuid.UUID, fingerprint: str) -> str:
    """The cursor after the document with this value and id, in the list with this fingerprint; letters, digits, ``-_:``."""
    place = value.isoformat() if isinstance(value, datetime.datetime) else value
    return _signer().sign_object([place, document_id.hex, fingerprint])


def read(cursor: str, ordering: Ordering, fingerprint: str) -> tuple[Any, uuid.UUID]:
    """Value and id that ``cursor`` names; raises ``Problem`` for one that the list with this fingerprint did not give."""
    try:
        place, key, its_fingerprint = _signer().unsign_object(cursor)
        if its_fingerprint != fingerprint:
            raise ValueError
        if place is not None and ordering.column != "title":
            place = datetime.datetime.fromisoformat(place)
        return place, uuid.UUID(key)
    except (BadSignature, ValueError, TypeError):
        raise bad_parameter("after", _MESSAGE) from None


@lru_cache(maxsize=1)
def _signer() -> Signer:
    # Without a time in it: the same page of the same list has the same bytes, and so the same ETag.
    return Signer(salt="cms.api.cursors")
