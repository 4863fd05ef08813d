"""The review page: the draft against what the public reads, what stands against it, and a decision bound to what was shown."""

import json

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupApprovalTask, Page, Revision, Workflow, WorkflowPage, WorkflowTask

from cms.pages.relations import ServiceLink
from cms.publishing.models import Head
from cms.workflow import approval, public_words
from cms.workflow.inbox import Kind, Notification
from cms.workflow.models import Approval
from tests.factories import draft, make_clinician, make_user
from tests.workflow import desk
from tests.workflow.desk import fresh

CHANGED = "The draft was changed since you opened this page."


def review_url(page):
    return reverse("review_page", args=[page.pk])


def opened(user, page, **query):
    response = desk.login(user).get(review_url(page), query)
    assert response.status_code == 200, response
    return response


def soup_of(response):
    return BeautifulSoup(response.content, "html.parser")


def submitted(page, user):
    page = fresh(page)
    page.get_workflow().start(page, user)
    return fresh(page)


def form_of(response, action):
    """What the browser would send with the button of ``action``."""
    for form in soup_of(response).select("form.review-form"):
        sent = {field["name"]: field.get("value", "") for field in form.select("input[name]:not([type=checkbox])")}
        if sent["action"] == action:
            for box in form.select("input[type=checkbox]"):
                sent[box["name"]] = [*sent.get(box["name"], []), box["value"]]
            return sent | {area["name"]: area.get_text().strip() for area in form.select("textarea")}
    raise AssertionError(f"no button for {action}")


def marked(response, tag):
    """The words inside ``ins`` or ``del`` of the text, without what is only read aloud."""
    text = soup_of(response).find(id="text")
    for hidden in text.select(".w-sr-only"):
        hidden.decompose()
    return [mark.get_text() for mark in text.find_all(tag) if mark.get_text() not in ("Added", "Removed")]


@pytest.fixture
def changed(clinic):
    """The public article with a draft that changes it, in review."""
    draft(clinic.article, user=clinic.author, summary="A short summary of the article for everybody.")
    return submitted(clinic.article, clinic.author)


# --- Who may open it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "before", "during"),
    [
        ("author", 200, 200),
        ("editor", 200, 200),
        ("publisher", 200, 200),
        ("clinician", 302, 302),
        ("stranger", 302, 302),
    ],
)
def test_only_who_may_open_the_page_reads_its_draft(who, before, during, clinic):
    user = make_user("stan") if who == "stranger" else getattr(clinic, who)
    article = clinic.article_draft("secret", summary="Words that nobody else may read.")
    client = desk.login(user)

    first = client.get(review_url(article))
    submitted(article, clinic.author)
    second = client.get(review_url(article))

    assert (first.status_code, second.status_code) == (before, during)
    for response in (first, second):
        assert (b"Words that nobody else may read." in response.content) == (response.status_code == 200)


def test_clinician_reads_what_waits_for_the_clinical_review(clinic):
    article = submitted(clinic.article_draft(), clinic.author)
    step = article.current_workflow_task_state
    step.task.specific.on_action(step, clinic.editor, "approve", **desk.approving(article, step))

    assert desk.login(clinic.clinician).get(review_url(article)).status_code == 200


@pytest.mark.parametrize("name", ["review_page", "review_checklist"])
def test_nobody_reads_anything_without_a_login(name, clinic):
    response = Client().get(reverse(name, args=[clinic.article.pk]))

    assert response.status_code == 302
    assert response.url.startswith("/admin/login/")


@pytest.mark.parametrize("name", ["review_page", "review_checklist"])
@pytest.mark.parametrize("page_id", [0, 999_999, 9_223_372_036_854_775_807])
def test_page_that_is_not_there_is_not_found(name, page_id, clinic):
    assert desk.login(clinic.editor).get(f"/admin/review/{page_id}/").status_code == 404
    assert desk.login(clinic.editor).get(reverse(name, args=[page_id])).status_code == 404


def test_root_of_the_tree_has_no_review(clinic):
    chief = make_user("chief", is_superuser=True)

    assert desk.login(chief).get(f"/admin/review/{Page.objects.get(depth=1).pk}/").status_code == 404


def test_reading_changes_nothing(clinic, changed):
    before, saved = desk.matters(), desk.revisions()

    for query in ({}, {"show": "changes"}, {"view": "sides"}, {"show": "x", "view": "y"}):
        opened(clinic.editor, changed, **query)

    assert desk.matters() == before
    assert desk.revisions() == saved


# --- What it compares ----------------------------------------------------------------------------------------------------


