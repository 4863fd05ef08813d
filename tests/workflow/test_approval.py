"""Approvals: who may give one, what exactly it is for, and that nobody takes it back."""

import datetime
import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone
from wagtail.models import Comment, PageLogEntry, Revision

from articles.models import ArticlePage
from cms.pages.document import digest_of
from cms.pages.identity import document_id_of
from cms.pages.relations import AuthorLink, ConditionLink
from cms.pages.stages import Stage
from cms.publishing import scheduling
from cms.workflow import approval, gate
from cms.workflow.approval import ApprovalRefused
from cms.workflow.models import Approval, ReviewTask
from home.models import StandardPage
from tests.factories import add_draft, all_ticked, approve, draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

E, C = Stage.EDITORIAL, Stage.CLINICAL
LICENSED = {"credentials": "M.D.", "licence_number": "MO-2"}
TODAY = datetime.date(2026, 3, 2)
NOT_ENTITLED = "You do not hold a role that gives {} approvals."
WROTE = (
    "You changed this page since it was last published, or wrote its public words. "
    "Somebody who did not write it has to approve."
)
NO_CREDENTIALS = "Clinical approval needs credentials and a licence number on file that have not expired."


@pytest.fixture
def article(clinic):
    return clinic.article_draft()


def newest(page):
    """The newest draft, as the database has it now."""
    return approval.draft_of(fresh(page))


def assert_refused(page, user, stage, *reasons):
    """The approval is refused for exactly these reasons, and nothing but a line in the history comes of it."""
    before, noted = desk.matters(), desk.refusals(page)

    with pytest.raises(ApprovalRefused) as refusal:
        approval.approve(fresh(page), stage=stage, user=user, ticked=all_ticked(stage))

    assert refusal.value.reasons == list(reasons)
    assert desk.matters() == before
    assert desk.refusals(page) == [*noted, {"stage": stage.value, "reasons": list(reasons)}]


def assert_given(page, user, stage):
    given = approval.approve(fresh(page), stage=stage, user=user, ticked=all_ticked(stage))

    assert (given.user, given.stage, given.content_digest) == (user, stage, newest(page).content_digest())


# --- Who may ---------------------------------------------------------------------------------------------------------

# Roles, further facts about the user, and the stages at which that user may approve.
MATRIX = {
    "nobody": ((), {}, ()),
    "author": (("Author",), {}, ()),
    "editor": (("Editor",), {}, (E,)),
    "publisher": (("Publisher",), {}, ()),
    "administrator": (("Administrator",), {}, (E,)),
    "licensed administrator": (("Administrator",), LICENSED, (E,)),
    "clinician": (("Clinician",), LICENSED, (C,)),
    "clinician without licence": (("Clinician",), {"credentials": "M.D."}, ()),
    "clinician without credentials": (("Clinician",), {"licence_number": "MO-2"}, ()),
    "clinician on the last day": (("Clinician",), {**LICENSED, "credentials_expire_on": TODAY}, (C,)),
    "clinician the day after": (
        ("Clinician",),
        {**LICENSED, "credentials_expire_on": TODAY - datetime.timedelta(days=1)},
        (),
    ),
    "editor and clinician": (("Editor", "Clinician"), LICENSED, (E, C)),
    "licensed editor": (("Editor",), LICENSED, (E,)),
    "superuser": ((), {"is_superuser": True}, (E,)),
    "licensed superuser": ((), {**LICENSED, "is_superuser": True}, (E, C)),
    "inactive editor": (("Editor",), {"is_active": False}, ()),
    "inactive clinician": (("Clinician",), {**LICENSED, "is_active": False}, ()),
    "inactive superuser": ((), {**LICENSED, "is_superuser": True, "is_active": False}, ()),
}


@pytest.mark.parametrize("stage", [E, C])
@pytest.mark.parametrize("who", MATRIX)
def test_role_and_credentials_decide(article, monkeypatch, who, stage):
    roles, facts, allowed = MATRIX[who]
    user = make_user("somebody", *roles, **facts)
    monkeypatch.setattr(timezone, "localdate", lambda: TODAY)
    task = ReviewTask.objects.get(stage=stage)
    before = desk.matters()

    if stage in allowed:
        assert_given(article, user, stage)
        assert "approve" in [name for name, _label, _modal in task.get_actions(article, user)]
    else:
        with pytest.raises(ApprovalRefused):
            approval.approve(article, stage=stage, user=user, ticked=all_ticked(stage))
        assert desk.matters() == before
        assert "approve" not in [name for name, _label, _modal in task.get_actions(article, user)]


