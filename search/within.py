"""Words within a list: which public documents hold every one of them, in whatever form, as a part of another query."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from search.engine import Engine
from search.folding import pattern_of
from search.index_models import Word
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
    at = known()
    scopes = at.scopes
    locales = sorted({scope.locale for scope in scopes})
    telling = {word for locale in locales for word in typed.telling(locale)}
    clauses = []
    for word in sorted(telling):
        clauses.append(f"id IN ({_having(word, scopes, at.engine)})")
    clauses += [f"id NOT IN ({_having(words[0], scopes, at.engine)})" for words in typed.excluded if len(words) == 1]
    patterns = [r"[^\w]+".join(pattern_of(word) for word in phrase) for phrase in typed.phrases]
    if not telling:
        patterns += [pattern_of(word) for word in dict.fromkeys(typed.words)]
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    return Within(f"SELECT document_id FROM search_indexeddocument{where}" if clauses else None, tuple(patterns))


def _having(word: str, scopes: Collection[Scope], engine: Engine | None) -> str:
    """A query for the numbers of documents that have ``word``, or another word of its stem."""
    terms = [term_of(scope.site_id, scope.locale, word) for scope in scopes] or [0]
    if engine is None:
        return f"SELECT document FROM search_posting WHERE term IN ({_listed(terms)})"
    found = engine.all_having(terms)
    if found is not None:
        return _listed(found) or "0"
    # A word that stands nearly everywhere: more numbers than a query should hold. The database knows the words themselves.
    return " UNION ALL ".join(_spelt(term, scope) for term, scope in zip(terms, scopes, strict=True))


def _spelt(term: int, scope: Scope) -> str:
    """A query for the same out of the words that the database keeps of each document: slower, and bounded by nothing else."""
    position = {"sqlite": "instr", "postgresql": "strpos"}[connection.vendor]
    # A word is letters and digits, which mean nothing to SQL; a language is one of the settings.
    forms = Word.objects.filter(term=term).values_list("word", flat=True)
    has = " OR ".join(f"{position}(' ' || words || ' ', ' {form} ') > 0" for form in forms) or "1 = 0"
    place = f"site_id = {scope.site_id} AND locale = '{scope.locale}'"
    return f"SELECT id FROM search_indexeddocument WHERE {place} AND ({has})"


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))
