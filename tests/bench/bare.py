"""The yardstick: the least that Django can do. No middleware, one view, one column of one row, through the ORM.

Called with ``--fill``, it makes its table out of the documents that it is given as JSON, so that it sends as many bytes.
"""

import json
import sys

import django
from django.conf import settings

from cms.settings import dev

if not settings.configured:
    database = dict(dev.DATABASES["default"])
    database["ENGINE"] = database["ENGINE"].replace("cms.publishing", "django.db")
    settings.configure(
        SECRET_KEY=dev.SECRET_KEY,
        ALLOWED_HOSTS=["*"],
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        ROOT_URLCONF=__name__,
        DATABASES={"default": database},
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django has to be set up first
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Kept(models.Model):
    """One document as text; in a table of the benchmark's own."""

    slug = models.CharField(max_length=255, primary_key=True)
    document = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "bench_document"


def view(request: HttpRequest, slug: str) -> HttpResponse:
    """One column of one row."""
    text = Kept.objects.values_list("document", flat=True).get(pk=slug)
    return HttpResponse(text, content_type="application/json")


def fill(documents: dict[str, str]) -> None:
    """Let the table hold these documents, by their slugs, and no others."""
    if Kept._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Kept)
    with transaction.atomic():
        Kept.objects.all().delete()
        Kept.objects.bulk_create(Kept(slug=slug, document=text) for slug, text in documents.items())


urlpatterns = [path("bare/<slug:slug>", view)]
application = get_wsgi_application()

if __name__ == "__main__" and "--fill" in sys.argv:
    fill(json.load(sys.stdin))
