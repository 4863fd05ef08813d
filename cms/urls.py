"""Addresses: the editors' desk, the content API, files, and last the readers' pages."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.api import health
from cms.reader import views

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/", include("cms.api.urls")),
    re_path(r"^healthz/?$", health.healthz),
    re_path(r"^readyz/?$", health.readyz),
    path("search/", views.search, name="search"),
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
