"""The story of one article through its review, clicked by each of the people whose work it is, and what each of them sees.

Draft, findings, submission, a request for changes, mending, approval, a refused self-approval, the clinician's sign-off, a
schedule, the publication, and a correction in an emergency. The review page is looked at on a desk and on a phone, in light and
dark, by keyboard, and by a checker of accessibility.
"""

import datetime
import re
import urllib.error
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture
from tests.browser.test_desk import choose, decide, document_of, open_page

LogIn = Callable[[str], Page]
TITLE = "Fibromyalgia and gentle movement: start low, go slow"
SEARCH = "fibromyalgia"
SLUG = "fibromyalgia-and-gentle-movement"
MENDED = "What studies found about acupuncture for fibromyalgia, and how to start moving gently."
PROMISING = "How acupuncture cures fibromyalgia (source), and how to start moving."


def test_article_goes_through_its_review(site: str, log_in: LogIn):
    author, editor, second, clinician, publisher = (log_in(who) for who in ("wanda", "nora", "admin", "ravi", "paul"))
    errors: list[str] = []
    for page in (author, editor, second, clinician, publisher):
        page.on("pageerror", lambda error: errors.append(str(error)))

    # Draft and findings: the panel follows what is saved, and each finding leads to its place.
    open_page(author, site, SEARCH, TITLE)
    edit_url = author.url
    review_url = edit_url.replace("/pages/", "/review/").removesuffix("edit/")
    open_panel(author, "checklist")
    panel = author.locator("[data-checklist]")
    expect(panel.get_by_text("Nothing blocks.")).to_be_visible()
    write(author, PROMISING)
    finding = panel.get_by_role("link", name="“(source)” is a placeholder.")
    expect(finding).to_be_visible()
    badge = author.locator('[data-side-panel-toggle="checklist"] [data-side-panel-toggle-counter]')
    expect(badge).to_have_text("2")
    assert_accessible(author, "[data-checklist]")
    take_picture(author, "checklist-desktop")
    author.get_by_role("tab", name="People").click()
    finding.click()
    expect(author.locator("#id_summary")).to_be_focused()
    expect(author.locator("#id_summary")).to_be_visible()

    # Submission: always allowed, the findings go along.
    choose(author, "Submit to Editorial and clinical review")

    # A request for changes, on one field, from the page that shows what the public would see change.
    editor.goto(f"{site}/admin/")
    editor.get_by_role("link", name=TITLE).first.click()
    expect(editor.get_by_role("heading", name=f"Review of “{TITLE}”", level=2)).to_be_visible()
    assert editor.url == review_url
    expect(editor.locator(".review-item--changed ins").first).to_be_visible()
    assert_accessible(editor, "[data-review]")
    take_picture(editor, "review-desktop")
    walk_by_keyboard(editor)
    look_side_by_side(editor)
    look_on_a_phone(editor)
    decide(editor, "Request changes", comment="It cures nothing. Say what studies found.", place="Summary")

    # Mending: the author finds the request, mends, sets a time and submits again.
    author.goto(edit_url)
    open_panel(author, "checklist")
    expect(author.get_by_text("It cures nothing. Say what studies found.").first).to_be_visible()
    take_picture(author, "change-request-desktop")
    write(author, MENDED)
    expect(author.locator("[data-checklist]").get_by_text("Nothing blocks.")).to_be_visible()
    go_live = schedule(author)
    choose(author, "Resubmit to Editorial review")

    # A refused self-approval: an editor who mends a word has written the page, and somebody else approves.
    editor.goto(edit_url)
    write(editor, f"{MENDED} For beginners.")
    expect(editor.locator("#w-autosave-indicator").get_by_text("Saved")).to_be_visible()
    editor.goto(review_url)
    expect(editor.get_by_text("Somebody who did not write it has to approve.")).to_be_visible()
    expect(editor.get_by_role("button", name="Approve")).to_have_count(0)
    take_picture(editor, "self-approval-desktop")

    # Approval by somebody else.
    second.goto(review_url)
    decide(second, "Approve", comment="")

    # The sign-off: the exact text, name, credentials and date as readers will see them.
    clinician.goto(f"{site}/admin/")
    clinician.get_by_role("link", name=TITLE).first.click()
    expect(clinician.get_by_text("Reviewed by Ravi Mockridge, M.D.")).to_be_visible()
    expect(clinician.get_by_role("region", name="The exact text that you sign")).to_contain_text("For beginners.")
    assert_accessible(clinician, "[data-review]")
    clinician.locator("#decide").scroll_into_view_if_needed()
    take_picture(clinician, "sign-off-page-desktop")
    look_on_a_phone(clinician, "sign-off-page")
    decide(clinician, "Approve", comment="")
    expect(clinician.get_by_text("is approved and will be published at its time")).to_be_visible()
    take_picture(clinician, "scheduled-desktop")

    # Published at its time, with the words that were signed and the clinician's name.
    document = wait_for_document(clinician, site, go_live)
    assert document["summary"] == f"{MENDED} For beginners."
    assert [given["name"] for given in document["attestation"]["approvals"]] == [None, "Ravi Mockridge"]
    author.goto(review_url)
    expect(author.get_by_text("The draft says exactly what the public reads now.")).to_be_visible()
    take_picture(author, "published-desktop")

    # Corrected in an emergency.
    publisher.goto(edit_url.replace("/edit/", "/correct/"))
    publisher.fill("#id_summary", MENDED)
    publisher.fill("#id_reason", "The last words promised too much to beginners.")
    publisher.get_by_role("button", name="Publish the correction now").click()
    expect(publisher.get_by_text("is public now.")).to_be_visible()
    assert document_of(site, SLUG)["summary"] == MENDED
    publisher.goto(review_url)
    take_picture(publisher, "corrected-desktop")
    assert errors == []


