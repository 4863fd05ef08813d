"""What reviewers ask authors to change: with a reason, at a place that is there, open until it is answered."""

import json

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import PageLogEntry, WorkflowState

from cms.workflow import approval, change_requests
from cms.workflow.approval import ApprovalRefused
from cms.workflow.models import ChangeRequest
from tests.factories import draft, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

XHR = {"X-Requested-With": "XMLHttpRequest"}
NOT_THERE = "The place that your comment is about is not there any more. Choose it again."


@pytest.fixture
def waiting(clinic):
    """An article that waits for editorial review."""
    article = clinic.article_draft(
        body=[("heading", {"level": "2", "text": "Rest"}), ("paragraph", "<p>Rest helps many people.</p>")]
    )
    article.get_workflow().start(article, clinic.author)
    return fresh(article)


@pytest.fixture
def asked(clinic, waiting):
    """Changes were asked for at the summary."""
    approval.request_changes(
        step_of(waiting), page=waiting, user=clinic.editor, comment="Which people?", field="summary"
    )
    return fresh(waiting)


def step_of(page):
    return fresh(page).current_workflow_task_state


def block_of(page, number):
    return str(approval.draft_of(fresh(page)).body[number].id)


def open_ones(page):
    return [(one.field, one.block_id, one.comment) for one in change_requests.changes_requested_of(fresh(page))]


def by_address(user, page, **sent):
    return desk.send(desk.login(user), desk.action_url(page, "reject", step_of(page)), sent)


def by_form(user, page, **sent):
    client = desk.login(user)
    data = {**desk.opened(client, page), "action-workflow-action": "true", "workflow-action-name": "reject"}
    return desk.send(client, desk.edit_url(page), data | {"workflow-action-extra-data": json.dumps(sent)})


def by_review_page(user, page, **sent):
    url = reverse("review_decide", args=[page.pk])
    return desk.send(desk.login(user), url, {"action": "reject", **sent})


WAYS = [by_address, by_form, by_review_page]


# --- At a place ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", ["", "summary", "author_links", "body", "paragraph"])
def test_request_names_its_place(clinic, waiting, way, place):
    block = block_of(waiting, 1) if place == "paragraph" else ""
    field = "body" if block else place

    way(clinic.editor, waiting, comment="Which people?", place=f"{field}:{block}" if block else field)

    assert open_ones(waiting) == [(field, block, "Which people?")]
    assert fresh(waiting).workflow_states.get().status == WorkflowState.STATUS_NEEDS_CHANGES
    noted = PageLogEntry.objects.filter(page=waiting.pk, action="attest.changes.requested")
    assert [(line.user, line.data["field"], line.data["block"]) for line in noted] == [
        (clinic.editor, field, block) for _place in range(bool(place))
    ]
    assert PageLogEntry.objects.get(page=waiting.pk, action="wagtail.workflow.reject").user == clinic.editor


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "place", ["nothing", "go_live_at", "comments", "pk", "body:not-a-block", "summary:x", ":x", "x" * 500]
)
def test_place_that_is_not_there_is_refused(clinic, waiting, way, place):
    before = desk.matters()

    answer = way(clinic.editor, waiting, comment="Which people?", place=place)

    assert (answer.status_code, desk.matters()) == (200, before)
    if way is by_review_page:
        assert NOT_THERE in desk.told(answer)


def test_block_that_was_deleted_meanwhile_is_refused(clinic, waiting):
    block = block_of(waiting, 0)
    draft(waiting, user=clinic.author, body=[{"type": "paragraph", "value": "<p>Rest.</p>"}])
    before = desk.matters()

    with pytest.raises(ApprovalRefused, match="is not there any more"):
        approval.request_changes(
            step_of(waiting), page=fresh(waiting), user=clinic.editor, comment="Why?", field="body", block_id=block
        )

    assert desk.matters() == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("comment", ["", "  \n", "\u200b"[:0]])
def test_request_without_a_reason_is_refused(clinic, waiting, way, comment):
    before = desk.matters()

    way(clinic.editor, waiting, comment=comment, place="summary")

    assert desk.matters() == before
    assert desk.refusals(waiting)[-1]["reasons"] == ["Say what has to change: the author sees only your words."]


@pytest.mark.parametrize("who", ["author", "clinician", "publisher"])
def test_who_holds_no_right_to_the_stage_asks_for_nothing(clinic, waiting, who):
    before = desk.matters()

    by_review_page(getattr(clinic, who), waiting, comment="Because.")

    assert desk.matters() == before
    assert len(desk.refusals(waiting)) == 1


