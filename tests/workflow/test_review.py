"""A page goes through its review in the admin: through the buttons, and through requests that no button sends."""

import datetime
import json
import threading

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.models import TaskState, WorkflowState

from cms.pages.stages import Stage
from cms.publishing import scheduling
from cms.publishing.models import Entry, Head
from cms.workflow import approval, gate, shown_words
from cms.workflow.approval import ApprovalRefused
from cms.workflow.models import Approval
from home.models import StandardPage
from tests.factories import add_draft, draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

NO_ENTRY = "Sorry, you do not have permission to access this area."


@pytest.fixture
def article(clinic):
    return clinic.article_draft()


def submit(page, user):
    """``user`` presses “Submit” in the editor."""
    client = desk.login(user)
    return client.post(desk.edit_url(page), {**desk.opened(client, page), "action-submit": "1"})


def start(page, user):
    """The page waits as if ``user`` had submitted it."""
    page.get_workflow().start(page, user)


def step_of(page):
    return fresh(page).current_workflow_task_state


def press(user, action, page, comment="", step=None, follow=False):
    """``user`` decides by a button outside of the editing form, with every point of the checklist ticked."""
    step = step or step_of(page)
    sent = desk.approving(page, step, comment=comment)
    return desk.login(user).post(desk.action_url(page, action, step), sent, follow=follow)


def press_in_form(user, action, page, changes=None, extra=None):
    """``user`` decides by a button of the editing form, which sends the whole form."""
    client = desk.login(user)
    sent = {**desk.opened(client, page), "action-workflow-action": "true", "workflow-action-name": action}
    if action == "approve":
        extra = desk.approving(page, **(extra or {}))
    if extra is not None:
        sent["workflow-action-extra-data"] = json.dumps(extra)
    return desk.send(client, desk.edit_url(page), sent | (changes or {}))


def status(page):
    return fresh(page).workflow_states.order_by("-pk").first().status


@pytest.fixture
def waiting(clinic, article):
    """An article that waits for editorial review."""
    start(article, clinic.author)
    return fresh(article)


@pytest.fixture
def half_way(clinic, waiting):
    """An article that waits for clinical review."""
    approval.approve_task(step_of(waiting), page=waiting, user=clinic.editor, ticked=desk.ticked(step_of(waiting)))
    return fresh(waiting)


# --- The whole way ---------------------------------------------------------------------------------------------------


def test_page_is_submitted_approved_twice_and_published(clinic, article):
    submitted = submit(article, clinic.author)
    assert (submitted.status_code, step_of(article).task.name) == (302, "Editorial review")

    first = press(clinic.editor, "approve", article, follow=True)
    assert step_of(article).task.name == "Clinical review"
    assert "Your decision on “Draft” is recorded. Next step: Clinical review." in desk.shown(first)
    assert fresh(article).live is False

    last = press(clinic.clinician, "approve", article, comment="Well put.", follow=True)
    assert "“Draft” is approved and published." in desk.shown(last)
    assert NO_ENTRY not in desk.shown(last)

    entry = Entry.objects.latest("position")
    assert (status(article), fresh(article).live) == (WorkflowState.STATUS_APPROVED, True)
    assert (entry.page_id, entry.kind, entry.actor_id) == (article.pk, "published", clinic.clinician.pk)
    assert [(given["stage"], given["user_id"]) for given in entry.approvals] == [
        ("editorial", clinic.editor.pk),
        ("clinical", clinic.clinician.pk),
    ]
    assert Approval.objects.latest("pk").comment == "Well put."
    assert not article.permissions_for_user(clinic.clinician).can_publish()


def test_page_that_needs_editorial_review_alone_is_published_by_it(clinic):
    page = add_draft(clinic.home, StandardPage(title="Parking", slug="parking", summary="Where."), user=clinic.author)
    submit(page, clinic.author)

    answer = press(clinic.editor, "approve", page, follow=True)

    assert fresh(page).live is True
    assert "“Parking” is approved and published." in desk.shown(answer)


