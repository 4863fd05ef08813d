"""The references that lists show beside each card, kept ready to be served.

Joining them costs more than all the rest of a list: twenty cards name a hundred pages. So what the join gives is kept beside
the head as one text, ``written``. It is ``None`` while it is not ready, and then whoever reads joins (decision 0013).

It can be relied on because everything that it shows comes through the ledger, under the clock's lock: when a page arrives,
leaves, or gets another title or address, the texts that name it become ``None`` in the same transaction. What happens without
an entry is left out here and judged when something is read: a text names pages past their expiry too, and is not used as long
as there is such a page.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection, transaction

from cms.publishing import reading
from cms.publishing.models import CardReferences, Clock, Head, HeadRelation
from cms.publishing.public_document import CARD_RELATIONS, written_references

# How many texts one transaction makes ready: it holds the clock's lock, and publications wait for it. Unit: documents.
BATCH_SIZE = 200


def forget(head: Head) -> None:
    """Say that the text of ``head`` is not ready; a new head has none yet. One statement."""
    CardReferences.objects.bulk_create(
        [CardReferences(source=head)], update_conflicts=True, unique_fields=["source"], update_fields=["written"]
    )


def forget_those_naming(target_id: uuid.UUID) -> None:
    """Say of every text that may name this document that it is not ready. One statement."""
    naming = HeadRelation.objects.filter(target_id=target_id, kind__in=CARD_RELATIONS).values("source_id")
    CardReferences.objects.filter(source__in=naming, written__isnull=False).update(written=None)


def prepare(limit: int = BATCH_SIZE) -> int:
    """Make up to ``limit`` texts ready, inside a transaction; how many were not. One query when all are."""
    unready = CardReferences.objects.filter(written__isnull=True).values_list("source_id", flat=True)
    if not unready.exists():
        return 0
    # Without the clock's lock somebody could rename a page between the join and the writing of what it gave.
    Clock.objects.select_for_update().get(pk=1)
    keys = list(unready[:limit])
    CardReferences.objects.bulk_create(
        [CardReferences(source_id=key, written=text) for key, text in expected(keys).items()],
        update_conflicts=True,
        unique_fields=["source"],
        update_fields=["written"],
    )
    return len(keys)


def prepare_all() -> int:
    """Make all texts ready, each batch in a transaction of its own; how many were not."""
    prepared = 0
    while True:
        with transaction.atomic():
            batch = prepare()
        prepared += batch
        if not batch:
            return prepared


def expected(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """What the texts of these heads are, joined anew; one query. Pages past their expiry are named too."""
    found: dict[Any, dict[str, list[str]]] = {
        reading.key_of(key): {kind: [] for kind in CARD_RELATIONS} for key in keys
    }
    if not found:
        return {}
    places = ", ".join(["%s"] * len(found))
    kinds = ", ".join(["%s"] * len(CARD_RELATIONS))
    # By hand: the ORM does not join over an id that need not exist.
    sql = f"""
        SELECT relation.source_id, relation.kind, head.reference
        FROM publishing_headrelation relation
        JOIN publishing_head source ON source.document_id = relation.source_id
        JOIN publishing_head head ON head.document_id = relation.target_id AND head.site_id = source.site_id
        WHERE relation.source_id IN ({places}) AND relation.kind IN ({kinds})
        ORDER BY relation.source_id, relation.kind, relation."order"
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [*found, *CARD_RELATIONS])
        for source, kind, reference in cursor.fetchall():
            found[source][kind].append(reference)
    return {reading.uuid_of(key): written_references(by_kind) for key, by_kind in found.items()}


def wrong() -> Mapping[uuid.UUID, str]:
    """The texts that are not what the join gives, by document: empty when all are right. ``None`` is never wrong."""
    found: dict[uuid.UUID, str] = {}
    keys = list(Head.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH_SIZE):
        batch = keys[start : start + BATCH_SIZE]
        kept = dict(CardReferences.objects.filter(source__in=batch).values_list("source_id", "written"))
        for key, text in expected(batch).items():
            written = kept.get(key)
            if written is not None and written != text:
                found[key] = written
    return found