def test_changed_words_are_marked_inside_their_sentence(clinic, changed):
    response = opened(clinic.editor, changed)

    assert marked(response, "ins") == [" for everybody"]
    assert marked(response, "del") == []
    assert "1 change" in desk.shown(response)


def test_draft_is_compared_with_the_public_words_and_not_with_the_last_draft(clinic, changed):
    draft(changed, user=clinic.author, title="Sleeping much better")

    response = opened(clinic.editor, changed)

    assert marked(response, "ins") == ["much ", " for everybody"]


def test_page_that_was_never_public_is_all_new(clinic):
    response = opened(clinic.editor, clinic.article_draft())

    assert "All new" in desk.shown(response)
    assert "The public sees nothing of this page now, so all of it is new." in desk.shown(response)
    assert "Rest helps many people." in desk.shown(response)
    assert marked(response, "ins") == []


def test_page_that_is_no_longer_public_is_all_new_again(clinic, changed):
    fresh(clinic.article).unpublish()

    assert "All new" in desk.shown(opened(clinic.editor, changed))


def test_unchanged_draft_says_so(clinic):
    assert "The draft says exactly what the public reads now." in desk.shown(opened(clinic.editor, clinic.article))


def test_rewritten_live_revision_is_not_believed(clinic, changed):
    live = Revision.objects.get(pk=clinic.article.live_revision_id)
    live.content = {**live.content, "summary": "A short summary of the article for everybody."}
    live.save(update_fields=["content"])

    assert marked(opened(clinic.editor, changed), "ins") == [" for everybody"]


def test_live_row_that_was_never_admitted_is_not_believed(clinic, changed):
    type(changed).objects.filter(pk=changed.pk).update(summary="A short summary of the article for everybody.")

    assert marked(opened(clinic.editor, changed), "ins") == [" for everybody"]


def test_public_words_that_are_nowhere_on_file_are_not_compared(clinic, changed):
    Head.objects.filter(page_id=changed.pk).update(content_digest="0" * 64)

    response = opened(clinic.editor, changed)

    assert "nothing can be compared" in desk.shown(response)
    assert marked(response, "ins") == []
    with pytest.raises(public_words.WordsNotOnFile):
        public_words.public_content(changed)


def test_only_changes_hides_what_is_the_same(clinic, changed):
    whole, changes = opened(clinic.editor, changed), opened(clinic.editor, changed, show="changes")

    assert "Rest helps many people." in desk.shown(whole)
    assert "Rest helps many people." not in soup_of(changes).find(id="text").get_text()
    assert marked(changes, "ins") == [" for everybody"]


def test_side_by_side_has_both_texts(clinic, changed):
    row = soup_of(opened(clinic.editor, changed, show="changes", view="sides")).find(class_="review-row")

    left, right = (" ".join(half.get_text().split()) for half in row.select(".review-side"))
    assert left == "Public nowA short summary of the article."
    assert right == "DraftA short summary of the article[added: for everybody]."


def test_moved_and_changed_blocks_relations_pictures_and_search_fields_are_shown(clinic):
    first = clinic.article_draft(
        "blocks",
        body=[
            ("heading", {"level": "2", "text": "What helps"}),
            ("paragraph", "<p>Rest helps many people with a sore back.</p>"),
            ("list", {"ordered": False, "items": ["<p>Keep moving.</p>", "<p>Use warmth.</p>"]}),
            ("paragraph", "<p>Ask your provider about the risks first.</p>"),
        ],
    )
    page = clinic.publish(first)
    newest = page.get_latest_revision_as_object()
    blocks = list(newest.body.raw_data)
    blocks[2]["value"]["items"][1]["value"] = "<p>Use gentle warmth.</p>"
    reference = f'<a linktype="reference" id="{clinic.reference.pk}">[x]</a>'
    blocks[1]["value"] = f"<p>Rest <b>helps</b> many people with a sore back.{reference}</p>"
    newest.body = [dict(block) for block in (blocks[3], blocks[0], blocks[1], blocks[2])]
    newest.service_links = [ServiceLink(service=clinic.acupuncture)]
    newest.condition_links = []
    newest.seo_title = "Sore backs"
    newest.save_revision(user=clinic.author)

    response = opened(clinic.editor, page, show="changes")

    words = " ".join(soup_of(response).find(id="text").get_text().split())
    assert "Moved from place 4 to 1" in words
    assert "[added: gentle" in words
    assert "[added: [Rubin 2007]" in words
    assert "Services that the article is about Service Added [added: Acupuncture" in words
    assert "Conditions that the article is about Condition Removed [removed: Insomnia" in words
    assert "[added: Sore backs" in words
    assert "References cited" in words
    assert "Epidemiology and risk factors for spine pain" in words
    assert soup_of(response).select(".review-bold")[0].get_text() == "helps"


