"""Completions for a search box: what a reader may mean who has typed so far.

A suggestion is the title of a public page, or another name of a condition, in which what was typed begins a word. The
database is given a pattern, as in search; with an index, ``suggestions`` would ask that instead and stay the same.
"""

import json
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Left

from cms.publishing.models import Head
from search.folding import fold, pattern_of
from search.query import words_of

MAX_SUGGESTIONS = 10
# Other names are the first thing in a recorded condition: names in documents are sorted. Longer lists are cut.
_NAMES_END = 2000
_NAMES_START = r'^[{]"also_known_as":\[([^]]*[^]\w])?'


@dataclass(frozen=True)
class Suggestion:
    """One completion: the words to show, and the page that they name."""

    text: str
    type: str
    path: str
    document_id: uuid.UUID


def suggestions(heads: QuerySet[Head], text: str, *, types: Collection[str] = ()) -> list[Suggestion]:
    """Up to ten completions of ``text`` among ``heads`` (public ones): what begins with it first, then by the alphabet.

    Capitals and accents make no difference. One query; none when there is no word in ``text``. Raises ``ValueError`` for
    more than ten words.
    """
    words = words_of(text)
    if not words:
        return []
    typed = r"\s+".join(pattern_of(word) for word in words)
    has_name = Q(type="condition", document__iregex=f"{_NAMES_START}{typed}")
    found = heads.filter(Q(title__iregex=rf"(^|[^\w]){typed}") | has_name)
    if types:
        found = found.filter(type__in=types)
    # Names are cut off the document, which is far longer than they are.
    names = Case(When(type="condition", then=Left(F("document"), _NAMES_END)), default=Value(""))
    begins = Case(When(title__iregex=f"^{typed}", then=Value(0)), default=Value(1))
    rows = found.order_by(begins, "title", "document_id").values_list("document_id", "type", "path", "title", names)
    ranked = sorted(_ranked(row, words) for row in rows[:MAX_SUGGESTIONS])
    return [suggestion for *_rank, suggestion in ranked]


def _ranked(row: tuple[uuid.UUID, str, str, str, str], words: list[str]) -> tuple[int, str, str, Suggestion]:
    document_id, kind, path, title, start = row
    candidates = [title, *_names_in(start)]
    begins = re.compile(r"\s+".join(re.escape(word) for word in words))
    matches = [(_rank(begins, name), number, name) for number, name in enumerate(candidates)]
    # The title where it fits, else the first of the other names that fits best.
    rank, _number, name = matches[0] if matches[0][0] < 2 else min(matches)
    return rank, fold(name), str(document_id), Suggestion(name, kind, path, document_id)


def _rank(begins: re.Pattern[str], name: str) -> int:
    """0 where ``name`` begins so, 1 where a later word of it does, 2 where none does."""
    folded = fold(name).lstrip("“\"'(")
    if begins.match(folded):
        return 0
    return 1 if any(begins.match(folded, match.end()) for match in re.finditer(r"[^\w]+", folded)) else 2


def _names_in(document: str) -> list[str]:
    """The other names at the start of a recorded condition."""
    _key, _colon, rest = document.partition('"also_known_as":')
    try:
        names, _end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return []
    return [str(name) for name in names]
