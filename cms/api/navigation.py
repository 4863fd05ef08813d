"""Menus as the public may see them: an entry whose page is not public is absent, with everything below it."""

from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from django.apps import apps

from cms.api import scope
from cms.publishing.models import Head

_SCHEMES = ("https://", "http://", "tel:", "mailto:")
MENUS = ("main", "footer")


class MenuItem(TypedDict):
    """One entry: ``url`` is a path of the site or a whole address, ``None`` for a heading above its children."""

    title: str
    url: str | None
    children: list["MenuItem"]


def menus(site: str | None) -> dict[str, list[MenuItem]]:
    """The menus of ``site`` (a hostname, ``None`` for the default site), in two queries."""
    # By name: the API does not import content apps.
    navigation = apps.get_model("home", "Navigation").objects.filter(site__in=scope.sites_named(site)).first()
    if navigation is None:
        scope.require_site(site)
        return {name: [] for name in MENUS}
    # The raw values: the blocks would load each page, hidden ones too.
    raw = {name: [entry["value"] for entry in getattr(navigation, name).raw_data] for name in MENUS}
    keys = {key for entries in raw.values() for key in _page_keys(entries)}
    rows = scope.public_heads(site).filter(page_id__in=keys).only("page_id", "path", "title")
    heads = {head.page_id: head for head in rows}
    return {name: _tree(entries, heads) for name, entries in raw.items()}


def _children(entry: dict[str, Any]) -> list[dict[str, Any]]:
    # Wagtail reads list items with and without a wrapper around their value; both forms may be stored.
    return [child.get("value", child) for child in entry.get("children") or []]


def _page_keys(entries: Iterable[dict[str, Any]]) -> Iterator[int]:
    for entry in entries:
        if entry.get("page"):
            yield int(entry["page"])
        yield from _page_keys(_children(entry))


def _tree(entries: Iterable[dict[str, Any]], heads: dict[int, Head]) -> list[MenuItem]:
    return [item for item in (_item(entry, heads) for entry in entries) if item is not None]


def _item(entry: dict[str, Any], heads: dict[int, Head]) -> MenuItem | None:
    title, url = entry.get("title") or "", entry.get("url") or ""
    children = _tree(_children(entry), heads)
    if entry.get("page"):
        head = heads.get(int(entry["page"]))
        return {"title": title or head.title, "url": head.path, "children": children} if head else None
    if url:
        return {"title": title or url, "url": url, "children": children} if _is_allowed(url) else None
    return {"title": title, "url": None, "children": children} if title and children else None


def _is_allowed(url: str) -> bool:
    """Whether a menu may lead to ``url``: a web, mail or telephone address, or a path of the site itself."""
    is_path = url.startswith("/") and not url.startswith(("//", "/\\"))
    return (is_path or url.lower().startswith(_SCHEMES)) and url.isprintable()
