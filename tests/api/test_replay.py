"""Whatever happens, and wherever a consumer begins: applying changes in order gives exactly what the API serves.

Few histories in the everyday run; many with ``HYPOTHESIS_PROFILE=thorough``.
"""

import contextlib
import datetime
import os
from typing import Any

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Page, Site

from cms.pages.relations import FeaturedLink, RelatedLink, TreatmentLink
from cms.publishing import scheduling
from cms.publishing.models import Head
from cms.workflow.gate import GateBlocked
from home.models import StandardPage
from tests.api.conftest import Reader
from tests.api.copying import Copy, served
from tests.factories import Clinic, draft
from tests.publishing import test_ledger
from tests.publishing.test_ledger import fresh

settings.register_profile("everyday", max_examples=6)
settings.register_profile("thorough", max_examples=300)
EXAMPLES = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday")).max_examples


class History(test_ledger.History):
    """What may happen to a section of plain pages, and to pages that others are tied to."""

    def rename_person(self, page: StandardPage) -> None:
        self._publish(self.clinic.reviewer, title=f"Clara Number {self._next()}")

    def unpublish_person(self, page: StandardPage) -> None:
        fresh(self.clinic.reviewer).unpublish()

    def unpublish_condition(self, page: StandardPage) -> None:
        fresh(self.clinic.insomnia).unpublish()

    def treat(self, page: StandardPage) -> None:
        newest = fresh(self.clinic.insomnia).get_latest_revision_as_object()
        newest.treatment_links = [TreatmentLink(service=self.clinic.acupuncture, evidence=f"<p>{self._next()}</p>")]
        newest.related_links = [RelatedLink(target=Page.objects.get(pk=page.pk))]
        newest.save_revision(user=self.clinic.author)
        self._publish(self.clinic.insomnia)

    def feature(self, page: StandardPage) -> None:
        newest = fresh(self.clinic.home).get_latest_revision_as_object()
        newest.featured_links = [FeaturedLink(target=Page.objects.get(pk=page.pk))]
        newest.save_revision(user=self.clinic.author)
        self._publish(self.clinic.home)

    def expire_unnoticed(self, page: StandardPage) -> None:
        past = timezone.now() - datetime.timedelta(seconds=1)
        if Head.objects.filter(page_id=page.pk).update(expires_at=past):
            Page.objects.filter(pk=page.pk).update(expire_at=past)

    def give_a_site_of_its_own(self, page: StandardPage) -> None:
        if not Site.objects.filter(root_page=page.pk).exists():
            Site.objects.create(hostname=f"site-{page.pk}.example", root_page=Page.objects.get(pk=page.pk))

    def take_its_site(self, page: StandardPage) -> None:
        for site in Site.objects.filter(root_page=page.pk):
            site.delete()

    def delete(self, page: StandardPage) -> None:
        # A page that others are tied to is not deleted.
        with contextlib.suppress(Exception), transaction.atomic():
            page.delete()

    def _publish(self, page: Any, **fields: Any) -> None:
        if fields:
            draft(fresh(page), user=self.clinic.author, **fields)
        with contextlib.suppress(GateBlocked), transaction.atomic():
            self.clinic.publish(fresh(page))


ACTIONS = sorted(
    name
    for kind in (History, test_ledger.History)
    for name in vars(kind)
    if name not in {"add", "act"} and not name.startswith("_")
)
STEPS = st.tuples(st.sampled_from(["publish", "publish", "publish", *ACTIONS]), st.integers(0, 3))
WAYS = st.fixed_dictionaries({"limit": st.sampled_from([1, 2, 3, 500]), "compact": st.sampled_from(["false", "true"])})


def test_a_copy_is_what_the_api_serves_after_any_history_from_any_cursor(api: Reader, clinic: Clinic) -> None:
    start = History(clinic)

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(steps=st.lists(STEPS, min_size=6, max_size=12), ways=st.lists(WAYS, min_size=3, max_size=3))
    def holds(steps: list[tuple[str, int]], ways: list[dict[str, Any]]) -> None:
        untouched = transaction.savepoint()
        try:
            slow, quick = Copy(api, **ways[0]), Copy(api, **ways[1])
            tokens = []
            for action, index in steps:
                page = StandardPage.objects.filter(pk=start.keys[index]).first()
                if page is not None:
                    with transaction.atomic():
                        start.act(action, page)
                slow.read_page()
                quick.read()
                tokens += [slow.from_here(**ways[2]), quick.from_here(**ways[2])]

            begun_now = Copy(api, **ways[2]).read()
            assert begun_now.resolved() == served(api)

            scheduling.run_due(timezone.now())
            truth = served(api)
            for copy in (slow, quick, begun_now, *tokens):
                assert copy.read().resolved() == truth
            for copy in (slow, quick):
                positions = [item["position"] for item in copy.items]
                assert positions == sorted(set(positions))
        finally:
            transaction.savepoint_rollback(untouched)

    holds()
