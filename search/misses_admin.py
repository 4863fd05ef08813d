"""The report of what people searched, above all of what they did not find, with the way to mend it."""

import datetime
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permissions import ModelPermissionPolicy

from search.misses import KEPT, SearchCount
from search.vocabulary import Promotion, Synonym

PERIODS = (("7", "Last 7 days"), ("90", "Last 90 days"), (str(KEPT.days), f"Last {KEPT.days} days"))
DEFAULT_DAYS = 30
# A phrase that finds up to so many pages found little.
FEW = 2
_LITTLE, _ALL = "little", "all"


class SearchFilterSet(WagtailFilterSet):
    """What is shown: of which days, and with which outcome."""

    days = django_filters.ChoiceFilter(
        label="Period",
        choices=PERIODS,
        empty_label=f"Last {DEFAULT_DAYS} days",
        method="leave",
        widget=forms.RadioSelect,
    )
    outcome = django_filters.ChoiceFilter(
        label="Outcome",
        choices=((_LITTLE, "Found one or two pages"), (_ALL, "Everything that was searched")),
        empty_label="Found nothing",
        method="leave",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = SearchCount
        fields: ClassVar = ["days", "outcome"]

    def leave(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """Both work together, in ``filter_queryset``."""
        return rows

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """One row for each phrase that enough searches were made for."""
        given = self.form.cleaned_data
        return phrases(queryset, days=int(given["days"] or DEFAULT_DAYS), outcome=given["outcome"])


def phrases(counts: QuerySet[SearchCount], *, days: int, outcome: str = "") -> QuerySet[Any]:
    """Phrases of the last ``days`` days with their numbers, most frequent first.

    Only phrases that were searched ``SEARCHES_SHOWN_FROM`` times in these days: what fewer typed may say who they are.
    """
    since = timezone.localdate() - datetime.timedelta(days=days)
    rows = (
        counts.filter(day__gt=since)
        .values("phrase")
        .annotate(total=Sum("searches"), missed=Sum("without_result"), most=Max("found"))
        .filter(total__gte=settings.SEARCHES_SHOWN_FROM)
    )
    if outcome == _ALL:
        return rows.order_by("-total", "phrase")
    if outcome == _LITTLE:
        return rows.filter(most__gte=1, most__lte=FEW).order_by("-total", "phrase")
    return rows.filter(missed__gt=0).order_by("-missed", "phrase")


class _PhraseColumn(Column):
    cell_template_name = "search/admin/phrase_cell.html"


class SearchesView(ReportView):
    """The report itself."""

    model = SearchCount
    page_title = "Searches"
    header_icon = "search"
    index_url_name = "searches:index"
    index_results_url_name = "searches:index_results"
    template_name = "search/admin/searches.html"
    results_template_name = "search/admin/searches_results.html"
    permission_policy = ModelPermissionPolicy(SearchCount)
    permission_required = "view"
    filterset_class = SearchFilterSet
    is_searchable = False
    export_filename = "searches"
    list_export: ClassVar = ["phrase", "total", "missed", "most"]
    export_headings: ClassVar = {
        "phrase": "Phrase",
        "total": "Searches",
        "missed": "Without a result",
        "most": "Pages found at most",
    }
    columns: ClassVar = [
        _PhraseColumn("phrase", label="Phrase", accessor="phrase"),
        Column("total", label="Searches", accessor=lambda row: _number(row["total"], "search", "searches")),
        Column("missed", label="Without a result", accessor=lambda row: f"{row['missed']} without a result"),
        Column("most", label="Found at most", accessor=lambda row: f"found {_number(row['most'], 'page', 'pages')}"),
    ]

    def get_filtered_queryset(self) -> QuerySet[Any]:
        """Never the bare counts: a filter that cannot be understood is taken for none."""
        if self.filters.is_valid():
            return self.filters.filter_queryset(self.get_base_queryset())
        return phrases(self.get_base_queryset(), days=DEFAULT_DAYS)

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Beside each phrase, what was done about it and what can be done."""
        if self.is_export:
            return object_list
        rows = list(object_list)
        wanted = {row["phrase"] for row in rows}
        answers = [_answers_of(model, wanted, self.request) for model in (Synonym, Promotion)]
        for row in rows:
            row["try_url"] = f"{reverse('search')}?{urlencode({'q': row['phrase']})}"
            row["actions"] = [action for answer in answers if (action := answer(row["phrase"]))]
        return rows

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """What the report needs to explain itself."""
        context = super().get_context_data(**options)
        is_counting = settings.COUNT_SEARCHES
        return {**context, "shown_from": settings.SEARCHES_SHOWN_FROM, "is_counting": is_counting, "kept": KEPT.days}


class SearchesViewSet(ViewSet):
    """The report, first under Search."""

    name = "searches"
    url_prefix = "search/searches"
    icon = "search"
    menu_label = "Searches"

    @property
    def menu_item_class(self) -> type[MenuItem]:
        """For whoever may see it."""
        return _SearchesItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """The report, and its rows alone for the filters."""
        return [
            path("", SearchesView.as_view(), name="index"),
            path("results/", SearchesView.as_view(results_only=True), name="index_results"),
        ]


class _SearchesItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return SearchesView.permission_policy.user_has_permission(request.user, "view")


def _answers_of(
    model: type[Synonym] | type[Promotion], wanted: set[str], request: HttpRequest
) -> Callable[[str], dict[str, str] | None]:
    """A function that says for a phrase what can be done with ``model``: change what is there, or add one."""
    policy = ModelPermissionPolicy(model)
    there = dict(model._default_manager.filter(folded__in=wanted).order_by("-pk").values_list("folded", "pk"))
    name = model._meta.model_name
    may_add, may_change = (policy.user_has_permission(request.user, verb) for verb in ("add", "change"))
    add, change = _LABELS[model]

    def answer(phrase: str) -> dict[str, str] | None:
        if phrase in there:
            return {"label": change, "url": reverse(f"{name}:edit", args=[there[phrase]])} if may_change else None
        return {"label": add, "url": f"{reverse(f'{name}:add')}?{urlencode({'phrase': phrase})}"} if may_add else None

    return answer


_LABELS: dict[type[Synonym] | type[Promotion], tuple[str, str]] = {
    Synonym: ("Add a synonym", "Change the synonym"),
    Promotion: ("Promote a page", "Change the promoted result"),
}


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