def test_draft_that_changes_under_the_reviewers_eyes_is_not_approved(site: str, log_in: LogIn):
    author, editor = log_in("edith"), log_in("nora")
    editor.get_by_role("link", name=re.compile("Sore knees")).first.click()
    expect(editor.locator(".review-title")).to_be_visible()
    author.goto(editor.url.replace("/review/", "/pages/") + "edit/")
    write(author, "Other words than those that the reviewer reads.")
    expect(author.locator("#w-autosave-indicator").get_by_text("Saved")).to_be_visible()

    decide(editor, "Approve", comment="")

    expect(editor.get_by_text("The draft was changed since you opened this page.")).to_be_visible()
    editor.get_by_role("link", name="What changed since you opened the page").click()
    expect(editor.locator("#since ins")).to_contain_text("Other words")
    assert_accessible(editor, "[data-review]")
    take_picture(editor, "changed-meanwhile-desktop")

    # A finding leads to its block in the editor.
    editor.locator(".review-findings a").first.click()
    editor.wait_for_url(re.compile("/edit/#:w:contentpath=body"))
    expect(editor.locator('[data-contentpath="body"] [data-streamfield-child] :focus')).to_have_count(1)


def open_panel(page: Page, name: str) -> None:
    """Open a panel beside the editor, which remembers what was open last."""
    page.wait_for_load_state("networkidle")
    if not page.locator(f'[data-side-panel="{name}"]').is_visible():
        page.locator(f'[data-side-panel-toggle="{name}"]').click()
    expect(page.locator(f'[data-side-panel="{name}"]')).to_be_visible()


def write(page: Page, words: str) -> None:
    """Give the page another summary, as somebody does who stops in between.

    The editor notes a moment after it opened what it compares with; what is written before that moment is no change to it.
    """
    page.fill("#id_summary", "…")
    page.wait_for_timeout(2_000)
    page.fill("#id_summary", words)
    page.locator("#id_summary").blur()


def assert_accessible(page: Page, place: str) -> None:
    """No violation that a checker finds inside ``place``, in light and in dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # both are what it takes
        page.wait_for_timeout(500)  # Colours fade into each other.
        found = Axe().run(page, context=place).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:150]) for one in found] == [], scheme
    page.emulate_media(color_scheme="light")


def walk_by_keyboard(page: Page) -> None:
    """From change to change with n and p, and not where somebody writes."""
    page.locator(".review-title").click()
    page.keyboard.press("n")
    expect(page.locator("[data-review-change]").first).to_be_focused()
    if page.locator("[data-review-change]").count() > 1:
        page.keyboard.press("n")
        expect(page.locator("[data-review-change]").nth(1)).to_be_focused()
        page.keyboard.press("p")
    expect(page.locator("[data-review-change]").first).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Change 1 of")).to_have_count(1)
    field = page.get_by_role("textbox").first
    field.focus()
    page.keyboard.type("nap")
    expect(field).to_have_value("nap")
    field.fill("")


def look_side_by_side(page: Page) -> None:
    """The two texts beside each other, only where they differ."""
    page.get_by_role("link", name="Side by side").click()
    page.get_by_role("link", name="Only changes").click()
    page.wait_for_url(re.compile("show=changes&view=sides"))
    page.wait_for_load_state("networkidle")
    left, right = page.locator(".review-row").first.locator(".review-side").all()
    places = [side.bounding_box() for side in (left, right)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["y"] == places[1]["y"]
    assert_accessible(page, "[data-review]")
    take_picture(page, "review-sides-desktop")


def look_on_a_phone(page: Page, name: str = "review") -> None:
    """Nothing is cut off, and what is decided can be reached, in light and dark."""
    page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]  # width and height are all it takes
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"]["width"]
    take_picture(page, f"{name}-phone")
    page.emulate_media(color_scheme="dark")
    page.locator("a[href='#decide']").click()
    expect(page.locator("#decide")).to_be_in_viewport()
    take_picture(page, f"{name}-decide-phone-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SIZES["desktop"])  # type: ignore[arg-type]  # as above


def schedule(page: Page) -> datetime.datetime:
    """Set the go-live time four minutes ahead; the steps before it take less."""
    open_panel(page, "status")
    page.get_by_role("button", name="Set schedule").click()
    shown = page.evaluate("new Date().toISOString()")
    at = datetime.datetime.fromisoformat(shown) + datetime.timedelta(minutes=4)
    page.locator("#id_go_live_at").fill(in_clinics_time(at))
    page.get_by_role("button", name="Save schedule").focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    return at


def in_clinics_time(moment: datetime.datetime) -> str:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("America/Chicago")).strftime("%Y-%m-%d %H:%M")


def wait_for_document(page: Page, site: str, go_live: datetime.datetime) -> dict[str, Any]:
    """The public document once its words are the new ones."""
    for _ in range(180):
        try:
            document = document_of(site, SLUG)
        except urllib.error.HTTPError:
            document = {}
        if document.get("summary", "").endswith("For beginners."):
            return document
        page.wait_for_timeout(2_000)
    raise AssertionError(f"not public after {go_live}")