def test_decisions_can_be_made_in_the_editing_form(clinic, waiting):
    first = press_in_form(clinic.editor, "approve", waiting)
    second = press_in_form(clinic.clinician, "approve", waiting, extra={"comment": "Well put."})

    assert "Next step: Clinical review." in desk.told(first)
    assert "“Draft” is approved and published." in desk.told(second)
    assert NO_ENTRY not in desk.told(second)
    assert fresh(waiting).live is True
    assert list(Approval.objects.filter(page_id=waiting.pk).values_list("comment", flat=True)) == ["", "Well put."]


def test_draft_with_findings_may_be_submitted(clinic):
    article = clinic.article_draft("unfinished", summary="", body=[("paragraph", "<p>It helps most (source).</p>")])

    submit(article, clinic.author)

    assert {finding.code for finding in gate.decide(fresh(article)).blocking} >= {"placeholder", "missing_summary"}
    assert step_of(article).task.name == "Editorial review"


def test_new_page_may_be_submitted_at_once(clinic):
    url = reverse("wagtailadmin_pages:add", args=["home", "standardpage", clinic.home.pk])
    client = desk.login(clinic.author)
    sent = desk.data_of(desk.context_of(client, url)["form"])

    client.post(url, {**sent, "title": "Parking", "slug": "parking", "action-submit": "1"})

    page = StandardPage.objects.get(slug="parking")
    assert (page.live, step_of(page).task.name) == (False, "Editorial review")


# --- Who may decide --------------------------------------------------------------------------------------------------

MATRIX = {
    "author": ("Author",),
    "publisher": ("Publisher",),
    "clinician at editorial review": ("Clinician",),
    "nobody": (),
}


@pytest.mark.parametrize("action", ["approve", "reject"])
@pytest.mark.parametrize("who", MATRIX)
def test_who_holds_no_right_to_the_stage_decides_nothing(waiting, who, action):
    user = make_user("somebody", *MATRIX[who], credentials="M.D.", licence_number="MO-2")
    before = desk.matters()

    answer = press(user, action, waiting, comment="Because.", follow=True)

    assert desk.matters() == before
    assert "recorded" not in desk.shown(answer)


def test_anonymous_decides_nothing(client, waiting):
    before = desk.matters()

    answer = client.post(desk.action_url(waiting, "approve", step_of(waiting)))

    assert answer.url.startswith(reverse("wagtailadmin_login"))
    assert desk.matters() == before


def test_editor_may_not_decide_at_clinical_review(clinic, half_way):
    before = desk.matters()

    press(clinic.editor, "approve", half_way)
    press_in_form(clinic.editor, "approve", half_way)

    assert desk.matters() == before


# --- Nobody approves what they wrote ---------------------------------------------------------------------------------


@pytest.fixture
def written_by_editor(clinic, article):
    """An article that waits for editorial review, whose newest words are the editor's own."""
    draft(article, user=clinic.editor, summary="The editor’s own words.")
    start(fresh(article), clinic.author)
    return fresh(article)


def test_editor_shows_nobody_a_button_to_approve_but_the_way_to_the_review_page(clinic, written_by_editor):
    page = desk.login(clinic.editor).get(desk.edit_url(written_by_editor))
    other = desk.login(make_user("emil", "Editor")).get(desk.edit_url(written_by_editor))

    for response in (page, other):
        assert 'data-workflow-action-name="approve' not in response.content.decode()
        assert 'data-workflow-action-name="reject"' in response.content.decode()
        assert reverse("review_page", args=[written_by_editor.pk]) in response.content.decode()


@pytest.mark.parametrize("way", [press, press_in_form])
@pytest.mark.parametrize("is_superuser", [False, True])
def test_author_may_not_approve_by_a_request_either(clinic, written_by_editor, way, is_superuser):
    clinic.editor.is_superuser = is_superuser
    clinic.editor.save()
    before = desk.matters()

    way(clinic.editor, "approve", written_by_editor)

    assert desk.matters() == before


