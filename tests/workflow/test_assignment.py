"""Who has a review: claimed, given, given back, dated, withdrawn, through the addresses behind the buttons."""

import datetime
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import PageLogEntry, TaskState, WorkflowState

from cms.pages.stages import Stage
from cms.workflow import approval, assignment
from cms.workflow.assignment import AssignmentRefused
from cms.workflow.inbox import Kind, Notification
from cms.workflow.models import Approval
from tests.factories import draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

E, C = Stage.EDITORIAL, Stage.CLINICAL
NOT_WAITING = "This page does not wait for a review."


@pytest.fixture
def waiting(clinic):
    """An article that waits for editorial review; the author submitted it."""
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    return fresh(article)


@pytest.fixture
def half_way(clinic, waiting):
    """The same at clinical review, which is the named clinician's from the start."""
    step = step_of(waiting)
    approval.approve_task(step, page=waiting, user=clinic.editor, ticked=desk.ticked(step))
    return fresh(waiting)


@pytest.fixture
def second():
    return make_user("emil", "Editor")


def step_of(page):
    return fresh(page).current_workflow_task_state


def url_of(act, page):
    return reverse(f"review_{act}", args=[page.pk])


def send(who, act, page, /, **sent):
    """``who`` presses a button of the review."""
    return desk.send(desk.login(who), url_of(act, page), sent)


def has_it(page):
    return assignment.waiting_of(fresh(page)).assigned_to


def lines(page, action):
    found = PageLogEntry.objects.filter(page=page.pk, action=f"attest.review.{action}").order_by("pk")
    return [(entry.user.username, entry.data) for entry in found]


def refused(page):
    return [data["reasons"] for _user, data in lines(page, "refused")]


# --- What waits ------------------------------------------------------------------------------------------------------


def test_waiting_says_stage_and_time(clinic, waiting):
    found = assignment.waiting_of(waiting)

    assert (found.stages, found.since, found.assigned_to, found.due_at) == (
        (E,),
        step_of(waiting).started_at,
        None,
        None,
    )
    assert assignment.waiting_of(clinic.article) is None


def test_clinical_review_is_the_named_reviewers_from_the_start(clinic, half_way):
    assert has_it(half_way) == clinic.clinician


@pytest.mark.parametrize("change", [{"clinical_reviewer": None}, {"licence_number": ""}, {"wrote": True}])
def test_nobody_is_named_who_could_not_approve(clinic, change):
    article = clinic.article_draft()
    if "clinical_reviewer" in change:
        draft(article, user=clinic.author, clinical_reviewer=None)
    if "licence_number" in change:
        type(clinic.clinician).objects.filter(pk=clinic.clinician.pk).update(licence_number="")
    if "wrote" in change:
        draft(article, user=clinic.clinician, summary="The clinician’s own words.")
    article = fresh(article)
    article.get_workflow().start(article, clinic.author)
    step = step_of(article)
    approval.approve_task(step, page=article, user=clinic.editor, ticked=desk.ticked(step))

    assert has_it(article) is None


def test_who_had_the_review_has_it_again_when_the_page_comes_back(clinic, waiting, second):
    send(second, "claim", waiting)
    approval.request_changes(step_of(waiting), page=fresh(waiting), user=clinic.editor, comment="Mend it.")
    fresh(waiting).current_workflow_state.resume(clinic.author)

    assert has_it(waiting) == second


# --- Claiming --------------------------------------------------------------------------------------------------------


def test_reviewer_claims(clinic, waiting):
    answer = send(clinic.editor, "claim", waiting)

    assert has_it(waiting) == clinic.editor
    assert "You have the review of “Draft”." in desk.told(answer)
    assert lines(waiting, "claimed") == [("edda", {"stage": "editorial"})]


def test_claiming_again_changes_nothing(clinic, waiting):
    send(clinic.editor, "claim", waiting)
    before = desk.matters()

    send(clinic.editor, "claim", waiting)

    assert desk.matters() == before
    assert len(lines(waiting, "claimed")) == 1


def test_second_who_claims_is_told_who_has_it(clinic, waiting, second):
    send(clinic.editor, "claim", waiting)
    before = desk.matters()

    answer = send(second, "claim", waiting)

    assert desk.matters() == before
    assert "Edda Made-Up has this review already." in desk.told(answer)
    assert refused(waiting) == [["Edda Made-Up has this review already."]]


