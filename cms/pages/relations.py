"""Relations that editors order by hand: rows that belong to a page and point at another.

Each is part of what an editor authored, and so of what reviewers sign. A page that others relate to cannot be deleted
(``RESTRICT``): it is unpublished instead, and then disappears everywhere at once, without changing anybody's words.
"""

from django.db import models
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable, Page

from cms.pages.blocks import INLINE_FEATURES


def _owner(related_name: str) -> ParentalKey:
    return ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name=related_name)


def _target(model: str) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete=models.RESTRICT, related_name="+")


class AuthorLink(Orderable):
    """Who wrote the page, as readers see it."""

    page = _owner("author_links")
    person = _target("home.PersonPage")

    panels = [FieldPanel("person")]

    class Meta(Orderable.Meta):
        verbose_name = "author"


class ProviderLink(Orderable):
    """Who provides a service."""

    page = _owner("provider_links")
    person = _target("home.PersonPage")

    panels = [FieldPanel("person")]

    class Meta(Orderable.Meta):
        verbose_name = "provider"


class TopicLink(Orderable):
    """A topic under which the page is found."""

    page = _owner("topic_links")
    topic = _target("articles.TopicPage")

    panels = [FieldPanel("topic")]

    class Meta(Orderable.Meta):
        verbose_name = "topic"


class ConditionLink(Orderable):
    """A condition that the page is about."""

    page = _owner("condition_links")
    condition = _target("services.ConditionPage")

    panels = [FieldPanel("condition")]

    class Meta(Orderable.Meta):
        verbose_name = "condition"


class ServiceLink(Orderable):
    """A service that the page is about."""

    page = _owner("service_links")
    service = _target("services.ServicePage")

    panels = [FieldPanel("service")]

    class Meta(Orderable.Meta):
        verbose_name = "service"


class TreatmentLink(Orderable):
    """A service that may help with a condition, and what the evidence says: good, small or uncertain, and the risks."""

    page = _owner("treatment_links")
    service = _target("services.ServicePage")
    evidence = RichTextField(
        blank=True,
        features=INLINE_FEATURES,
        help_text="What studies found, benefits and risks side by side, each with its reference.",
    )

    panels = [FieldPanel("service"), FieldPanel("evidence")]

    class Meta(Orderable.Meta):
        verbose_name = "treatment"


class RelatedLink(Orderable):
    """Another page worth reading next."""

    page = _owner("related_links")
    target = models.ForeignKey(Page, on_delete=models.RESTRICT, related_name="+")

    panels = [FieldPanel("target")]

    class Meta(Orderable.Meta):
        verbose_name = "related page"


class FeaturedLink(Orderable):
    """A page that the home page shows."""

    page = _owner("featured_links")
    target = models.ForeignKey(Page, on_delete=models.RESTRICT, related_name="+")

    panels = [FieldPanel("target")]

    class Meta(Orderable.Meta):
        verbose_name = "featured page"