def test_author_may_not_approve_through_the_task_itself(clinic, written_by_editor):
    step = step_of(written_by_editor)
    before = desk.matters()

    with pytest.raises(ApprovalRefused):
        step.task.specific.on_action(step, clinic.editor, "approve", **desk.approving(written_by_editor, step))

    assert desk.matters() == before
    assert [refusal["stage"] for refusal in desk.refusals(written_by_editor)] == ["editorial"]


def test_words_cannot_be_changed_and_approved_in_one_go(clinic, waiting):
    before, saved = desk.matters(), desk.revisions()

    answer = press_in_form(clinic.editor, "approve", waiting, changes={"summary": "Words of the editor."})

    assert desk.matters() == before
    assert desk.revisions() == saved
    assert "This form differs from the newest draft, and nobody approves what they wrote." in desk.shown(answer)
    assert "Words of the editor." in answer.content.decode()


def test_form_that_was_open_while_the_author_wrote_on_approves_nothing(clinic, waiting):
    client = desk.login(clinic.editor)
    sent = {**desk.opened(client, waiting), "action-workflow-action": "true", "workflow-action-name": "approve"}
    sent["workflow-action-extra-data"] = json.dumps(desk.approving(waiting))
    draft(waiting, user=clinic.author, summary="Written while the editor was reading.")
    before, saved = desk.matters(), desk.revisions()

    answer = client.post(desk.edit_url(waiting), sent, follow=True)

    assert (desk.matters(), desk.revisions()) == (before, saved)
    assert answer.redirect_chain == [(reverse("review_page", args=[waiting.pk]), 302)]
    assert shown_words.CHANGED in desk.shown(answer)
    assert [refusal["reasons"] for refusal in desk.refusals(waiting)] == [[shown_words.CHANGED]]


# --- Nobody approves what they did not read -----------------------------------------------------------------------------


def without_digest(sent):
    return {name: value for name, value in sent.items() if name != "content_digest"}


def by_dialogue(user, page, sent):
    return desk.login(user).post(desk.action_url(page, "approve", step_of(page)), sent, follow=True)


def by_script(user, page, sent):
    """As Wagtail's dialogue sends it: the answer says where to go on."""
    url, headers = desk.action_url(page, "approve", step_of(page)), {"X-Requested-With": "XMLHttpRequest"}
    client = desk.login(user)
    told = client.post(url, sent, headers=headers).json()
    return client.get(told["redirect"])


def by_editor(user, page, sent):
    client = desk.login(user)
    form = {**desk.opened(client, page), "action-workflow-action": "true", "workflow-action-name": "approve"}
    return client.post(desk.edit_url(page), form | {"workflow-action-extra-data": json.dumps(sent)}, follow=True)


def by_address_of_ours(user, page, sent):
    url = reverse("review_decide", args=[page.pk])
    return desk.login(user).post(url, {"action": "approve", **sent}, follow=True)


def by_review_page(user, page, sent):
    sent = {"action": "approve", "step": str(step_of(page).pk), **sent}
    return desk.login(user).post(reverse("review_page", args=[page.pk]), sent, follow=True)


@pytest.mark.parametrize("door", [by_dialogue, by_script, by_editor, by_address_of_ours, by_review_page])
@pytest.mark.parametrize("digest", [None, "", "of words that changed", "0" * 64, "\x00"])
def test_no_door_approves_words_that_nobody_was_shown(clinic, waiting, door, digest):
    sent = without_digest(desk.approving(waiting))
    if digest == "of words that changed":
        digest = desk.read(waiting)
        draft(waiting, user=clinic.author, summary="Saved in a second tab, while the editor was reading.")
    if digest is not None:
        sent["content_digest"] = digest
    reason = shown_words.CHANGED if digest else shown_words.UNREAD
    before, saved = desk.matters(), desk.revisions()

    answer = door(clinic.editor, waiting, sent)

    assert (desk.matters(), desk.revisions()) == (before, saved)
    assert answer.request["PATH_INFO"] == reverse("review_page", args=[waiting.pk])
    assert reason in desk.shown(answer)
    assert NO_ENTRY not in desk.shown(answer)
    assert [refusal["reasons"] for refusal in desk.refusals(waiting)] == [[reason]]


