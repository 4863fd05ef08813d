"""The address of delta sync."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from cms.api import change_feed, change_schemas
from cms.api.change_query import ChangesQuery
from cms.api.conditional import Answer, respond
from cms.api.responses import responses

router = Router()

# A cache may keep the answer, and has to ask each time whether it still holds. An old answer would break nothing, but
# somebody who was just told of a change would not find it, and after a restore would be sent in circles.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
# When to come again, for who wanted to wait and could not. Unit: seconds.
RETRY_AFTER_SECONDS = 5


@router.get(
    "/changes",
    response=responses(change_schemas.ChangesAnswer, 410),
    tags=["Changes"],
    operation_id="list_changes",
)
def changes(request: HttpRequest, query: Query[ChangesQuery]) -> HttpResponse:
    """What changed, in order, to keep a copy exact.

    Without `since`, all that is public, in pages; then follow `next` for ever. 410 says to start again.
    """
    page = change_feed.page_of(query)
    response = respond(request, Answer(page.as_json(), tags=("changes",)))
    response["Cache-Control"] = "no-store" if query.wait else CACHE_CONTROL
    if page.is_turned_away:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
