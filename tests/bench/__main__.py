"""Measure the content API beside the stock Wagtail API v2 and a bare Django view, in one run on one machine.

Requests go through the whole WSGI application in this process, one after another: what is compared is the work for each
answer, free of the noise of a client and a network. Articles are made through the gate. ``ARTICLES`` says how many.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import RequestFactory, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from wagtail.api import APIField  # noqa: E402

from articles.models import ArticlePage  # noqa: E402
from tests import factories  # noqa: E402

SECONDS = 2.0
BODY = [("paragraph", "<p>" + "Rest helps many people, and so does moving gently. " * 12 + "</p>") for _ in range(8)]


@dataclass(frozen=True)
class Measure:
    """One address: answers in a second, milliseconds at the 50th and 99th percentile, queries, size in bytes."""

    name: str
    per_second: float
    p50: float
    p99: float
    queries: int
    size: int


def main() -> None:
    """Load, measure, print."""
    count = int(os.environ.get("ARTICLES", "200"))
    _load(count)
    page = ArticlePage.objects.get(slug="article-7")
    application = WSGIHandler()
    with override_settings(MIDDLEWARE=[]):
        naked = WSGIHandler()
    fields = "summary,body,image,author_links,condition_links,service_links,topic_links"
    measures = [
        _measure("bare view, no middleware", naked, "/bare/article-7"),
        _measure("stock: document", application, f"/stock/pages/{page.pk}/?fields={fields}"),
        _measure("stock: list of 20", application, f"/stock/pages/?type=articles.ArticlePage&limit=20&fields={fields}"),
        _measure("document", application, "/api/v1/articles/article-7"),
        _measure("list of 20", application, "/api/v1/articles?limit=20"),
        _measure("list of 20, filtered", application, "/api/v1/articles?limit=20&condition=insomnia"),
        _measure("search", application, "/api/v1/search?q=rest"),
    ]
    _print(measures, count)


def _load(count: int) -> None:
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    with transaction.atomic():
        clinic = factories.make_clinic(factories.make_home())
    for number in range(count):
        with transaction.atomic():
            clinic.publish(clinic.article_draft(f"article-{number}", body=BODY))
    ArticlePage.api_fields = [
        APIField(name)
        for name in ("summary", "body", "image", "author_links", "condition_links", "service_links", "topic_links")
    ]
    _say(f"{count} articles through the gate in {time.perf_counter() - started:.1f} s")


def _measure(name: str, application: Callable, path: str) -> Measure:
    request = RequestFactory().get(path)

    def call() -> bytes:
        answer: list[int] = []
        body = application(dict(request.environ), lambda status, headers: answer.append(int(status[:3])))
        content = b"".join(body)
        body.close()
        if answer != [200]:
            raise RuntimeError(f"{path} answered {answer}: {content[:200]!r}")
        return content

    for _ in range(20):
        size = len(call())
    with CaptureQueriesContext(connection) as queries:
        call()
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    percentiles = statistics.quantiles(times, n=100)
    return Measure(
        name,
        len(times) / sum(times),
        percentiles[49] * 1000,
        percentiles[98] * 1000,
        len(queries.captured_queries),
        size,
    )


def _print(measures: list[Measure], count: int) -> None:
    by_name = {measure.name: measure for measure in measures}
    bare = by_name["bare view, no middleware"].per_second
    _say(f"\n{connection.vendor}, {count} articles, one request at a time\n")
    _say(f"{'':28}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'queries':>9}{'bytes':>9}{'x bare':>9}{'x stock':>9}")
    for measure in measures:
        stock = by_name["stock: document" if "document" in measure.name else "stock: list of 20"].per_second
        of_stock = "" if "bare" in measure.name else f"{measure.per_second / stock:9.1f}"
        _say(
            f"{measure.name:28}{measure.per_second:9.0f}{measure.p50:9.2f}{measure.p99:9.2f}"
            f"{measure.queries:9}{measure.size:9}{measure.per_second / bare:9.2f}{of_stock}"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
