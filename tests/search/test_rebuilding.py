"""The index can be proven, and made anew: ``manage.py search verify`` and ``manage.py search rebuild``."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cms.pages.identity import document_id_of
from cms.publishing import clock, ledger, tallies, verifying
from cms.publishing.models import Head, HeadRelation
from search import indexing
from search.index_models import IndexedDocument, Name, Posting, Spelling, Word
from search.query import search
from tests import factories
from tests.factories import Clinic

PUBLIC = 11


def _search(what: str) -> str:
    out = io.StringIO()
    call_command("search", what, stdout=out, stderr=out)
    return out.getvalue()


def _problems() -> list[str]:
    """What ``verify`` says; the last line is the error that it ends with, without which this fails."""
    out = io.StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("search", "verify", stdout=out, stderr=out)
    assert ended.value.returncode != 0
    return [*out.getvalue().splitlines(), str(ended.value)]


def _index() -> list[Any]:
    """Everything in the index, by what it says and not by the numbers of its rows."""
    documents = {row.pk: str(row.document_id) for row in IndexedDocument.objects.all()}
    words = {row.pk: row.word for row in Word.objects.all()}
    return [
        sorted(IndexedDocument.objects.values_list("document_id", "fingerprint", "words", "ties")),
        sorted((documents.get(row.document, ""), row.term, row.impact) for row in Posting.objects.all()),
        sorted((documents.get(row.document, ""), row.later, row.rest, row.text) for row in Name.objects.all()),
        sorted(Word.objects.values_list("site_id", "locale", "word", "term", "documents")),
        sorted((row.key, words[row.word]) for row in Spelling.objects.all()),
    ]


def test_an_index_that_followed_the_ledger_is_sound(clinic: Clinic) -> None:
    clinic.article.unpublish(user=clinic.publisher)

    assert _search("verify") == f"The index is sound: {PUBLIC - 1} documents.\n"


def test_rebuilding_a_sound_index_changes_nothing_that_it_says(clinic: Clinic) -> None:
    before = _index()

    said = _search("rebuild")

    assert said == f"{PUBLIC} documents are in the index.\n"
    assert _index() == before
    assert Head.objects.count() == PUBLIC


def _lose_a_document() -> None:
    IndexedDocument.objects.get(document_id=Head.objects.get(slug="insomnia").document_id).delete()


def _lose_a_posting() -> None:
    document = IndexedDocument.objects.get(document_id=Head.objects.get(slug="insomnia").document_id)
    Posting.objects.filter(document=document.pk).first().delete()  # type: ignore[union-attr]


def _lose_a_name() -> None:
    Name.objects.filter(text="sleeplessness").delete()


def _index_other_words() -> None:
    # As if the text had been changed behind the ledger's back.
    Head.objects.filter(slug="insomnia").update(text="Something about zebras.")


def _keep_a_document_that_is_gone() -> None:
    head = Head.objects.get(slug="sleeping-better")
    HeadRelation.objects.filter(source=head).delete()
    Head.objects.filter(pk=head.pk).delete()


def _miscount_a_word() -> None:
    Word.objects.filter(word="insomnia").update(documents=7)


DAMAGE: list[tuple[Callable[[], None], str]] = [
    (_lose_a_document, "/conditions/insomnia/ is public, but not in the index."),
    (_lose_a_posting, "/conditions/insomnia/ is found by other words than it has."),
    (_lose_a_name, "/conditions/insomnia/ is completed by other names than it has."),
    (_index_other_words, "/conditions/insomnia/ is indexed with other words than the public sees."),
    (_keep_a_document_that_is_gone, "Document {gone} is in the index, but not public."),
    (_miscount_a_word, "The word “insomnia” is counted 7 times and stands in 1 documents."),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE)
def test_an_index_out_of_step_is_told_and_mended(clinic: Clinic, damage: Callable[[], None], sentence: str) -> None:
    gone = Head.objects.get(slug="sleeping-better").document_id
    damage()
    damaged = _index()

    problems = _problems()

    assert sentence.format(gone=gone) in problems
    assert problems[-1] == f"{len(problems) - 1} problems found; search rebuild mends them."
    assert _index() == damaged
    _search("rebuild")
    assert _search("verify").startswith("The index is sound: ")


def test_a_rebuilt_index_finds_what_the_old_one_had_lost(committed_clinic: Clinic) -> None:
    before = clock.read()
    Posting.objects.all().delete()
    assert search("needles", site_id=None).count == 0

    _search("rebuild")

    # Without a new version, processes would go on giving the answers that they keep.
    assert clock.read() > before
    assert search("needles", site_id=None).count == 1


def test_an_interrupted_rebuild_leaves_the_old_index(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    before, version = _index(), clock.read()
    index_head, indexed = indexing.index_head, []

    def stopped(head: Head, ties: Any) -> bool:
        if len(indexed) == 3:
            raise KeyboardInterrupt
        indexed.append(head)
        return index_head(head, ties)

    monkeypatch.setattr(indexing, "index_head", stopped)
    with pytest.raises(KeyboardInterrupt):
        _search("rebuild")

    assert len(indexed) == 3
    assert _index() == before
    assert clock.read() == version
    assert _search("verify") == f"The index is sound: {PUBLIC} documents.\n"


class Terminal(io.StringIO):
    """Where somebody is looking."""

    def isatty(self) -> bool:
        """They are."""
        return True


@pytest.mark.parametrize("what", ["rebuild", "verify"])
def test_whoever_waits_sees_how_far_it_is(clinic: Clinic, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    screen, log = Terminal(), io.StringIO()

    monkeypatch.setattr("sys.stderr", screen)
    _search(what)
    monkeypatch.setattr("sys.stderr", log)
    _search(what)

    assert f"{PUBLIC}/{PUBLIC}" in screen.getvalue()
    assert log.getvalue() == ""


def test_pages_of_one_transaction_are_counted_together(clinic: Clinic) -> None:
    gone, changed = (clinic.publish(clinic.article_draft(slug)) for slug in ("gone", "changed"))
    come = [clinic.article_draft(f"come-{number}", summary="Zebras zigzag here.") for number in range(3)]
    for page in come:
        clinic.approve(page)
    factories.draft(changed, summary="Quokkas here.")
    clinic.approve(changed)

    with CaptureQueriesContext(connection) as sent, transaction.atomic():
        gone.unpublish()
        for page in (*come, changed):
            factories.publish(page, clinic.publisher)

    assert list(indexing.problems()) == []
    assert tallies.kept() == tallies.counted()
    assert Word.objects.get(word="zebras").documents == 3
    assert Word.objects.get(word="quokkas").documents == 1
    for table in ("search_word", "search_posting", "publishing_tally"):
        assert len([one for one in sent if f"INSERT INTO {table} " in one["sql"]]) == 1, table


def test_many_pages_are_not_held_in_memory(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_MAX_WAITING", 4)
    before = _index()

    with CaptureQueriesContext(connection) as sent, transaction.atomic():
        verifying.rebuild()

    assert len([one for one in sent if "INSERT INTO search_posting " in one["sql"]]) == -(-PUBLIC // 4)
    assert _index() == before


def test_an_error_leaves_nothing_waiting(clinic: Clinic) -> None:
    page = clinic.publish(clinic.article_draft("stopped", summary="Zebras here."))

    def fail() -> None:
        with transaction.atomic(), ledger.heads_together():
            indexing.forget_document(document_id_of(page))
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        fail()

    assert list(indexing.problems()) == []
    page.unpublish()
    assert list(indexing.problems()) == []
    assert not Word.objects.filter(word="zebras").exists()
    assert tallies.kept() == tallies.counted()
