"""What the public saw at a moment, or will see: heads as they stood then, laid over the present ones for one reader.

The past comes from the ledger, the future from what is approved and scheduled. Heads of that moment are put into temporary
tables under the names of the real ones. A database looks there first, so everything that reads heads (lists, filters,
search, relations) reads that moment, with the very code that reads the present. Only this connection sees those tables, and
they are gone before it is used for anything else.
"""

import datetime
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Max
from wagtail.models import Revision

from cms.pages.document import canonical_bytes, digest_of
from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.publishing import dates, ledger, reconcile, tallies
from cms.publishing.models import Entry, Head, HeadRelation
from cms.publishing.world import LedgerWorld
from cms.workflow import gate

# More documents than this are not laid out for one request. Unit: documents.
MAX_DOCUMENTS = 10_000
_TABLES = ("publishing_head", "publishing_headrelation", "publishing_cardreferences", "publishing_tally")
_CHUNK = 200


class TooManyDocuments(Exception):
    """The public saw more documents at that moment than one request may lay out."""


@contextmanager
def heads_at(moment: datetime.datetime, *, now: datetime.datetime) -> Iterator[None]:
    """Inside, heads and what belongs to them are those of ``moment``; pages that had expired by then are still among them.

    After ``now`` they are those of the present, with every approved page published whose time comes until then and that the
    gate would admit today. Nothing is recorded anywhere. Raises ``TooManyDocuments`` for more than ``MAX_DOCUMENTS``.
    """
    position = Entry.objects.filter(at__lte=moment).aggregate(newest=Max("position"))["newest"] or 0
    newest = Entry.objects.filter(position__lte=position).values("document_id").annotate(newest=Max("position"))
    positions = list(newest.order_by().values_list("newest", flat=True)[: MAX_DOCUMENTS + 1])
    if len(positions) > MAX_DOCUMENTS:
        raise TooManyDocuments(MAX_DOCUMENTS)
    coming = list(_scheduled(moment, now)) if moment > now else []
    replaced = {entry.document_id for entry in coming}
    with _laid_over():
        for start in range(0, len(positions), _CHUNK):
            entries = Entry.objects.filter(position__in=positions[start : start + _CHUNK]).exclude(kind="withdrawn")
            _write(entry for entry in entries if entry.document_id not in replaced)
        _write(coming)
        tallies.recount()
        yield


@contextmanager
def _laid_over() -> Iterator[None]:
    """Inside, the tables of heads are empty, temporary ones."""
    if connection.vendor == "postgresql":
        # In a transaction, whose end takes the tables away, however it ends.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            (schema,) = cursor.fetchone()
            for table in _TABLES:
                cursor.execute(f'CREATE TEMPORARY TABLE {table} (LIKE "{schema}".{table} INCLUDING ALL) ON COMMIT DROP')
            try:
                yield
            finally:
                # Inside of another transaction the end of this one is not a commit.
                if not connection.needs_rollback:
                    cursor.execute("; ".join(f"DROP TABLE IF EXISTS pg_temp.{table}" for table in _TABLES))
        return
    try:
        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM main.{table} LIMIT 0")
        yield
    finally:
        _drop()


def _drop() -> None:
    try:
        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS temp.{table}")
    except BaseException:
        # What cannot be dropped goes with its connection: the next reader must never see another moment than his own.
        connection.close()
        raise


def _write(entries: Iterable[Entry]) -> None:
    heads, ties = [], []
    for entry in entries:
        if entry.document is None:
            continue  # blanked since by a lawful erasure
        head = Head(document_id=entry.document_id, **ledger.head_columns(entry))
        heads.append(head)
        ties += ledger.ties_of(head, entry)
    Head.objects.bulk_create(heads)
    start = (HeadRelation.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    for number, tie in enumerate(ties, start=start):
        tie.pk = number
    HeadRelation.objects.bulk_create(ties, batch_size=500)


def _scheduled(moment: datetime.datetime, now: datetime.datetime) -> Iterator[Entry]:
    """An entry, recorded nowhere, for each approved revision whose time comes until ``moment`` and that the gate admits."""
    due = Revision.page_revisions.filter(approved_go_live_at__lte=moment).order_by("approved_go_live_at", "pk")
    world = LedgerWorld()
    for number, revision in enumerate(due.iterator(), start=1):
        page = revision.as_object()
        if not isinstance(page, PublicPage) or page.pk in reconcile.restricted_among([page]):
            continue
        decision = gate.decide(page)
        site_id = world.site_of(page)
        if not decision.is_admitted or site_id is None:
            continue
        goes_live_at = revision.approved_go_live_at or now
        seen = dates.last_seen([document_id_of(page)]).get(document_id_of(page))
        content_digest = page.content_digest()
        its_dates = dates.dates_of(page, content_digest, seen, now=goes_live_at)
        approvals = reconcile.recorded(decision.approvals)
        rendered = page.render(
            world,
            signatures=reconcile.signatures_of(approvals),
            published_at=its_dates.published_at,
            updated_at=its_dates.updated_at,
            material_change=its_dates.material_change,
        )
        language = page.locale.language_code
        place = ledger.Place(document_id_of(page), page.pk, page.document_type, language, site_id, page.translation_key)
        body = canonical_bytes(ledger.document_of(place, rendered))
        yield Entry(
            # Below zero: it has no position yet, and must not look like one that has.
            position=-number,
            document_id=place.document_id,
            page_id=place.page_id,
            type=place.type,
            locale=place.locale,
            site_id=place.site_id,
            translation_key=place.translation_key,
            kind="published",
            path=str(rendered.document["path"]),
            document=body.decode(),
            digest=digest_of(body),
            content_digest=content_digest,
            revision_id=revision.pk,
            approvals=approvals,
            expires_at=page.expire_at,
            at=goes_live_at,
        )
