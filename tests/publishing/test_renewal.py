"""“Reviewed, nothing to change”: one step, bound to exactly what was read, and nothing else moves."""

import datetime
import threading

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision

from cms.pages.relations import AuthorLink
from cms.pages.stages import Stage
from cms.publishing import renewal, reviews_due, verifying
from cms.publishing.models import Entry, Head
from cms.publishing.renewal import RenewalRefused
from cms.workflow import approval, checklists, emergency
from cms.workflow.authorship import wrote_public_words
from cms.workflow.models import Approval
from home.models import PersonPage
from tests.factories import all_ticked, draft, make_clinician, make_user, publish
from tests.workflow import desk
from tests.workflow.desk import fresh

A_YEAR = datetime.timedelta(days=365)


@pytest.fixture
def second(clinic):
    """A clinician who wrote nothing and signed nothing yet."""
    return make_clinician("cora")


@pytest.fixture
def a_year_later(clinic, monkeypatch):
    """The time of every act is a year after the clinic was made."""
    now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + A_YEAR)


def head_of(page):
    return Head.objects.get(page_id=page.pk)


def url_of(page):
    return reverse("renew_review", args=[page.pk])


def sign(user, page, **sent):
    """``user`` opens the page of the review, reads, ticks and sends."""
    client = desk.login(user)
    form = desk.context_of(client, url_of(page))["form"]
    given = {"document_digest": form["document_digest"].value(), "comment": "", "is_read": "on"}
    given["points"] = sorted(all_ticked(Stage.CLINICAL))
    return client.post(url_of(page), given | sent)


def everything():
    """All that a review must leave alone, and a refused one, too."""
    return desk.matters() | {
        "revisions": desk.revisions(),
        "drafts": list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id", "has_unpublished_changes")),
        "schedules": list(Revision.objects.order_by("pk").values_list("pk", "approved_go_live_at")),
    }


def untouched():
    """The same without what a review is there to add."""
    found = everything()
    return {name: found[name] for name in found.keys() - {"approvals", "entries", "heads"}}


def flattened(value, path=""):
    if isinstance(value, dict):
        return {key: text for name, part in value.items() for key, text in flattened(part, f"{path}.{name}").items()}
    if isinstance(value, list):
        return {key: text for n, part in enumerate(value) for key, text in flattened(part, f"{path}[{n}]").items()}
    return {path: value}


# --- What it does ---------------------------------------------------------------------------------------------------------


def test_clinician_signs_the_public_words_and_only_the_review_moves(clinic, second, a_year_later):
    before, kept = head_of(clinic.article), untouched()
    served = Client().get("/api/v1/articles/sleeping-better").json()

    response = sign(second, clinic.article, comment="Checked against the guideline.")

    after, entry = head_of(clinic.article), Entry.objects.order_by("position").last()
    old, new = flattened(served), flattened(Client().get("/api/v1/articles/sleeping-better").json())
    given = Approval.objects.latest("pk")
    assert response.url == reverse("reviews_due")
    assert (given.user, given.stage, given.content_digest) == (second, Stage.CLINICAL, before.content_digest)
    assert given.document_id == before.document_id
    assert given.content == fresh(clinic.article).authored_bytes().decode()
    assert (entry.kind, entry.page_id, entry.actor_id) == ("updated", clinic.article.pk, second.pk)
    assert (after.updated_at, after.published_at) == (before.updated_at, before.published_at)
    assert after.reviewed_at == given.at.replace(microsecond=0)
    assert after.review_due.year == after.reviewed_at.year + 1
    changed = {name for name in old.keys() | new.keys() if old.get(name, "") != new.get(name, "")}
    assert changed == {
        ".reviewed_at",
        ".review_due",
        ".seo.json_ld[0].lastReviewed",
        # Clara signed before; Cora has no page of her own.
        *(name for name in old if name.startswith((".reviewers", ".seo.json_ld[0].reviewedBy"))),
        ".attestation.position",
        ".attestation.digest",
        ".attestation.approvals[1].name",
        ".attestation.approvals[1].credentials",
        ".attestation.approvals[1].at",
    }
    assert untouched() == kept
    line = PageLogEntry.objects.filter(page=clinic.article.pk, action="attest.review.renewed").get()
    assert (line.user, line.data["comment"]) == (second, "Checked against the guideline.")
    assert list(verifying.problems()) == []


