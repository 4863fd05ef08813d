"""The home page, plain pages, and people."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField

from cms.pages.blocks import INLINE_FEATURES
from cms.pages.document import JSON
from cms.pages.fields import BlocksField
from cms.pages.models import PublicPage, inline, lines_of
from cms.pages.rendering import Rendering
from cms.pages.streams import SectionBlocks
from home import clinic as clinic  # noqa: PLC0414 - its tables belong to this app


class HomePage(PublicPage):
    """The first page of the site."""

    document_type = "home"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "home.StandardPage",
        "articles.ArticleIndexPage",
        "services.ServiceIndexPage",
        "services.ConditionIndexPage",
    ]
    max_count = 1

    hero_title = models.CharField(max_length=120, blank=True, help_text="The large words at the top.")
    hero_text = RichTextField(blank=True, features=INLINE_FEATURES, help_text="One or two sentences under them.")

    edit_handler = PublicPage.tabs(
        (
            "Content",
            [
                FieldPanel("title"),
                FieldPanel("hero_title"),
                FieldPanel("hero_text"),
                FieldPanel("summary"),
                FieldPanel("image"),
                FieldPanel("body"),
            ],
        ),
        ("Featured", [inline("featured_links", "target", "Page", "Pages that the home page shows")]),
    )

    class Meta:
        verbose_name = "home page"

    def document_fields(self, rendering: Rendering) -> dict[str, JSON]:
        """The words at the top."""
        return {"hero": {"title": self.hero_title or self.title, "text": rendering.html(self.hero_text)}}

    def relate(self, rendering: Rendering) -> None:
        """The pages shown."""
        super().relate(rendering)
        rendering.relate("featured", [link.target_id for link in self.featured_links.all()])


class StandardPage(PublicPage):
    """A plain page: about the clinic, contact, privacy; also the parent of people and topics."""

    document_type = "standard"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = ["home.StandardPage", "home.PersonPage", "articles.TopicPage"]

    edit_handler = PublicPage.tabs(("Content", [*PublicPage.lead_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = "plain page"


class PersonPage(PublicPage):
    """Somebody whom readers may know: an author, a clinician, a reviewer."""

    document_type = "person"
    schema_type = "ProfilePage"
    parent_page_types: ClassVar[list[str]] = ["home.StandardPage"]
    subpage_types: ClassVar[list[str]] = []

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="person_page",
        help_text="The login of this person. Approvals then show this page’s name; without it they show none.",
    )
    credentials = models.CharField(max_length=120, blank=True, help_text="As they follow the name: “L.Ac.”, “M.D.”.")
    role = models.CharField(max_length=120, blank=True, help_text="What the person does at the clinic.")
    languages = models.TextField(blank=True, help_text="Languages spoken, one to a line.")
    biography = BlocksField(SectionBlocks())

    edit_handler = PublicPage.tabs(
        (
            "Person",
            [
                FieldPanel("title", heading="Name"),
                FieldRowPanel([FieldPanel("credentials"), FieldPanel("role")]),
                FieldPanel("summary"),
                FieldPanel("image", heading="Photograph"),
                FieldPanel("biography"),
                FieldPanel("languages"),
                FieldPanel("user"),
            ],
        ),
        ("Services", [inline("service_links", "service", "Service", "Services that this person provides")]),
        ("More", [FieldPanel("body")]),
    )

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"

    def document_fields(self, rendering: Rendering) -> dict[str, JSON]:
        """Name, credentials, role, biography, languages."""
        return {
            "name": self.title,
            "credentials": self.credentials,
            "role": self.role,
            "biography": rendering.blocks(self.biography),
            "languages": lines_of(self.languages),
        }

    def relate(self, rendering: Rendering) -> None:
        """The services that the person provides."""
        super().relate(rendering)
        rendering.relate("service", [link.service_id for link in self.service_links.all()])

    def json_ld(self, document: dict[str, JSON], rendering: Rendering) -> dict[str, JSON]:
        """The person as a schema.org ``Person``."""
        person: dict[str, Any] = {"@type": "Person", "name": self.title, "url": document["url"]}
        if self.role:
            person["jobTitle"] = self.role
        if self.credentials:
            person["honorificSuffix"] = self.credentials
        if self.languages:
            person["knowsLanguage"] = lines_of(self.languages)
        return {"mainEntity": person}
