"""Notes to readers in the editor: the box is empty after each publication, and nothing is lost by opening the form."""

import pytest

from articles.models import ArticlePage
from cms.pages.change_notes import is_told
from cms.workflow import approval
from cms.workflow.checks import findings_of
from tests.factories import draft
from tests.workflow import desk
from tests.workflow.desk import fresh

NOTE = "The advice on driving after a session is stricter than before."


@pytest.fixture
def told(clinic):
    """The article, public with a note to readers."""
    draft(clinic.article, user=clinic.author, summary="Do not drive.", is_material_change=True, change_note=NOTE)
    return clinic.publish(clinic.article)


def save(user, page, **sent):
    client = desk.login(user)
    return client.post(desk.edit_url(page), desk.opened(client, page) | sent)


def test_the_box_is_offered_once_a_page_was_public(clinic):
    client = desk.login(clinic.author)

    public = client.get(desk.edit_url(clinic.article))
    new = client.get(desk.edit_url(clinic.article_draft("never-public")))

    assert "readers should know of this change" in public.content.decode().lower()
    assert "readers should know of this change" not in new.content.decode().lower()


def test_next_draft_begins_with_the_box_empty(clinic, told):
    sent = desk.opened(desk.login(clinic.author), told)

    assert "is_material_change" not in sent
    assert sent["change_note"] == ""


def test_saving_without_a_change_keeps_the_note_and_every_approval(clinic, told):
    save(clinic.author, told)

    draft_of = approval.draft_of(fresh(told))
    assert fresh(told).latest_revision_id != told.latest_revision_id
    assert (draft_of.is_material_change, draft_of.change_note) == (True, NOTE)
    assert draft_of.content_digest() == told.content_digest()
    assert not approval.has_written(fresh(told), clinic.publisher)
    assert desk.opened(desk.login(clinic.author), told)["change_note"] == ""


def test_a_change_of_words_takes_the_note_off_the_draft(clinic, told):
    save(clinic.author, told, summary="Do not drive today.")

    draft_of = approval.draft_of(fresh(told))
    assert (draft_of.is_material_change, draft_of.change_note) == (False, "")
    assert fresh(told).change_note == NOTE


def test_a_new_note_is_kept_with_the_draft_until_it_is_public(clinic, told):
    save(clinic.author, told, summary="Do not cycle.", is_material_change="on", change_note="Nor cycle.")

    again = desk.opened(desk.login(clinic.author), told)

    assert (again["is_material_change"], again["change_note"]) == ("on", "Nor cycle.")
    assert not is_told(approval.draft_of(fresh(told)))


def test_autosave_from_a_form_that_changed_nothing_changes_no_digest(clinic, told):
    client = desk.login(clinic.author)
    sent = desk.opened(client, told)

    client.post(desk.edit_url(told), sent)
    client.post(desk.edit_url(told), sent)

    assert approval.draft_of(fresh(told)).content_digest() == told.content_digest()


def test_a_mark_without_a_note_blocks_and_a_note_without_a_mark_advises(clinic):
    page = fresh(clinic.article)

    page.is_material_change = True
    marked = [(one.code, one.is_blocking, one.field) for one in findings_of(page) if one.field == "change_note"]
    page.is_material_change, page.change_note = False, NOTE
    unmarked = [(one.code, one.is_blocking, one.field) for one in findings_of(page) if one.field == "change_note"]
    page.is_material_change = True

    assert marked == [("missing_change_note", True, "change_note")]
    assert unmarked == [("unmarked_change_note", False, "change_note")]
    assert [one for one in findings_of(page) if one.field == "change_note"] == []


def test_the_words_of_a_note_are_checked_like_all_words(clinic):
    page = fresh(clinic.article)
    page.is_material_change, page.change_note = True, "The dose is another one (source)."

    assert [(one.code, one.field) for one in findings_of(page) if one.is_blocking] == [("placeholder", "change_note")]


def test_a_marked_note_is_signed_and_an_unmarked_one_is_not():
    page = ArticlePage(title="Words", slug="words")
    plain = page.content_digest()

    page.change_note = NOTE
    unmarked = page.content_digest()
    page.is_material_change = True
    marked = page.content_digest()
    page.change_note = "Another note."

    assert unmarked == plain
    assert len({plain, marked, page.content_digest()}) == 3