def test_every_reason_is_given_at_once(article):
    user = make_user("somebody", is_active=False)
    draft(article, user=user, summary="Other words.")

    reasons = ["This login is not active.", NOT_ENTITLED.format("clinical review"), WROTE, NO_CREDENTIALS]
    assert_refused(article, user, C, *reasons)


def test_stage_that_the_page_type_does_not_require_is_refused(clinic):
    draft(clinic.topic, user=clinic.author, summary="Other words.")

    assert_refused(clinic.topic, clinic.clinician, C, "Pages of this type need no clinical review.")


# --- Nobody approves what they wrote ---------------------------------------------------------------------------------


@pytest.fixture
def chief(clinic):
    """A superuser who holds every role and a licence: only what they wrote stands in their way."""
    return make_user("chief", "Editor", "Clinician", is_superuser=True, **LICENSED)


@pytest.mark.parametrize("stage", [E, C])
def test_author_of_the_newest_revision_is_refused(article, chief, stage):
    draft(article, user=chief, summary="Other words.")

    assert_refused(article, chief, stage, WROTE)


def test_author_of_an_older_revision_is_refused(article, chief, clinic):
    draft(article, user=chief, summary="Other words.")
    draft(article, user=clinic.author, summary="Still other words.")

    assert_refused(article, chief, E, WROTE)


def test_author_of_an_autosaved_revision_is_refused_although_it_was_rewritten(article, chief, clinic):
    first = draft(article, user=chief, summary="Other words.")
    page = newest(article)
    page.summary = "Other words, rewritten."
    page.save_revision(user=chief, overwrite_revision=first, log_action=True)

    assert fresh(article).latest_revision_id == first.pk
    assert_refused(article, chief, E, WROTE)


def test_author_whose_revision_was_purged_is_refused(article, chief, clinic):
    draft(article, user=chief, summary="Other words.")
    draft(article, user=clinic.author, summary="Still other words.")
    call_command("purge_revisions", stdout=io.StringIO())

    assert not Revision.objects.filter(user=chief).exists()
    assert_refused(article, chief, E, WROTE)


def test_author_whose_words_another_saved_again_is_refused_when_their_revision_was_purged(article, chief, clinic):
    draft(article, user=chief, summary="Other words.")
    draft(article, user=clinic.author)
    call_command("purge_revisions", stdout=io.StringIO())

    assert_refused(article, chief, E, WROTE)


def test_creator_is_refused_who_never_saved_a_revision(clinic, chief):
    page = add_draft(clinic.home, StandardPage(title="Parking", slug="parking", summary="Where."), user=clinic.author)
    StandardPage.objects.filter(pk=page.pk).update(owner=chief)

    assert not page.revisions.filter(user=chief).exists()
    assert_refused(page, chief, E, WROTE)


def test_creator_is_refused_whom_only_the_log_knows(clinic, chief):
    page = add_draft(clinic.home, StandardPage(title="Parking", slug="parking", summary="Where."), user=clinic.author)
    PageLogEntry.objects.log_action(page, "wagtail.create", user=chief)

    assert_refused(page, chief, E, WROTE)


@pytest.mark.parametrize("action", ["wagtail.copy", "wagtail.revert", "wagtail.convert_alias", "wagtail.rename"])
def test_whoever_made_words_by_another_way_is_refused(article, chief, action):
    PageLogEntry.objects.log_action(article, action, user=chief)

    assert_refused(article, chief, E, WROTE)


def test_who_wrote_before_the_last_publication_may_approve_what_others_write_now(clinic, chief):
    article = clinic.article_draft()
    draft(article, user=chief, summary="Other words.")
    clinic.publish(article)
    draft(article, user=clinic.author, summary="New words.")

    assert_given(article, chief, E)


def test_who_made_the_page_may_approve_what_others_write_after_its_publication(clinic, chief):
    page = add_draft(clinic.home, StandardPage(title="Parking", slug="parking", summary="Where."), user=chief)
    clinic.publish(page)
    draft(page, user=clinic.author, summary="Where to park.")

    assert_given(page, chief, E)


