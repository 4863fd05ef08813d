"""The dictionary at the desk: synonyms, promoted results and emergency notices. What they are stands in ``vocabulary``."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PageChooserPanel,
)
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import get_page_models

from cms.pages.identity import document_id_of
from cms.pages.models import PublicPage
from cms.publishing import reading
from search.phrases import MAX_LENGTH, lines_of
from search.vocabulary import MAX_PROMOTED, Notice, Promotion, Scoped, Synonym

_HELP = {
    Synonym: "People who type the phrase also find pages that say what it means. Other names of a condition belong on its "
    "page, under “Also known as”; here stands only what no page says.",
    Promotion: "For exactly this phrase, these pages come first, in this order. A page that is not public is left out until "
    "it is.",
    Notice: "Shown above the results when somebody types words that may be an emergency. Keep it short: who reads it may be "
    "in danger.",
}
_SCOPE = MultiFieldPanel(
    [FieldRowPanel([FieldPanel("site"), FieldPanel("locale")])],
    "Where it holds",
    classname="collapsed",
    help_text="Everywhere, unless you choose a site or a language.",
)


class _ScopedForm(WagtailAdminModelForm):
    """Offers the languages that pages are written in."""

    locale = forms.ChoiceField(
        label="Language",
        required=False,
        choices=lambda: [("", "Every language"), *settings.WAGTAIL_CONTENT_LANGUAGES],
    )


class _IndexView(generic.IndexView):
    template_name = "search/admin/dictionary.html"
    results_template_name = "search/admin/dictionary_results.html"
    list_per_page = 50

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("site")

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Beside the list, what it is for."""
        return {**super().get_context_data(**options), "help": _HELP[self.model]}


class _CreateView(generic.CreateView):
    def get_initial(self) -> dict[str, Any]:
        """The phrase with which somebody comes from the report of searches."""
        return {**super().get_initial(), "phrase": self.request.GET.get("phrase", "")[:MAX_LENGTH]}

    def get_success_buttons(self) -> list[Any]:
        """The way to see what it does."""
        return [*super().get_success_buttons(), *_try_it(self.object)]


class _EditView(generic.EditView):
    def get_success_buttons(self) -> list[Any]:
        """The way to see what it does."""
        return [*super().get_success_buttons(), *_try_it(self.object)]


class _DictionaryViewSet(ModelViewSet):
    index_view_class = _IndexView
    add_view_class = _CreateView
    edit_view_class = _EditView
    copy_view_enabled = False
    add_to_reference_index = False
    panels: ClassVar[list[Any]] = []

    def get_edit_handler(self) -> Any:
        """What it is for, its own fields, and where it holds."""
        panels = [HelpPanel(content=format_html("<p>{}</p>", _HELP[self.model])), *self.panels, _SCOPE]
        return ObjectList(panels, base_form_class=_ScopedForm).bind_to_model(self.model)


class SynonymViewSet(_DictionaryViewSet):
    """Other words for what pages say."""

    model = Synonym
    url_prefix = "search/synonyms"
    icon = "openquote"
    search_fields = ("phrase", "meanings")
    list_filter = ("is_both_ways", "site")
    panels: ClassVar = [FieldPanel("phrase"), FieldPanel("meanings"), FieldPanel("is_both_ways")]

    @property
    def list_display(self) -> list[Any]:
        """On a phone the headings go, so every value says by itself what it is."""
        return [
            "phrase",
            Column("meanings", label="Means", accessor=lambda row: f"means {', '.join(lines_of(row.meanings))}"),
            Column("ways", label="Ways", accessor=lambda row: "both ways" if row.is_both_ways else "one way"),
            _SCOPE_COLUMN,
        ]


class PromotionViewSet(_DictionaryViewSet):
    """Pages that come first."""

    model = Promotion
    url_prefix = "search/promoted"
    icon = "pick"
    search_fields = ("phrase", "promoted_pages__page__title")
    list_filter = ("site",)

    @property
    def panels(self) -> list[Any]:  # type: ignore[override]  # the types of pages are known only when all apps are loaded
        """Only pages that can become public may be chosen."""
        types = [model._meta.label for model in get_page_models() if issubclass(model, PublicPage)]
        return [
            FieldPanel("phrase"),
            InlinePanel(
                "promoted_pages",
                panels=[PageChooserPanel("page", page_type=types)],
                heading="Pages",
                label="page",
                min_num=1,
                max_num=MAX_PROMOTED,
            ),
            FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")], heading="When"),
        ]

    @property
    def list_display(self) -> list[Any]:
        """As for synonyms."""
        return [
            "phrase",
            Column("pages", label="Pages", accessor=_pages_of),
            Column("when", label="When", accessor=_when_of),
            _SCOPE_COLUMN,
        ]


class NoticeViewSet(_DictionaryViewSet):
    """What stands above the results in an emergency."""

    model = Notice
    url_prefix = "search/notices"
    icon = "warning"
    search_fields = ("title", "message", "phrases")
    list_filter = ("site",)
    panels: ClassVar = [
        FieldPanel("title"),
        FieldPanel("message"),
        FieldPanel("telephone"),
        FieldPanel("phrases"),
    ]

    @property
    def list_display(self) -> list[Any]:
        """As for synonyms."""
        return [
            "title",
            Column("telephone", label="Call", accessor=lambda row: f"call {row.telephone}" if row.telephone else ""),
            Column("phrases", label="Shown for", accessor=lambda row: f"for {', '.join(lines_of(row.phrases))}"),
            _SCOPE_COLUMN,
        ]


def _scope_of(row: Scoped) -> str:
    languages = dict(settings.WAGTAIL_CONTENT_LANGUAGES)
    where = f"on {row.site.site_name or row.site.hostname}" if row.site else "on every site"
    return f"{where}, in {languages.get(row.locale, row.locale)}" if row.locale else where


_SCOPE_COLUMN = Column("scope", label="Where", accessor=_scope_of)


def _pages_of(promotion: Promotion) -> str:
    """The titles in order, with a word beside those that readers do not see now."""
    pages = [link.page for link in promotion.promoted_pages.select_related("page__locale")]
    public = reading.titles_of([str(document_id_of(page)) for page in pages])
    titles = (page.title if str(document_id_of(page)) in public else f"{page.title} (not public)" for page in pages)
    return ", ".join(titles)


def _when_of(promotion: Promotion) -> str:
    now = timezone.now()
    if promotion.starts_at and promotion.starts_at > now:
        return f"from {date(timezone.localtime(promotion.starts_at), 'j M Y, H:i')}"
    if promotion.ends_at:
        moment = date(timezone.localtime(promotion.ends_at), "j M Y, H:i")
        return f"until {moment}" if promotion.ends_at > now else f"over since {moment}"
    return "now"


def _try_it(row: Any) -> list[Any]:
    phrase = row.phrase if hasattr(row, "phrase") else lines_of(row.phrases)[0]
    return [messages.button(f"{reverse('search')}?{urlencode({'q': phrase})}", "Try the search", new_window=True)]