def test_another_page_of_the_same_title_is_a_change(clinic):
    twin = clinic.article_draft("twin", title="Twin")
    other = clinic.article_draft("other-twin", title="Twin")
    page = clinic.publish(clinic.article_draft("linked", body=[("paragraph", _link_to(twin))]))
    draft(page, user=clinic.author, body=[("paragraph", _link_to(other))])

    assert "1 change" in desk.shown(opened(clinic.editor, page))


def _link_to(page):
    return f'<p>Read <a linktype="page" id="{page.pk}">more</a>.</p>'


def test_change_that_no_word_shows_is_told(clinic):
    page = clinic.publish(clinic.article_draft("quiet", disclaimer="One.\nTwo."))
    draft(page, user=clinic.author, disclaimer="One.\n\nTwo.")

    response = opened(clinic.editor, page, show="changes")

    assert "1 change" in desk.shown(response)
    assert "Only spaces, empty lines or the order of formatting changed here." in desk.shown(response)


def test_everything_that_was_written_is_escaped(clinic, changed):
    bad = "<script>alert(1)</script>"
    draft(
        changed,
        user=clinic.author,
        title=bad,
        summary=bad,
        body=[
            ("paragraph", "<p>&lt;script&gt;alert(2)&lt;/script&gt;</p>"),
            ("quote", {"text": bad, "attribution": bad}),
        ],
    )

    for query in ({}, {"view": "sides"}):
        content = opened(clinic.editor, changed, **query).content.decode()
        assert "<script>alert(" not in content
        assert "alert(2)" in content


# --- What it tells -------------------------------------------------------------------------------------------------------


def test_findings_lead_to_their_places(clinic):
    body = [("paragraph", "<p>It helps (source).</p>")]
    article = clinic.article_draft("unsound", summary="", body=body)
    block = str(approval.draft_of(article).body[0].id)

    soup = soup_of(opened(clinic.editor, article))

    edit = reverse("wagtailadmin_pages:edit", args=[article.pk])
    blocking = [link["href"] for link in soup.select(".review-findings--blocking a")]
    assert f"{edit}#:w:contentpath=summary" in blocking
    assert f"{edit}#:w:contentpath=body.{block}" in blocking


def test_approvals_are_told_with_name_credentials_and_time(clinic, changed):
    step = changed.current_workflow_task_state
    step.task.specific.on_action(step, clinic.editor, "approve", **desk.approving(changed, step, comment="Well said."))

    words = desk.shown(opened(clinic.clinician, changed))

    assert "Editorial review approved by Edda Made-Up" in words
    assert "Well said." in words
    assert "Clinical review waiting since" in words


def test_approvals_of_earlier_words_are_told_as_void(clinic, changed):
    step = changed.current_workflow_task_state
    step.task.specific.on_action(step, clinic.editor, "approve", **desk.approving(changed, step))
    draft(changed, user=clinic.author, summary="Other words.")

    words = desk.shown(opened(clinic.author, changed))

    assert "Approvals of earlier words (1)" in words
    assert "Editorial review approved by" not in words


def test_author_is_told_why_approving_is_not_offered(clinic):
    both = make_user("eva", "Author", "Editor")
    article = clinic.article_draft()
    draft(article, user=both, summary="Other words.")
    article = submitted(article, both)

    response = opened(both, article)

    assert "You cannot approve this:" in desk.shown(response)
    assert "Somebody who did not write it has to approve." in desk.shown(response)
    assert soup_of(response).find("input", {"name": "action", "value": "approve"}) is None


def test_person_without_a_review_to_give_sees_no_button(clinic, changed):
    assert soup_of(opened(clinic.author, changed)).select("form.review-form") == []


# --- The decision --------------------------------------------------------------------------------------------------------


def press(user, page, action, response=None, **changes):
    client = desk.login(user)
    sent = form_of(response or client.get(review_url(page)), action)
    return client.post(review_url(page), {**sent, **changes})


def test_approval_signs_what_was_shown(clinic, changed):
    digest = approval.draft_of(changed).content_digest()

    response = press(clinic.editor, changed, "approve")

    assert response.status_code == 302
    given = Approval.objects.latest("pk")
    assert (given.content_digest, given.user, given.stage) == (digest, clinic.editor, "editorial")


