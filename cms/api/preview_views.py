"""The address at which a preview token shows its draft."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from cms.api import drafts, previews
from cms.api.access import PRIVATE
from cms.api.draft_schemas import DraftDocument
from cms.api.problem_details import Problem
from cms.api.protocol import MAX_ADDRESS_BYTES
from cms.api.query import StrictQuery
from cms.api.responses import responses

router = Router()
# The token stands in the address: nobody may pass that on, list it, or keep what it shows.
_HEADERS = {"Cache-Control": PRIVATE, "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


class PreviewQuery(StrictQuery):
    """What a preview takes."""

    # As long as an address may be: what is no token is not found, however long it is.
    token: str = Field(max_length=MAX_ADDRESS_BYTES, description="As an editor shared it.")


@router.get(
    "/preview",
    response=responses(DraftDocument, 404),
    auth=None,
    tags=["Pages"],
    operation_id="preview",
    openapi_extra={"security": [{}]},
)
def preview(request: HttpRequest, query: Query[PreviewQuery]) -> HttpResponse:
    """The draft that an editor shared, as it would be if it were published now.

    The token is all that is needed, and opens nothing else. One that is unknown, expired or revoked answers 404.
    """
    opened = previews.open_with(query.token)
    if opened is None:
        raise Problem(404, headers=_HEADERS)
    response = drafts.respond(drafts.document_of(opened.page, revision_id=opened.revision_id))
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response
