"""What the search page shows: the results, ways to narrow them and back, other spellings, and help where nothing was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from cms.publishing import reading
from cms.reader import chrome
from cms.reader.templatetags.reader import type_name
from search import dictionary, misses, query
from search.cluster import EngineUnavailable

RESULTS_PER_PAGE = 20
MAX_QUERY_LENGTH = 200
# How many conditions are offered where nothing was found.
MAX_OFFERED = 16
# What narrows the results, in the order in which it is offered: the parameter, and what readers call it.
FILTERS = {"type": "Kind of page", "condition": "Condition", "service": "Service", "topic": "Topic"}
# The most frequent ones of each; more would be a list to search in.
MAX_OPTIONS = 8


@dataclass(frozen=True)
class Option:
    """One way to narrow the results, or to widen them again: what it is called, how many are left, and where that leads."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Group:
    """Ways to narrow the results by one kind of thing."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class _Asked:
    """What somebody asked: words, the page of results (from 1), the site, and what narrows the results."""

    words: str
    number: int
    site_id: int
    chosen: Mapping[str, str]

    def address(self, **changes: str | None) -> str:
        """The address of the same search with something else chosen, or without it for ``None``; on its first page."""
        wanted = {"q": self.words, **self.chosen, **changes}
        return f"?{urlencode({name: value for name, value in wanted.items() if value})}"


def context_of(request: HttpRequest, number: int) -> dict[str, Any]:
    """What the search page shows besides what every page shows; ``number`` is the page of results, from 1."""
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())
    context: dict[str, Any] = {"query": words[:MAX_QUERY_LENGTH], "results": [], "count": 0, "error": ""}
    if not words:
        return context
    if len(words) > MAX_QUERY_LENGTH:
        return context | {"error": f"Please search for fewer words: up to {MAX_QUERY_LENGTH} characters."}
    chosen = {name: value for name in FILTERS if (value := request.GET.get(name, "").replace("\x00", ""))}
    asked = _Asked(words, number, chrome.site_id_of(request), chosen)
    try:
        found = _search(asked)
    except ValueError:
        return context | {"error": f"Please search for fewer words: up to {query.MAX_WORDS}."}
    except EngineUnavailable:
        return context | _unavailable(asked)
    if number == 1 and not chosen:
        misses.count_search(words, found=found.count, site_id=asked.site_id, locale=settings.LANGUAGE_CODE)
    names = _names(asked, found.facets)
    return {
        **context,
        "results": _results(found),
        "count": found.count,
        "is_exact": found.is_exact,
        "pagination": chrome.pagination(
            request, number, -(-found.count // RESULTS_PER_PAGE), extra={"q": words, **chosen}
        ),
        "shown_for": found.did_you_mean if found.count else None,
        "did_you_mean": None if found.count else found.did_you_mean,
        # In quotes, words stand for themselves.
        "exact_query": f'"{words.replace(chr(34), "")}"',
        "notices": dictionary.notices(words, asked.site_id, settings.LANGUAGE_CODE),
        "chosen": [_removal(asked, names, name) for name in chosen],
        "groups": _groups(asked, names, found.facets),
        "everything_url": _Asked(words, 1, asked.site_id, {}).address() if chosen else None,
        "offered": [] if found.count else _offered(asked.site_id),
    }


def _unavailable(asked: _Asked) -> dict[str, Any]:
    """What is shown while the engine of search is away: help in an emergency above all, which does not depend on it."""
    return {
        "error": "Search cannot answer just now. Please try again in a minute.",
        "is_unavailable": True,
        "notices": dictionary.notices(asked.words, asked.site_id, settings.LANGUAGE_CODE),
        "offered": _offered(asked.site_id),
    }


def _search(asked: _Asked) -> query.Results:
    return query.search(
        asked.words,
        site_id=asked.site_id,
        types=(asked.chosen["type"],) if "type" in asked.chosen else (),
        ties={name: (value,) for name, value in asked.chosen.items() if name != "type"},
        limit=RESULTS_PER_PAGE,
        offset=(asked.number - 1) * RESULTS_PER_PAGE,
    )


def _results(found: query.Results) -> list[dict[str, Any]]:
    cards = chrome.cards(hit.card for hit in found.hits)
    return [
        card | {"highlight": hit.highlight, "title_highlight": hit.title_highlight}
        for card, hit in zip(cards, found.hits, strict=True)
    ]


def _names(asked: _Asked, facets: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], str]:
    """What readers call each value of each filter; one query for the titles of pages."""
    slugs = {
        (kind, slug)
        for kind in FILTERS
        if kind != "type"
        for slug in (*facets.get(kind, ()), asked.chosen.get(kind, ""))
        if slug
    }
    names = {("type", kind): type_name(kind) for kind in (*facets.get("type", ()), asked.chosen.get("type", ""))}
    if slugs:
        heads = reading.visible(site_id=asked.site_id)
        heads = heads.filter(type__in={kind for kind, _slug in slugs}, slug__in={slug for _kind, slug in slugs})
        names |= {(kind, slug): title for kind, slug, title in heads.values_list("type", "slug", "title")}
    return names


def _removal(asked: _Asked, names: Mapping[tuple[str, str], str], name: str) -> Option:
    value = asked.chosen[name]
    return Option(names.get((name, value), value), 0, asked.address(**{name: None}))


def _groups(
    asked: _Asked, names: Mapping[tuple[str, str], str], facets: Mapping[str, Mapping[str, int]]
) -> list[Group]:
    """What narrows the results further: nothing that is chosen already, and nothing that all of them have."""
    groups = []
    for name, label in FILTERS.items():
        counts = facets.get(name, {})
        if name in asked.chosen or len(counts) < 2:
            continue
        ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[:MAX_OPTIONS]
        options = [
            Option(names[name, value], count, asked.address(**{name: value}))
            for value, count in ranked
            if (name, value) in names
        ]
        groups.append(Group(label, tuple(options)))
    return groups


def _offered(site_id: int) -> list[dict[str, Any]]:
    """Conditions to look at where nothing was found."""
    heads = reading.visible(site_id=site_id).filter(type="condition").order_by("title", "document_id")
    return chrome.cards(heads.values_list("card", flat=True)[:MAX_OFFERED])
