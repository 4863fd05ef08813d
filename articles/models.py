"""Articles, their index, the topics that gather them, and what has been imported."""

from typing import ClassVar

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.pages.models import ClinicalPage, PublicPage, inline
from cms.pages.rendering import Rendering


class ArticleIndexPage(PublicPage):
    """The list of articles."""

    document_type = "article_index"
    schema_type = "CollectionPage"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    subpage_types: ClassVar[list[str]] = ["articles.ArticlePage"]

    edit_handler = PublicPage.tabs(("Content", [*PublicPage.lead_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = "article index"


class ArticlePage(ClinicalPage):
    """A health article: written by an author, checked by an editor, signed by a clinician."""

    document_type = "article"
    parent_page_types: ClassVar[list[str]] = ["articles.ArticleIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    edit_handler = PublicPage.tabs(
        ("Content", [*PublicPage.lead_panels, FieldPanel("body"), *ClinicalPage.closing_panels]),
        ("People", ClinicalPage.people_panels),
        (
            "Relations",
            [
                inline("condition_links", "condition", "Condition", "Conditions that the article is about"),
                inline("service_links", "service", "Service", "Services that the article is about"),
                inline("topic_links", "topic", "Topic", "Topics"),
                *ClinicalPage.related_panels,
            ],
        ),
    )

    class Meta:
        verbose_name = "article"

    def relate(self, rendering: Rendering) -> None:
        """Topics, conditions and services."""
        super().relate(rendering)
        rendering.relate("topic", [link.topic_id for link in self.topic_links.all()])
        rendering.relate("condition", [link.condition_id for link in self.condition_links.all()])
        rendering.relate("service", [link.service_id for link in self.service_links.all()])


class TopicPage(PublicPage):
    """A subject under which articles, conditions and services are found together."""

    document_type = "topic"
    schema_type = "CollectionPage"
    parent_page_types: ClassVar[list[str]] = ["home.StandardPage"]
    subpage_types: ClassVar[list[str]] = []

    edit_handler = PublicPage.tabs(("Content", [*PublicPage.lead_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = "topic"


class ImportedFile(models.Model):
    """Which file became which draft, so that the same file twice does not make two pages."""

    source_name = models.CharField(max_length=255)
    parent_path = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    revision_id = models.BigIntegerField(help_text="The revision that the import made; a later one is an editor's.")
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_name", "parent_path"], name="imported_file_once_per_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.source_name} → {self.page_id}"
