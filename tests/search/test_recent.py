"""What a search leaves for others at the same version of the ledger: fewer queries, and never another result."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cms.publishing.models import Head
from search import postings, recent, scopes
from search.index_models import IndexedDocument, Posting, Word
from search.query import Results, search
from tests.factories import Clinic, draft

# Words that are found, names, a word that none has, errors, beginnings, phrases; each beside others and alone.
TEXTS = (
    *(
        "sleep rest",
        "sleep",
        "rest",
        "insomnia",
        "insomnia sleep",
        "sleep insomnia acupuncture",
        "zebra",
        "sleep zebra",
    ),
    *("needles insomina", "insomina", "nee", "in somnia", '"falling or staying asleep"', "sleep -better", "g47", ""),
)
Counting = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    scopes._kept.clear()
    yield
    scopes._kept.clear()


def _found(text: str) -> Results:
    return search(text, site_id=None, locale="en")


def test_words_of_other_searches_are_not_read_again(
    committed_clinic: Clinic, django_assert_num_queries: Counting
) -> None:
    _found("sleep rest")
    _found("needles thin")

    with django_assert_num_queries(2):  # the version, texts
        assert _found("needles").count == 1
    with django_assert_num_queries(4):  # the version, whether the two are one word or a name, texts
        assert _found("rest needles").count == 1


@pytest.mark.parametrize("longest", [1, 2, 300])
def test_nobody_finds_anything_else_because_of_others(
    committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(postings, "MAX_LIST", longest)
    alone = {}
    for text in TEXTS:
        scopes._kept.clear()
        alone[text] = _found(text)
    scopes._kept.clear()

    for text in (*TEXTS, *reversed(TEXTS)):
        if scopes._kept:
            scopes._kept[0].found.clear()
        assert _found(text) == alone[text], text


def test_a_publication_is_found_by_words_that_were_known(committed_clinic: Clinic) -> None:
    clinic = committed_clinic
    assert _found("zebra needles").count == 1
    assert _found("zebra.").count == 0

    draft(clinic.insomnia, summary="A zebra.")
    clinic.publish(clinic.insomnia)

    found = _found("zebra.")
    assert ([hit.title_highlight for hit in found.hits], found.did_you_mean) == (["Insomnia"], None)
    clinic.insomnia.unpublish(user=clinic.publisher)
    assert _found("zebra.").count == 0


def test_what_a_transaction_sees_is_not_left_for_others(committed_clinic: Clinic) -> None:
    # A word that was not known would be mended, as one that is finished.
    before = {text: _found(text) for text in ("falling.", "thin.")}
    scopes._kept.clear()
    _found("sleep")

    with transaction.atomic():
        Word.objects.filter(word__in=("falling", "thin")).delete()
        Posting.objects.all().delete()
        assert (_found("falling").count, _found("thin").count) == (0, 0)
        transaction.set_rollback(True)

    scopes._kept[0].found.clear()
    assert {text: _found(text) for text in ("falling.", "thin.")} == before


def test_words_of_a_page_that_is_over_are_known_and_it_is_not_found(
    committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = Head.objects.get(slug="sleeping-better")
    now = timezone.now()
    for model in (Head, IndexedDocument):
        model.objects.filter(document_id=head.document_id).update(expires_at=now + datetime.timedelta(days=1))
    postings._remembered.clear()
    before = _found("sleep")
    assert _found("rest sleep").count > 0

    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(days=2))

    after = _found("sleep")
    assert after.count == before.count - 1
    assert "Sleeping better" not in [hit.title_highlight for hit in after.hits]


def test_little_is_kept_whatever_is_typed(committed_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_MAX_TERMS", "_MAX_NAMES", "_MAX_LISTS"):
        monkeypatch.setattr(recent, name, 4)

    for text in TEXTS:
        _found(text)

    assert all(len(kept) <= 4 for kept in vars(scopes._kept[0].recent).values())
    assert [_found(text).count for text in ("rest", "sleep")] == [2, 3]
