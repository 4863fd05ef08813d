"""The index follows the ledger: the only code that writes it, in the transaction in which a head is written or goes.

The ledger calls the hooks ``head_written``, ``head_withdrawn``, ``heads_together`` and ``heads_cleared`` and knows nothing of
search. It holds the clock's lock while it does, so counts are moved by exactly what came and went. Everything comes out of heads,
so the index can be made anew at any time, and nothing that is not public ever gets into it.
"""

import json
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from cms.pages.document import canonical_bytes, digest_of
from cms.publishing import ledger
from cms.publishing.models import Clock, Head, HeadRelation
from cms.publishing.moves import Moves
from search import storing
from search.folding import fold
from search.index_models import EngineChange, IndexedDocument, Name, Spelling, Word
from search.parts import Searched, searched_of
from search.spelling import spelling_keys
from search.weighing import impacts_of
from search.words import key_of, phrase_key, term_of, words_in, words_in_folded

# Moves with every change of how words are cut, stemmed or weighed: then each document is indexed anew when it is looked at.
FORMAT = 1
# Rows in one statement. SQLite takes 32,766 values in one.
_BATCH = 2000
_MAX_REST, _MAX_TEXT = 120, 255
# So many documents are compared with their rows at a time.
_COMPARED = 100
# A word on one site in one language.
_Word = tuple[int, str, str]
# Postings and names by primary key of their document.
_Rows = dict[int, tuple[list[tuple[int, int]], list[Name]]]
# Those that wait for the others of their transaction, and how many may: a document has two hundred, and memory has an end.
_MAX_WAITING = 500
_waiting: ContextVar[_Rows | None] = ContextVar("waiting", default=None)


def index_head(head: Head, ties: Iterable[HeadRelation]) -> bool:
    """Make the index show ``head`` with these ties; whether anything had to be written."""
    searched = searched_of(head, ties)
    impacts, words = impacts_of(searched.parts, head.locale)
    row = _row_of(searched, impacts, words)
    before = IndexedDocument.objects.filter(document_id=head.document_id).first()
    if before is not None and before.fingerprint == row.fingerprint:
        return False
    if before is not None:
        _remove_rows(before)
    row.save(force_insert=True)
    rows: _Rows = {row.pk: (sorted(_postings(row, impacts)), list(_names_of(row, searched.names)))}
    waiting = _waiting.get()
    if waiting is None:
        _insert_rows(rows)
    else:
        waiting |= rows
        if len(waiting) >= _MAX_WAITING:
            _insert_rows(waiting)
            waiting.clear()
    gone = _scoped_words(before) if before is not None else set()
    come = _scoped_words(row)
    _words.move(gone - come, come - gone)
    return True


def forget_document(document_id: uuid.UUID) -> None:
    """Take a document out of the index: it is not public any more."""
    before = IndexedDocument.objects.filter(document_id=document_id).first()
    if before is not None:
        _remove_rows(before)
        _words.move(_scoped_words(before), set())


@contextmanager
def indexing_together() -> Iterator[None]:
    """Write the words and names of all documents inside at the end, at once; nothing when there is an error."""
    if _waiting.get() is not None:
        yield
        return
    rows: _Rows = {}
    token = _waiting.set(rows)
    try:
        with _words.together():
            yield
    finally:
        _waiting.reset(token)
    _insert_rows(rows)


def clear() -> None:
    """Take everything out of the index."""
    storing.clear()
    for model in (Spelling, Word, Name, IndexedDocument):
        model.objects.all().delete()


def documents_to_index() -> int:
    """How many documents ``rebuild`` and ``problems`` will go through."""
    return Head.objects.count()