def test_assigned_or_not_somebody_else_may_decide(clinic, waiting, second):
    send(clinic.editor, "claim", waiting)
    step = step_of(waiting)

    approval.approve_task(step, page=fresh(waiting), user=second, ticked=desk.ticked(step))

    assert Approval.objects.latest("pk").user == second
    assert step_of(waiting).task.name == "Clinical review"


# --- Giving ----------------------------------------------------------------------------------------------------------


def test_reviewer_gives_the_review_to_another_who_is_told(clinic, waiting, second):
    Notification.objects.all().delete()

    answer = send(clinic.editor, "assign", waiting, user=second.pk)

    assert has_it(waiting) == second
    assert "Emil Made-Up has the review of “Draft”." in desk.told(answer)
    assert [(row.user, row.kind) for row in Notification.objects.all()] == [(second, Kind.ASSIGNED)]
    assert lines(waiting, "assigned") == [("edda", {"stage": "editorial", "to": "Emil Made-Up", "to_id": second.pk})]


def test_who_gets_a_review_back_is_told_again(clinic, waiting, second):
    Notification.objects.all().delete()
    for user in (second, clinic.editor, second):
        send(clinic.publisher, "assign", waiting, user=user.pk)

    assert has_it(waiting) == second
    assert Notification.objects.filter(user=second, kind=Kind.ASSIGNED).count() == 2


def test_who_wrote_the_draft_cannot_have_it(clinic, waiting, second):
    draft(waiting, user=second, summary="Emil’s own words.")
    before = desk.matters()

    answer = send(clinic.editor, "assign", waiting, user=second.pk)

    assert desk.matters() == before
    assert "Emil Made-Up cannot have this review: changed this page since it was last published." in desk.told(answer)


@pytest.mark.parametrize("sent", ["", "0", "x", "-1", "²", "9" * 30, "clinician"])
def test_only_somebody_with_a_role_for_the_stage_can_have_it(clinic, waiting, sent):
    before = desk.matters()

    answer = send(clinic.editor, "assign", waiting, user=clinic.clinician.pk if sent == "clinician" else sent)

    assert (answer.status_code, desk.matters()) == (200, before)
    assert len(refused(waiting)) == 1


def test_possible_reviewers_are_named_and_the_others_with_their_reasons(clinic, half_way):
    lapsed = make_user("carl", "Clinician", credentials="M.D.")
    writer = make_clinician("cora", licence_number="MO-4")
    draft(half_way, user=writer, summary="Cora’s own words.")

    found = [(one.user.username, one.reasons) for one in assignment.possible_reviewers(fresh(half_way), C)]

    assert found == [
        (lapsed.username, ("has no valid credentials and licence number on file",)),
        ("clara", ()),
        ("cora", ("changed this page since it was last published",)),
    ]


# --- Giving back, and dates ------------------------------------------------------------------------------------------


def test_reviewer_gives_it_back(clinic, waiting):
    send(clinic.editor, "claim", waiting)

    send(clinic.editor, "release", waiting)

    assert has_it(waiting) is None
    assert lines(waiting, "released") == [("edda", {"stage": "editorial", "of": "Edda Made-Up"})]


def test_nobody_but_a_publisher_gives_back_what_another_has(clinic, waiting, second):
    send(clinic.editor, "claim", waiting)
    before = desk.matters()

    send(second, "release", waiting)
    assert desk.matters() == before

    send(clinic.publisher, "release", waiting)
    assert has_it(waiting) is None


def test_date_is_the_end_of_a_day_in_the_clinics_time(clinic, waiting):
    day = timezone.localdate() + datetime.timedelta(days=3)

    send(clinic.author, "due", waiting, due=day.isoformat())

    found = assignment.waiting_of(fresh(waiting))
    assert (timezone.localtime(found.due_at).date(), found.is_overdue) == (day, False)
    assert assignment.waiting_of(fresh(waiting), now=found.due_at + datetime.timedelta(seconds=1)).is_overdue

    send(clinic.editor, "due", waiting, due="")
    assert assignment.waiting_of(fresh(waiting)).due_at is None