def test_who_writes_after_the_publication_is_refused(clinic, chief):
    draft(clinic.article, user=chief, summary="New words.")

    assert_refused(clinic.article, chief, E, WROTE)


def test_who_wrote_while_an_older_revision_waited_for_its_time_is_refused(clinic, chief, monkeypatch):
    article = clinic.article_draft()
    go_live_at = timezone.now() + datetime.timedelta(hours=1)
    draft(article, go_live_at=go_live_at)
    clinic.approve(article)
    fresh(article).get_latest_revision().publish(user=clinic.publisher)
    draft(fresh(article), user=chief, summary="Written while the page waited.", go_live_at=None)

    scheduled = fresh(article).scheduled_revision
    monkeypatch.setattr(timezone, "now", lambda: go_live_at)
    assert scheduling.run_due(go_live_at).published == (article.pk,)

    assert fresh(article).live_revision_id == scheduled.pk
    assert_refused(article, chief, E, WROTE)


def test_everybody_who_ever_wrote_counts_while_a_page_is_unpublished(clinic, chief):
    article = clinic.article_draft()
    draft(article, user=chief, summary="Other words.")
    clinic.publish(article)
    fresh(article).unpublish()

    assert_refused(article, chief, E, WROTE)


def test_revision_that_changed_no_word_makes_nobody_an_author(clinic, article, chief):
    page = approval.draft_of(article)
    page.wagtail_admin_comments.add(
        Comment(page=page, user=chief, text="Please say when.", contentpath="summary", position="")
    )
    page.save_revision(user=chief, log_action=True)

    assert_given(article, chief, E)


# --- What exactly is approved ----------------------------------------------------------------------------------------


@pytest.fixture
def approved(clinic, article):
    """An article with both approvals."""
    clinic.approve(article)
    assert gate.decide(newest(article)).is_admitted
    return fresh(article)