def test_clinicians_sign_off_shows_text_name_credentials_date_and_digest(clinic, changed):
    press(clinic.editor, changed, "approve")

    response = opened(clinic.clinician, fresh(changed))

    soup = soup_of(response)
    signed = " ".join(soup.select_one(".review-signed").get_text().split())
    assert "A short summary of the article for everybody." in signed
    assert "Rest helps many people." in signed
    assert "Reviewed by Clara Made-Up, M.D. on" in " ".join(soup.find("blockquote").get_text().split())
    assert approval.draft_of(changed).content_digest()[:12] in desk.shown(response)

    press(clinic.clinician, fresh(changed), "approve", response)

    assert fresh(changed).summary == "A short summary of the article for everybody."


def test_clinician_without_a_public_page_is_told_that_readers_see_no_name(clinic, changed):
    other = make_clinician("carl")
    press(clinic.editor, changed, "approve")

    assert "Readers see the date, but no name" in desk.shown(opened(other, fresh(changed)))


def test_draft_that_changed_meanwhile_is_not_approved(clinic, changed):
    shown = opened(clinic.editor, changed)
    draft(changed, user=clinic.author, summary="A short summary of the article for nobody.")
    before = desk.matters()

    response = press(clinic.editor, changed, "approve", shown)

    assert response.status_code == 200
    assert CHANGED in desk.shown(response)
    assert desk.matters() == before
    assert CHANGED in desk.refusals(changed)[0]["reasons"][0]
    since = " ".join(soup_of(response).find(id="since").get_text().split())
    assert "[removed: everybody]" in since
    assert "[added: nobody]" in since
    again = press(clinic.editor, changed, "approve", response)
    assert again.status_code == 302
    assert Approval.objects.latest("pk").content_digest == approval.draft_of(fresh(changed)).content_digest()


def test_autosave_that_rewrites_the_revision_is_noticed_too(clinic, changed):
    shown = opened(clinic.editor, changed)
    newest = fresh(changed).get_latest_revision()
    newest.content = {**newest.content, "summary": "Rewritten in place."}
    newest.save(update_fields=["content"])
    before = desk.matters()

    assert CHANGED in desk.shown(press(clinic.editor, changed, "approve", shown))
    assert desk.matters() == before


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_form_without_the_right_digest_approves_nothing(digest, clinic, changed):
    before = desk.matters()

    response = press(clinic.editor, changed, "approve", content_digest=digest)

    assert response.status_code == 200
    assert desk.matters() == before


@pytest.mark.parametrize("sealed", ["", "x", "a:b:c", "e30:x", json.dumps({"a": 1})])
def test_sealed_words_of_somebody_else_show_nothing(sealed, clinic, changed):
    response = press(clinic.editor, changed, "approve", content_digest="x", shown=sealed)

    assert response.status_code == 200
    assert soup_of(response).find(id="since") is None


def test_self_approval_by_hand_is_refused_and_noted(clinic):
    both = make_user("eva", "Author", "Editor")
    article = clinic.article_draft()
    draft(article, user=both, summary="Other words.")
    article = submitted(article, both)
    sent = form_of(opened(clinic.editor, article), "approve")
    before = desk.matters()

    response = desk.login(both).post(review_url(article), sent)

    assert response.status_code == 200
    assert "Somebody who did not write it has to approve." in desk.shown(response)
    assert desk.matters() == before
    assert len(desk.refusals(article)) == 1


def test_decision_on_a_step_that_is_over_is_refused(clinic, changed):
    shown = opened(clinic.editor, changed)
    press(clinic.editor, changed, "approve", shown)
    before = desk.matters()

    response = press(make_user("erik", "Editor"), changed, "approve", shown)

    assert response.status_code == 200
    assert "This step is no longer waiting for a decision." in desk.shown(response)
    assert desk.matters() == before


def test_changes_need_a_reason(clinic, changed):
    before = desk.matters()

    response = press(clinic.editor, changed, "reject", comment="")

    assert response.status_code == 200
    assert desk.matters() == before


def test_changes_are_requested(clinic, changed):
    response = press(clinic.editor, changed, "reject", comment="Say who it is for.")

    assert response.status_code == 302
    state = fresh(changed).current_workflow_state
    assert (state.status, state.current_task_state.comment) == ("needs_changes", "Say who it is for.")


