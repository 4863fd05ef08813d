"""The limits at work on requests: who asks is found out, counted, and refused with 429 when it is too often."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from cms.api import access, rates
from cms.api.problem_details import Problem

# Where a request carries what was ruled on it. No header of a client can have this name.
_RULING = "attest.ruling"


def count(request: HttpRequest) -> dict[str, str]:
    """Count ``request``; the headers that its answer tells the limit by.

    A key is counted by itself once it is known to be one: otherwise anybody could use up somebody else's by its prefix.
    Raises ``Problem`` 429 beyond the limit.
    """
    ruling = _rule_on(request)
    if not ruling.is_admitted:
        raise Problem(429, headers=ruling.headers)
    return ruling.headers


def count_anonymous(environ: dict[str, Any]) -> rates.Ruling:
    """Count a request by the address that it comes from, once: whoever asks again gets the same ruling.

    ``environ`` is WSGI's. What stands in front of Django asks first; a request that it passes on is not counted twice.
    """
    ruling: rates.Ruling | None = environ.get(_RULING)
    if ruling is None:
        address = rates.client_address(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
        subject = rates.subject_of(environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        ruling = environ[_RULING] = rates.count("anonymous", address, subject)
    return ruling


def _rule_on(request: HttpRequest) -> rates.Ruling:
    try:
        key = access.key_of(request) if "Authorization" in request.headers else None
    except DatabaseError:
        # The view meets the same failure, where it is answered properly.
        key = None
    return count_anonymous(request.META) if key is None else rates.count("key", key.prefix, "read")