def test_page_shows_the_whole_public_text_and_its_digests(clinic, second):
    draft(clinic.article, user=clinic.author, body=[("paragraph", "<p>Pending words.</p>")])
    head = head_of(clinic.article)

    response = desk.login(second).get(url_of(clinic.article))

    words = desk.shown(response)
    assert "Rest helps many people." in words
    assert clinic.article.summary in words
    assert "Pending words." not in words
    assert head.digest in words
    assert head.content_digest in words
    assert "Somebody works on another draft" in words
    assert "Cora Made-Up, M.D." in words


@pytest.mark.parametrize("state", ["pending", "in_review", "scheduled", "unchanged"])
def test_another_draft_is_not_disturbed(state, clinic, second, a_year_later):
    if state == "unchanged":
        draft(clinic.article, user=clinic.author)
    else:
        draft(clinic.article, user=clinic.author, summary="Another draft.")
    page = fresh(clinic.article)
    if state in ("in_review", "unchanged"):
        page.get_workflow().start(page, clinic.author)
    if state == "scheduled":
        at = timezone.now() + datetime.timedelta(days=3)
        draft(page, user=clinic.author, go_live_at=at)
        clinic.publish(page)
        assert fresh(page).get_latest_revision().approved_go_live_at is not None
    kept, before = untouched(), head_of(page)

    sign(second, page)

    after = head_of(page)
    assert after.reviewed_at > before.reviewed_at
    assert (after.content_digest, after.updated_at) == (before.content_digest, before.updated_at)
    assert untouched() == kept


def test_aliases_show_the_review_of_their_source(clinic, second, a_year_later):
    with transaction.atomic():
        alias = clinic.article.create_alias(parent=clinic.articles, update_slug="sleeping-well")

    sign(second, clinic.article)

    assert head_of(alias).reviewed_at == head_of(clinic.article).reviewed_at
    assert list(verifying.problems()) == []


def test_words_of_an_emergency_get_their_review_in_one_step(clinic, second):
    draft(clinic.article, user=clinic.author, summary="Corrected.")
    page = fresh(clinic.article)
    with transaction.atomic():
        emergency.publish_draft(
            page,
            user=clinic.publisher,
            reason="The summary was wrong and cannot wait.",
            content_digest=approval.draft_of(page).content_digest(),
            now=timezone.now(),
        )
    assert head_of(page).reviewed_at is None

    sign(second, page)

    head = head_of(page)
    assert head.reviewed_at is not None
    assert head.override["reason"] == "The summary was wrong and cannot wait."
    assert [given["stage"] for given in head.approvals] == ["clinical"]


# --- Who and when not -----------------------------------------------------------------------------------------------------


def test_who_holds_no_clinical_role_gets_nowhere(clinic):
    before = everything()
    sent = {"document_digest": head_of(clinic.article).digest, "is_read": "on"}

    for user in (clinic.author, clinic.editor, clinic.publisher, make_user("chief", "Administrator")):
        client = desk.login(user)
        assert client.get(url_of(clinic.article)).status_code == 302
        assert client.post(url_of(clinic.article), sent).status_code == 302
    assert Client().post(url_of(clinic.article), sent).url.startswith(reverse("wagtailadmin_login"))

    assert everything() == before
    assert len(desk.refusals(clinic.article, "attest.review.refused")) == 4


def lapsed(clinic, second):
    second.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    second.save()
    return clinic.article


def author_of_it(clinic, second):
    page = clinic.article_draft("by-cora")
    page.owner = second
    page.save()
    draft(page, user=second, summary="Cora wrote this.")
    return clinic.publish(page)


def named_author(clinic, second):
    cora = PersonPage(title="Cora Made-Up", slug="cora", summary="A clinician.", role="Physician", user=second)
    cora.biography = [{"type": "paragraph", "value": "<p>A made-up person.</p>"}]
    cora = clinic.add(clinic.team, cora)
    draft(clinic.article, user=clinic.author, author_links=[AuthorLink(person=cora)])
    return clinic.publish(clinic.article)


def retracted(clinic, second):
    words = f'<p>Rest helps.<a linktype="reference" id="{clinic.reference.pk}">[Rubin 2007]</a></p>'
    draft(clinic.article, user=clinic.author, body=[("paragraph", words)])
    page = clinic.publish(clinic.article)
    clinic.reference.is_retracted = True
    clinic.reference.save()
    return page


