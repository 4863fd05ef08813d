"""One page of the changes: first a walk of all that is public, then what changed, joined without a gap by the cursor.

The walk fixes the newest position when it begins, and gives what is public by the position of its newest entry. What changes
meanwhile passes beyond that position and comes in the delta, which begins there.
"""

import io
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cms.api import scope
from cms.api.change_cursors import Cursor, read
from cms.api.change_query import ChangesQuery
from cms.api.problem_details import ParameterError, Problem
from cms.publishing import changes, waiting
from cms.publishing.change_items import items_of
from cms.publishing.changes import Change, Selection, Standing

# Where a page ends, however many items were asked for. Unit: bytes.
MAX_PAGE_BYTES = 2_000_000
# A process writes one page at a time; others wait. Each holds its documents several times over, and two at a time would not be
# faster: they would take turns anyway.
_WRITING = threading.Lock()


@dataclass(frozen=True)
class Page:
    """Items in order with commas between them, the cursor after them, and whether there is more already.

    ``is_turned_away`` tells that the client wanted to wait and all places were taken.
    """

    items: bytes
    cursor: Cursor
    has_more: bool
    is_turned_away: bool = False

    def as_json(self) -> bytes:
        """The page as it is sent."""
        more = "true" if self.has_more else "false"
        end = f'],"next":{json.dumps(self.cursor.write())},"more":{more}}}'
        return b"".join([b'{"items":[', self.items, end.encode()])


def page_of(query: ChangesQuery) -> Page:
    """The page that ``query`` asks for; waits up to ``query.wait`` seconds while it would be an empty page of the delta.

    Raises ``Problem`` 410 for a cursor of another history, 422 for one that was given for another selection.
    """
    now = changes.newest()
    if query.since is None:
        return _walk(Cursor(now, query.selection(_site_id(query)), walked=0), now, query)
    cursor = read(query.since, now)
    _refuse_another_selection(query, cursor.selection)
    if cursor.walked is not None:
        return _walk(cursor, now, query)
    page = _delta(cursor, now, query)
    return _waited(page, query) if query.wait and not page.items else page


def _waited(page: Page, query: ChangesQuery) -> Page:
    until = time.monotonic() + query.wait
    with waiting.place() as is_free:
        if not is_free:
            return Page(page.items, page.cursor, page.has_more, is_turned_away=True)
        while not page.items and waiting.moves_from(page.cursor.standing.position, until=until):
            now = changes.newest()
            # Read anew: while the client waited, a backup may have been restored.
            page = _delta(read(page.cursor.write(), now), now, query)
    return page


def _walk(cursor: Cursor, now: Standing, query: ChangesQuery) -> Page:
    with _WRITING:
        return _walked(cursor, now, query)


def _walked(cursor: Cursor, now: Standing, query: ChangesQuery) -> Page:
    rows = changes.walk(
        cursor.selection, after=cursor.walked or 0, until=cursor.standing.position, limit=query.limit + 1
    )
    items, count = _written(rows[: query.limit])
    if count < len(rows):
        return Page(items, Cursor(cursor.standing, cursor.selection, rows[count - 1].position), has_more=True)
    return Page(items, cursor.at(cursor.standing), has_more=now.position > cursor.standing.position)


def _delta(cursor: Cursor, now: Standing, query: ChangesQuery) -> Page:
    if cursor.standing.position == now.position:
        # What most consumers find most of the time.
        return Page(b"", cursor.at(now), has_more=False)
    with _WRITING:
        return _changed(cursor, now, query)


def _changed(cursor: Cursor, now: Standing, query: ChangesQuery) -> Page:
    rows = changes.delta(
        cursor.selection,
        after=cursor.standing.position,
        until=now.position,
        limit=query.limit + 1,
        is_compact=query.compact,
    )
    items, count = _written(rows[: query.limit])
    if count == len(rows):
        return Page(items, cursor.at(now), has_more=False)
    last = rows[count - 1]
    return Page(items, cursor.at(Standing(now.epoch, last.position, last.seal)), has_more=True)


def _written(rows: Sequence[Change]) -> tuple[bytes, int]:
    """The items of as many ``rows`` as fit into a page, and how many these are.

    Each is added as soon as it is made: many small pieces that live as long as the page would leave gaps that stay with the
    process.
    """
    written, count = io.BytesIO(), 0
    for item in items_of(rows, max_bytes=MAX_PAGE_BYTES):
        written.write(b"," if count else b"")
        written.write(item)
        count += 1
    return written.getvalue(), count


def _site_id(query: ChangesQuery) -> int:
    site_id = scope.sites_named(query.site).first()
    if site_id is None:
        scope.require_site(query.site)
    return site_id or 0


def _refuse_another_selection(query: ChangesQuery, kept: Selection) -> None:
    """Refuse parameters that say otherwise than the cursor; those that are left out are taken from it."""
    wanted = query.selection(kept.site_id if query.site is None else _site_id(query))
    errors: list[ParameterError] = []
    for name, given, was in (
        ("site", wanted.site_id, kept.site_id),
        ("locale", wanted.locale, kept.locale),
        ("type", wanted.types, kept.types),
        ("kind", wanted.kinds, kept.kinds),
    ):
        if getattr(query, name) is not None and given != was:
            message = f"The cursor keeps another {name}; leave {name} out, or start again without since"
            errors.append({"loc": ["query", name], "msg": message})
    if errors:
        raise Problem(422, errors=errors)
