"""What publishing one page costs: ``python -m tests.bench.publication 15``, milliseconds as JSON out.

Under Attest's settings each page is approved first, which is not timed; under those of a plain Wagtail project the same page
type is published without a gate or a ledger. What is timed is Wagtail's own action, to its last commit. The pages are deleted at
the end, so that both kinds of project leave the database as they found it (Attest's ledger remembers them, of course).
"""

import json
import sys
import time

import django

django.setup()

from django.apps import apps  # noqa: E402 - Django has to be set up first
from wagtail.models import Page  # noqa: E402

from articles.models import ArticleIndexPage, ArticlePage  # noqa: E402
from cms.accounts.models import User  # noqa: E402
from cms.pages.relations import AuthorLink, ConditionLink, ServiceLink, TopicLink  # noqa: E402

_SLUG = "bench-publication-"
# The first publications of a process pay for imports and caches.
WARM_UP = 3


def main(count: int) -> None:
    """Publish ``count`` articles, one by one."""
    _delete_all()
    source = ArticlePage.objects.filter(live=True, slug__startswith="bench-article-").first()
    assert source is not None, "load articles first"
    publisher = User.objects.get(username="paul")
    milliseconds = []
    for number in range(WARM_UP + count):
        page = _draft_like(source, number)
        if apps.is_installed("cms.workflow"):
            _approve(page)
        revision = page.get_latest_revision()
        started = time.perf_counter()
        revision.publish(user=publisher)
        milliseconds.append((time.perf_counter() - started) * 1000)
    _delete_all()
    json.dump(milliseconds[WARM_UP:], sys.stdout)


def _draft_like(source: ArticlePage, number: int) -> ArticlePage:
    """A new draft with the words and relations of ``source``."""
    author = User.objects.get(username="wanda")
    page = ArticlePage(
        title=f"{source.title}, once more {number}",
        slug=f"{_SLUG}{number}",
        summary=source.summary,
        image=source.image,
        clinical_reviewer=source.clinical_reviewer,
        live=False,
        owner=author,
    )
    page.body = list(source.body.raw_data)
    page.author_links = [AuthorLink(person=link.person) for link in source.author_links.all()]
    page.condition_links = [ConditionLink(condition=link.condition) for link in source.condition_links.all()]
    page.service_links = [ServiceLink(service=link.service) for link in source.service_links.all()]
    page.topic_links = [TopicLink(topic=link.topic) for link in source.topic_links.all()]
    ArticleIndexPage.objects.get().add_child(instance=page)
    page.save_revision(user=author, log_action=True)
    return ArticlePage.objects.get(pk=page.pk)


def _approve(page: ArticlePage) -> None:
    # Only here: a plain project has no workflow of ours to import.
    from cms.pages.stages import Stage
    from cms.workflow import approval, checklists

    for stage, user in (
        (Stage.EDITORIAL, User.objects.get(username="nora")),
        (Stage.CLINICAL, page.clinical_reviewer.user),
    ):
        ticked = {point.key for point in checklists.points_of(stage)}
        approval.approve(page, stage=stage, user=user, ticked=ticked)


def _delete_all() -> None:
    for page in Page.objects.filter(slug__startswith=_SLUG):
        page.specific.delete()


if __name__ == "__main__":
    main(int(sys.argv[1]))