def never_public(clinic, second):
    return clinic.article_draft("not-yet")


def taken_down(clinic, second):
    fresh(clinic.article).unpublish()
    return fresh(clinic.article)


def plain_page(clinic, second):
    return clinic.topic


def follower(clinic, second):
    with transaction.atomic():
        return clinic.article.create_alias(parent=clinic.articles, update_slug="sleeping-well")


REFUSALS = [
    (lapsed, "A clinical review needs credentials"),
    (author_of_it, "You wrote these words, or are named as their author."),
    (named_author, "You wrote these words, or are named as their author."),
    (retracted, "Something has to change first: "),
    (never_public, "The public does not see these words"),
    (taken_down, "The public does not see these words"),
    (plain_page, "Pages of this type need no clinical review."),
    (follower, "This page follows another one."),
]


@pytest.mark.parametrize(("make", "reason"), REFUSALS, ids=[make.__name__ for make, _reason in REFUSALS])
def test_what_stands_in_the_way_is_said_and_nothing_is_signed(make, reason, clinic, second):
    page = make(clinic, second)
    before = everything()

    opened = desk.login(second).get(url_of(page))
    response = sign(second, page)

    assert reason in desk.shown(opened)
    assert reason in desk.shown(response)
    assert b"Sign: nothing to change" not in opened.content
    assert everything() == before
    (refused,) = desk.refusals(page, "attest.review.refused")
    assert any(reason in one for one in refused["reasons"])


def test_superuser_without_a_licence_may_not(clinic):
    chief = make_user("chief", is_superuser=True)
    before = everything()

    response = sign(chief, clinic.article)

    assert "credentials and a licence number" in desk.shown(response)
    assert everything() == before


def test_page_that_changed_meanwhile_has_to_be_read_again(clinic, second):
    seen = head_of(clinic.article).digest
    draft(clinic.article, user=clinic.author, summary="Other words.")
    clinic.publish(clinic.article)
    before = everything()

    response = sign(second, clinic.article, document_digest=seen)

    assert "What the public sees changed since you opened this page. Read it again." in desk.shown(response)
    assert response.context["form"]["document_digest"].value() == head_of(clinic.article).digest
    assert everything() == before


def test_the_second_of_two_is_told_of_the_first(clinic, second, a_year_later):
    third = make_clinician("carl")
    seen = head_of(clinic.article).digest
    sign(second, clinic.article)
    before = everything()

    response = sign(third, clinic.article, document_digest=seen)

    assert "Cora Made-Up reviewed it last, on " in desk.shown(response)
    assert everything() == before


def test_without_the_tick_nothing_is_signed(clinic, second):
    before = everything()
    client = desk.login(second)

    response = client.post(url_of(clinic.article), {"document_digest": head_of(clinic.article).digest})

    assert "Tick this when you have read the whole page." in desk.shown(response)
    assert everything() == before


def test_without_a_required_point_of_the_checklist_nothing_is_signed(clinic, second):
    before = everything()

    response = sign(second, clinic.article, points=[])

    assert "Approving needs every required point of the checklist." in desk.shown(response)
    with pytest.raises(RenewalRefused, match="Not ticked"):
        renewal.renew(fresh(clinic.article), user=second, document_digest=head_of(clinic.article).digest)
    assert everything() == before


def test_a_renewed_review_keeps_its_checklist(clinic, second):
    sign(second, clinic.article)

    kept = Approval.objects.filter(user=second).get().checklist
    assert [point["ticked"] for point in kept] == [True] * len(checklists.points_of(Stage.CLINICAL))


def test_a_page_that_is_none_of_ours_is_not_found(clinic, second):
    root = Page.objects.get(depth=1)

    assert desk.login(second).get(url_of(root)).status_code == 404
    assert desk.login(second).get(reverse("renew_review", args=[999_999])).status_code == 404


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
def test_two_at_once_make_one_review_and_one_refusal(committed_clinic):
    clinic = committed_clinic
    people = [make_clinician("cora"), make_clinician("carl")]
    seen, before = head_of(clinic.article).digest, Entry.objects.count()
    together, outcomes = threading.Barrier(2), []

    def act(user):
        together.wait(20)
        try:
            renewal.renew(fresh(clinic.article), user=user, document_digest=seen, ticked=all_ticked(Stage.CLINICAL))
            outcomes.append("signed")
        except RenewalRefused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    workers = [threading.Thread(target=act, args=[user]) for user in people]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert sorted(outcomes) == ["refused", "signed"]
    assert Entry.objects.count() == before + 1
    assert Approval.objects.filter(user__in=people).count() == 1


