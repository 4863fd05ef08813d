"""Attest's addresses, the stock Wagtail API, and a bare view that returns one column of one row."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet

from cms.publishing.models import Head
from cms.urls import urlpatterns as attest

router = WagtailAPIRouter("stock")
router.register_endpoint("pages", PagesAPIViewSet)


def bare(request: HttpRequest, slug: str) -> HttpResponse:
    """One column of one row, as directly as Django can."""
    text = Head.objects.filter(type="article", slug=slug).values_list("document", flat=True).first()
    return HttpResponse(text or "", content_type="application/json")


urlpatterns = [path("stock/", router.urls), path("bare/<slug:slug>", bare), *attest]