def rebuild() -> Generator[uuid.UUID, None, None]:
    """Make the whole index anew from heads, in one transaction: readers see the old one until it is done.

    Gives the id of each document that was indexed, so that whoever asks can say how far it is. Publications wait meanwhile.
    The lists of words go where the settings want them. Raises ``EngineUnavailable``; then the old index stays.
    """
    with storing.filling_anew() as filling, transaction.atomic():
        ledger.lock_clock()
        with filling.writing():
            clear()
        heads = Head.objects.order_by("position").iterator(chunk_size=500)
        while some := list(islice(heads, 500)):
            with filling.writing(), indexing_together():
                for head in some:
                    index_head(head, head.relations.all())
            yield from (head.document_id for head in some)
        filling.put_in_force()
        # What processes keep was found in the old one.
        Clock.objects.update(facts=F("facts") + 1)


def fill_if_new() -> None:
    """Index everything that is public when there is an index with nothing in it, as there is when it was just made."""
    present = set(connection.introspection.table_names())
    if not {Head._meta.db_table, EngineChange._meta.db_table} <= present:
        return
    if Head.objects.exists() and not IndexedDocument.objects.exists():
        for _document_id in rebuild():
            pass


def problems(watched: Callable[[Iterable[Head]], Iterable[Head]] = iter) -> Iterator[str]:
    """Where the index differs from what is public, one sentence each; nothing when it is sound.

    ``watched`` is given the ``documents_to_index`` that are looked at, and hands them on: so somebody can see how far it is.
    """
    indexed = {row.document_id: row for row in IndexedDocument.objects.defer("words").iterator(chunk_size=2000)}
    heads = iter(watched(Head.objects.order_by("position").iterator(chunk_size=500)))
    while some := list(islice(heads, _COMPARED)):
        rows = [row for head in some if (row := indexed.get(head.document_id))]
        kept = storing.kept_of([row.pk for row in rows])
        for head in some:
            if problem := _problem_with(head, indexed.pop(head.document_id, None), kept):
                yield f"{head.path} is {problem}."
    for document_id in sorted(indexed, key=str):
        yield f"Document {document_id} is in the index, but not public."
    yield from storing.problems()
    yield from _wrong_words()


def _problem_with(head: Head, row: IndexedDocument | None, kept: Mapping[int, set[tuple[int, int]]]) -> str:
    """What is wrong with the rows of one public document; empty when they are sound."""
    if row is None:
        return "public, but not in the index"
    searched = searched_of(head, head.relations.all())
    impacts, words = impacts_of(searched.parts, head.locale)
    if _row_of(searched, impacts, words).fingerprint != row.fingerprint:
        return "indexed with other words than the public sees"
    if kept.get(row.pk, set()) != _postings(row, impacts):
        return "found by other words than it has"
    names = set(map(_said_by, _names_of(row, searched.names)))
    if set(map(_said_by, Name.objects.filter(document=row.pk))) != names:
        return "completed by other names than it has"
    return ""


def _wrong_words() -> Iterator[str]:
    counted: dict[tuple[int, str, str], int] = {}
    for row in IndexedDocument.objects.only("site_id", "locale", "words").iterator(chunk_size=500):
        for key in _scoped_words(row):
            counted[key] = counted.get(key, 0) + 1
    kept = {(word.site_id, word.locale, word.word): word.documents for word in Word.objects.iterator(chunk_size=2000)}
    for key in sorted(counted.keys() | kept.keys()):
        if counted.get(key, 0) != kept.get(key, 0):
            yield f"The word “{key[2]}” is counted {kept.get(key, 0)} times and stands in {counted.get(key, 0)} documents."


def _row_of(searched: Searched, impacts: dict[str, int], words: set[str]) -> IndexedDocument:
    head = searched.head
    row = IndexedDocument(
        document_id=head.document_id,
        site_id=head.site_id,
        locale=head.locale,
        type=head.type,
        published_at=head.published_at,
        expires_at=head.expires_at,
        ties=json.dumps(searched.ties, separators=(",", ":")),
        words=" ".join(sorted(words)),
    )
    times = [moment.isoformat() if moment else None for moment in (row.published_at, row.expires_at)]
    place = [str(row.document_id), row.site_id, row.locale, row.type, *times]
    known: Any = [FORMAT, place, row.ties, row.words, sorted(impacts.items()), list(searched.names)]
    row.fingerprint = digest_of(canonical_bytes({"indexed": known}))
    return row


