"""What the public saw of one page and when: the entries of its document, newest first, for keys that may see the past."""

import json
import uuid
from typing import Literal

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from cms.api import answer_schemas
from cms.api.access import require_scope
from cms.api.block_schemas import Shape
from cms.api.conditional import Answer, respond
from cms.api.models import Scope
from cms.api.problem_details import Problem, bad_parameter
from cms.api.protocol import BASE
from cms.api.query import Limit, StrictQuery
from cms.api.responses import responses
from cms.api.schemas import Approval, DocumentId, Override, Time
from cms.publishing import reading
from cms.publishing.models import Entry

router = Router()
_SIGNER_SALT = "cms.api.history"


class HistoryQuery(StrictQuery):
    """What a history takes."""

    limit: Limit = 20
    after: str | None = Field(None, max_length=200, description="The cursor that `next` carries.")
    include: Literal["document"] | None = Field(None, description="Adds what was recorded with each entry.")


class HistoryItem(Shape):
    """One change of what the public saw."""

    position: int = Field(ge=1, description="Its number in the ledger.")
    kind: Literal["published", "updated", "moved", "withdrawn"]
    reason: Literal["unpublished", "expired", "deleted", "restricted"] | None = Field(
        description="Why it was withdrawn."
    )
    at: Time
    path: str
    title: str | None = Field(description="Null for a withdrawal.")
    digest: str | None = Field(description="SHA-256 of the recorded document; null for a withdrawal.")
    chain: str = Field(description="The entry's link in the chain of all entries, SHA-256.", pattern="^[0-9a-f]{64}$")
    revision: int | None
    approvals: list[Approval]
    override: Override | None
    document: str | None = Field(
        default=None,
        description="Only with `include=document`: the recorded document as canonical JSON, the very text that `digest` is of.",
    )


class HistoryAnswer(answer_schemas.ListShape):
    """A page of a document's history, newest entry first."""

    id: DocumentId
    items: list[HistoryItem]


@router.get(
    "/pages/{id}/history",
    response=responses(HistoryAnswer, 403, 404),
    tags=["Pages"],
    operation_id="read_history",
)
def history(request: HttpRequest, id: str, query: Query[HistoryQuery]) -> HttpResponse:
    """What the public saw of a page and when, with the approvals behind it. Needs a key with `content:history`."""
    require_scope(request, Scope.CONTENT_HISTORY)
    return respond(request, _answer_of(id, query))


def _answer_of(document_id: str, query: HistoryQuery) -> Answer:
    try:
        key = uuid.UUID(document_id)
    except ValueError:
        raise Problem(404) from None
    entries = Entry.objects.filter(document_id=key)
    count = entries.count()
    if not count:
        raise Problem(404)
    if query.after is not None:
        entries = entries.filter(position__lt=_position_in(query.after, key))
    page = list(entries.order_by("-position")[: query.limit + 1])
    shown, following = page[: query.limit], None
    if len(page) > query.limit:
        cursor = _signer().sign_object([key.hex, shown[-1].position])
        included = f"&include={query.include}" if query.include else ""
        following = f"{BASE}/pages/{key}/history?limit={query.limit}{included}&after={cursor}"
    names = reading.titles_of({given["person"] for entry in shown for given in entry.approvals if given.get("person")})
    items = [_item(entry, names, has_document=query.include == "document") for entry in shown]
    content = {"id": str(key), "count": count, "next": following, "items": items}
    return Answer(json.dumps(content, ensure_ascii=False, separators=(",", ":")), (key,))


def _item(entry: Entry, names: dict[str, str], *, has_document: bool) -> dict[str, object]:
    title = json.loads(entry.document)["title"] if entry.document else None
    item: dict[str, object] = {
        "position": entry.position,
        "kind": entry.kind,
        "reason": entry.reason or None,
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "path": entry.path,
        "title": title,
        "digest": entry.digest or None,
        "chain": entry.chain,
        "revision": entry.revision_id,
        "approvals": [
            {
                "stage": given["stage"],
                "name": names.get(given.get("person", "")),
                # As in documents: a person is named only while a page of theirs is public.
                "credentials": (given["credentials"] or None) if given.get("person") in names else None,
                "at": given["at"],
            }
            for given in entry.approvals
        ],
        "override": {"reason": entry.override["reason"], "at": entry.override["at"]} if entry.override else None,
    }
    return item | {"document": entry.document} if has_document else item


def _position_in(cursor: str, key: uuid.UUID) -> int:
    try:
        of, position = _signer().unsign_object(cursor)
        if of != key.hex or not isinstance(position, int):
            raise ValueError
    except (BadSignature, ValueError, TypeError):
        message = "This cursor was not given by this history; start again without it"
        raise bad_parameter("after", message) from None
    return position


def _signer() -> Signer:
    return Signer(salt=_SIGNER_SALT)