def assert_void(page):
    """The approvals no longer count, and publishing is refused."""
    before = desk.matters()
    codes = [finding.code for finding in gate.decide(newest(page)).blocking]

    assert codes[:2] == ["not_approved_editorial", "not_approved_clinical"]
    with pytest.raises(gate.GateBlocked):
        fresh(page).get_latest_revision().publish()
    assert desk.matters() == before


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"summary": "A short summary of the article!"},
        {"slug": "another-slug"},
        {"seo_title": "Another"},
        {"search_description": "Another"},
        {"canonical_url": "https://example.org/"},
        {"review_interval_months": 6},
        {"disclaimer": "Another"},
        {"action_label": "Call"},
        {"show_in_menus": True},
        {"clinical_reviewer": None},
        {"body": [{"type": "paragraph", "value": "<p>Rest helps most people.</p>"}]},
        {"body": [{"type": "paragraph", "value": "<p>Rest helps <b>many</b> people.</p>"}]},
        {"body": [{"type": "heading", "value": {"level": "2", "text": "Rest helps many people."}}]},
        {"author_links": []},
        {"condition_links": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_voids(clinic, approved, change):
    draft(approved, user=clinic.author, **change)

    assert_void(approved)


def test_order_of_rows_is_content(clinic, article):
    page = approval.draft_of(article)
    page.author_links = [AuthorLink(person=clinic.writer), AuthorLink(person=clinic.reviewer)]
    first = page.content_digest()

    page.author_links = [AuthorLink(person=clinic.reviewer), AuthorLink(person=clinic.writer)]

    assert page.content_digest() != first


def test_approval_does_not_pass_to_another_page_with_the_same_words(clinic, approved):
    twin = ArticlePage(title=approved.title, slug=approved.slug + "-2", summary=approved.summary)
    twin.clinical_reviewer, twin.body = approved.clinical_reviewer, approved.body
    twin.author_links = [AuthorLink(person=clinic.writer)]
    twin.condition_links = [ConditionLink(condition=clinic.insomnia)]
    twin = add_draft(clinic.articles, twin, user=clinic.author)

    assert_void(twin)


def test_change_by_autosave_in_the_same_revision_voids(clinic, article):
    revision = article.get_latest_revision()
    clinic.approve(article)
    page = newest(article)
    page.summary = "Changed behind the approvers' backs."
    page.save_revision(user=clinic.author, overwrite_revision=revision)

    assert fresh(article).latest_revision_id == revision.pk
    assert_void(article)


def test_change_and_back_again_restores(clinic, approved):
    draft(approved, user=clinic.author, summary="Other words.")
    draft(approved, user=clinic.author, summary="A short summary of the article.")

    decision = gate.decide(newest(approved))

    assert (decision.is_admitted, len(decision.approvals)) == (True, 2)


def test_save_without_change_keeps_the_approvals(clinic, approved):
    draft(approved, user=clinic.author)

    fresh(approved).get_latest_revision().publish()

    assert fresh(approved).live is True


def everything_an_article_can_hold(clinic):
    cited = f'<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a>'
    rich = f'<p>Rest <b>helps</b> <i>many</i> people{cited} &amp; costs &lt; $5 – see <a linktype="page" id="{clinic.insomnia.pk}">insomnia</a>.</p>'  # noqa: E501
    return [
        ("heading", {"level": "3", "text": "Ménière’s & others"}),
        ("paragraph", f'{rich}<ul><li>One</li><li>Two</li></ul><p>Line<br/>break <a href="https://example.org/?a=1&amp;b=2">out</a></p>'),  # noqa: E501
        ("quote", {"text": "Quiet.", "attribution": ""}),
        ("callout", {"kind": "warning", "title": "", "text": rich}),
        ("steps", {"title": "Before", "steps": [{"title": "Eat", "text": "<p>Light.</p>"}, {"title": "Rest", "text": "<p>Long.</p>"}]}),  # noqa: E501
        ("list", {"ordered": True, "items": [rich, "<p>Two</p>"]}),
        ("table", {"caption": "Times", "columns": [{"type": "text", "heading": "Visit"}, {"type": "text", "heading": ""}], "rows": [{"values": ["<p>First</p>", rich]}]}),  # noqa: E501
        ("faq", {"title": "", "questions": [{"question": "Why?", "answer": rich}]}),
        ("key_facts", {"title": "In short", "facts": ["<p>Move.</p>"]}),
        ("statistic", {"figure": "50–80 %", "label": "of people", "reference": clinic.reference.pk}),
        ("statistic", {"figure": "1", "label": "to 3 mm", "reference": None}),
        ("call_to_action", {"title": "", "text": "", "label": "Call", "page": None, "url": "tel:+14178878075"}),
        ("call_to_action", {"title": "Book", "text": "", "label": "Book", "page": clinic.acupuncture.pk, "url": ""}),
    ]  # fmt: skip


@pytest.mark.parametrize("times", [1, 2])
def test_opening_and_saving_in_the_editor_changes_nothing(clinic, times):
    article = clinic.article_draft("everything", body=everything_an_article_can_hold(clinic))
    clinic.approve(article)
    digest = newest(article).content_digest()
    client = desk.login(clinic.author)

    for _time in range(times):
        response = client.post(desk.edit_url(article), desk.opened(client, article))
        assert response.status_code == 302, response.context["form"].errors

    assert article.revisions.count() == 1 + times
    assert newest(article).content_digest() == digest
    assert gate.decide(newest(article)).is_admitted


@pytest.mark.parametrize("name", ["articles", "team", "topic", "writer", "insomnia", "acupuncture", "article"])
def test_every_page_type_survives_opening_and_saving(clinic, name):
    page = getattr(clinic, name)
    digest = page.content_digest()
    client = desk.login(clinic.author)

    response = client.post(desk.edit_url(page), desk.opened(client, page))

    assert response.status_code == 302, response.context["form"].errors
    assert newest(page).content_digest() == digest


def test_text_that_was_left_empty_stays_empty_for_the_digest(clinic):
    steps = {"title": "Before", "steps": [{"title": "Rest", "text": ""}]}
    article = clinic.article_draft("empty", body=[("steps", steps)])
    digests = [article.content_digest(), clinic.home.content_digest()]
    client = desk.login(clinic.author)

    for page in (article, clinic.home):
        client.post(desk.edit_url(page), desk.opened(client, page))

    assert [newest(article).content_digest(), newest(clinic.home).content_digest()] == digests


def test_label_of_a_reference_may_change_under_an_approval(clinic):
    cited = f'<p>Rest helps.<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a></p>'
    article = clinic.article_draft("cited", body=[("paragraph", cited)])
    clinic.approve(article)
    clinic.reference.short_label = "Rubin (2007)"
    clinic.reference.save()
    client = desk.login(clinic.author)

    client.post(desk.edit_url(article), desk.opened(client, article))

    assert "[Rubin (2007)]" in str(newest(article).body.raw_data[0])
    assert gate.decide(newest(article)).is_admitted


# --- What an approval keeps ------------------------------------------------------------------------------------------


def test_approval_keeps_the_words_and_the_signer_as_they_were(clinic, article):
    approve(article, clinic.editor)
    given = approval.approve(article, stage=C, user=clinic.clinician, comment="Well put.", ticked=all_ticked(C))
    clinic.clinician.last_name, clinic.clinician.credentials = "Renamed", "D.O."
    clinic.clinician.save()

    kept = Approval.objects.get(pk=given.pk)

    assert (kept.name, kept.credentials, kept.comment) == ("Clara Made-Up", "M.D.", "Well put.")
    assert (kept.document_id, kept.page_id) == (document_id_of(article), article.pk)
    assert digest_of(kept.content.encode()) == kept.content_digest == article.content_digest()
    assert "Rest helps many people." in kept.content


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Approval.objects.filter(pk=row.pk).update(name="Somebody else"),
        lambda row: Approval.objects.filter(pk=row.pk).update(content_digest="0" * 64),
        lambda row: row.delete(),
        lambda row: Approval.objects.all().delete(),
        lambda row: row.save(),
        lambda row: Approval.objects.bulk_update([row], ["comment"]),
        lambda row: execute("UPDATE workflow_approval SET name = 'x'"),
        lambda row: execute("DELETE FROM workflow_approval"),
    ],
)
def test_database_refuses_to_change_an_approval(approved, change):
    before = list(Approval.objects.order_by("pk").values())
    row = Approval.objects.last()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(row)

    assert list(Approval.objects.order_by("pk").values()) == before


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