# --- Who wrote what is public ---------------------------------------------------------------------------------------------


def test_who_wrote_the_public_words_is_known_for_ever(clinic, second):
    draft(clinic.article, user=second, summary="Cora wrote this.")
    approval.approve(
        fresh(clinic.article), stage=Stage.EDITORIAL, user=clinic.editor, ticked=all_ticked(Stage.EDITORIAL)
    )
    approval.approve(
        fresh(clinic.article), stage=Stage.CLINICAL, user=clinic.clinician, ticked=all_ticked(Stage.CLINICAL)
    )
    page = publish(clinic.article, clinic.publisher)

    assert wrote_public_words(page, second)
    assert wrote_public_words(page, clinic.author)  # named on the page
    assert not wrote_public_words(page, clinic.clinician)


def test_who_wrote_before_the_words_that_were_replaced_may_review_these(clinic, second):
    for user, summary in ((second, "Cora wrote this."), (clinic.author, "Anton wrote this.")):
        draft(clinic.article, user=user, summary=summary)
        approval.approve(
            fresh(clinic.article), stage=Stage.EDITORIAL, user=clinic.editor, ticked=all_ticked(Stage.EDITORIAL)
        )
        approval.approve(
            fresh(clinic.article), stage=Stage.CLINICAL, user=clinic.clinician, ticked=all_ticked(Stage.CLINICAL)
        )
        page = publish(clinic.article, clinic.publisher)

    assert not wrote_public_words(page, second)


def test_publishing_the_same_words_again_changes_no_author(clinic, second):
    draft(clinic.article, user=second, summary="Cora wrote this.")
    clinic.publish(clinic.article)
    draft(clinic.article, user=clinic.author)
    page = publish(clinic.article, clinic.publisher)

    assert wrote_public_words(page, second)


def test_author_cannot_review_the_public_words_by_submitting_them_unchanged(clinic, second):
    draft(clinic.article, user=second, summary="Cora wrote this.")
    clinic.publish(clinic.article)
    draft(clinic.article, user=clinic.author)
    before = Approval.objects.count()

    with pytest.raises(approval.ApprovalRefused):
        approval.approve(fresh(clinic.article), stage=Stage.CLINICAL, user=second, ticked=all_ticked(Stage.CLINICAL))

    assert Approval.objects.count() == before
    assert head_of(clinic.article).approvals[1]["name"] == "Clara Made-Up"


# --- The way there --------------------------------------------------------------------------------------------------------


def test_the_editor_offers_it_to_clinicians_on_public_pages(clinic):
    chief = make_clinician("chief", is_superuser=True)
    page = clinic.article_draft("not-yet")

    public = desk.login(chief).get(desk.edit_url(clinic.article)).content.decode()
    new = desk.login(chief).get(desk.edit_url(page)).content.decode()
    others = desk.login(clinic.publisher).get(desk.edit_url(clinic.article)).content.decode()

    assert public.count(url_of(clinic.article)) >= 2
    assert url_of(page) not in new
    assert url_of(clinic.article) not in others


def test_history_says_what_was_signed_and_what_was_refused(clinic, second):
    sign(second, clinic.article, comment="Checked.")
    sign(second, clinic.article, document_digest="0" * 64)

    history = desk.shown(
        desk.login(clinic.publisher).get(reverse("wagtailadmin_pages:history", args=[clinic.article.pk]))
    )

    assert "Reviewed, nothing to change" in history
    assert "Checked." in history
    assert "Renewed review refused" in history


# --- The report -----------------------------------------------------------------------------------------------------------


def report(user, **asked):
    return desk.login(user).get(reverse("reviews_due"), asked)


def set_due(page, days):
    due = timezone.now() + datetime.timedelta(days=days)
    Head.objects.filter(page_id=page.pk).update(review_due=due)


