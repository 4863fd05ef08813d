"""Three dates that are never mixed, and the note on the last material change: over single acts, and over whole histories."""

import datetime
import json

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import PageViewRestriction

from cms.pages.identity import document_id_of
from cms.pages.stages import Stage
from cms.publishing import dates, renewal, verifying
from cms.publishing.models import Entry, Head
from cms.workflow import approval, emergency
from cms.workflow.models import Approval
from tests.factories import all_ticked, draft, make_clinician, make_user, publish
from tests.workflow.desk import fresh

NOTE = "The advice on driving after a session is stricter than before."
DATES = ("published_at", "updated_at", "reviewed_at", "review_due", "material_change")


def document(page):
    """What the ledger serves of ``page``."""
    return json.loads(Head.objects.get(page_id=page.pk).document)


def three(page):
    return {name: document(page)[name] for name in DATES}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time of every act, which a test turns on by hand; begins a year after the clinic was made."""
    turned = {"by": datetime.timedelta(days=365)}
    now = timezone.now

    def later():
        return now() + turned["by"]

    monkeypatch.setattr("django.utils.timezone.now", later)

    def turn(days=1):
        turned["by"] += datetime.timedelta(days=days)

    return turn


@pytest.fixture
def second(clinic):
    """Another clinician, who wrote nothing."""
    return make_clinician("cora")


@pytest.fixture
def before(clinic):
    return three(clinic.article)


def ticks(stage):
    return {"stage": stage, "ticked": all_ticked(stage)}


def renew(page, user):
    with transaction.atomic():
        digest = Head.objects.get(page_id=page.pk).digest
        ticked = all_ticked(Stage.CLINICAL)
        return renewal.renew(fresh(page), user=user, document_digest=digest, ticked=ticked)


# --- What moves none of them ----------------------------------------------------------------------------------------------


def rename_related(clinic, second):
    draft(clinic.insomnia, user=clinic.author, title="Sleeplessness")
    clinic.publish(clinic.insomnia)


def move_link_target(clinic, second):
    draft(clinic.articles, user=clinic.author, slug="texts")
    clinic.publish(clinic.articles)


def editorial_again(clinic, second):
    approval.approve(
        fresh(clinic.article),
        stage=Stage.EDITORIAL,
        user=make_user("ede", "Editor"),
        ticked=all_ticked(Stage.EDITORIAL),
    )
    publish(clinic.article, clinic.publisher)


def save_unchanged(clinic, second):
    draft(clinic.article, user=clinic.author)
    publish(clinic.article, clinic.publisher)


def write_a_draft(clinic, second):
    draft(clinic.article, user=clinic.author, summary="Another draft.")


def replace_credentials(clinic, second):
    clinic.clinician.credentials, clinic.clinician.licence_number = "D.O.", "MO-77"
    clinic.clinician.save()
    fresh(clinic.article).save()


def let_credentials_lapse(clinic, second):
    clinic.clinician.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    clinic.clinician.save()
    fresh(clinic.article).save()


def close_login(clinic, second):
    get_user_model().objects.filter(pk=clinic.clinician.pk).update(is_active=False)
    fresh(clinic.article).save()


def approve_a_draft(clinic, second):
    draft(clinic.article, user=clinic.author, summary="Another draft.")
    approval.approve(fresh(clinic.article), stage=Stage.CLINICAL, user=second, ticked=all_ticked(Stage.CLINICAL))
    fresh(clinic.article).save()


def override_another_page(clinic, second):
    draft(clinic.insomnia, user=clinic.author, summary="Other words.")
    page = fresh(clinic.insomnia)
    emergency.publish_draft(
        page,
        user=clinic.publisher,
        reason="The summary was wrong and cannot wait.",
        content_digest=approval.draft_of(page).content_digest(),
        now=timezone.now(),
    )


def take_down_and_bring_back(clinic, second):
    fresh(clinic.article).unpublish()
    publish(clinic.article, clinic.publisher)


def make_private_and_public(clinic, second):
    restriction = PageViewRestriction.objects.create(page=clinic.articles, restriction_type="login")
    restriction.delete()


def rebuild(clinic, second):
    verifying.rebuild()


ACTS = (
    rename_related, move_link_target, editorial_again, save_unchanged, write_a_draft, replace_credentials,
    let_credentials_lapse, close_login, approve_a_draft, override_another_page, take_down_and_bring_back,
    make_private_and_public, rebuild,
)  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=[act.__name__ for act in ACTS])
def test_no_date_moves_when_no_word_and_no_review_is_new(act, clinic, second, before, clock):
    clock()

    with transaction.atomic():
        act(clinic, second)

    assert three(clinic.article) == before
    assert list(verifying.problems()) == []


def test_a_lapsed_licence_does_not_bring_an_earlier_review_back(clinic, second, clock):
    clock()
    renew(clinic.article, second)
    reviewed = three(clinic.article)
    clock()

    second.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
    second.save()
    with transaction.atomic():
        fresh(clinic.article).save()

    assert three(clinic.article) == reviewed
    assert (
        approval.standing(document_id_of(clinic.article), fresh(clinic.article).content_digest())[Stage.CLINICAL].user
        == clinic.clinician
    )


# --- What moves each of them ----------------------------------------------------------------------------------------------


def test_other_words_move_updated_at_and_bring_their_own_review(clinic, before, clock):
    clock(2)
    draft(clinic.article, user=clinic.author, summary="Other words.")

    clinic.publish(clinic.article)

    now = three(clinic.article)
    assert now["published_at"] == before["published_at"]
    assert now["updated_at"] > before["updated_at"]
    assert now["reviewed_at"] > before["reviewed_at"]
    assert now["material_change"] is None


def test_a_review_moves_reviewed_at_and_review_due_alone(clinic, second, before, clock):
    clock(2)

    renew(clinic.article, second)

    now = three(clinic.article)
    assert {name for name in DATES if now[name] != before[name]} == {"reviewed_at", "review_due"}
    assert now["reviewed_at"] > before["reviewed_at"]


def test_words_that_went_out_without_a_review_show_none(clinic, before, clock):
    clock()
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

    now = three(clinic.article)
    assert (now["reviewed_at"], now["review_due"]) == (None, None)
    assert now["published_at"] == before["published_at"]
    assert now["updated_at"] > before["updated_at"]


def test_words_saved_past_the_publication_are_dated_when_the_public_sees_them(clinic, before, clock):
    clock(3)
    draft(clinic.article, user=clinic.author, summary="Saved by a script.")
    clinic.approve(clinic.article)
    words = fresh(clinic.article).get_latest_revision_as_object()
    words.live = True

    with transaction.atomic():
        words.save()

    assert document(clinic.article)["summary"] == "Saved by a script."
    assert three(clinic.article)["updated_at"] > before["updated_at"]


# --- Material changes -----------------------------------------------------------------------------------------------------


def publish_words(clinic, **fields):
    draft(clinic.article, user=clinic.author, **fields)
    clinic.publish(clinic.article)
    return document(clinic.article)


def test_a_material_change_is_told_with_the_day_of_its_words(clinic, clock):
    clock()

    found = publish_words(clinic, summary="Do not drive.", is_material_change=True, change_note=f"  {NOTE}\n")

    assert found["material_change"] == {"at": found["updated_at"], "note": NOTE}
    assert found["seo"]["json_ld"][0]["correction"] == {
        "@type": "CorrectionComment",
        "text": NOTE,
        "datePublished": found["updated_at"],
    }


def test_the_note_stays_over_other_changes_and_over_reviews_until_the_next_one(clinic, second, clock):
    told = publish_words(clinic, summary="Do not drive.", is_material_change=True, change_note=NOTE)["material_change"]
    clock()

    unmarked = publish_words(clinic, summary="Do not drive!", is_material_change=False, change_note="")
    clock()
    renew(clinic.article, second)
    reviewed = document(clinic.article)
    clock()
    again = publish_words(clinic, summary="Nor cycle.", is_material_change=True, change_note="Nor cycle.")

    assert unmarked["material_change"] == told
    assert unmarked["updated_at"] > told["at"]
    assert reviewed["material_change"] == told
    assert again["material_change"] == {"at": again["updated_at"], "note": "Nor cycle."}
    assert again["updated_at"] > unmarked["updated_at"]


def test_a_mark_that_was_left_on_tells_nothing_new(clinic, clock):
    told = publish_words(clinic, summary="Do not drive.", is_material_change=True, change_note=NOTE)["material_change"]
    clock()

    left_on = publish_words(clinic, summary="Do not drive!")

    assert left_on["material_change"] == told


def test_a_page_that_was_never_public_has_changed_for_nobody(clinic):
    page = clinic.article_draft("new-words", is_material_change=True, change_note=NOTE)

    clinic.publish(page)

    assert document(page)["material_change"] is None


def test_the_note_survives_a_time_out_of_sight_and_a_rebuild(clinic, clock):
    told = publish_words(clinic, summary="Do not drive.", is_material_change=True, change_note=NOTE)
    clock()
    with transaction.atomic():
        fresh(clinic.article).unpublish()
    clock()

    with transaction.atomic():
        publish(clinic.article, clinic.publisher)
    position = Entry.objects.count()
    with transaction.atomic():
        verifying.rebuild()

    assert document(clinic.article)["material_change"] == told["material_change"]
    assert document(clinic.article)["updated_at"] == told["updated_at"]
    assert Entry.objects.count() == position


def test_readers_and_feeds_are_told_and_keep_the_dates_apart(clinic, second, clock):
    publish_words(clinic, summary="Do not drive.", is_material_change=True, change_note="Never drive & read.")
    clock()
    renew(clinic.article, second)
    found = document(clinic.article)
    day = found["material_change"]["at"][:10]
    client = Client()

    page = client.get(found["path"]).content.decode()
    markdown = client.get(f"{found['path'].rstrip('/')}.md").content.decode()
    item = client.get("/api/v1/feeds/articles.json").json()["items"][0]
    atom = client.get("/api/v1/feeds/articles.atom").content.decode()
    answer = client.get(f"/api/v1/articles/{clinic.article.slug}").json()

    assert "Never drive &amp; read." in page
    assert f'Changed on <time datetime="{found["material_change"]["at"]}">' in page
    assert f"- Changed on {day}: Never drive & read." in markdown
    assert (item["date_published"], item["date_modified"]) == (found["published_at"], found["updated_at"])
    assert f"<p>Changed on {day}: Never drive &amp; read.</p>" in item["content_html"]
    assert f"<updated>{found['updated_at']}</updated>" in atom
    assert f"<updated>{found['reviewed_at']}</updated>" not in atom
    assert answer["material_change"] == found["material_change"]


# --- Histories ------------------------------------------------------------------------------------------------------------

STEPS = ("words", "material", "review", "editorial", "unchanged", "rename", "down", "back", "lapse")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=7))
def test_over_any_history_each_date_says_what_it_says(clinic, second, clock, steps):
    """Told again from outside: the words, the clinical signatures and the notes of a history give every date of its end."""
    start = transaction.savepoint()
    try:
        _play(clinic, second, clock, steps)
    finally:
        transaction.savepoint_rollback(start)


def _play(clinic, second, clock, steps):
    page = clinic.article
    first = three(page)
    updated, told, words = first["updated_at"], None, fresh(page).content_digest()
    is_public = True
    for number, step in enumerate(steps):
        clock()
        with transaction.atomic():
            if step in ("words", "material"):
                note = f"Note {number}." if step == "material" else ""
                marks = {"is_material_change": bool(note), "change_note": note}
                draft(fresh(page), user=clinic.author, summary=f"Words {number}.", **marks)
                approval.approve(
                    fresh(page), stage=Stage.EDITORIAL, user=clinic.editor, ticked=all_ticked(Stage.EDITORIAL)
                )
                approval.approve(
                    fresh(page), stage=Stage.CLINICAL, user=clinic.clinician, ticked=all_ticked(Stage.CLINICAL)
                )
                publish(page, clinic.publisher)
                is_public = True
            elif step == "review" and is_public:
                renew(page, second)
            elif step == "editorial":
                approval.approve(
                    fresh(page), stage=Stage.EDITORIAL, user=clinic.editor, ticked=all_ticked(Stage.EDITORIAL)
                )
                fresh(page).save()
            elif step == "unchanged" and is_public:
                draft(fresh(page), user=clinic.author)
                publish(page, clinic.publisher)
            elif step == "rename":
                draft(fresh(clinic.insomnia), user=clinic.author, title=f"Insomnia {number}")
                clinic.publish(clinic.insomnia)
            elif step == "lapse":
                # The page is saved on a day on which one signer's licence is not valid.
                second.credentials_expire_on = timezone.localdate() - datetime.timedelta(days=1)
                second.save()
                fresh(page).save()
            elif step == "down" and is_public:
                fresh(page).unpublish()
                is_public = False
            elif step == "back" and not is_public:
                publish(page, clinic.publisher)
                is_public = True
        second.credentials_expire_on = None
        second.save()
        if not is_public:
            assert not Head.objects.filter(page_id=page.pk).exists()
            continue
        now = three(page)
        digest = fresh(page).content_digest()
        if digest != words:
            assert now["updated_at"] > updated
            updated, words = now["updated_at"], digest
            if step == "material":
                told = {"at": updated, "note": f"Note {number}."}
        signed = Approval.objects.filter(
            document_id=document_id_of(page), content_digest=digest, stage=Stage.CLINICAL
        ).order_by("-at")
        assert now["published_at"] == first["published_at"]
        assert now["updated_at"] == updated
        assert now["material_change"] == told
        assert now["reviewed_at"] == signed[0].at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    seen = dates.last_seen([document_id_of(page)])[document_id_of(page)]
    assert (seen.content_digest, bool(seen.material_change)) == (words, told is not None)
    assert list(verifying.problems()) == []
