"""Capture: what Wagtail changed becomes entries, whichever way it was changed.

Receivers only note which pages a transaction may have touched. Just before the outermost commit, each of them is compared
with what the public sees: what differs is gated, rendered and appended, in the same transaction. The ledger reconciles
instead of trusting signals: most paths in Wagtail that change a public page send none that tells the truth.

A page is touched *directly* when somebody saved it: then content that the gate does not admit undoes the whole transaction.
It is touched *indirectly* when something around it changed, its parent's slug or an image: then it is rendered again under
the approvals that stand, and content that was never admitted stays out, without stopping the change that touched it.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page

from cms.publishing import card_references, ledger, reconcile, reference_index
from cms.publishing.models import Dependency, Head

# Columns that Wagtail writes while somebody drafts; none of them is public.
DRAFT_FIELDS = frozenset(
    {
        "latest_revision",
        "latest_revision_created_at",
        "draft_title",
        "has_unpublished_changes",
        "locked",
        "locked_at",
        "locked_by",
    }
)
_MAX_ROUNDS = 20
_acting = threading.local()


@dataclass
class Touched:
    """What one transaction may have changed: primary keys of pages, roots of subtrees, and things pages depend on."""

    direct: set[int] = field(default_factory=set)
    indirect: set[int] = field(default_factory=set)
    subtrees: set[int] = field(default_factory=set)
    objects: set[tuple[str, int]] = field(default_factory=set)
    everything: bool = False
    actor_id: int | None = None

    def is_empty(self) -> bool:
        """Whether nothing was touched."""
        return not (self.direct or self.indirect or self.subtrees or self.objects or self.everything)


class CaptureDidNotSettle(RuntimeError):
    """Pages kept changing each other; a page's document must not depend on how often it is rendered."""


def touch(
    *,
    pages: Iterable[int] = (),
    indirect: Iterable[int] = (),
    subtrees: Iterable[int] = (),
    objects: Iterable[tuple[str, int]] = (),
    everything: bool = False,
) -> None:
    """Note that the running transaction may have changed what the public sees; outside of one, capture at once."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        with transaction.atomic():
            touch(pages=pages, indirect=indirect, subtrees=subtrees, objects=objects, everything=everything)
        return
    touched = _touched(connection)
    touched.direct.update(pages)
    touched.indirect.update(indirect)
    touched.subtrees.update(subtrees)
    touched.objects.update(objects)
    touched.everything = touched.everything or everything
    touched.actor_id = _actor_id() or touched.actor_id


def flush(connection: BaseDatabaseWrapper) -> None:
    """Bring the ledger up to the transaction that is about to commit on ``connection``.

    Raises ``GateBlocked`` when somebody saved a page as live whose content the gate does not admit.
    """
    touched = _take(connection)
    gathered: dict[int, Page] = {}
    if not touched.is_empty():
        _append_what_changed(connection, touched, gathered)
    reference_index.flush(connection, gathered)


def _append_what_changed(connection: BaseDatabaseWrapper, touched: Touched, gathered: dict[int, Page]) -> None:
    actor_id = touched.actor_id
    with transaction.atomic(using=connection.alias):
        if touched.subtrees or touched.objects or touched.everything:
            # Which pages these mean is asked under the clock's lock: somebody may just be making one of them public.
            ledger.lock_clock()
        for _round in range(_MAX_ROUNDS):
            direct, indirect = _pages_in(touched)
            changed = reconcile.reconcile(direct, indirect, actor_id=actor_id, gathered=gathered)
            if not changed:
                card_references.prepare()
                return
            # Every page that shows something of those that changed.
            touched = Touched(objects={("page", key) for key in changed})
        raise CaptureDidNotSettle(f"still changing after {_MAX_ROUNDS} rounds: {sorted(touched.indirect)}")


def forget(connection: BaseDatabaseWrapper) -> None:
    """Drop what was noted: the transaction was abandoned."""
    connection.__dict__.pop("attest_touched", None)
    reference_index.forget(connection)


@contextmanager
def acting_as(user: Any) -> Iterator[None]:
    """What is touched inside is the doing of ``user``; ``None`` leaves it to whoever acts around."""
    before = getattr(_acting, "user_id", None)
    _acting.user_id = getattr(user, "pk", None) or before
    try:
        yield
    finally:
        _acting.user_id = before


def connect() -> None:
    """Connect the receivers. Called once, when the application starts."""
    from cms.publishing import receivers

    receivers.connect()


def _actor_id() -> int | None:
    acting = getattr(_acting, "user_id", None)
    return acting or getattr(get_active_log_context().user, "pk", None)


def _touched(connection: BaseDatabaseWrapper) -> Touched:
    return connection.__dict__.setdefault("attest_touched", Touched())


def _take(connection: BaseDatabaseWrapper) -> Touched:
    """What was noted until now; what the flush itself touches is noted anew."""
    return connection.__dict__.pop("attest_touched", None) or Touched()


def _pages_in(touched: Touched) -> tuple[set[int], set[int]]:
    """The pages that ``touched`` means: those touched directly, and those touched indirectly."""
    direct = set(touched.direct)
    if touched.everything:
        indirect = set(Head.objects.values_list("page_id", flat=True))
        indirect.update(Page.objects.filter(live=True).values_list("pk", flat=True))
        return direct, indirect - direct
    indirect = set(touched.indirect)
    for key in touched.subtrees:
        indirect.update(_subtree(key))
    for kind in {kind for kind, _object_id in touched.objects}:
        object_ids = [object_id for its_kind, object_id in touched.objects if its_kind == kind]
        shown_by = Dependency.objects.filter(kind=kind, object_id__in=object_ids)
        indirect.update(shown_by.values_list("source__page_id", flat=True))
    return direct, indirect - direct


def _subtree(key: int) -> set[int]:
    """Primary keys of the page ``key``, its descendants, and the aliases of any of them with their descendants."""
    found: set[int] = set()
    waiting = {key}
    while waiting:
        roots = Page.objects.filter(pk__in=waiting).values_list("path", flat=True)
        below = Q(pk__in=[])
        for path in roots:
            below |= Q(path__startswith=path)
        inside = set(Page.objects.filter(below).values_list("pk", flat=True))
        found |= inside
        waiting = set(Page.objects.filter(alias_of__in=inside).values_list("pk", flat=True)) - found
    return found
