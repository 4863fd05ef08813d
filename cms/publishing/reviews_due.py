"""The report “Reviews due”: public pages whose next clinical review is near or over, the longest overdue first.

It reads heads: what counts is the day that the public was told. Pages that were published in an emergency, and that no
clinician has reviewed in these words, stand at the top.
"""

import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page

from cms.pages.models import PublicPage
from cms.pages.stages import Stage
from cms.publishing import reading, renewal
from cms.publishing.models import Head
from cms.publishing.renewal_admin import REPORT_NAME, URL_NAME
from cms.workflow.models import Approval

RESULTS_NAME = "reviews_due_results"
# How far ahead a review is near. Unit: days. A quarter: time enough to find a clinician for each page.
NEAR_DAYS = 90


def clinical_types() -> dict[str, str]:
    """The types of page that need a clinical review, with the names that editors know."""
    models = (model for model in apps.get_models() if issubclass(model, PublicPage))
    return {
        model.document_type: capfirst(model._meta.verbose_name)
        for model in models
        if Stage.CLINICAL in model.required_stages
    }


def may_see(user: Any) -> bool:
    """Whether ``user`` may see who approved what."""
    return user.has_perm("workflow.view_approval") or user.has_perm(renewal.PERMISSION)


def public_pages() -> QuerySet[Head]:
    """Every public page that needs clinical reviews, with the ``reviewer_id`` and ``reviewer_name`` of the last one."""
    signed = Approval.objects.filter(
        document_id=OuterRef("document_id"), content_digest=OuterRef("content_digest"), stage=Stage.CLINICAL
    ).order_by("-at", "-pk")
    followers = Page.objects.filter(alias_of__isnull=False).values("pk")
    pages = reading.visible().filter(type__in=clinical_types()).exclude(page_id__in=followers)
    pages = pages.defer("document", "text", "card")
    return pages.annotate(
        reviewer_id=Subquery(signed.values("user_id")[:1]), reviewer_name=Subquery(signed.values("name")[:1])
    ).order_by(F("review_due").asc(nulls_first=True), "title", "document_id")


def due_by(moment: datetime.datetime) -> Q:
    """Pages whose review is due before ``moment``, and those that have none."""
    return Q(review_due__lt=moment) | Q(review_due__isnull=True)


def state_of(head: Head, *, today: datetime.date) -> str:
    """How ``head`` stands, in words."""
    if head.review_due is None:
        return "Never reviewed in these words"
    days = (timezone.localdate(head.review_due) - today).days
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"Overdue by {count}" if days < 0 else f"Due in {count}" if days else "Due today"


def _day_of(head: Head) -> str:
    return f"{timezone.localtime(head.review_due):%-d %B %Y}" if head.review_due else "no day yet"


class _Filters(WagtailFilterSet):
    due = django_filters.ChoiceFilter(
        label="Review",
        choices=[("overdue", "Overdue or missing"), ("30", "Due within 30 days"), ("all", "All public pages")],
        empty_label=f"Due within {NEAR_DAYS} days",
        method="by_due",
        widget=forms.RadioSelect,
    )
    review_due = django_filters.DateFromToRangeFilter(label="Due between", widget=DateRangePickerWidget)
    type = django_filters.ChoiceFilter(label="Type", empty_label="All", widget=forms.RadioSelect)
    reviewer_id = django_filters.ChoiceFilter(label="Last reviewed by", empty_label="All", widget=forms.RadioSelect)

    class Meta:
        model = Head
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = get_user_model().objects.filter(approvals__stage=Stage.CLINICAL).distinct().order_by("last_name", "pk")
        self.filters["type"].extra["choices"] = list(clinical_types().items())
        self.filters["reviewer_id"].extra["choices"] = [(user.pk, user.display_name()) for user in people]

    def filter_queryset(self, queryset: QuerySet[Head]) -> QuerySet[Head]:
        """As usual; without a word about when, what is near or over."""
        found = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("due") or self.form.cleaned_data.get("review_due"):
            return found
        return found.filter(due_by(timezone.now() + datetime.timedelta(days=NEAR_DAYS)))

    def by_due(self, queryset: QuerySet[Head], name: str, value: str) -> QuerySet[Head]:
        """What is over, what is near, or everything."""
        days = {"overdue": 0, "30": 30}.get(value)
        return queryset if days is None else queryset.filter(due_by(timezone.now() + datetime.timedelta(days=days)))


class _Paginator(WagtailPaginator):
    @property
    def items_count_label(self) -> str:
        """How many pages; the model would call them heads."""
        return f"{self.count} page{pluralize(self.count)}"


class ReviewsDueView(ReportView):
    """The report, as a page and as a file."""

    template_name = "publishing/reviews_due.html"
    page_title = "Reviews due"
    header_icon = "calendar-check"
    index_url_name = REPORT_NAME
    index_results_url_name = RESULTS_NAME
    filterset_class = _Filters
    no_results_message = "No review is due here. “All public pages” in the filter shows every page with its next day."
    table_classname = "listing reviews-due"
    paginator_class = _Paginator
    list_export: ClassVar[list[str]] = [
        *("title", "type_name", "url_path", "state", "review_due", "reviewed_at", "reviewer_name"),
    ]
    export_headings: ClassVar[dict[str, str]] = {
        "title": "Page",
        "type_name": "Type",
        "url_path": "Path",
        "state": "State",
        "review_due": "Review due",
        "reviewed_at": "Last reviewed",
        "reviewer_name": "Last reviewed by",
    }

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """For those who may see who approved what."""
        if not may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **options)

    @cached_property
    def columns(self) -> list[Column]:
        """What the table shows; the title leads to the review, or for colleagues to the editor."""
        target = URL_NAME if self.request.user.has_perm(renewal.PERMISSION) else "wagtailadmin_pages:edit"
        return [
            TitleColumn("title", label="Page", get_url=lambda head: reverse(target, args=[head.page_id])),
            Column("state", label="State"),
            Column("type_name", label="Type"),
            # Wagtail's column of dates tells how long ago a day was, and calls every day to come “just now”.
            Column("review_due", label="Review due", classname="reviews-due-at", accessor=_day_of),
            DateColumn("reviewed_at", label="Last reviewed", classname="reviews-due-last"),
            Column("reviewer_name", label="By", classname="reviews-due-by"),
        ]

    def get_base_queryset(self) -> QuerySet[Head]:
        """Every page with a clinical review; filters narrow it."""
        return public_pages()

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        """Each page with its state and the name of its type, in words."""
        today, names = timezone.localdate(), clinical_types()
        rows = list(object_list)
        for head in rows:
            head.state, head.type_name, head.url_path = state_of(head, today=today), names[head.type], head.path
        return rows
