"""“Publish” in the editor: what stands against it is shown beside its place, nothing is lost, and nothing becomes public."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from articles.models import ArticlePage
from cms.pages.relations import AuthorLink
from cms.workflow import approval
from tests.factories import draft, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh, heading, stream, typed

NOT_APPROVED = ["Editorial review has not approved this text.", "Clinical review has not approved this text."]
TOP = "The page could not be saved due to validation errors."


@pytest.fixture(params=["publisher", "superuser"])
def publisher(clinic, request):
    return clinic.publisher if request.param == "publisher" else make_user("chief", is_superuser=True)


def press_publish(user, page, changes=None):
    client = desk.login(user)
    return client.post(desk.edit_url(page), {**desk.opened(client, page), **(changes or {}), "action-publish": "1"})


def errors_of(response):
    """The messages of the whole form, without those that stand at a field."""
    return list(response.context["form"].non_field_errors())


def beside(response, panel):
    """What stands in the panel of inner rows with this name."""
    rows = BeautifulSoup(response.content, "html.parser").find(id=f"id_{panel}-FORMS")
    return [span.get_text() for span in rows.find_parent("section").select(".error-message span")]


def test_refused_publication_changes_nothing(clinic, publisher):
    article = clinic.article_draft()
    before, saved = desk.matters(), desk.revisions()

    response = press_publish(publisher, article, {"summary": "Typed a moment ago."})

    assert response.status_code == 200
    assert desk.matters() == before
    assert desk.revisions() == saved
    assert errors_of(response) == NOT_APPROVED
    assert TOP in desk.shown(response)
    assert "Editorial review has not approved this text." in desk.shown(response)


def test_live_page_stays_as_it_is(clinic, publisher):
    before, saved = desk.matters(), desk.revisions()

    response = press_publish(publisher, clinic.article, {"title": "Typed a moment ago"})

    assert desk.matters() == before
    assert desk.revisions() == saved
    assert errors_of(response) == NOT_APPROVED


def test_finding_stands_beside_its_field(clinic, publisher):
    article = clinic.article_draft()
    changes = {"summary": "", "title": "A miracle (source)", "disclaimer": "&nbsp;", "clinical_reviewer": ""}

    response = press_publish(publisher, article, changes)

    assert desk.field_error(response, "summary") == "Write a summary: one or two sentences for lists and search."
    assert "“A miracle”" in desk.field_error(response, "title") or "“miracle”" in desk.field_error(response, "title")
    assert "“(source)” is a placeholder." in desk.field_error(response, "title")
    assert "“&nbsp;” looks like broken markup." in desk.field_error(response, "disclaimer")
    assert desk.field_error(response, "clinical_reviewer") == "Name the clinical reviewer (tab People)."
    assert errors_of(response) == NOT_APPROVED


def test_finding_stands_in_its_block(clinic, publisher):
    article = clinic.article_draft()
    body = stream(
        ("paragraph", typed("<p>A sound sentence.</p>")),
        ("paragraph", typed("<p>It helps most people (source).</p>")),
        ("heading", heading("Acupuncture cures")),
        ("paragraph", typed("<p>like stress/a&gt;, and (source) again</p>")),
        ("heading", heading("Sound heading")),
    )
    before = desk.matters()

    response = press_publish(publisher, article, body)

    found = desk.block_errors(response)
    assert set(found) == {"It helps most people (source).", "Acupuncture cures", "like stress/a>, and (source) again"}
    assert len(found["It helps most people (source)."]) == 1
    assert "“(source)” is a placeholder." in found["It helps most people (source)."][0]
    assert "promises more than evidence can" in found["Acupuncture cures"][0]
    both = found["like stress/a>, and (source) again"][0]
    assert "“(source)” is a placeholder." in both
    assert "“stress/a>” looks like broken markup." in both
    assert errors_of(response) == NOT_APPROVED
    assert desk.matters() == before


def test_finding_inside_a_block_of_many_parts_stands_at_that_block(clinic, publisher):
    faq = [
        ("paragraph", "<p>A sound sentence.</p>"),
        ("faq", {"title": "", "questions": [{"question": "Why?", "answer": "<p>Because (source).</p>"}]}),
        (
            "table",
            {"caption": "TBD", "columns": [{"type": "text", "heading": "A"}], "rows": [{"values": ["<p>b</p>"]}]},
        ),
    ]
    article = clinic.article_draft("parts", body=faq)

    response = press_publish(publisher, article)

    found = list(desk.block_errors(response).values())
    assert [len(messages) for messages in found] == [1, 1]
    assert "“(source)”" in found[0][0]
    assert "“TBD”" in found[1][0]


def test_finding_about_a_whole_stream_stands_at_the_stream(clinic, publisher):
    article = clinic.article_draft()

    response = press_publish(publisher, article, stream())

    assert response.context["form"].errors["body"].as_data()[0].non_block_errors == ["The page has no text yet."]


def test_finding_about_rows_stands_beside_the_rows_and_at_the_top(clinic, publisher):
    article = clinic.article_draft()
    changes = {"author_links-0-DELETE": "on", "condition_links-0-DELETE": "on"}

    response = press_publish(publisher, article, changes)

    author, relation = (
        "Name at least one author (tab People).",
        "Relate the article to at least one condition, service or topic (tab Relations).",
    )
    assert beside(response, "author_links") == [author]
    assert beside(response, "condition_links") == [relation]
    assert beside(response, "related_links") == []
    assert errors_of(response) == [*NOT_APPROVED, author, relation]


def test_nothing_that_was_typed_is_lost(clinic, publisher):
    article = clinic.article_draft()
    body = stream(("paragraph", typed("<p>Typed <b>a moment</b> ago (source).</p>")), ("heading", heading("New one")))
    changes = {**body, "title": "New title", "summary": "", "condition_links-0-DELETE": "on"}

    response = press_publish(publisher, article, changes)

    again = desk.data_of(response.context["form"])
    expected = {**desk.opened(desk.login(publisher), article), **changes}
    for name in (
        "title",
        "summary",
        "body-count",
        "body-0-type",
        "body-0-id",
        "body-1-value-text",
        "author_links-0-person",
    ):
        assert again[name] == expected[name], name
    assert again["body-0-value"] == changes["body-0-value"]
    assert "New title" in response.content.decode()


def test_second_try_is_told_the_same_once(clinic, publisher):
    article = clinic.article_draft("unfinished", summary="")
    press_publish(publisher, article)

    response = press_publish(publisher, article)

    assert response.context["form"].errors["summary"] == ["Write a summary: one or two sentences for lists and search."]


def test_approved_words_are_published(clinic, publisher):
    article = clinic.article_draft()
    clinic.approve(article)

    response = press_publish(publisher, article)

    assert response.status_code == 302
    assert fresh(article).live is True


def test_approved_words_are_published_although_the_form_brings_them_back(clinic, publisher):
    article = clinic.article_draft()
    clinic.approve(article)
    digest = approval.draft_of(fresh(article)).content_digest()
    draft(fresh(article), user=clinic.author, author_links=[], summary="Other words.")
    rows = {
        "summary": "A short summary of the article.",
        "author_links-TOTAL_FORMS": "1",
        "author_links-0-person": str(clinic.writer.pk),
        "author_links-0-ORDER": "1",
        "author_links-0-id": "",
        "author_links-0-DELETE": "",
    }

    response = press_publish(publisher, article, rows)

    assert response.status_code == 302, response.context["form"].errors
    assert fresh(article).content_digest() == digest
    assert AuthorLink.objects.filter(page=article).count() == 1


def test_draft_with_findings_is_saved(clinic):
    article = clinic.article_draft()
    client = desk.login(clinic.author)
    changes = {**stream(("paragraph", typed("<p>It helps (source).</p>"))), "summary": ""}

    response = client.post(desk.edit_url(article), {**desk.opened(client, article), **changes})

    assert response.status_code == 302
    assert "(source)" in str(approval.draft_of(fresh(article)).body)


def test_who_may_not_publish_publishes_nothing(clinic):
    article = clinic.article_draft()
    clinic.approve(article)
    before = desk.matters()

    for user in (clinic.author, clinic.editor):
        press_publish(user, article)

    assert desk.matters() == before


# --- A page that does not exist yet ----------------------------------------------------------------------------------


def press_publish_new(user, clinic, changes):
    client = desk.login(user)
    url = reverse("wagtailadmin_pages:add", args=["articles", "articlepage", clinic.articles.pk])
    sent = desk.data_of(desk.context_of(client, url)["form"])
    return client.post(url, {**sent, "title": "New", "slug": "new", **changes, "action-publish": "1"})


def test_new_page_is_not_made_by_a_refused_publication(clinic, publisher):
    before = desk.matters()
    body = stream(("paragraph", typed("<p>Sound.</p>")), ("paragraph", typed("<p>It helps (source).</p>")))

    response = press_publish_new(publisher, clinic, {**body, "slug": "new"})

    assert desk.matters() == before
    assert not ArticlePage.objects.filter(slug="new").exists()
    assert desk.field_error(response, "summary") == "Write a summary: one or two sentences for lists and search."
    assert list(desk.block_errors(response)) == ["It helps (source)."]
    assert beside(response, "author_links") == ["Name at least one author (tab People)."]
    assert desk.data_of(response.context["form"])["body-1-value"] == body["body-1-value"]


def test_block_without_an_id_shows_its_finding_too(clinic, publisher):
    body = stream(("paragraph", typed("<p>Sound.</p>")), ("paragraph", typed("<p>It helps (source).</p>")))
    without_ids = {name: text for name, text in body.items() if not name.endswith("-id")}

    response = press_publish_new(publisher, clinic, without_ids)

    assert list(desk.block_errors(response)) == ["It helps (source)."]
