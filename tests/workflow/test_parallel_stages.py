"""Both stages side by side: a clinic chooses it for its pages, whichever approval comes first, and the gate asks the same."""

import json
import threading

import pytest
from django.db import connection
from django.urls import reverse
from wagtail.models import Workflow, WorkflowPage, WorkflowState

from cms.pages.stages import Stage
from cms.publishing.models import Entry
from cms.workflow import approval, assignment
from cms.workflow.approval import ApprovalRefused
from cms.workflow.inbox import Kind, Notification
from cms.workflow.models import IN_ANY_ORDER, Approval, ReviewTask
from tests.factories import all_ticked, draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

E, C = Stage.EDITORIAL, Stage.CLINICAL
NAME = "Editorial and clinical review, in any order"
LICENSED = {"credentials": "M.D.", "licence_number": "MO-2"}


@pytest.fixture
def side_by_side(clinic):
    """The clinic chose it for its articles."""
    return choose(clinic.articles)


@pytest.fixture
def waiting(clinic, side_by_side):
    """An article that waits for both reviews."""
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    return fresh(article)


def choose(page):
    workflow = Workflow.objects.get(name=NAME)
    WorkflowPage.objects.update_or_create(page=page, defaults={"workflow": workflow})
    return workflow


def step_of(page):
    return fresh(page).current_workflow_task_state


def press(user, stage, page, step=None):
    """``user`` approves by the button of ``stage``."""
    url = desk.action_url(page, f"approve_{stage.value}", step or step_of(page))
    return desk.send(desk.login(user), url, desk.approving(page, points=list(all_ticked(stage))))


def open_stages(page):
    return assignment.waiting_of(fresh(page)).stages


# --- Choosing --------------------------------------------------------------------------------------------------------


def test_without_a_choice_stages_follow_each_other(clinic):
    assert clinic.article_draft().get_workflow().name == "Editorial and clinical review"


def test_choice_for_a_section_holds_for_the_pages_in_it(clinic, side_by_side):
    assert clinic.article_draft().get_workflow() == side_by_side
    assert clinic.insomnia.get_workflow().name == "Editorial and clinical review"


def test_nearest_choice_counts(clinic, side_by_side):
    sequence = Workflow.objects.get(name="Editorial and clinical review")
    WorkflowPage.objects.create(page=clinic.home, workflow=sequence)

    assert clinic.article.get_workflow() == side_by_side
    assert clinic.insomnia.get_workflow() == sequence


def test_choice_that_asks_for_too_little_is_none(clinic):
    """A page type says which stages it needs; a workflow with fewer cannot be chosen for it."""
    few = Workflow.objects.get(name="Editorial review")
    WorkflowPage.objects.create(page=clinic.articles, workflow=few)
    choose(clinic.team)

    assert clinic.article.get_workflow().name == "Editorial and clinical review"
    assert clinic.writer.get_workflow() == few


def test_administrator_makes_such_a_workflow_and_assigns_it_in_the_admin(clinic):
    client = desk.login(make_user("chief", is_superuser=True))
    client.post(
        reverse("wagtailadmin_workflows:add_task", args=["workflow", "reviewtask"]),
        {"name": "Both at once", "stage": IN_ANY_ORDER},
    )
    task = ReviewTask.objects.get(name="Both at once")
    client.post(
        reverse("wagtailadmin_workflows:add"),
        {
            "name": "Ours",
            "active": "on",
            "workflow_tasks-TOTAL_FORMS": "1",
            "workflow_tasks-INITIAL_FORMS": "0",
            "workflow_tasks-MIN_NUM_FORMS": "0",
            "workflow_tasks-MAX_NUM_FORMS": "1000",
            "workflow_tasks-0-task": str(task.pk),
            "workflow_tasks-0-ORDER": "1",
            "pages-TOTAL_FORMS": "1",
            "pages-INITIAL_FORMS": "0",
            "pages-MIN_NUM_FORMS": "0",
            "pages-MAX_NUM_FORMS": "1000",
            "pages-0-page": str(clinic.conditions.pk),
        },
    )

    assert clinic.insomnia.get_workflow() == Workflow.objects.get(name="Ours")


# --- The way ---------------------------------------------------------------------------------------------------------


