"""What searches at one version of the ledger have read of the index, for those that come after them at the same version.

Most searches that nobody has asked before are made of words that somebody has. Kept are rows as the index has them, which only a
publication changes, and nothing that depends on the time or on other words: what has expired is left out by whoever looks at
them. All of it together is about 1 MiB; when there is more, it is read anew.
"""

from array import array
from collections.abc import Collection
from functools import lru_cache
from itertools import islice
from typing import Any

from cms.publishing.statements import Later, Statement, among, many, rows_of, statement_of
from search import postings
from search.engine import Engine
from search.postings import Lists

_List = tuple["array[int]", "array[int]"]
# So many terms, names and lists are kept: about 300 bytes each, but 3 KB for a list.
_MAX_TERMS, _MAX_NAMES, _MAX_LISTS = 1000, 1000, 200


class Recent:
    """Rows of the index by what they are asked for. Threads share it: whatever is missing is read, and nothing is changed."""

    def __init__(self) -> None:
        self._words: dict[int, list[tuple[Any, ...]]] = {}
        self._names: dict[int, list[tuple[int, int, bool]]] = {}
        # Documents and impacts, best first, as ``postings.lists_of`` gives them for a term that is asked for alone.
        self._lists: dict[int, _List] = {}

    def words_of(self, terms: Collection[int]) -> list[tuple[Any, ...]]:
        """The words of these terms: word, term, number of documents. One query, or none when all were asked for before."""
        found = {term: self._words.get(term) for term in terms}
        missing = [term for term, rows in found.items() if rows is None]
        if missing:
            read: dict[int, list[tuple[Any, ...]]] = {term: [] for term in missing}
            for row in rows_of(_words(), {"terms": many(missing)}):
                read[row[1]].append(row)
            _keep(self._words, read, _MAX_TERMS)
            found |= read
        return [row for rows in found.values() for row in rows or ()]

    def lists_of(self, terms: Collection[int], keys: Collection[int], engine: Engine | None = None) -> Lists:
        """As ``postings.lists_of``; no query when each of these was asked for before, in whatever search.

        A list that was cut is completed for the other words of a search, so beside others it is read anew; and so are names
        when several were typed, whose order no list of one name tells.
        """
        lists = [self._lists.get(term) for term in terms]
        names = [self._names.get(key) for key in keys]
        cut = frozenset(
            term for term, one in zip(terms, lists, strict=True) if one and len(one[0]) == postings.MAX_LIST
        )
        has_lists = None not in lists and (len(lists) == 1 or not cut)
        if has_lists and None not in names and sum(map(bool, names)) < 2:
            named = next(filter(None, names), [])
            return Lists(_impacts(terms, lists), cut, named)
        read = postings.lists_of([] if has_lists else terms, keys, engine)
        self._keep_read(read, keys)
        return Lists(_impacts(terms, lists), cut, read.named) if has_lists else read

    def _keep_read(self, read: Lists, keys: Collection[int]) -> None:
        lists: dict[int, _List] = {}
        for term, found in read.impacts.items():
            # What completes a list comes behind it.
            documents, impacts = islice(found, postings.MAX_LIST), islice(found.values(), postings.MAX_LIST)
            lists[term] = (array("q", documents), array("H", impacts))
        _keep(self._lists, lists, _MAX_LISTS)
        if len(read.named) < postings.MAX_NAMES:
            names: dict[int, list[tuple[int, int, bool]]] = {key: [] for key in keys}
            for name in read.named:
                names[name[0]].append(name)
            _keep(self._names, names, _MAX_NAMES)


def _impacts(terms: Collection[int], lists: Collection[_List | None]) -> dict[int, dict[int, int]]:
    return {term: dict(zip(*one, strict=True)) for term, one in zip(terms, lists, strict=True) if one}


def _keep(kept: dict[int, Any], read: dict[int, Any], most: int) -> None:
    if len(kept) + len(read) > most:
        kept.clear()
    if len(read) <= most:
        kept.update(read)


@lru_cache(maxsize=1)
def _words() -> Statement:
    sql = f"SELECT word, term, documents FROM search_word WHERE {among('term', 'bigint')}"
    return statement_of(sql, [Later("terms")])