def test_change_is_requested_at_a_place_and_marked_done_there(clinic, changed):
    places = soup_of(opened(clinic.editor, changed)).select("select[name=place] option")
    assert [(place["value"], place.get_text()) for place in places][:3] == [
        ("", "The page as a whole"),
        ("title", "Title"),
        ("summary", "Summary"),
    ]

    press(clinic.editor, changed, "reject", comment="Say who it is for.", place="summary")

    asked = soup_of(opened(clinic.author, changed)).find(attrs={"aria-labelledby": "requests-title"})
    assert asked.find("a")["href"].endswith("#:w:contentpath=summary")
    assert "Summary: Say who it is for. Edda Made-Up" in " ".join(asked.get_text(" ").split())
    form = asked.find("form")
    sent = {field["name"]: field["value"] for field in form.select("input")}
    done = desk.login(clinic.author).post(form["action"], sent)
    assert done.url == review_url(changed)
    assert "Say who it is for." not in desk.shown(opened(clinic.author, changed))


def test_who_has_the_review_is_told_and_can_be_arranged(clinic, changed):
    claim = soup_of(opened(clinic.editor, changed)).find("form", action=reverse("review_claim", args=[changed.pk]))
    sent = {field["name"]: field["value"] for field in claim.select("input")}
    assert desk.login(clinic.editor).post(claim["action"], sent).url == review_url(changed)

    soup = soup_of(opened(clinic.editor, changed, people="1"))

    assert "for Edda Made-Up" in " ".join(soup.select_one(".review-progress").get_text().split())
    assert soup.find("form", action=reverse("review_release", args=[changed.pk])) is not None


def test_required_points_of_the_checklist_have_to_be_ticked(clinic, changed):
    sent = form_of(opened(clinic.editor, changed), "approve")
    before = desk.matters()

    response = desk.login(clinic.editor).post(review_url(changed), {**sent, "points": []})

    assert response.status_code == 200
    assert "Not ticked:" in desk.shown(response)
    assert desk.matters() == before


def test_stages_side_by_side_are_signed_each_by_its_own_form(clinic):
    workflow = Workflow.objects.get(name="Editorial and clinical review, in any order")
    WorkflowPage.objects.create(page=clinic.articles, workflow=workflow)
    article = submitted(clinic.article_draft("any-order"), clinic.author)

    first = opened(clinic.clinician, article)
    press(clinic.clinician, article, "approve_clinical", first)
    second = opened(clinic.editor, fresh(article))
    press(clinic.editor, fresh(article), "approve_editorial", second)

    assert soup_of(first).select_one(".review-signed") is not None
    assert soup_of(second).select_one(".review-signed") is None
    assert "Clinical review approved by Clara Made-Up, M.D." in " ".join(soup_of(second).get_text(" ").split())
    assert fresh(article).live


def test_step_of_another_kind_of_task_is_left_to_wagtail(clinic):
    task = GroupApprovalTask.objects.create(name="Somebody of a group")
    workflow = Workflow.objects.create(name="Another way")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    article = clinic.article_draft("another-way")
    workflow.start(article, clinic.author)
    before = desk.matters()

    response = opened(clinic.editor, fresh(article))
    posted = desk.login(clinic.editor).post(review_url(article), {"action": "approve", "step": "1"})

    assert soup_of(response).select("form.review-form") == []
    assert posted.status_code == 200
    assert desk.matters() == before


@pytest.mark.parametrize("sent", [{}, {"action": "x"}, {"step": "x", "action": "approve"}, {"step": "\x00"}])
def test_odd_forms_change_nothing(sent, clinic, changed):
    before = desk.matters()

    response = desk.login(clinic.editor).post(review_url(changed), sent)

    assert response.status_code == 200
    assert desk.matters() == before


# --- The ways there ------------------------------------------------------------------------------------------------------


def test_what_waits_leads_to_the_review(clinic, changed):
    soup = soup_of(desk.login(clinic.editor).get(desk.HOME))

    assert [link["href"] for link in soup.select(".review-awaiting a")] == [review_url(changed)]


def test_notification_of_a_review_leads_to_it_and_others_lead_to_the_editor(clinic, changed):
    assert Notification(kind=Kind.SUBMITTED, page_id=changed.pk).path() == review_url(changed)
    assert Notification(kind=Kind.ASSIGNED, page_id=changed.pk).path() == review_url(changed)
    assert Notification(kind=Kind.CHANGES_REQUESTED, page_id=changed.pk).path() == desk.edit_url(changed)


def test_editor_leads_to_the_review(clinic, changed):
    soup = soup_of(desk.login(clinic.editor).get(desk.edit_url(changed)))

    assert len(soup.find_all("a", href=review_url(changed))) >= 2


def test_page_of_another_author_costs_a_fixed_number_of_queries(clinic, changed, django_assert_num_queries):
    client = desk.login(clinic.editor)
    client.get(review_url(changed))

    # Fifteen of them ask who wrote the public words, and for what the link checker knows.
    with django_assert_num_queries(79):
        client.get(review_url(changed))
