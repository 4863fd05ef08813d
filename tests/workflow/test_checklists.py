"""What a reviewer confirms when approving: asked on every way, and kept with the approval."""

import json

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from cms.pages.stages import Stage
from cms.workflow import approval, checklists
from cms.workflow.approval import ApprovalRefused
from cms.workflow.checklists import ChecklistPoint
from cms.workflow.models import Approval
from tests.factories import all_ticked, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

E, C = Stage.EDITORIAL, Stage.CLINICAL


@pytest.fixture
def waiting(clinic):
    """An article that waits for editorial review, with a checklist of two points."""
    ChecklistPoint.objects.filter(stage=E).delete()
    ChecklistPoint.objects.create(stage=E, text="Facts agree with their sources.", explanation="Open each.", position=1)
    ChecklistPoint.objects.create(stage=E, text="Links make sense.", is_required=False, position=2)
    article = clinic.article_draft()
    article.get_workflow().start(article, clinic.author)
    return fresh(article)


def step_of(page):
    return fresh(page).current_workflow_task_state


def keys():
    return [point.key for point in checklists.points_of(E)]


def by_address(user, page, points, **options):
    sent = desk.approving(page, points=points)
    return desk.login(user).post(desk.action_url(page, "approve", step_of(page)), sent, **options)


def by_form(user, page, extra):
    client = desk.login(user)
    sent = {**desk.opened(client, page), "action-workflow-action": "true", "workflow-action-name": "approve"}
    return desk.send(client, desk.edit_url(page), sent | {"workflow-action-extra-data": extra})


def by_review_page(user, page, points):
    sent = desk.approving(page, action="approve", points=points)
    return desk.send(desk.login(user), reverse("review_decide", args=[page.pk]), sent)


def by_task(user, page, points):
    step = step_of(page)
    step.task.specific.on_action(step, user, "approve", **desk.approving(page, points=points))


def by_function(user, page, points):
    approval.approve(fresh(page), stage=E, user=user, ticked=points)


NOT_TICKED = "Not ticked: “Facts agree with their sources.”."


def test_defaults_ask_for_facts_risks_care_and_plain_language(db):
    assert [(point.stage, point.is_required) for point in ChecklistPoint.objects.all()] == [
        *[("clinical", True)] * 4,
        *[("editorial", True)] * 4,
        ("editorial", False),
    ]
    assert "seek care" in checklists.points_of(E)[2].text


# --- Every way asks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [[], ["x"], "optional alone", "reworded"])
@pytest.mark.parametrize("way", ["address", "form", "review page", "task", "function"])
def test_approval_without_a_required_point_is_refused(clinic, waiting, way, points):
    required, optional = keys()
    if points == "optional alone":
        points = [optional]
    if points == "reworded":
        # Ticked before an administrator said it in other words, which nobody read.
        points = [required]
        ChecklistPoint.objects.filter(stage=E, position=1).update(text="Facts agree with new sources.")
    before = desk.matters()

    if way == "address":
        by_address(clinic.editor, waiting, points)
    elif way == "form":
        by_form(clinic.editor, waiting, json.dumps(desk.approving(waiting, points=points)))
    elif way == "review page":
        assert "Not ticked: “Facts agree" in desk.told(by_review_page(clinic.editor, waiting, points))
    else:
        with pytest.raises(ApprovalRefused, match="Not ticked: “Facts agree"):
            (by_task if way == "task" else by_function)(clinic.editor, waiting, points)

    assert desk.matters() == before
    assert [data["reasons"][0][:40] for data in desk.refusals(waiting)] == ["Approving needs every required point of "]


@pytest.mark.parametrize("way", ["address", "form", "review page", "task", "function"])
def test_approval_with_every_required_point_is_given(clinic, waiting, way):
    points = keys()[:1]

    if way == "form":
        by_form(clinic.editor, waiting, json.dumps(desk.approving(waiting, points=points)))
    else:
        ways = {"address": by_address, "review page": by_review_page, "task": by_task, "function": by_function}
        ways[way](clinic.editor, waiting, points)

    assert Approval.objects.latest("pk").checklist == [
        {"text": "Facts agree with their sources.", "required": True, "ticked": True},
        {"text": "Links make sense.", "required": False, "ticked": False},
    ]