@pytest.mark.parametrize("door", [by_dialogue, by_script, by_editor, by_address_of_ours, by_review_page])
def test_every_door_approves_the_words_that_were_shown(clinic, waiting, door):
    door(clinic.editor, waiting, desk.approving(waiting))

    assert Approval.objects.get(page_id=waiting.pk).content_digest == desk.read(waiting)
    assert step_of(waiting).task.name == "Clinical review"


@pytest.mark.parametrize("name", ["content_digest", "points", "comment"])
@pytest.mark.parametrize("value", [{"a": 1}, [[]], 7, True])
def test_editing_form_with_a_digest_of_no_known_kind_breaks_nothing(clinic, waiting, name, value):
    sent = without_digest(desk.approving(waiting)) | {name: value}
    before = desk.matters()

    answer = by_editor(clinic.editor, waiting, sent)

    assert (answer.status_code, desk.matters()) == (200, before)


@pytest.mark.parametrize("name", ["workflow_action", "collect_workflow_action_data"])
def test_dialogue_of_an_approval_leads_to_the_review_page(clinic, waiting, name):
    url = reverse(f"wagtailadmin_pages:{name}", args=[waiting.pk, "approve", step_of(waiting).pk])

    html = desk.login(clinic.editor).get(url, headers={"X-Requested-With": "XMLHttpRequest"}).json()["html"]

    assert f'href="{reverse("review_page", args=[waiting.pk])}"' in html
    assert "<form" not in html


def test_reviewer_may_ask_for_changes_and_change_in_one_go(clinic, waiting):
    press_in_form(clinic.editor, "reject", waiting, changes={"summary": "Better."}, extra={"comment": "See summary."})

    assert (status(waiting), fresh(waiting).get_latest_revision().user) == ("needs_changes", clinic.editor)


def test_reviewer_who_saved_without_changing_a_word_may_still_approve(clinic, waiting):
    client = desk.login(clinic.editor)
    client.post(desk.edit_url(waiting), desk.opened(client, waiting))
    assert fresh(waiting).get_latest_revision().user == clinic.editor

    press(clinic.editor, "approve", waiting)

    assert step_of(waiting).task.name == "Clinical review"


# --- Asking for changes ----------------------------------------------------------------------------------------------


def test_page_goes_back_to_its_author_with_a_comment_and_returns(clinic, waiting):
    answer = press(clinic.editor, "reject", waiting, comment="Which nights?", follow=True)

    assert status(waiting) == WorkflowState.STATUS_NEEDS_CHANGES
    assert "“Draft” went back to its author with your comment." in desk.shown(answer)
    assert "Which nights?" in desk.login(clinic.author).get(desk.edit_url(waiting)).content.decode()

    submit(waiting, clinic.author)

    assert step_of(waiting).task.name == "Editorial review"


@pytest.mark.parametrize("comment", ["", "   "])
def test_asking_for_changes_without_a_reason_is_refused(clinic, waiting, comment):
    before = desk.matters()

    press(clinic.editor, "reject", waiting, comment=comment)

    assert desk.matters() == before
    assert desk.refusals(waiting)[-1]["reasons"] == ["Say what has to change: the author sees only your words."]


@pytest.mark.parametrize("extra", [None, {}, {"comment": ""}, {"comment": " \n"}])
def test_request_that_skips_the_form_of_the_comment_is_refused(clinic, waiting, extra):
    before = desk.matters()

    press_in_form(clinic.editor, "reject", waiting, extra=extra)

    assert desk.matters() == before


# --- Steps that are not the page's, or no longer wait ----------------------------------------------------------------


def test_address_of_one_page_with_the_step_of_another_obeys_the_rules_of_that_other(clinic, waiting):
    other = clinic.article_draft("other")
    draft(other, user=clinic.editor, summary="The editor’s own words.")
    start(fresh(other), clinic.author)
    before = desk.matters()

    press(clinic.editor, "approve", waiting, step=step_of(other))

    assert desk.matters() == before
    assert len(desk.refusals(other)) == 1