def test_author_may_ask_others_for_changes_of_the_page(clinic, waiting):
    draft(waiting, user=clinic.editor, summary="The editor’s own words.")

    by_review_page(clinic.editor, waiting, comment="I was too quick.")

    assert open_ones(waiting) == [("", "", "I was too quick.")]


def test_places_are_the_form_in_its_order(clinic, waiting):
    places = change_requests.places_of(approval.draft_of(waiting))

    labels = [place.label for place in places]
    assert labels[:3] == ["Title", "Summary", "Image"]
    assert [label for label in labels if label.startswith("Body")] == [
        "Body",
        "Body › Heading “Rest”",
        "Body › Paragraph “Rest helps many people.”",
    ]
    assert len({place.value for place in places}) == len(places)


def test_anchor_is_where_the_editor_scrolls_to(clinic, waiting):
    html = desk.login(clinic.author).get(desk.edit_url(waiting)).content.decode()

    assert change_requests.anchor_of("summary") == "#:w:contentpath=summary"
    assert change_requests.anchor_of("body", "abc") == "#:w:contentpath=body.abc"
    assert change_requests.anchor_of("") == ""
    assert {field for field in ("summary", "body", "title") if f'data-contentpath="{field}"' in html} == {
        "summary",
        "body",
        "title",
    }


def test_form_offers_the_places(clinic, waiting):
    url = reverse("wagtailadmin_pages:collect_workflow_action_data", args=[waiting.pk, "reject", step_of(waiting).pk])
    client = desk.login(clinic.editor)

    shown = BeautifulSoup(client.get(url, headers=XHR).json()["html"], "html.parser")
    answer = client.post(url, {"is_shown": "True", "comment": "Why?", "place": "summary"}, headers=XHR).json()
    empty = client.post(url, {"is_shown": "True", "comment": " "}, headers=XHR).json()

    values = [option["value"] for option in shown.select("#decision-place option")]
    assert (values[0], f"body:{block_of(waiting, 1)}" in values) == ("", True)
    assert answer["cleaned_data"] == {"comment": "Why?", "place": "summary"}
    assert "Say what has to change" in empty["html"]


# --- Open, and answered ----------------------------------------------------------------------------------------------


def mark_done(user, page, number):
    return desk.send(desk.login(user), reverse("review_done", args=[page.pk]), {"request": number})


def test_submitting_again_answers_everything(clinic, asked):
    fresh(asked).current_workflow_state.resume(clinic.author)

    row = ChangeRequest.objects.get()
    assert open_ones(asked) == []
    assert (row.closed_by, row.is_done, row.comment) == (clinic.author, False, "Which people?")


def test_new_review_after_a_withdrawal_answers_everything_too(clinic, asked):
    fresh(asked).current_workflow_state.cancel(user=clinic.author)
    assert len(open_ones(asked)) == 1

    page = fresh(asked)
    page.get_workflow().start(page, clinic.author)

    assert open_ones(asked) == []


def test_next_stage_leaves_what_was_answered_alone(clinic, asked):
    fresh(asked).current_workflow_state.resume(clinic.author)
    closed_at = ChangeRequest.objects.get().closed_at
    step = step_of(asked)
    approval.approve_task(step, page=fresh(asked), user=clinic.editor, ticked=desk.ticked(step))

    assert ChangeRequest.objects.get().closed_at == closed_at


def test_author_marks_one_done(clinic, asked):
    answer = mark_done(clinic.author, asked, ChangeRequest.objects.get().pk)

    row = ChangeRequest.objects.get()
    assert (open_ones(asked), row.is_done, row.closed_by) == ([], True, clinic.author)
    assert "Marked as done." in desk.told(answer)
    assert PageLogEntry.objects.get(page=asked.pk, action="attest.changes.done").user == clinic.author


@pytest.mark.parametrize("number", ["0", "", "x", "9" * 30])
def test_request_that_there_is_not_is_refused(clinic, asked, number):
    before = desk.matters()

    answer = mark_done(clinic.author, asked, number)

    assert (answer.status_code, desk.matters()) == (200, before)
    assert desk.refusals(asked, "attest.review.refused")[0]["reasons"] == ["This request is closed already."]


def test_request_of_another_page_is_not_closed_from_here(clinic, asked):
    before = desk.matters()

    mark_done(clinic.author, clinic.article, ChangeRequest.objects.get().pk)

    assert desk.matters() == before


def test_who_may_not_edit_the_page_marks_nothing_done(clinic, asked):
    before = desk.matters()

    mark_done(make_user("carl", "Clinician"), asked, ChangeRequest.objects.get().pk)

    assert desk.matters() == before
    assert desk.refusals(asked, "attest.review.refused")[0]["reasons"] == ["You may not edit this page."]
