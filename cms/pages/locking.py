"""One writer at a time for each page, and one change of the tree at a time.

Wagtail reads a page, decides, and writes the whole row back. Two who do that at once would undo each other: a publication
would bring back the newest draft that it had read, and an edit that came between would be gone from the editor; a move would
be undone by a save with the old path. So whoever is going to write a page takes its row first, and reads it afterwards.

Locks are taken in one order: the tree, pages by primary key, and last, at the commit, the ledger's clock. On SQLite there is
one writer at a time, and nothing to take.
"""

from collections.abc import Iterable

from django.db.models import Q
from wagtail.models import Page


def lock_pages(keys: Iterable[int]) -> None:
    """Wait until nobody else writes these pages or their aliases, and keep others from it until the transaction ends.

    ``keys`` are primary keys; those of no page are ignored. What was read of a page before may be old by now. One query.
    """
    named = set(keys)
    if named:
        # Not the strongest lock: rows that point to a page, a restriction for example, may be added meanwhile.
        rows = Page.objects.select_for_update(no_key=True).filter(Q(pk__in=named) | Q(alias_of__in=named))
        list(rows.order_by("pk").values_list("pk", flat=True))


def lock_tree() -> None:
    """Wait until nobody else moves, adds or removes pages; treebeard computes the places of pages from what it reads."""
    rows = Page.objects.select_for_update(no_key=True).filter(depth=1).order_by("pk")
    list(rows.values_list("pk", flat=True))