def test_address_of_one_page_never_approves_it_by_the_step_of_another(clinic, waiting):
    other = clinic.article_draft("other", summary="Other words.")
    start(other, clinic.author)

    press(clinic.editor, "approve", waiting, step=step_of(other))

    assert not Approval.objects.filter(page_id=waiting.pk).exists()
    assert step_of(waiting).task.name == "Editorial review"
    assert [given.content_digest for given in Approval.objects.filter(page_id=other.pk)] == [other.content_digest()]


def test_second_click_finds_the_step_decided(clinic, waiting):
    step = step_of(waiting)
    press(clinic.editor, "approve", waiting, step=step)
    before = desk.matters()

    press(make_user("emil", "Editor"), "approve", waiting, step=step)
    press(make_user("emma", "Editor"), "reject", waiting, comment="Wait.", step=step)

    assert desk.matters() == before


def test_step_held_in_memory_since_before_a_decision_decides_nothing(clinic, waiting):
    step = TaskState.objects.get(pk=step_of(waiting).pk)
    page = fresh(waiting)
    press(clinic.editor, "approve", waiting)
    before = desk.matters()

    assert step.status == TaskState.STATUS_IN_PROGRESS
    with pytest.raises(ApprovalRefused, match="no longer waiting"):
        approval.approve_task(step, page=page, user=make_user("emil", "Editor"))
    with pytest.raises(ApprovalRefused, match="no longer waiting"):
        approval.request_changes(step, page=page, user=make_user("emma", "Editor"), comment="Wait.")

    assert desk.matters() == before


def test_step_of_a_cancelled_review_decides_nothing(clinic, waiting):
    step = step_of(waiting)
    waiting.current_workflow_state.cancel(user=clinic.author)
    before = desk.matters()

    press(clinic.editor, "approve", waiting, step=step)

    assert desk.matters() == before


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at one moment need PostgreSQL")
def test_of_two_who_approve_at_one_moment_one_is_told(committed_clinic):
    clinic = committed_clinic
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    clinicians = [make_clinician("carl", licence_number="MO-3"), make_clinician("cora", licence_number="MO-4")]
    press(clinic.editor, "approve", article)
    step, start, outcomes = step_of(article), threading.Barrier(2), []

    def decide(user):
        page, mine = fresh(article), TaskState.objects.get(pk=step.pk)
        start.wait()
        try:
            approval.approve_task(mine, page=page, user=user, ticked=desk.ticked(mine))
            outcomes.append("given")
        except ApprovalRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[user]) for user in clinicians]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["given", "refused"]
    assert Approval.objects.filter(page_id=article.pk, stage=Stage.CLINICAL).count() == 1
    assert Entry.objects.filter(page_id=article.pk).count() == 1


# --- Edits during the review -----------------------------------------------------------------------------------------


def test_edit_during_review_sends_the_page_to_every_stage_again(clinic, half_way):
    draft(half_way, user=clinic.author, summary="Changed during clinical review.")

    press(clinic.clinician, "approve", half_way)

    assert (fresh(half_way).live, step_of(half_way).task.name) == (False, "Editorial review")
    press(clinic.editor, "approve", half_way)
    assert fresh(half_way).live is True
    assert fresh(half_way).summary == "Changed during clinical review."


def test_save_without_change_during_review_sends_nobody_back(clinic, half_way):
    client = desk.login(clinic.author)
    client.post(desk.edit_url(half_way), desk.opened(client, half_way))

    press(clinic.clinician, "approve", half_way)

    assert fresh(half_way).live is True
    assert status(half_way) == WorkflowState.STATUS_APPROVED


# --- Approved, but not published -------------------------------------------------------------------------------------


