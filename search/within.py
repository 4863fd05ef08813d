"""Words within a list: which public documents hold every one of them, in whatever form, as a part of another query."""

from collections.abc import Iterable
from dataclasses import dataclass

from search.folding import pattern_of
from search.parsing import parse
from search.scopes import Scope, known
from search.words import term_of


@dataclass(frozen=True)
class Within:
    """A query that gives document ids, or ``None`` for every document; and patterns that title or text must match besides."""

    sql: str | None
    patterns: tuple[str, ...] = ()


def documents_with(text: str) -> Within:
    """Public documents in which every word of ``text`` occurs, but none that it excludes.

    Phrases, and words that nearly every text has, are looked for in the texts of what is left. Raises ``ValueError`` for more
    than ten words.
    """
    typed = parse(text)
    if not typed.words:
        return Within("SELECT document_id FROM search_indexeddocument WHERE 1 = 0")
    scopes = known().scopes
    locales = sorted({scope.locale for scope in scopes})
    telling = {word for locale in locales for word in typed.telling(locale)}
    clauses = []
    for word in sorted(telling):
        clauses.append(f"id IN ({_having(word, scopes)})")
    clauses += [f"id NOT IN ({_having(words[0], scopes)})" for words in typed.excluded if len(words) == 1]
    patterns = [r"[^\w]+".join(pattern_of(word) for word in phrase) for phrase in typed.phrases]
    if not telling:
        patterns += [pattern_of(word) for word in dict.fromkeys(typed.words)]
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    return Within(f"SELECT document_id FROM search_indexeddocument{where}" if clauses else None, tuple(patterns))


def _having(word: str, scopes: Iterable[Scope]) -> str:
    terms = ",".join(str(term_of(scope.site_id, scope.locale, word)) for scope in scopes) or "0"
    return f"SELECT document FROM search_posting WHERE term IN ({terms})"
