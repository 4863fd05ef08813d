"""Addresses: the editors' desk, the content API, files, and last the readers' pages."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.api import health
from cms.reader import crawlers, markdown_pages, sitemap, views

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/", include("cms.api.urls")),
    re_path(r"^healthz/?$", health.healthz),
    re_path(r"^readyz/?$", health.readyz),
    path("search/", views.search, name="search"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("llms.txt", crawlers.llms, name="llms"),
    path("sitemap.xml", sitemap.whole, name="sitemap"),
    re_path(r"^sitemap-([1-9][0-9]{0,5})\.xml$", sitemap.part, name="sitemap-part"),
    re_path(r"^((?:[\w\-]+/)*[\w\-]+)\.md$", markdown_pages.page, name="markdown-page"),
]
if settings.SERVE_IMAGES:
    # Pictures only: files for download go through Wagtail's view, which knows who may have them.
    urlpatterns += [
        re_path(
            r"^media/(?P<path>(?:images|original_images)/[^/]+)$",
            serve,
            {"document_root": settings.MEDIA_ROOT},
            name="media",
        )
    ]
# Under Wagtail's own name, so that addresses of pages can be built; the answer comes from the ledger.
urlpatterns += [re_path(r"^((?:[\w\-]+/)*)$", views.page, name="wagtail_serve")]

handler404 = "cms.reader.views.not_found"
