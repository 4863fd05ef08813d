"""Where a search looks: sites and their languages, and how many documents each has. Kept for as long as nothing changes."""

import datetime
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Sum
from wagtail.models import Site

from cms.publishing import clock
from cms.publishing.models import Head, Tally
from search.engine import Engine, engine_in_force
from search.index_models import IndexedDocument
from search.parts import FACETS
from search.postings import mark_of
from search.recent import Recent


@dataclass(frozen=True)
class Scope:
    """One site in one language, the number of its documents, and when that was so."""

    site_id: int
    locale: str
    documents: int
    version: clock.Version | None = field(default=None, compare=False)


class Known:
    """What is known of one version of the ledger: each part is asked for when it is first needed."""

    def __init__(self, version: clock.Version) -> None:
        self.version = version
        # What was found of late, for ``search.finding``.
        self.found: OrderedDict[object, Any] = OrderedDict()
        self.recent = Recent()
        # What was completed of late, for ``search.suggesting``.
        self.completed: OrderedDict[object, Any] = OrderedDict()
        # For ``targets_of``: few, since each is a set of sites that there are.
        self.targets_by_sites: dict[frozenset[int], Mapping[str, Mapping[str, str]]] = {}
        self._numbers: dict[object, dict[uuid.UUID, int]] = {}

    @cached_property
    def engine(self) -> Engine | None:
        """Where the lists of words are when they are not in the database. Raises ``EngineUnavailable``."""
        return engine_in_force()

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        """Sites and languages that have documents."""
        rows = Tally.objects.filter(kind="").values_list("site_id", "locale").annotate(documents=Sum("heads"))
        return tuple(
            Scope(row[0], row[1], row[2], self.version) for row in rows.order_by("site_id", "locale") if row[2] > 0
        )

    def numbers_of(self, ids: tuple[uuid.UUID, ...], scope: Scope) -> dict[uuid.UUID, int]:
        """The numbers in the index of those of these documents that are in ``scope``; for few sets of ids, each asked once."""
        key = (ids, scope.site_id, scope.locale)
        if key not in self._numbers:
            rows = IndexedDocument.objects.filter(document_id__in=ids, site_id=scope.site_id, locale=scope.locale)
            self._numbers[key] = dict(rows.values_list("document_id", "pk"))
        return self._numbers[key]

    @cached_property
    def sites(self) -> tuple[tuple[int, str, bool], ...]:
        """Every site: its key, its hostname, and whether it is the default."""
        return tuple(Site.objects.values_list("pk", "hostname", "is_default_site"))

    @cached_property
    def targets(self) -> tuple[tuple[str, str, str, int, datetime.datetime | None], ...]:
        """Pages by which results are counted and narrowed: type, mark of those that are tied to it, slug, site, expiry."""
        rows = Head.objects.filter(type__in=FACETS).values_list("type", "document_id", "slug", "site_id", "expires_at")
        return tuple((row[0], mark_of(row[0], str(row[1])), *row[2:]) for row in rows)

    @cached_property
    def has_expiring_targets(self) -> bool:
        """Whether one of ``targets`` has an end."""
        return any(expires_at is not None for *_rest, expires_at in self.targets)

    @cached_property
    def has_expiring(self) -> bool:
        """Whether some page has an end."""
        return IndexedDocument.objects.filter(expires_at__isnull=False).exists()


_kept: list[Known] = []
_lock = threading.Lock()


def known() -> Known:
    """What there is to search; one query when nothing has changed since the last time."""
    version = clock.read()
    # What a transaction sees may never come true.
    if connection.in_atomic_block:
        return Known(version)
    with _lock:
        if not _kept or _kept[0].version != version:
            _kept[:] = [Known(version)]
        return _kept[0]


def site_ids_of(at: Known, site: str | int | None) -> list[int]:
    """Primary keys of the sites that are meant: by hostname, by primary key, or the default site."""
    if isinstance(site, int):
        return [site]
    return [pk for pk, hostname, is_default in at.sites if (is_default if site is None else hostname == site)]


def scopes_of(at: Known, site_ids: list[int] | None, locale: str | None) -> list[Scope]:
    """The scopes on these sites (on every site for ``None``) in this language (in every one for ``None``)."""
    return [
        scope
        for scope in at.scopes
        if (site_ids is None or scope.site_id in site_ids) and (locale is None or scope.locale == locale)
    ]


def targets_of(at: Known, sites: frozenset[int], now: datetime.datetime) -> Mapping[str, Mapping[str, str]]:
    """Public pages by which results are counted and narrowed: for each facet slugs, by the mark of what is tied to the page.

    The same object for as long as it stays the same.
    """
    if at.has_expiring_targets:
        return _targets_of(at, sites, now)
    found = at.targets_by_sites.get(sites)
    if found is None:
        found = at.targets_by_sites[sites] = _targets_of(at, sites, now)
    return found


def _targets_of(at: Known, sites: frozenset[int], now: datetime.datetime) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {name: {} for name in FACETS}
    for kind, mark, slug, site_id, expires_at in at.targets:
        if site_id in sites and (expires_at is None or expires_at > now):
            found[kind][mark] = slug
    return found


def expired_words(at: Known, scope: Scope, now: datetime.datetime) -> Mapping[str, int]:
    """How many documents with each word have expired and are not withdrawn yet; under no word how many there are."""
    if not at.has_expiring:
        return {}
    expired: Counter[str] = Counter()
    rows = IndexedDocument.objects.filter(site_id=scope.site_id, locale=scope.locale, expires_at__lte=now)
    for words in rows.values_list("words", flat=True):
        expired.update(words.split())
        expired[""] += 1
    return expired
