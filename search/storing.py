"""Where the lists of words are written: into the table of postings, or, by way of changes that wait, into an engine of search.

A change is written in the transaction of the ledger and sent when that is committed, so the engine never knows of what did not
come true. What it does not know yet is found a moment later; what is withdrawn is not shown whatever it knows, because each hit
is asked for again where the public's documents are.
"""

import datetime
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cms.publishing.models import Clock
from search.cluster import EngineUnavailable, cluster
from search.engine import BATCH, Change, Engine, engine_in_force, new_engine
from search.index_models import EngineChange, EngineIndex, IndexedDocument, Posting

logger = logging.getLogger("attest.search")

# Term and impact of each word of a document.
Postings = Collection[tuple[int, int]]
# Rows in one statement. SQLite takes 32,766 values in one.
_ROWS = 2000
# Who began to read before an index was replaced is done by then; and so is a rebuild that nobody heard of any more.
_KEPT_WHEN_REPLACED = datetime.timedelta(minutes=10)
_KEPT_UNFINISHED = datetime.timedelta(days=1)


class Filling:
    """An index that is made anew: what is written inside ``writing`` goes there, and nobody reads it before it is in force."""

    def __init__(self, engine: Engine | None) -> None:
        self.engine = engine

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write lists into this one."""
        token = _filling.set(self)
        try:
            yield
        finally:
            _filling.reset(token)

    def put_in_force(self) -> None:
        """Have everybody read this one when the transaction is committed, and the one before it dropped later."""
        if self.engine is not None:
            self.engine.show()
        # They were for the one before.
        EngineChange.objects.all().delete()
        drop_at = timezone.now() + _KEPT_WHEN_REPLACED
        EngineIndex.objects.filter(is_in_force=True).update(is_in_force=False, drop_at=drop_at)
        if self.engine is not None:
            EngineIndex.objects.filter(name=self.engine.name).update(is_in_force=True, drop_at=None)


_filling: ContextVar[Filling | None] = ContextVar("filling", default=None)


@contextmanager
def filling_anew() -> Iterator[Filling]:
    """An empty place for all lists, where the settings want them; dropped when there is an error inside."""
    engine = new_engine()
    if engine is None:
        yield Filling(None)
        return
    # Written down first: should this process die, the worker drops what it left.
    row = EngineIndex.objects.create(name=engine.name, drop_at=timezone.now() + _KEPT_UNFINISHED)
    try:
        engine.make()
        yield Filling(engine)
    except BaseException:
        _drop(engine, row)
        raise


def add(documents: Mapping[int, Postings]) -> None:
    """Write the lists of documents that were not there."""
    filling = _filling.get()
    if filling is not None and filling.engine is not None:
        filling.engine.write([Change(key, 0, dict(each)) for key, each in documents.items()], is_shown=False)
    elif filling is None and _is_in_engine():
        _wait([EngineChange(document=key, postings=_text_of(each)) for key, each in documents.items()])
    else:
        _insert(documents)


def remove(document: int) -> None:
    """Take the lists of one document away."""
    if _is_in_engine():
        _wait([EngineChange(document=document, postings="")])
    else:
        Posting.objects.filter(document=document).delete()


def clear() -> None:
    """Take all lists away; the documents themselves are still there."""
    # What is made anew has another place; the one before is dropped as a whole.
    if _filling.get() is None and _is_in_engine():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_enginechange (document, postings) SELECT id, '' FROM search_indexeddocument"
            )
    Posting.objects.all().delete()


def kept_of(documents: Collection[int]) -> dict[int, set[tuple[int, int]]]:
    """Term and impact of each word of these documents, as they are written. Raises ``EngineUnavailable``."""
    engine = engine_in_force()
    if engine is not None:
        return engine.postings_of(documents)
    found: dict[int, set[tuple[int, int]]] = {}
    rows = Posting.objects.filter(document__in=documents).values_list("document", "term", "impact")
    for document, term, impact in rows:
        found.setdefault(document, set()).add((term, impact))
    return found


def problems() -> Iterator[str]:
    """Where the engine has not followed, one sentence each; nothing where the lists are in the database."""
    engine = engine_in_force()
    if (engine is None) == (cluster() is not None):
        place = "in the database" if engine is None else "in an engine"
        yield f"The lists of words are {place}, and the settings want them elsewhere."
    if engine is None:
        return
    if waiting := EngineChange.objects.count():
        yield f"{waiting} changes wait to be sent to the engine of search."
    held, known = engine.count(), IndexedDocument.objects.exclude(words="").count()
    if held != known:
        yield f"The engine of search holds {held} documents where {known} are public."


def send_waiting() -> int:
    """Tell the engine of the oldest changes that wait; how many they were, 0 for none. Raises ``EngineUnavailable``."""
    engine = engine_in_force()
    rows = list(EngineChange.objects.order_by("pk")[:BATCH]) if engine is not None else []
    if engine is None or not rows:
        return 0
    engine.write([Change(row.document, row.pk, _impacts_in(row.postings)) for row in rows])
    with transaction.atomic():
        EngineChange.objects.filter(pk__in=[row.pk for row in rows]).delete()
        # What was found before the engine knew is kept under the version of then.
        Clock.objects.update(facts=F("facts") + 1)
    return len(rows)


def send_after_commit() -> None:
    """Tell the engine at once of what was just published; what cannot be sent now, the worker sends."""
    try:
        send_waiting()
    except EngineUnavailable as error:
        logger.warning("Changes wait for the engine of search: %s", error)


def look_after(now: datetime.datetime) -> None:
    """Send everything that waits, and drop indexes that nobody reads any more. Raises ``EngineUnavailable``."""
    while send_waiting() == BATCH:
        pass
    at = cluster()
    for row in EngineIndex.objects.filter(drop_at__lte=now) if at is not None else ():
        Engine(at, row.name).drop()  # type: ignore[arg-type]  # there are rows only where there is a cluster
        row.delete()


def keep_up(now: datetime.datetime) -> None:
    """As ``look_after``, for the worker: a cluster that fails says so itself, and is asked again."""
    with suppress(EngineUnavailable):
        look_after(now)


def _is_in_engine() -> bool:
    return EngineIndex.objects.filter(is_in_force=True).exists()


def _wait(changes: list[EngineChange]) -> None:
    EngineChange.objects.bulk_create(changes, batch_size=_ROWS)
    transaction.on_commit(send_after_commit, robust=True)


def _insert(documents: Mapping[int, Postings]) -> None:
    values = [f"({key},{term},{impact})" for key, postings in documents.items() for term, impact in postings]
    with connection.cursor() as cursor:
        for start in range(0, len(values), _ROWS):
            places = ",".join(values[start : start + _ROWS])
            cursor.execute(f"INSERT INTO search_posting (document, term, impact) VALUES {places}")


def _text_of(postings: Postings) -> str:
    return " ".join(f"{term}:{impact}" for term, impact in postings)


def _impacts_in(text: str) -> dict[int, int]:
    pairs = (each.split(":") for each in text.split())
    return {int(term): int(impact) for term, impact in pairs}


def _drop(engine: Engine, row: EngineIndex) -> None:
    try:
        engine.drop()
    except EngineUnavailable as error:
        logger.warning("An index that was not finished is dropped later: %s", error)
        return
    row.delete()