# --- Which approvals stand -------------------------------------------------------------------------------------------


def test_approval_of_a_login_that_was_closed_no_longer_stands(clinic, approved):
    clinic.editor.is_active = False
    clinic.editor.save()

    assert [finding.code for finding in gate.decide(approved).blocking] == ["not_approved_editorial"]


def test_clinical_approval_falls_with_the_licence(clinic, approved):
    clinic.clinician.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    clinic.clinician.save()

    blocking = gate.decide(approved).blocking

    assert [finding.code for finding in blocking] == ["credentials_expired"]
    assert "Clara Made-Up" in blocking[0].message


def test_lapsed_licence_does_not_hide_the_approval_of_another_clinician(clinic, approved):
    second = make_clinician("carl", licence_number="MO-3")
    approval.approve(approved, stage=C, user=second, ticked=all_ticked(C))
    second.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    second.save()

    decision = gate.decide(approved)

    assert decision.is_admitted
    assert [given.user for given in decision.approvals] == [clinic.editor, clinic.clinician]


def test_newest_approval_of_a_stage_is_the_one_that_is_shown(clinic, approved):
    second = make_clinician("carl", licence_number="MO-3")
    approval.approve(approved, stage=C, user=second, ticked=all_ticked(C))

    assert [given.user for given in gate.decide(approved).approvals] == [clinic.editor, second]


# --- Workflows -------------------------------------------------------------------------------------------------------


def test_each_page_type_has_the_workflow_of_its_stages(clinic):
    names = {
        page.document_type: page.get_workflow().name for page in (clinic.article, clinic.insomnia, clinic.acupuncture)
    }
    short = {
        page.document_type: page.get_workflow().name for page in (clinic.home, clinic.team, clinic.topic, clinic.writer)
    }

    assert set(names.values()) == {"Editorial and clinical review"}
    assert set(short.values()) == {"Editorial review"}


@override_settings(WAGTAIL_WORKFLOW_ENABLED=False)
def test_gate_stands_without_workflows(article):
    with pytest.raises(gate.GateBlocked):
        article.get_latest_revision().publish()

    assert fresh(article).live is False
