"""Wagtail's own API v2 with the content that Attest serves: fields and relations are declared here, not in the models."""

from django.urls import path
from wagtail.api import APIField
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from articles.models import ArticlePage, TopicPage
from cms.pages import relations
from home.models import PersonPage
from services.models import ConditionPage, ServicePage
from tests.bench.cases import STOCK_LINKS

for link, target in (
    (relations.AuthorLink, "person"),
    (relations.ConditionLink, "condition"),
    (relations.ServiceLink, "service"),
    (relations.TopicLink, "topic"),
    (relations.RelatedLink, "target"),
):
    link.api_fields = [APIField(target)]
for model in (PersonPage, ConditionPage, ServicePage, TopicPage):
    model.api_fields = [APIField("summary"), APIField("image")]
PersonPage.api_fields += [APIField("credentials"), APIField("role")]
ArticlePage.api_fields = [
    APIField(name) for name in ("summary", "image", "body", "clinical_reviewer", "related_links", *STOCK_LINKS)
]

router = WagtailAPIRouter("stock")
router.register_endpoint("pages", PagesAPIViewSet)
urlpatterns = [path("stock/", router.urls)]
