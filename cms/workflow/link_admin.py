"""Two reports: the addresses outside that pages lead to, and sources that no longer stand with the pages that cite them.

Whoever works on pages may read them. A page that a person may not open is counted and not named.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from cms.pages.references import Reference
from cms.workflow import link_checking, setting_links
from cms.workflow.link_records import AddressUse, ExternalAddress, urgency

LINKS = "links_report"
_RESULTS = "links_report_results"
_ASK = "links_ask_again"
SOURCES = "sources_report"
_SOURCES_RESULTS = "sources_report_results"
_ACTIONS = ["add", "change", "publish"]
# What the client and the checker say when no status does.
_REASONS = {
    "forbidden": "an address that is not on the public internet",
    "unknown_host": "no such host",
    "unresolved": "the name could not be looked up",
    "unreachable": "no connection",
    "timeout": "no answer in time",
    "tls": "no valid certificate",
    "protocol": "no proper answer",
    "redirects": "too many redirects",
}


@dataclass(frozen=True)
class Places:
    """Where something is used: pages that the reader may open, how many others, references, and settings of sites."""

    pages: list[tuple[Page, bool]]
    others: int
    references: list[Reference]
    settings: list[setting_links.SettingPlace]

    def __str__(self) -> str:
        named = [
            f"{page.get_admin_display_title()} ({reverse('wagtailadmin_pages:edit', args=[page.pk])})"
            for page, _ in self.pages
        ]
        cited = [f"Reference: {reference.short_label}" for reference in self.references]
        kept = [f"Setting: {place.label}" for place in self.settings]
        return "; ".join([*named, *cited, *kept, *([f"{self.others} more"] if self.others else [])])


class _LinkFilters(WagtailFilterSet):
    class Meta:
        model = ExternalAddress
        fields = ("state",)


class _Report(ReportView):
    permission_policy = page_permission_policy
    any_permission_required = _ACTIONS
    is_searchable = True
    search_backend_name = None

    def get_filename(self) -> str:
        """Of the report and of the day."""
        return f"{self.index_url_name.replace('_', '-')}-{timezone.localdate():%Y-%m-%d}"


class LinksReport(_Report):
    """Every address outside, what is wrong first."""

    model = ExternalAddress
    page_title = "Links"
    header_icon = "link"
    index_url_name = LINKS
    index_results_url_name = _RESULTS
    results_template_name = "workflow/links_results.html"
    template_name = "workflow/links_report.html"
    filterset_class = _LinkFilters
    search_fields = ("address", "redirects_to")
    verbose_name_plural = "links"
    list_export = (
        "address",
        "get_state_display",
        "answer",
        "redirects_to",
        "failing_since",
        "asked_at",
        "ask_at",
        "places",
    )
    export_headings = {
        "get_state_display": "State",
        "answer": "Answer",
        "failing_since": "Not good since",
        "places": "Used in",
    }

    def get_base_queryset(self) -> QuerySet[ExternalAddress]:
        """Addresses of the library, of settings, and of pages that this person may open."""
        mine = page_permission_policy.explorable_instances(self.request.user).order_by().values("pk")
        used = AddressUse.objects.filter(address=OuterRef("pk")).filter(Q(page=None) | Q(page__in=mine))
        shown = ExternalAddress.objects.filter(Exists(used)).annotate(urgency=urgency())
        return shown.order_by("urgency", "failing_since", "address")

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Each with where it is used and what the last answer was, in words."""
        places = _places_of(
            AddressUse.objects.filter(address__in=[row.pk for row in object_list]), "address_id", self.request.user
        )
        for row in object_list:
            row.places = places[row.pk]
            row.answer = _answer_of(row)
        return object_list

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """And whether anybody asks at all."""
        return {**super().get_context_data(*args, **kwargs), "is_on": settings.LINK_CHECKER}


