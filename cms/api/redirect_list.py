"""All redirects of a site, for a front end that honours them by itself.

Two kinds, which answer as ``/pages/find`` does: redirects that editors made, and old paths of documents that are public
elsewhere now, out of the ledger. A path at which something is public leads nowhere, whatever anybody wrote down. What leads
to a hidden page is absent. Each leads straight to its end: redirects of redirects are followed here, and loops left out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from pydantic import ConfigDict, Field
from wagtail.contrib.redirects.models import Redirect

from cms.api import scope
from cms.api.block_schemas import Shape
from cms.api.conditional import Answer
from cms.api.listing import LIST_TAG
from cms.api.problem_details import bad_parameter
from cms.api.protocol import BASE
from cms.api.query import Limit, SiteQuery
from cms.api.redirects import is_web_address
from cms.publishing.models import Entry

_DEFAULT_LIMIT = 100


class RedirectQuery(SiteQuery):
    """What the list of redirects takes."""

    limit: Limit = _DEFAULT_LIMIT
    after: str | None = Field(None, max_length=4000, description="The cursor that `next` carries.")


class RedirectItem(Shape):
    """One redirect: `from` is a path of the site, `to` a path of the site or the address of another one."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)

    source: str = Field(alias="from", examples=["/articles/sleep/"])
    to: str = Field(examples=["/articles/sleeping-better/"])
    permanent: bool
    kind: Literal["editor", "moved"] = Field(description="Made by an editor, or left behind by a page that moved.")


class RedirectList(Shape):
    """A page of the list of redirects, by path."""

    count: int = Field(description="How many there are in all.")
    next: str | None = Field(description="The address of the next page; null on the last.")
    items: list[RedirectItem]


@dataclass(frozen=True)
class _Redirect:
    source: str
    to: str
    is_permanent: bool
    kind: str


def answer_of(query: RedirectQuery) -> Answer:
    """One page of the redirects of a site; two queries, three when an editor's redirect leads to an address of ours."""
    found = _redirects(query.site)
    if not found:
        scope.require_site(query.site)
    start = _place(query)
    rest = [one for one in found if start is None or one.source > start]
    shown = rest[: query.limit]
    following = _address(query, shown[-1].source) if len(rest) > len(shown) else None
    items = [{"from": one.source, "to": one.to, "permanent": one.is_permanent, "kind": one.kind} for one in shown]
    body = {"count": len(found), "next": following, "items": items}
    # Not dated: nothing tells when an editor made or removed a redirect.
    return Answer(json.dumps(body, ensure_ascii=False, separators=(",", ":")), tags=(LIST_TAG, "redirects"))


def _redirects(site: str | None) -> list[_Redirect]:
    """Every redirect of ``site``, by path; an editor's goes before what the ledger remembers."""
    found = {_bare(one.source): one for one in _moved(site)}
    inside = []
    for one in _made_by_editors(site):
        if one.to.startswith(f"{settings.PUBLIC_BASE_URL}/"):
            inside.append(replace(one, to=one.to.removeprefix(settings.PUBLIC_BASE_URL)))
        else:
            found[_bare(one.source)] = one
    if inside:
        found |= _resolved(inside, found, site)
    return sorted(found.values(), key=lambda one: one.source)


def _made_by_editors(site: str | None) -> Iterator[_Redirect]:
    heads = scope.public_heads(site)
    targets = heads.filter(page_id=OuterRef("redirect_page_id")).values("path")[:1]
    taken = Exists(heads.filter(path=Concat(OuterRef("old_path"), Value("/"))))
    rows: QuerySet[Any] = (
        Redirect.objects.filter(Q(site__in=scope.sites_named(site)) | Q(site__isnull=True))
        .annotate(target=Subquery(targets), is_taken=taken)
        # Those of all sites first: one of this site takes their place.
        .order_by(F("site_id").asc(nulls_first=True), "pk")
    )
    newest = {row.old_path: row for row in rows if not row.is_taken and row.old_path not in ("", "/")}
    for old_path, row in newest.items():
        to = row.target if row.redirect_page_id else row.redirect_link
        if to and (row.redirect_page_id or is_web_address(to)):
            kind = "moved" if row.automatically_created else "editor"
            yield _Redirect(_as_path(old_path), to, row.is_permanent, kind)


def _moved(site: str | None) -> Iterator[_Redirect]:
    """Paths at which a document was public last that is public elsewhere now."""
    entries = Entry.objects.filter(site_id__in=scope.sites_named(site)).exclude(kind="withdrawn")
    newest = entries.values("path").annotate(newest=Max("position")).values("newest")
    heads = scope.public_heads(site)
    now = heads.filter(document_id=OuterRef("document_id")).values("path")[:1]
    rows = (
        entries.filter(position__in=newest)
        .annotate(now=Subquery(now), is_taken=Exists(heads.filter(path=OuterRef("path"))))
        .filter(now__isnull=False, is_taken=False)
    )
    for path, target in rows.values_list("path", "now"):
        yield _Redirect(path, target, True, "moved")


def _resolved(inside: list[_Redirect], found: dict[str, _Redirect], site: str | None) -> dict[str, _Redirect]:
    """Redirects to addresses of our own, each led on to a public page or to what lies outside; others are left out."""
    paths = {_path_of(one.to) for one in inside}
    public = set(scope.public_heads(site).filter(path__in=paths).values_list("path", flat=True))
    waiting = {_bare(one.source): one for one in inside}
    ends = {source: _end_of(one, waiting, found, public) for source, one in waiting.items()}
    return {source: end for source, end in ends.items() if end is not None}


def _end_of(
    first: _Redirect, waiting: dict[str, _Redirect], found: dict[str, _Redirect], public: set[str]
) -> _Redirect | None:
    """``first`` with where it ends; ``None`` for one that goes round in a circle or ends at nothing public."""
    one, is_permanent = first, True
    seen: set[str] = set()
    while True:
        is_permanent = is_permanent and one.is_permanent
        key = _bare(_path_of(one.to))
        if waiting.get(_bare(one.source)) is not one or _path_of(one.to) in public:
            return replace(first, to=one.to, is_permanent=is_permanent)
        following = waiting.get(key) or found.get(key)
        if following is None or key in seen:
            return None
        seen.add(key)
        one = following


def _path_of(address: str) -> str:
    """The path in ``address`` with a slash at its end, as documents have it."""
    path = urlsplit(address).path or "/"
    return path if path.endswith("/") else f"{path}/"


def _bare(path: str) -> str:
    return path.rstrip("/")


def _as_path(old_path: str) -> str:
    """A path as documents have it; one with a query or of a file stays as it is."""
    last = old_path.rpartition("/")[2]
    return old_path if "?" in old_path or "." in last else f"{old_path}/"


def _place(query: RedirectQuery) -> str | None:
    if query.after is None:
        return None
    try:
        site, source = _signer().unsign_object(query.after)
        if site != (query.site or "") or not isinstance(source, str):
            raise ValueError
    except (BadSignature, ValueError, TypeError):
        raise bad_parameter("after", "This cursor was not given by this list; start again without it") from None
    return source


def _address(query: RedirectQuery, source: str) -> str:
    given = query.model_dump(include={"site", "limit"}, exclude_none=True, exclude_defaults=True)
    cursor = _signer().sign_object([query.site or "", source], compress=True)
    return f"{BASE}/redirects?{urlencode({**given, 'after': cursor}, safe=':')}"


def _signer() -> Signer:
    return Signer(salt="cms.api.redirect_list")