def test_approval_while_a_finding_stands_says_that_nothing_was_published(clinic):
    article = clinic.article_draft("unfinished", body=[("paragraph", "<p>It helps most people (source).</p>")])
    start(article, clinic.author)
    press(clinic.editor, "approve", article)
    before = desk.matters()

    answer = press(clinic.clinician, "approve", article, follow=True)

    after = desk.matters()
    assert "“Unfinished” is approved, but not published. “(source)” is a placeholder." in desk.shown(answer)
    assert {name: after[name] == before[name] for name in ("entries", "heads", "pages")} == dict.fromkeys(
        ("entries", "heads", "pages"), True
    )
    assert (status(article), len(after["approvals"])) == (WorkflowState.STATUS_APPROVED, len(before["approvals"]) + 1)
    noted = desk.refusals(article, "attest.publication.refused")
    assert [[finding["code"] for finding in refusal["findings"]] for refusal in noted] == [["placeholder"]]


def test_the_same_is_said_after_approval_in_the_form(clinic):
    article = clinic.article_draft("unfinished", body=[("paragraph", "<p>It helps most people (source).</p>")])
    start(article, clinic.author)
    press(clinic.editor, "approve", article)

    answer = press_in_form(clinic.clinician, "approve", article)

    assert "“Unfinished” is approved, but not published. “(source)” is a placeholder." in desk.told(answer)


def test_history_of_the_page_says_why(clinic):
    article = clinic.article_draft("unfinished", body=[("paragraph", "<p>It helps most people (source).</p>")])
    start(article, clinic.author)
    press(clinic.editor, "approve", article)
    press(clinic.clinician, "approve", article)

    history = desk.login(clinic.editor).get(reverse("wagtailadmin_pages:history", args=[article.pk]))

    assert "Publication refused" in desk.shown(history)
    assert "“(source)” is a placeholder." in desk.shown(history)


def test_page_with_a_time_is_published_at_its_time(clinic, article):
    draft(article, user=clinic.author, go_live_at="2126-01-01T08:00:00Z")
    start(fresh(article), clinic.author)
    press(clinic.editor, "approve", article)

    answer = press(clinic.clinician, "approve", article, follow=True)

    assert "“Draft” is approved and will be published at its time." in desk.shown(answer)
    assert fresh(article).scheduled_revision is not None
    assert not Head.objects.filter(page_id=article.pk).exists()


def test_page_with_a_time_goes_live_at_its_time(clinic, article, monkeypatch):
    then = timezone.now() + datetime.timedelta(hours=1)
    draft(article, user=clinic.author, go_live_at=then)
    start(fresh(article), clinic.author)
    press(clinic.editor, "approve", article)
    press(clinic.clinician, "approve", article)
    monkeypatch.setattr(timezone, "now", lambda: then)

    run = scheduling.run_due(then)

    assert (run.published, fresh(article).live) == ((article.pk,), True)


# --- Where the outcome is told ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "is_told"), [("Editor", True), ("Clinician", True), ("Author", False)])
def test_outcome_is_told_to_reviewers_alone(waiting, role, is_told):
    user = make_user("somebody", role)

    answer = desk.login(user).get(reverse("review_outcome", args=[waiting.pk]), follow=True)

    assert ("Your decision on “Draft” is recorded" in desk.shown(answer)) is is_told


def test_reviewer_returns_to_the_dashboard_when_coming_from_there(clinic, waiting):
    client = desk.login(clinic.editor)

    answer = client.get(
        reverse("review_outcome", args=[waiting.pk]), headers={"Referer": f"http://testserver{desk.HOME}"}
    )

    assert answer.url == desk.HOME


def test_outcome_of_a_page_that_was_never_reviewed_is_nothing(clinic, article):
    answer = desk.login(clinic.editor).get(reverse("review_outcome", args=[article.pk]), follow=True)

    assert answer.status_code == 200
    assert "recorded" not in desk.shown(answer)


def test_steps_wait_on_the_dashboard_of_those_who_may_decide(clinic, waiting):
    clinician = make_clinician("carl", licence_number="MO-3")

    seen = {user: list(TaskState.objects.reviewable_by(user)) for user in (clinic.editor, clinician, clinic.author)}

    assert seen == {clinic.editor: [step_of(waiting)], clinician: [], clinic.author: []}
