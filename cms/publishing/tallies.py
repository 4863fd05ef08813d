"""Counts of heads that are kept, not counted: how many there are of a type, and how many with one kind of tie to a document.

Only the ledger changes heads, and it holds the clock's lock while it does, so a count is moved by exactly what came and
went. Heads past their expiry are still counted here; whoever reads takes those off (``cms/publishing/lists.py``).
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from cms.publishing.models import Head, Tally
from cms.publishing.moves import Moves

# The target of the count of all heads of a type.
EVERY = uuid.UUID(int=0)


class Key(NamedTuple):
    """What is counted: heads of one site, type and language; with a ``kind`` only those tied so to ``target_id``."""

    site_id: int
    type: str
    locale: str
    kind: str
    target_id: uuid.UUID


def keys_of(head: Head, ties: Iterable[tuple[str, uuid.UUID]]) -> set[Key]:
    """Every count that ``head`` with these ties (kind, target) is part of."""
    place = (head.site_id, head.type, head.locale)
    return {Key(*place, "", EVERY), *(Key(*place, kind, target_id) for kind, target_id in ties)}


def recorded_keys(document_id: uuid.UUID) -> set[Key]:
    """Every count that the head of this document is part of now; empty without one. One query."""
    rows = Head.objects.filter(pk=document_id).values_list(
        "site_id", "type", "locale", "relations__kind", "relations__target_id"
    )
    keys = set()
    for site_id, kind_of_page, locale, kind, target_id in rows:
        keys.add(Key(site_id, kind_of_page, locale, "", EVERY))
        if target_id is not None:
            keys.add(Key(site_id, kind_of_page, locale, kind, target_id))
    return keys


def _write(moved: dict[Key, int]) -> None:
    places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(moved))
    # By hand: the ORM's upsert cannot add to what is there.
    sql = f"""
        INSERT INTO publishing_tally (site_id, type, locale, kind, target_id, heads) VALUES {places}
        ON CONFLICT (site_id, type, target_id, kind, locale)
        DO UPDATE SET heads = publishing_tally.heads + excluded.heads
    """
    has_uuid = connection.features.has_native_uuid_field
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            [
                value
                for key, by in moved.items()
                for value in (*key[:4], key.target_id if has_uuid else key.target_id.hex, by)
            ],
        )


_moves: Moves[Key] = Moves(_write)
# Counts are moved by ``move(gone, come)``; ``together()`` is a context whose moves are written at its end.
move, together = _moves.move, _moves.together


def counted() -> Counter[Key]:
    """What every count should be, counted from heads and their ties."""
    rows = Head.objects.values_list("pk", "site_id", "type", "locale")
    found = Counter(Key(*row[1:], "", EVERY) for row in rows.iterator(chunk_size=2000))
    ties = Head.objects.filter(relations__isnull=False).values_list(
        "pk", "site_id", "type", "locale", "relations__kind", "relations__target_id"
    )
    found.update(Key(*row[1:]) for row in ties.distinct().iterator(chunk_size=2000))
    return found


def kept() -> Counter[Key]:
    """What every count is; zeros are left out."""
    rows = Tally.objects.exclude(heads=0).values_list("site_id", "type", "locale", "kind", "target_id", "heads")
    return Counter({Key(*row[:5]): row[5] for row in rows.iterator(chunk_size=2000)})


def recount() -> None:
    """Make every count anew."""
    Tally.objects.all().delete()
    Tally.objects.bulk_create((Tally(**key._asdict(), heads=heads) for key, heads in counted().items()), batch_size=500)
