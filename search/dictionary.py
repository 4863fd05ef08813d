"""What the search knows from editors, as it is read: synonyms, pages that come first, notices for emergencies.

Each is kept in the process for one version of the clock, which the database advances when one of the tables changes
(``cms.publishing.facts``): a change is there at the next request, in every process. Inside a transaction nothing is kept,
because a version that is rolled back is given a second time.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from cms.pages.identity import document_id_from
from cms.publishing import clock
from search.folding import fold
from search.phrases import lines_of, phrase_of
from search.vocabulary import Notice, PromotedPage, Synonym

Made = TypeVar("Made")
Row = TypeVar("Row", bound=Model)
# How many answers are kept for one version. Sites and languages are few; what clients make up must not fill the memory.
_MAX_KEPT = 64
_kept: tuple[clock.Version, dict[Any, Any]] = (clock.Version(0, 0, ""), {})


@dataclass(frozen=True)
class Shown:
    """A notice as readers see it."""

    title: str
    message: str
    telephone: str
    telephone_href: str


def synonyms(
    site_id: int | None, locale: str | None, *, version: clock.Version | None = None
) -> Mapping[str, tuple[str, ...]]:
    """What else each phrase means, on this site and in this language; ``None`` for either takes those of all.

    Keys are phrases as ``phrase_of`` folds what was typed. Values are phrases as pages write them, in small letters without
    accents: what to look for as well. One step only: what a meaning means in turn is not looked up, so a circle is harmless.
    One query, or none when the caller has read the ``version``.
    """
    return _kept_or(version, ("synonyms", site_id, locale), lambda: _synonyms(site_id, locale))


def promoted(
    site_id: int | None, locale: str | None, *, version: clock.Version | None = None
) -> Mapping[str, tuple[uuid.UUID, ...]]:
    """The documents that come first for a phrase, in order, at this moment; keys as for ``synonyms``.

    Nobody looked whether they are public: whoever reads them leaves out those that are not. One query, or none when the caller
    has read the ``version``.
    """
    windows = _kept_or(version, ("promoted", site_id, locale), lambda: _promoted(site_id, locale))
    now = timezone.now()
    found: dict[str, tuple[uuid.UUID, ...]] = {}
    for phrase, starts_at, ends_at, ids in windows:
        if (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at):
            found[phrase] = tuple(dict.fromkeys((*found.get(phrase, ()), *ids)))
    return found


def notices(text: str, site_id: int | None, locale: str | None, *, version: clock.Version | None = None) -> list[Shown]:
    """The notices whose words occur in ``text``, as whole words in a row; ``None`` for site or language takes those of all.

    One query, or none when the caller has read the ``version``.
    """
    typed = f" {phrase_of(text)} "
    kept = _kept_or(version, ("notices", site_id, locale), lambda: _notices(site_id, locale))
    return [shown for phrases, shown in kept if any(map(typed.__contains__, phrases))]


def _kept_or(version: clock.Version | None, key: Any, make: Callable[[], Made]) -> Made:
    global _kept  # noqa: PLW0603 - one pair for the process, replaced as a whole
    if connection.in_atomic_block:
        return make()
    version = version or clock.read()
    if _kept[0] != version or len(_kept[1]) >= _MAX_KEPT:
        _kept = (version, {})
    kept = _kept[1]
    if key not in kept:
        kept[key] = make()
    made: Made = kept[key]
    return made


def _of(rows: QuerySet[Row], site_id: int | None, locale: str | None, prefix: str = "") -> QuerySet[Row]:
    """Those of ``rows`` that hold for this site and this language; what holds for one site goes before what holds for all."""
    if site_id is not None:
        rows = rows.filter(Q(**{f"{prefix}site": None}) | Q(**{f"{prefix}site": site_id}))
    if locale is not None:
        rows = rows.filter(**{f"{prefix}locale__in": ("", locale)})
    return rows.order_by(F(f"{prefix}site").asc(nulls_last=True), f"-{prefix}locale", f"{prefix}pk")


def _synonyms(site_id: int | None, locale: str | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    rows = _of(Synonym.objects.all(), site_id, locale).values_list("phrase", "meanings", "is_both_ways")
    for phrase, meanings, is_both_ways in rows:
        for meaning in lines_of(meanings):
            found.setdefault(phrase_of(phrase), {})[fold(meaning)] = None
            if is_both_ways:
                found.setdefault(phrase_of(meaning), {})[fold(phrase)] = None
    return {phrase: tuple(meanings) for phrase, meanings in found.items()}


def _promoted(
    site_id: int | None, locale: str | None
) -> list[tuple[str, datetime.datetime | None, datetime.datetime | None, list[uuid.UUID]]]:
    pages = _of(PromotedPage.objects.all(), site_id, locale, "promotion__")
    rows = pages.order_by(*pages.query.order_by, "sort_order", "pk").values_list(
        "promotion_id",
        "promotion__folded",
        "promotion__starts_at",
        "promotion__ends_at",
        "page__translation_key",
        "page__locale__language_code",
    )
    found: dict[int, tuple[str, datetime.datetime | None, datetime.datetime | None, list[uuid.UUID]]] = {}
    for number, phrase, starts_at, ends_at, translation_key, language in rows:
        _phrase, _starts, _ends, ids = found.setdefault(number, (phrase, starts_at, ends_at, []))
        ids.append(document_id_from(translation_key, language))
    return list(found.values())


def _notices(site_id: int | None, locale: str | None) -> list[tuple[list[str], Shown]]:
    return [
        (
            # As whole words stand in a row.
            [f" {phrase_of(text)} " for text in lines_of(notice.phrases)],
            Shown(notice.title, notice.message, notice.telephone, notice.telephone_href()),
        )
        for notice in _of(Notice.objects.all(), site_id, locale)
    ]
