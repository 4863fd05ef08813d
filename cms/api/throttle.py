"""The limits at work on requests: who asks is found out, counted, and refused with 429 when it is too often."""

from django.db import DatabaseError
from django.http import HttpRequest

from cms.api import access, rates
from cms.api.problem_details import Problem


def count(request: HttpRequest) -> dict[str, str]:
    """Count ``request``; the headers that its answer tells the limit by.

    A key is counted by itself once it is known to be one: otherwise anybody could use up somebody else's by its prefix.
    Raises ``Problem`` 429 beyond the limit.
    """
    ruling = _rule_on(request)
    if not ruling.is_admitted:
        raise Problem(429, headers=ruling.headers)
    return ruling.headers


def _rule_on(request: HttpRequest) -> rates.Ruling:
    meta = request.META
    subject = rates.subject_of(request.path_info, meta.get("QUERY_STRING", ""))
    try:
        key = access.key_of(request) if "Authorization" in request.headers else None
    except DatabaseError:
        # The view meets the same failure, where it is answered properly.
        key = None
    if key is not None:
        return rates.count("key", key.prefix, subject)
    address = rates.client_address(meta.get("REMOTE_ADDR", ""), meta.get("HTTP_X_FORWARDED_FOR", ""))
    return rates.count("anonymous", address, subject)
