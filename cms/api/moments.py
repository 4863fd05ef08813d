"""Reads of another moment: the past as the ledger recorded it, the future as it is approved and scheduled.

Both need a key, because both show what is not public now: words that were withdrawn, and words whose time has not come.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from cms.api.access import require_scope
from cms.api.conditional import Answer, Moved, respond
from cms.api.models import Scope
from cms.api.problem_details import Problem, bad_parameter
from cms.api.query import DocumentQuery
from cms.publishing import as_of


def respond_at(request: HttpRequest, query: DocumentQuery, read: Callable[[], Answer | Moved]) -> HttpResponse:
    """What ``read`` finds, at the moment that ``query`` names, which is now when it names none.

    Raises ``Problem``: 401 without a key, 403 without the scope ``content:history`` (for a moment to come
    ``content:preview``), 422 when more documents were public then than one request may lay out.
    """
    if query.as_of is None:
        return respond(request, read())
    now = timezone.now()
    require_scope(request, Scope.CONTENT_PREVIEW if query.as_of > now else Scope.CONTENT_HISTORY)
    try:
        with as_of.heads_at(query.as_of, now=now):
            found = read()
    except as_of.TooManyDocuments:
        limit = (
            f"Only up to {as_of.MAX_DOCUMENTS} documents can be read as of another moment; read their history instead"
        )
        raise bad_parameter("as_of", limit) from None
    if isinstance(found, Moved):
        # Moves and redirects are those of today; at that moment nothing was there.
        raise Problem(404)
    return respond(request, found)