@pytest.mark.parametrize("sent", ["tomorrow", "2026-02-31", "1999-01-01", "9999-12-31", "2020-01-01", "\x00"])
def test_what_is_no_date_to_come_is_refused(clinic, waiting, sent):
    before = desk.matters()

    answer = send(clinic.editor, "due", waiting, due=sent)

    assert (answer.status_code, desk.matters()) == (200, before)
    assert len(refused(waiting)) == 1


# --- Withdrawing -----------------------------------------------------------------------------------------------------


def test_submitter_withdraws_and_approvals_stay_on_file(clinic, half_way):
    given = Approval.objects.filter(page_id=half_way.pk).count()

    answer = send(clinic.author, "withdraw", half_way, reason="New figures are out.")

    assert fresh(half_way).current_workflow_state is None
    assert half_way.workflow_states.get().status == WorkflowState.STATUS_CANCELLED
    assert Approval.objects.filter(page_id=half_way.pk).count() == given == 1
    assert "“Draft” is a draft again." in desk.told(answer)
    assert lines(half_way, "withdrawn") == [("anton", {"reason": "New figures are out."})]


def test_reviewer_who_wrote_nothing_asks_for_changes_instead_of_withdrawing(clinic, waiting):
    before = desk.matters()

    send(clinic.editor, "withdraw", waiting)
    for button in ("action-cancel-workflow", "action-restart-workflow"):
        client = desk.login(clinic.editor)
        client.post(desk.edit_url(waiting), {**desk.opened(client, waiting), button: "1"})

    assert desk.matters() == before
    assert len(refused(waiting)) == 3
    assert "action-cancel-workflow" not in desk.login(clinic.editor).get(desk.edit_url(waiting)).content.decode()
    assert "action-cancel-workflow" in desk.login(clinic.author).get(desk.edit_url(waiting)).content.decode()


def test_page_locked_by_somebody_else_is_not_withdrawn(clinic, waiting):
    waiting.locked, waiting.locked_by = True, clinic.publisher
    waiting.save()
    before = desk.matters()

    send(clinic.author, "withdraw", waiting)

    assert desk.matters() == before


# --- Who may do what -------------------------------------------------------------------------------------------------

