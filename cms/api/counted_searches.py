"""Searches of the API, counted for the report at the desk; what is counted and what is not stands in ``search.misses``.

An answer that is kept in front of Django is a search like any other, and would not be counted by whoever made it. So it is
counted again when it goes out, by what its own bytes say it found.
"""

import re
from functools import lru_cache
from urllib.parse import parse_qs

from cms.api import encoding
from cms.api.protocol import BASE
from cms.api.query import SearchQuery
from search import misses

_PATHS = frozenset({f"{BASE}/search", f"{BASE}/search/"})
# Where the count stands. Unit: bytes.
_COUNT_BYTES = 40
_FOUND = re.compile(rb'\{"count":(\d{1,9}),')


def count(query: SearchQuery, *, found: int) -> None:
    """Count a search that was just answered; a later page of the same search is not another one."""
    if not query.offset:
        misses.count_search(query.q, found=found, site_id=query.site, locale=query.locale)


def count_kept(path: str, query: str, body: bytes) -> None:
    """Count a search whose kept answer ``body`` goes out again; anything else is left alone."""
    if path not in _PATHS or (found := _FOUND.match(encoding.start_of(body, _COUNT_BYTES))) is None:
        return
    is_first_page, text, site, locale = _searched(query)
    if is_first_page:
        misses.count_search(text, found=int(found[1]), site_id=site, locale=locale)


@lru_cache(maxsize=1024)
def _searched(query: str) -> tuple[bool, str, str | None, str | None]:
    """Whether ``query`` asks for a first page, for what, on which site and in which language."""
    given = {name: values[0] for name, values in parse_qs(query).items()}
    return given.get("offset", "0") == "0", given.get("q", ""), given.get("site"), given.get("locale")