class SourcesReport(_Report):
    """References that are retracted or superseded, each with the pages that cite it."""

    model = Reference
    page_title = "Sources that no longer stand"
    header_icon = "openquote"
    index_url_name = SOURCES
    index_results_url_name = _SOURCES_RESULTS
    results_template_name = "workflow/sources_results.html"
    template_name = "workflow/links_report.html"
    search_fields = ("short_label", "title", "doi")
    verbose_name_plural = "sources that no longer stand"
    list_export = ("short_label", "title", "is_retracted", "newer", "places")
    export_headings = {"newer": "Superseded by", "places": "Cited in"}

    def get_base_queryset(self) -> QuerySet[Reference]:
        """Retracted ones first: they support nothing."""
        gone = Q(is_retracted=True) | Q(superseded_by__isnull=False) | ~Q(superseded_note="")
        return Reference.objects.filter(gone).select_related("superseded_by").order_by("-is_retracted", "short_label")

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Each with its successor and with the pages that cite it."""
        uses = AddressUse.objects.filter(reference__in=[row.pk for row in object_list], page__isnull=False)
        places = _places_of(uses, "reference_id", self.request.user)
        for row in object_list:
            row.newer = row.superseded_with()
            row.places = places[row.pk]
        return object_list


@require_POST
def ask_again(request: HttpRequest, address_id: int) -> HttpResponse:
    """Queue one address for the worker; nothing is asked here."""
    if not _may_read(request):
        raise PermissionDenied
    report = LinksReport()
    report.setup(request)
    if not report.get_base_queryset().filter(pk=address_id).exists():
        raise Http404
    if not settings.LINK_CHECKER:
        messages.warning(request, "Nothing is asked: the link checker is switched off on this server.")
    elif link_checking.want(address_id):
        messages.success(request, "The address will be asked again within a minute or two.")
    return redirect(reverse(LINKS))


def _places_of(uses: QuerySet[AddressUse], key: str, user: Any) -> dict[int, Places]:
    """Where things are used, by ``key`` of the use; empty places for what is used nowhere."""
    rows = list(uses.select_related("reference"))
    wanted = {use.page_id for use in rows if use.page_id}
    mine = page_permission_policy.explorable_instances(user).filter(pk__in=wanted).in_bulk() if wanted else {}
    found: dict[int, dict[str, dict[Any, Any]]] = defaultdict(lambda: {"pages": {}, "references": {}, "settings": {}})
    settings_of = {key: setting_links.place_of(key, user) for key in {use.setting for use in rows if use.setting}}
    for use in rows:
        place = found[getattr(use, key)]
        if use.page_id:
            place["pages"][use.page_id] = place["pages"].get(use.page_id) or use.is_public
        elif use.reference:
            place["references"][use.reference_id or 0] = use.reference
        elif setting := settings_of.get(use.setting):
            place["settings"][use.setting] = setting
    empty = Places([], 0, [], [])
    places = {
        number: Places(
            sorted(
                ((mine[pk], is_public) for pk, is_public in place["pages"].items() if pk in mine),
                key=lambda pair: str(pair[0].draft_title),
            ),
            sum(pk not in mine for pk in place["pages"]),
            list(place["references"].values()),
            sorted(place["settings"].values()),
        )
        for number, place in found.items()
    }
    return defaultdict(lambda: empty, places)


def _answer_of(address: ExternalAddress) -> str:
    if address.asked_at is None:
        return ""
    return str(address.status) if address.status else _REASONS.get(address.reason, address.reason)


def _may_read(request: HttpRequest) -> bool:
    return page_permission_policy.user_has_any_permission(request.user, _ACTIONS)


class _ReportItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        """For whoever works on pages."""
        return _may_read(request)


def _addresses() -> list[URLPattern]:
    return [
        path("reports/links/", LinksReport.as_view(), name=LINKS),
        path("reports/links/results/", LinksReport.as_view(results_only=True), name=_RESULTS),
        path("reports/links/<int:address_id>/ask/", ask_again, name=_ASK),
        path("reports/sources/", SourcesReport.as_view(), name=SOURCES),
        path("reports/sources/results/", SourcesReport.as_view(results_only=True), name=_SOURCES_RESULTS),
    ]


def register() -> None:
    """Register both reports, once, when Wagtail looks for hooks."""
    hooks.register("register_admin_urls", _addresses)
    for title, name, icon, order in (
        ("Links", LINKS, "link", 660),
        ("Sources that no longer stand", SOURCES, "openquote", 670),
    ):
        item = _ReportItem(title, reverse_lazy(name), name=name, icon_name=icon, order=order)
        hooks.register("register_reports_menu_item", lambda item=item: item)
