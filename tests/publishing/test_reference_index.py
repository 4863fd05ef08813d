"""Wagtail's index of references is as Wagtail would have it, with one look at each page for a whole transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from wagtail.models import Page, ReferenceIndex

from cms.pages.relations import ConditionLink, TopicLink
from cms.publishing import widening
from tests.factories import Clinic, draft


@pytest.fixture
def article(clinic: Clinic) -> Page:
    """An article that nobody has published yet."""
    return clinic.article_draft()


def fresh(page: Page) -> Any:
    """``page`` as the database has it now."""
    return Page.objects.get(pk=page.pk).specific


def references(page: Page) -> set[tuple[str, str]]:
    """What the index says ``page`` refers to: each place with the key that stands there."""
    found = ReferenceIndex.objects.filter(base_content_type=page.get_base_content_type(), object_id=str(page.pk))
    return set(found.values_list("content_path", "to_object_id"))


@contextmanager
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every object that the index looked at meanwhile."""
    seen: list[Any] = []
    real = ReferenceIndex.create_or_update_for_object.__func__

    def look(cls: Any, looked_at: Any) -> None:
        seen.append(looked_at)
        real(cls, looked_at)

    with monkeypatch.context() as patch:
        patch.setattr(ReferenceIndex, "create_or_update_for_object", classmethod(look))
        yield seen


def test_a_publication_looks_at_its_page_once(clinic, article, monkeypatch):
    newest = fresh(article).get_latest_revision_as_object()
    newest.condition_links = [ConditionLink(condition=clinic.insomnia)]
    newest.topic_links = [TopicLink(topic=clinic.topic)]
    newest.save_revision(user=clinic.author)
    clinic.approve(article)

    with looks(monkeypatch) as seen:
        fresh(article).get_latest_revision().publish(user=clinic.publisher)

    assert [(type(one), one.pk) for one in seen] == [(type(article), article.pk)]
    kept = references(article)
    assert {key for _place, key in kept} >= {str(clinic.insomnia.pk), str(clinic.topic.pk)}
    with transaction.atomic():
        ReferenceIndex.create_or_update_for_object(fresh(article))
    assert references(article) == kept


def test_a_row_that_points_to_a_page_is_its_pages_reference(clinic, article):
    before = references(article)

    with transaction.atomic():
        link = ConditionLink.objects.create(page=article, condition=clinic.insomnia)
    assert {key for _place, key in references(article) - before} == {str(clinic.insomnia.pk)}

    with transaction.atomic():
        link.delete()
        fresh(article).save()

    assert references(article) == before


def test_what_is_deleted_in_the_same_transaction_leaves_no_reference(clinic, article):
    with transaction.atomic():
        fresh(article).save()
        ConditionLink.objects.create(page=article, condition=clinic.insomnia)
        fresh(article).delete()

    assert references(article) == set()


def test_an_abandoned_transaction_leaves_no_reference(clinic, article):
    before = references(article)

    with transaction.atomic():
        ConditionLink.objects.create(page=article, condition=clinic.insomnia)
        transaction.set_rollback(True)

    with transaction.atomic():
        draft(clinic.topic, user=clinic.author, title="Something else")
    assert references(article) == before


def test_outside_of_a_transaction_the_index_follows_at_once(committed_clinic):
    page = committed_clinic.article_draft()
    before = references(page)

    ConditionLink.objects.create(page=page, condition=committed_clinic.insomnia)

    assert {key for _place, key in references(page) - before} == {str(committed_clinic.insomnia.pk)}


def test_a_wagtail_without_the_task_is_told_of(monkeypatch):
    monkeypatch.delattr("wagtail.signal_handlers.update_reference_index_task")

    assert widening.missing_names() == ["signal_handlers.update_reference_index_task"]
