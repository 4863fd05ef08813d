"""The checklist beside the editor: fresh findings with ways to their places, and why a button is not there."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from cms.workflow import approval, assignment, panel
from tests.factories import draft, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh
from tests.workflow.test_review_page import submitted


def fragment_url(page):
    return reverse("review_checklist", args=[page.pk])


def fragment(user, page):
    response = desk.login(user).get(fragment_url(page))
    assert response.status_code == 200, response
    return BeautifulSoup(response.content, "html.parser")


def words_of(soup):
    return " ".join(soup.get_text(" ").split())


def counts(soup):
    facts = soup.find(attrs={"data-checklist-blocking": True})
    return int(facts["data-checklist-blocking"]), int(facts["data-checklist-advice"])


@pytest.fixture
def unsound(clinic):
    """A draft with three faults that block."""
    return clinic.article_draft("unsound", summary="", body=[("paragraph", "<p>It cures (source).</p>")])


def test_fragment_tells_what_blocks_and_where(clinic, unsound):
    soup = fragment(clinic.author, unsound)

    block = str(approval.draft_of(unsound).body[0].id)
    links = soup.select(".review-findings--blocking a")
    places = [(link["data-checklist-field"], link["data-checklist-block"]) for link in links]
    assert ("summary", "") in places
    assert ("body", block) in places
    assert counts(soup)[0] == len(links) >= 2


def test_fragment_is_of_the_last_save(clinic, unsound):
    before = counts(fragment(clinic.author, unsound))
    draft(unsound, user=clinic.author, summary="A summary.", body=[("paragraph", "<p>Rest helps many people.</p>")])

    assert before[0] > 0
    assert counts(fragment(clinic.author, unsound))[0] == 0


def test_fragment_is_never_kept(clinic, unsound):
    assert "no-store" in desk.login(clinic.author).get(fragment_url(unsound))["Cache-Control"]


@pytest.mark.parametrize(
    ("who", "status"), [("author", 200), ("editor", 200), ("publisher", 200), ("clinician", 302), ("stranger", 302)]
)
def test_fragment_is_for_those_who_may_open_the_page(who, status, clinic, unsound):
    user = make_user("stan") if who == "stranger" else getattr(clinic, who)

    response = desk.login(user).get(fragment_url(unsound))

    assert response.status_code == status
    assert (b"(source)" in response.content) == (status == 200)


def test_fragment_is_only_read(clinic, unsound):
    before = desk.matters()

    response = desk.login(clinic.author).post(fragment_url(unsound))

    assert response.status_code == 405
    assert desk.matters() == before


def test_fragment_tells_nothing_without_a_login(clinic, unsound):
    assert Client().get(fragment_url(unsound)).status_code == 302


def test_editor_shows_the_panel_with_the_number_of_what_blocks(clinic, unsound):
    soup = BeautifulSoup(desk.login(clinic.author).get(desk.edit_url(unsound)).content, "html.parser")

    inside = soup.select_one('[data-side-panel="checklist"] [data-checklist]')
    badge = soup.select_one('[data-side-panel-toggle="checklist"] [data-side-panel-toggle-counter]')
    assert inside["data-checklist-url"] == fragment_url(unsound)
    assert badge.get_text().strip() == str(counts(inside)[0])
    assert not badge.has_attr("hidden")


def test_new_page_has_the_panel_before_its_first_save(clinic):
    url = reverse("wagtailadmin_pages:add", args=["articles", "articlepage", clinic.articles.pk])

    soup = BeautifulSoup(desk.login(clinic.author).get(url).content, "html.parser")

    inside = soup.select_one('[data-side-panel="checklist"] [data-checklist]')
    assert inside["data-checklist-url"] == ""
    assert "Save the page once." in words_of(inside)


def test_without_autosave_there_is_a_button(clinic, unsound, settings):
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 3000
    assert "Look again" not in desk.login(clinic.author).get(desk.edit_url(unsound)).content.decode()
    settings.WAGTAIL_AUTOSAVE_INTERVAL = 0

    assert "Look again" in desk.login(clinic.author).get(desk.edit_url(unsound)).content.decode()


def test_publishing_says_what_it_waits_for(clinic, unsound):
    words = words_of(fragment(clinic.publisher, unsound))

    assert "Editorial review has to approve this text." in words
    assert "Clinical review has to approve this text." in words
    assert "block it; see above." in words


def test_publishing_says_who_has_the_review_that_it_waits_for(clinic):
    article = submitted(clinic.article_draft(), clinic.author)
    assignment.claim(article, user=clinic.editor)

    words = words_of(fragment(clinic.publisher, article))

    assert "Editorial review has not approved this text yet; Edda Made-Up has it." in words


def test_publisher_of_approved_words_is_told_that_nothing_stands_against_it(clinic):
    article = clinic.article_draft()
    clinic.approve(article)

    assert "Nothing stands against it" in words_of(fragment(clinic.publisher, article))
    assert "You do not hold a role that publishes." in words_of(fragment(clinic.author, article))


def test_progress_tells_who_approved_and_what_waits(clinic):
    article = submitted(clinic.article_draft(), clinic.author)
    first = words_of(fragment(clinic.author, article))
    step = article.current_workflow_task_state
    step.task.specific.on_action(step, clinic.editor, "approve", **desk.approving(article, step))

    second = words_of(fragment(clinic.author, article))

    assert "Editorial review waiting since" in first
    assert "Editorial review approved by Edda Made-Up" in second
    assert "Clinical review waiting since" in second


def test_reviewer_who_wrote_the_page_is_told_why_approving_is_missing(clinic):
    both = make_user("eva", "Author", "Editor")
    article = clinic.article_draft()
    draft(article, user=both, summary="Other words.")
    article = submitted(article, both)

    assert "Somebody who did not write it has to approve." in words_of(fragment(both, article))
    assert "Why you cannot approve" not in words_of(fragment(clinic.editor, article))


def test_answer_to_an_autosave_renders_no_checklist(clinic, unsound):
    client = desk.login(clinic.author)
    sent = {**desk.opened(client, unsound), "summary": "Saved by itself."}

    response = client.post(desk.edit_url(unsound), sent, headers={"accept": "application/json"})

    assert response.json()["success"] is True
    assert "data-checklist" not in response.json()["html"]
    assert approval.draft_of(fresh(unsound)).summary == "Saved by itself."


def test_lost_method_of_wagtails_is_an_error_at_start(monkeypatch):
    assert panel.register_check(None) == []

    monkeypatch.setattr(panel, "_VIEWS", (type("EditView", (), {}),))

    assert [error.id for error in panel.register_check(None)] == ["workflow.E001"]


def test_fragment_costs_a_fixed_number_of_queries(clinic, unsound, django_assert_num_queries):
    client = desk.login(clinic.author)
    client.get(fragment_url(unsound))

    with django_assert_num_queries(29):
        client.get(fragment_url(unsound))