CRAFTED = [
    "{}",
    "[]",
    "null",
    "1",
    "not json",
    "[" * 100_000,
    '{"points": "all"}',
    '{"points": {"a": 1}}',
    '{"points": [[], {}, null, 1]}',
    '{"user": 1, "task_state": 2, "action_name": "reject", "self": 3}',
    '{"points": [], "comment": {"a": "\\u0000\\ud800"}}',
]


@pytest.mark.parametrize("extra", CRAFTED)
def test_crafted_request_approves_nothing_and_breaks_nothing(clinic, waiting, extra):
    before = desk.matters()

    answer = by_form(clinic.editor, waiting, extra)

    assert (answer.status_code, desk.matters()) == (200, before)


def test_comment_that_no_database_takes_is_cleaned(clinic, waiting):
    by_form(clinic.editor, waiting, json.dumps(desk.approving(waiting, comment="Fine\x00.\ud800")))

    assert Approval.objects.latest("pk").comment == "Fine."


# --- The form --------------------------------------------------------------------------------------------------------


def on_review_page(user, page):
    """The form of an approval on the review page."""
    html = desk.login(user).get(reverse("review_page", args=[page.pk])).content
    return BeautifulSoup(html, "html.parser").find("input", {"name": "action", "value": "approve"}).find_parent("form")


def test_form_shows_each_point_with_its_explanation(clinic, waiting):
    labels = [label.get_text(" ", strip=True) for label in on_review_page(clinic.editor, waiting).select("label")]

    assert "Facts agree with their sources. Open each." in labels
    assert "Links make sense. (if it applies)" in labels


def test_form_says_what_is_not_ticked(clinic, waiting):
    url = reverse("review_page", args=[waiting.pk])
    sent = {"is_shown": "True", "action": "approve", "step": step_of(waiting).pk, "content_digest": desk.read(waiting)}
    before = desk.matters()

    answer = desk.login(clinic.editor).post(url, sent)

    assert NOT_TICKED in desk.shown(answer)
    assert desk.matters() == before


def test_stage_without_points_is_approved_by_its_words_alone(clinic, waiting):
    ChecklistPoint.objects.filter(stage=E).delete()

    assert step_of(waiting).task.specific.get_actions(waiting, clinic.editor) == [
        ("reject", "Request changes", True),
        ("approve", "Approve", True),
    ]
    by_address(clinic.editor, waiting, [])
    assert Approval.objects.latest("pk").checklist == []


# --- Kept for good ---------------------------------------------------------------------------------------------------


def test_approval_keeps_the_points_although_they_are_changed_later(clinic, waiting):
    by_task(clinic.editor, waiting, keys())
    ChecklistPoint.objects.all().delete()

    assert [point["text"] for point in Approval.objects.latest("pk").checklist] == [
        "Facts agree with their sources.",
        "Links make sense.",
    ]


@pytest.mark.parametrize(
    "statement", ["UPDATE workflow_approval SET checklist = '[]'", "DELETE FROM workflow_approval"]
)
def test_database_still_refuses_to_change_an_approval(clinic, waiting, statement):
    by_task(clinic.editor, waiting, keys())
    before = list(Approval.objects.values_list("pk", "checklist"))

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert list(Approval.objects.values_list("pk", "checklist")) == before


# --- Who keeps the checklists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "may"), [("Administrator", True), ("Publisher", False), ("Editor", False)])
def test_administrators_keep_the_checklists(db, role, may):
    client = desk.login(make_user("somebody", role))
    url = reverse("wagtailsnippets_workflow_checklistpoint:add")
    sent = {"stage": "clinical", "text": "Ask a pharmacist.", "explanation": "", "is_required": "on", "position": "50"}

    client.post(url, sent)

    assert ChecklistPoint.objects.filter(text="Ask a pharmacist.").exists() is may


def test_list_shows_every_point(db):
    client = desk.login(make_user("somebody", "Administrator"))

    shown = desk.shown(client.get(reverse("wagtailsnippets_workflow_checklistpoint:list")))

    assert all(point.text in shown for point in ChecklistPoint.objects.all())


def test_rights_to_checklists_can_be_given_to_other_groups(db):
    from wagtail import hooks

    offered = [permission for hook in hooks.get_hooks("register_permissions") for permission in hook()]

    assert Permission.objects.get(codename="change_checklistpoint") in offered


def test_ticks_of_one_stage_are_none_of_another(clinic, waiting):
    with pytest.raises(ApprovalRefused):
        approval.approve(fresh(waiting), stage=E, user=clinic.editor, ticked=all_ticked(C))