ACTS = ("claim", "assign", "release", "due", "withdraw")
# What each may do with a page at editorial review that the second editor has; the author submitted it.
MAY = {
    "anonymous": (),
    "stranger": (),
    "other author": (),
    "author": ("due", "withdraw"),
    "editor": ("assign", "due"),
    "holder": ("claim", "assign", "release", "due"),
    "clinician": (),
    "publisher": ("assign", "release", "due", "withdraw"),
    "superuser who wrote it": ("assign", "release", "due", "withdraw"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", MAY)
def test_each_act_is_for_those_whose_it_is(clinic, waiting, second, who, act):
    third = make_user("emma", "Editor")
    chief = make_user("chief", is_superuser=True)
    draft(waiting, user=chief, summary="The chief’s own words.")
    assignment.claim(fresh(waiting), user=second)
    people = {
        "stranger": make_user("stan"),
        "other author": make_user("olga", "Author"),
        "author": clinic.author,
        "editor": clinic.editor,
        "holder": second,
        "clinician": clinic.clinician,
        "publisher": clinic.publisher,
        "superuser who wrote it": chief,
    }
    client = Client() if who == "anonymous" else desk.login(people[who])
    day = (timezone.localdate() + datetime.timedelta(days=3)).isoformat()
    before = desk.matters()

    answer = client.post(url_of(act, waiting), {"user": third.pk, "due": day})

    assert answer.status_code == 302
    assert (desk.matters() != before) is (act in MAY[who] and (who, act) != ("holder", "claim"))
    # Whoever may not enter the admin at all is turned away before the page is asked.
    is_noted = act not in MAY[who] and who not in ("anonymous", "stranger")
    assert len(refused(waiting)) == is_noted


@pytest.mark.parametrize("act", [*ACTS, "decide", "done"])
def test_nothing_happens_by_looking(clinic, waiting, act):
    before = desk.matters()

    assert desk.login(clinic.editor).get(url_of(act, waiting)).status_code == 405
    assert desk.matters() == before


@pytest.mark.parametrize("act", ACTS)
def test_nothing_happens_without_the_token(clinic, waiting, act):
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinic.publisher)
    before = desk.matters()

    assert client.post(url_of(act, waiting), {}).status_code == 403
    assert desk.matters() == before


@pytest.mark.parametrize("act", ACTS)
def test_page_that_does_not_wait_is_left_alone(clinic, act):
    before = desk.matters()

    send(clinic.publisher, act, clinic.article, user=clinic.editor.pk)

    assert desk.matters() == before
    assert refused(clinic.article) == [[NOT_WAITING]]


def test_stage_that_is_not_open_is_left_alone(clinic, waiting):
    before = desk.matters()

    send(clinic.clinician, "claim", waiting, stage="clinical")

    assert desk.matters() == before
    assert refused(waiting) == [["This review is not open any more."]]


@pytest.mark.parametrize(
    ("wanted", "goes_there"),
    [
        ("/admin/reports/", True),
        ("https://example.org/", False),
        ("//example.org/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_way_back_stays_on_this_site(clinic, waiting, wanted, goes_there):
    answer = desk.login(clinic.editor).post(url_of("claim", waiting), {"next": wanted})

    assert answer.url == (wanted if goes_there else desk.edit_url(waiting))


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at one moment need PostgreSQL")
def test_of_two_who_claim_at_one_moment_one_is_told(committed_clinic):
    clinic = committed_clinic
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    editors = [clinic.editor, make_user("emil", "Editor")]
    start, outcomes = threading.Barrier(2), []

    def take(user):
        page = fresh(article)
        start.wait()
        try:
            assignment.claim(page, user=user)
            outcomes.append("has it")
        except AssignmentRefused as refusal:
            outcomes.append(refusal.reasons[0].split(" ", 2)[2])
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[user]) for user in editors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["has it", "has this review already."]
    assert TaskState.objects.get(workflow_state__object_id=str(article.pk)).assignments.count() == 1


# --- The buttons -----------------------------------------------------------------------------------------------------


def rendered(page, user):
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/somewhere/?a=1")
    request.user = user
    context = {"page": fresh(page), "waiting": assignment.waiting_of(fresh(page))}
    return render_to_string("workflow/waiting_actions.html", context, request=request)


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("author", {"review_due", "review_withdraw"}),
        ("editor", {"review_claim", "review_assign", "review_due"}),
        ("clinician", set()),
        ("publisher", {"review_assign", "review_due", "review_withdraw"}),
    ],
)
def test_each_person_sees_the_buttons_that_work(clinic, waiting, who, buttons):
    shown = rendered(waiting, getattr(clinic, who))

    assert {name for name in (f"review_{act}" for act in ACTS) if url_of(name[7:], waiting) in shown} == buttons
    assert "nobody yet" in shown


def test_select_offers_who_is_possible_and_says_why_others_are_not(clinic, waiting, second):
    draft(waiting, user=second, summary="Emil’s own words.")

    shown = rendered(waiting, clinic.publisher)

    assert f'<option value="{clinic.editor.pk}">' in shown
    assert f'<option value="{second.pk}">' not in shown
    assert "Emil Made-Up: changed this page since it was last published" in shown


def test_nothing_is_shown_of_a_page_that_does_not_wait(clinic):
    assert rendered(clinic.article, clinic.publisher).strip() == ""


# --- The history -----------------------------------------------------------------------------------------------------


def test_history_tells_each_act_and_each_refusal(clinic, waiting, second):
    day = timezone.localdate() + datetime.timedelta(days=3)
    send(clinic.editor, "claim", waiting)
    send(second, "claim", waiting)
    send(clinic.editor, "due", waiting, due=day.isoformat())
    send(clinic.editor, "assign", waiting, user=second.pk)
    send(second, "release", waiting)
    send(clinic.author, "withdraw", waiting, reason="New figures are out.")

    shown = desk.shown(desk.login(clinic.author).get(reverse("wagtailadmin_pages:history", args=[waiting.pk])))

    for line in (
        "Claim review",
        "Change of a review refused Comment: Edda Made-Up has this review already.",
        f"Set date of review Comment: {day:%d %B %Y}",
        "Assign review Comment: Emil Made-Up",
        "Give review back Comment: Emil Made-Up",
        "Withdraw from review Comment: New figures are out.",
    ):
        assert line in shown
