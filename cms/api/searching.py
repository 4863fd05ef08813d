"""Search as the API answers it: the cards that were found, each with its highlights."""

import json
from json.encoder import encode_basestring as quoted
from urllib.parse import urlencode

from cms.api import counted_searches, scope
from cms.api.conditional import Answer
from cms.api.listing import LIST_TAG
from cms.api.protocol import BASE
from cms.api.query import MAX_OFFSET, SearchQuery
from cms.publishing import reading
from search.dictionary import Shown
from search.parts import FACETS
from search.query import Hit, search


def answer_of(query: SearchQuery) -> Answer:
    """One page of what ``query`` finds."""
    types = query.type.split(",") if query.type else ()
    ties = {name: slugs.split(",") for name in FACETS if (slugs := getattr(query, name)) is not None}
    found = search(
        query.q,
        site_id=query.site or "",
        locale=query.locale,
        types=types,
        ties=ties,
        limit=query.limit,
        offset=query.offset,
    )
    if not found.count:
        scope.require_site(query.site)
    counted_searches.count(query, found=found.count)
    items = b",".join([_item(hit) for hit in found.hits])
    end = query.offset + query.limit
    has_more = end < found.count and end <= MAX_OFFSET
    following = _address(query, end) if has_more else None
    better = "null" if found.did_you_mean is None else quoted(found.did_you_mean)
    notices = json.dumps([_notice(one) for one in found.notices], ensure_ascii=False)
    before = f'{{"count":{found.count},"is_count_exact":{json.dumps(found.is_exact)},"next":{json.dumps(following)},"items":['
    after = f'],"facets":{json.dumps(found.facets)},"did_you_mean":{better},"notices":{notices}}}'
    body = b"".join([before.encode(), items, after.encode()])
    ids = tuple(hit.document_id for hit in found.hits)
    modified_at = found.newest_at if found.hits else reading.newest_at()
    return Answer(body, ids, (LIST_TAG,), modified_at)


def _item(hit: Hit) -> bytes:
    # Bytes at once: what is plain needs only to be copied, and one ellipsis would make it twice or four times as long as text.
    marked = f',"highlighted_title":{quoted(hit.title_highlight)},"highlights":[{quoted(hit.highlight)}]}}'
    return hit.card[:-1].encode() + marked.encode()


def _notice(shown: Shown) -> dict[str, str | None]:
    return {
        "title": shown.title,
        "message": shown.message,
        "telephone": shown.telephone or None,
        "telephone_url": shown.telephone_href or None,
    }


def _address(query: SearchQuery, offset: int) -> str:
    given = query.model_dump(exclude={"offset"}, exclude_none=True, exclude_defaults=True)
    return f"{BASE}/search?{urlencode({**given, 'offset': offset}, safe=',')}"