@pytest.fixture
def dues(clinic):
    """One review is overdue, one near, one far."""
    for page, days in ((clinic.article, -10), (clinic.insomnia, 20), (clinic.acupuncture, 300)):
        set_due(page, days)


def titles(response):
    return [head.title for head in response.context["object_list"]]


def test_report_lists_what_is_near_or_over_longest_overdue_first(clinic, dues, second):
    response = report(second)

    assert titles(response) == ["Sleeping better", "Insomnia"]
    words = desk.shown(response)
    assert "Overdue by 10 days" in words
    assert "Due in 20 days" in words
    due = timezone.localtime(Head.objects.get(page_id=clinic.insomnia.pk).review_due)
    assert f"{due:%-d %B %Y}" in words
    assert "2 pages" in words
    assert url_of(clinic.article).encode() in response.content


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"due": "overdue"}, ["Sleeping better"]),
        ({"due": "30"}, ["Sleeping better", "Insomnia"]),
        ({"due": "all"}, ["Sleeping better", "Insomnia", "Acupuncture"]),
        ({"due": "all", "type": "service"}, ["Acupuncture"]),
        ({"type": "condition"}, ["Insomnia"]),
        ({"due": "all", "reviewer_id": "clara"}, ["Sleeping better", "Insomnia", "Acupuncture"]),
        ({"due": "all", "reviewer_id": "cora"}, []),
        ({"review_due_from": "today"}, ["Insomnia", "Acupuncture"]),
    ],
)
def test_report_is_narrowed(asked, found, clinic, dues, second):
    approval.approve(
        clinic.article_draft("signed-by-cora"), stage=Stage.CLINICAL, user=second, ticked=all_ticked(Stage.CLINICAL)
    )
    people = {"clara": clinic.clinician.pk, "cora": second.pk}
    asked = {name: people.get(value, value) for name, value in asked.items()}
    if asked.get("review_due_from") == "today":
        asked["review_due_from"] = timezone.localdate().isoformat()

    assert titles(report(clinic.editor, **asked)) == found


def test_page_without_a_review_stands_first(clinic, dues, second):
    Head.objects.filter(page_id=clinic.acupuncture.pk).update(review_due=None, reviewed_at=None)

    response = report(second)

    assert titles(response) == ["Acupuncture", "Sleeping better", "Insomnia"]
    assert "Never reviewed in these words" in desk.shown(response)


def test_report_leaves_out_what_the_public_does_not_see_and_what_only_follows(clinic, dues, second):
    with transaction.atomic():
        clinic.article.create_alias(parent=clinic.articles, update_slug="sleeping-well")
    Head.objects.filter(page_id=clinic.insomnia.pk).update(expires_at=timezone.now() - datetime.timedelta(minutes=1))

    assert titles(report(second, due="all")) == ["Sleeping better", "Acupuncture"]


def test_report_says_so_when_nothing_is_due(clinic, second):
    assert "No review is due here." in desk.shown(report(second))


def test_report_is_for_those_who_see_approvals(clinic):
    assert report(clinic.author).status_code == 302
    assert report(clinic.editor).status_code == 200
    menu = reverse("reviews_due").encode()
    assert menu in desk.login(clinic.editor).get(desk.HOME).content
    assert menu not in desk.login(clinic.author).get(desk.HOME).content


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_report_is_a_file_too(form, clinic, dues, second):
    response = report(second, export=form)

    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code == 200
    if form == "csv":
        head, *rows = content.decode("utf-8-sig").splitlines()
        assert head == "Page,Type,Path,State,Review due,Last reviewed,Last reviewed by"
        assert [row.split(",")[:4] for row in rows] == [
            ["Sleeping better", "Article", "/articles/sleeping-better/", "Overdue by 10 days"],
            ["Insomnia", "Condition", "/conditions/insomnia/", "Due in 20 days"],
        ]
    else:
        assert content.startswith(b"PK")


def test_report_asks_as_often_for_many_pages_as_for_few(clinic, dues, second):
    client = desk.login(second)
    address = reverse("reviews_due_results")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address, {"due": "overdue"})
    with CaptureQueriesContext(connection) as many:
        client.get(address, {"due": "all"})

    assert len(few) == len(many)


def test_types_with_a_clinical_stage_are_those_of_the_report():
    assert reviews_due.clinical_types() == {"article": "Article", "condition": "Condition", "service": "Service"}
