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


def write(value: Any, document_id: uuid.UUID, narrows: Mapping[str, str]) -> str:
    """The cursor after the document with this value and id, in the list that ``narrows`` describes."""
    place = value.isoformat() if isinstance(value, datetime.datetime) else value
    return _signer().sign_object([place, document_id.hex, _fingerprint(narrows)])


def read(cursor: str, ordering: Ordering, narrows: Mapping[str, str]) -> tuple[Any, uuid.UUID]:
    """Value and id that ``cursor`` names; raises ``Problem`` for one that this list did not give."""
    try:
        place, key, fingerprint = _signer().unsign_object(cursor)
        if fingerprint != _fingerprint(narrows):
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


def _fingerprint(narrows: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(narrows.items())).encode()).hexdigest()[:16]