def test_author_submits_to_both_in_the_editor(clinic, side_by_side):
    article, client = clinic.article_draft(), desk.login(clinic.author)

    client.post(desk.edit_url(article), {**desk.opened(client, article), "action-submit": "1"})

    assert open_stages(article) == (E, C)


@pytest.mark.parametrize("order", [(E, C), (C, E)])
def test_either_may_come_first_and_the_last_publishes(clinic, waiting, order):
    people = {E: clinic.editor, C: clinic.clinician}
    first, last = order
    assert open_stages(waiting) == (E, C)

    answer = press(people[first], first, waiting)
    assert open_stages(waiting) == (last,)
    assert f"Still open: {last.label.lower()}." in desk.told(answer)
    assert fresh(waiting).live is False

    answer = press(people[last], last, waiting)
    assert "“Draft” is approved and published." in desk.told(answer)
    entry = Entry.objects.latest("position")
    assert sorted(given["stage"] for given in entry.approvals) == ["clinical", "editorial"]
    assert fresh(waiting).workflow_states.get().status == WorkflowState.STATUS_APPROVED


def test_change_after_the_first_approval_opens_both_again(clinic, waiting):
    press(clinic.editor, E, waiting)
    draft(waiting, user=clinic.author, summary="Changed during clinical review.")
    assert open_stages(waiting) == (E, C)

    press(clinic.clinician, C, waiting)
    assert (fresh(waiting).live, open_stages(waiting)) == (False, (E,))

    press(clinic.editor, E, waiting)
    assert fresh(waiting).live is True
    assert fresh(waiting).summary == "Changed during clinical review."


def test_save_without_change_keeps_the_first_approval(clinic, waiting):
    press(clinic.editor, E, waiting)
    client = desk.login(clinic.author)
    client.post(desk.edit_url(waiting), desk.opened(client, waiting))

    press(clinic.clinician, C, waiting)

    assert fresh(waiting).live is True


def test_approval_from_before_the_page_was_submitted_again_does_not_count(clinic, waiting):
    press(clinic.editor, E, waiting)
    fresh(waiting).current_workflow_state.cancel(user=clinic.author)
    page = fresh(waiting)
    page.get_workflow().start(page, clinic.author)

    assert open_stages(waiting) == (E, C)


def test_licence_that_lapses_opens_the_stage_again(clinic, waiting):
    press(clinic.clinician, C, waiting)
    type(clinic.clinician).objects.filter(pk=clinic.clinician.pk).update(licence_number="")

    press(clinic.editor, E, waiting)

    assert (fresh(waiting).live, open_stages(waiting)) == (False, (C,))
    press(make_clinician("cora", licence_number="MO-4"), C, waiting)
    assert fresh(waiting).live is True


def test_request_for_changes_of_either_sends_the_page_back(clinic, waiting):
    press(clinic.editor, E, waiting)

    url = desk.action_url(waiting, "reject", step_of(waiting))
    desk.login(clinic.clinician).post(url, {"comment": "Which dose?", "place": "summary"})

    assert fresh(waiting).workflow_states.get().status == WorkflowState.STATUS_NEEDS_CHANGES


def test_form_of_the_editor_approves_too_and_refuses_a_change_in_one_go(clinic, waiting):
    client = desk.login(clinic.editor)
    sent = {
        **desk.opened(client, waiting),
        "action-workflow-action": "true",
        "workflow-action-name": "approve_editorial",
        "workflow-action-extra-data": json.dumps(desk.approving(waiting)),
    }
    before = desk.matters()

    client.post(desk.edit_url(waiting), {**sent, "summary": "The editor’s words."})
    assert desk.matters() == before

    client.post(desk.edit_url(waiting), sent)
    assert open_stages(waiting) == (C,)


# --- Two pairs of eyes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(E, C), (C, E)])
@pytest.mark.parametrize("is_superuser", [False, True])
def test_one_person_never_gives_both(clinic, waiting, order, is_superuser):
    both = make_user("both", "Editor", "Clinician", is_superuser=is_superuser, **LICENSED)
    press(both, order[0], waiting)
    before = desk.matters()

    press(both, order[1], waiting)
    with pytest.raises(ApprovalRefused, match="Two people look at a page beside its author"):
        approval.approve(fresh(waiting), stage=order[1], user=both, ticked=all_ticked(order[1]))

    assert desk.matters() == before
    assert fresh(waiting).live is False


