"""Where pages meet Wagtail's admin: the library of references, and the control that cites them. Wiring only."""

from typing import Any

from django.urls import reverse_lazy
from wagtail import hooks
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature
from wagtail.admin.ui.tables import Column
from wagtail.rich_text.feature_registry import FeatureRegistry
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.chooser import (
    BaseSnippetChooseView,
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenView,
)
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.pages import citations
from cms.pages.references import Reference


def _status_of(reference: Reference) -> str:
    if reference.is_retracted:
        return "Retracted"
    return "Superseded" if reference.superseded_by_id or reference.superseded_note else ""


class _WithStatus(BaseSnippetChooseView):
    """Shows beside each reference what an author must know before citing it."""

    @property
    def columns(self) -> list[Column]:
        return [
            *super().columns,
            Column("kind", label="Kind", accessor="get_kind_display"),
            Column("status", label="Status", accessor=_status_of),
        ]


class ReferenceChooseView(_WithStatus, ChooseView):
    """The modal window itself."""


class ReferenceChooseResultsView(_WithStatus, ChooseResultsView):
    """The list within it, asked for again while somebody types or turns pages."""


class ReferenceChosenView(SnippetChosenView):
    """Answers a choice with the label too, so that the text editor can show it without asking again."""

    def get_chosen_response_data(self, item: Reference) -> dict[str, Any]:
        """As Wagtail's (id, name, address of the editing form), and the ``label`` of a citation."""
        return {**super().get_chosen_response_data(item), "label": citations.label_of(item)}


class ReferenceChooserViewSet(SnippetChooserViewSet):
    """The modal window in which a reference is chosen, for citations and for statistics."""

    choose_view_class = ReferenceChooseView
    choose_results_view_class = ReferenceChooseResultsView
    chosen_view_class = ReferenceChosenView


class ReferenceViewSet(SnippetViewSet):
    """The library of references in the main menu."""

    model = Reference
    chooser_viewset_class = ReferenceChooserViewSet
    icon = "openquote"
    add_to_admin_menu = True
    menu_label = "References"
    menu_order = 250  # Between pages (100) and images (300).
    list_display = [
        "short_label",
        "title",
        Column("kind", label="Kind", accessor="get_kind_display", sort_key="kind"),
        "year",
        Column("status", label="Status", accessor=_status_of, sort_key="is_retracted"),
    ]
    list_filter = ["kind", "is_retracted"]
    list_per_page = 50
    # Plain comparisons instead of the search index: editors paste DOIs and PubMed numbers, which it cuts into words,
    # and it cannot be sorted or filtered by columns that it does not hold.
    search_backend_name = None
    search_fields = ["short_label", "title", "authors", "source", "doi", "pmid"]


register_snippet(ReferenceViewSet)


@hooks.register("register_rich_text_features")
def register_citations(features: FeatureRegistry) -> None:
    """The feature ``reference``, for every rich text that names it and for those that name no features at all."""
    features.register_link_type(citations.ReferenceLinkHandler)
    features.register_converter_rule("contentstate", citations.FEATURE, citations.CONVERSION)
    features.register_editor_plugin(
        "draftail",
        citations.FEATURE,
        EntityFeature(
            {
                "type": citations.ENTITY,
                "icon": "openquote",
                "description": "Cite",
                "chooserUrls": {"referenceChooser": reverse_lazy("wagtailsnippetchoosers_pages_reference:choose")},
            },
            # The editor itself is named first: scripts of several widgets are merged, and ours must come after it.
            js=["wagtailadmin/js/draftail.js", "wagtailadmin/js/chooser-modal.js", "pages/citations.js"],
            css={"all": ["pages/citations.css"]},
        ),
    )
    features.default_features.append(citations.FEATURE)