def _postings(row: IndexedDocument, impacts: dict[str, int]) -> set[tuple[int, int]]:
    # A key of a stem, which ``term_of`` makes from a word: a stem is not always its own stem.
    return {(key_of(row.site_id, row.locale, "", one), impact) for one, impact in impacts.items()}


def _insert_rows(rows: _Rows) -> None:
    if rows:
        storing.add({key: postings for key, (postings, _names) in rows.items()})
    Name.objects.bulk_create(chain.from_iterable(names for _postings, names in rows.values()), batch_size=_BATCH)


def _names_of(row: IndexedDocument, names: Sequence[str]) -> Iterator[Name]:
    seen: set[str] = set()
    for number, text in enumerate(names):
        folded = fold(text)
        if folded in seen:
            continue
        seen.add(folded)
        for place in _beginnings(folded):
            yield Name(
                document=row.pk,
                site_id=row.site_id,
                locale=row.locale,
                type=row.type,
                later=1 if place else 0,
                rest=" ".join(words_in_folded(folded[place:]))[:_MAX_REST],
                text=text[:_MAX_TEXT],
                is_title=number == 0,
                key=None if place else phrase_key(row.site_id, row.locale, words_in(text)),
            )


def _said_by(name: Name) -> tuple[Any, ...]:
    return (
        name.document,
        name.site_id,
        name.locale,
        name.type,
        name.later,
        name.rest,
        name.text,
        name.is_title,
        name.key,
    )


def _beginnings(folded: str) -> list[int]:
    """Where the words of a name begin; the first counts as the beginning, whatever stands before it."""
    places = [place for place in range(len(folded)) if folded[place].isalnum() and _begins(folded, place)]
    return [0, *places[1:12]]


def _begins(folded: str, place: int) -> bool:
    before = folded[place - 1] if place else " "
    return not (before.isalnum() or before == "'")


def _remove_rows(row: IndexedDocument) -> None:
    if waiting := _waiting.get():
        waiting.pop(row.pk, None)
    Name.objects.filter(document=row.pk).delete()
    storing.remove(row.pk)
    row.delete()


def _scoped_words(row: IndexedDocument) -> set[_Word]:
    return {(row.site_id, row.locale, word) for word in row.words.split()}


def _count_words(moved: dict[_Word, int]) -> None:
    """Change in how many documents each word stands by so many; a word that stands in none any more is forgotten."""
    changes = sorted(moved.items())
    fresh: list[tuple[int, int]] = []
    empty: list[int] = []
    with connection.cursor() as cursor:
        for start in range(0, len(changes), _BATCH):
            batch = changes[start : start + _BATCH]
            values = [value for word, by in batch for value in (*word, term_of(*word), by)]
            cursor.execute(
                f"""
                INSERT INTO search_word (site_id, locale, word, term, documents)
                VALUES {",".join(["(%s, %s, %s, %s, %s)"] * len(batch))}
                ON CONFLICT (site_id, locale, word) DO UPDATE SET documents = search_word.documents + excluded.documents
                RETURNING id, site_id, locale, word, documents
                """,
                values,
            )
            for key, *word, documents in cursor.fetchall():
                if documents < 1:
                    empty.append(key)
                elif documents == moved[tuple(word)]:
                    fresh += [(number, key) for number in spelling_keys(*word)]
        for start in range(0, len(fresh), _BATCH):
            rows = ",".join(f"({number},{key})" for number, key in fresh[start : start + _BATCH])
            cursor.execute(f"INSERT INTO search_spelling (key, word) VALUES {rows}")
        for start in range(0, len(empty), _BATCH):
            places = ",".join(map(str, empty[start : start + _BATCH]))
            cursor.execute(f"DELETE FROM search_spelling WHERE word IN ({places})")
            cursor.execute(f"DELETE FROM search_word WHERE id IN ({places})")


_words: Moves[_Word] = Moves(_count_words)