def test_nor_where_stages_follow_each_other(clinic):
    both = make_user("both", "Editor", "Clinician", **LICENSED)
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    for _stage in (E, C):
        url = desk.action_url(article, "approve", step_of(article))
        desk.login(both).post(url, desk.approving(article))

    assert (fresh(article).live, step_of(article).task.name) == (False, "Clinical review")
    assert Approval.objects.filter(page_id=article.pk).count() == 1


def test_who_gave_the_one_may_give_the_other_of_later_words(clinic, waiting):
    both = make_user("both", "Editor", "Clinician", **LICENSED)
    press(both, E, waiting)
    draft(waiting, user=clinic.author, summary="Other words.")

    press(both, C, waiting)

    assert open_stages(waiting) == (E,)


# --- Refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "action"),
    [
        ("author", "approve_editorial"),
        ("publisher", "approve_clinical"),
        ("editor", "approve_clinical"),
        ("clinician", "approve_editorial"),
        ("editor", "approve"),
        ("editor", "approve_"),
        ("editor", "approve_editorial+clinical"),
    ],
)
def test_each_stage_is_for_those_entitled_to_it(clinic, waiting, who, action):
    sent = desk.approving(waiting, points=[*all_ticked(E), *all_ticked(C)])
    user, before = getattr(clinic, who), desk.matters()

    if "+" not in action:
        desk.login(user).post(desk.action_url(waiting, action, step_of(waiting)), sent)
    decision = {"action": action, **sent}
    desk.login(user).post(reverse("review_decide", args=[waiting.pk]), decision)

    assert desk.matters() == before


def test_second_who_approves_a_stage_is_told(clinic, waiting):
    press(clinic.editor, E, waiting)
    before = desk.matters()

    with pytest.raises(ApprovalRefused, match="somebody approved these words already"):
        approval.approve_task(
            step_of(waiting), page=fresh(waiting), user=make_user("emil", "Editor"), stage=E, ticked=all_ticked(E)
        )

    assert desk.matters() == before


def test_buttons_are_for_what_each_may_give(clinic, waiting):
    task = step_of(waiting).task.specific

    names = {
        who: [name for name, _label, _modal in task.get_actions(fresh(waiting), getattr(clinic, who))]
        for who in ("author", "editor", "clinician")
    }

    assert names == {
        "author": [],
        "editor": ["reject", "approve_editorial"],
        "clinician": ["reject", "approve_clinical"],
    }


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two writers at one moment need PostgreSQL")
def test_both_at_one_moment_publish_once(committed_clinic):
    clinic = committed_clinic
    choose(clinic.articles)
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    start, outcomes = threading.Barrier(2), []

    def decide(user, stage):
        page, step = fresh(article), step_of(article)
        start.wait()
        try:
            approval.approve_task(step, page=page, user=user, stage=stage, ticked=all_ticked(stage))
            outcomes.append("given")
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=pair) for pair in ((clinic.editor, E), (clinic.clinician, C))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == ["given", "given"]
    assert fresh(article).live is True
    assert Entry.objects.filter(page_id=article.pk).count() == 1


# --- Who is told, and who has it -------------------------------------------------------------------------------------


def test_each_is_told_of_the_stage_that_is_theirs(clinic, side_by_side):
    article = clinic.article_draft()
    Notification.objects.all().delete()

    article.get_workflow().start(article, clinic.author)

    told = {(row.user.username, row.kind, row.stage) for row in Notification.objects.select_related("user")}
    assert told == {("edda", Kind.SUBMITTED, "editorial"), ("clara", Kind.SUBMITTED, "clinical")}


def test_author_is_told_of_each_approval_once(clinic, waiting):
    Notification.objects.all().delete()
    press(clinic.editor, E, waiting)
    press(clinic.clinician, C, waiting)

    told = [row.stage for row in Notification.objects.filter(user=clinic.author, kind=Kind.APPROVED).order_by("pk")]
    assert told == ["editorial", "clinical"]


def test_each_stage_has_its_own_reviewer_and_date(clinic, waiting):
    assert assignment.waiting_of(waiting).assigned_to == clinic.clinician

    desk.login(clinic.editor).post(reverse("review_claim", args=[waiting.pk]))

    assert [(one.stage, one.assigned_to) for one in assignment.waiting_of(fresh(waiting)).open] == [
        (E, clinic.editor),
        (C, clinic.clinician),
    ]
