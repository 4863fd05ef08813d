"""One article's way through the desk, clicked by each of the people whose work it is."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import take_picture

LogIn = Callable[[str], Page]
TITLE = "Acupuncture and low mood: what do we know?"


def document_of(site: str, slug: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{site}/api/v1/articles/{slug}") as answer:
        return json.load(answer)


def open_page(page: Page, site: str, words: str, title: str) -> None:
    page.goto(f"{site}/admin/pages/search/?q={words.replace(' ', '+')}")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_load_state("networkidle")


def choose(page: Page, action: str) -> None:
    """Open the menu at the foot of the editor and choose ``action``."""
    page.get_by_role("button", name="More actions").click()
    with page.expect_navigation(timeout=60_000):
        page.get_by_role("button", name=action, exact=True).click()
    page.wait_for_load_state("networkidle")


def decide(page: Page, words: str, *, comment: str, place: str = "") -> None:
    """Fill in the form of one decision on the review page and send it; every point of its checklist is ticked."""
    form: Locator = page.locator("form.review-form").filter(has=page.get_by_role("button", name=words, exact=True))
    for box in form.get_by_role("checkbox").all():
        box.check()
    form.locator("textarea").fill(comment)
    if place and form.locator("select").count():
        form.locator("select").select_option(label=place)
    with page.expect_navigation():
        form.get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state("networkidle")


def approve(page: Page) -> None:
    """Go from the editor to the review page, which alone approves, and confirm every point there."""
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    page.locator("footer").get_by_role("link", name="Review", exact=True).click()
    page.wait_for_load_state("networkidle")
    decide(page, "Approve", comment="")


def test_desk_shows_an_editor_what_waits(site: str, log_in: LogIn):
    page = log_in("nora")

    expect(page.get_by_text("Awaiting your review")).to_be_visible()
    expect(page.get_by_role("link", name="Sore knees and stiff fingers")).to_be_visible()
    take_picture(page, "desk-desktop")


def test_publishing_an_unapproved_draft_is_refused_beside_its_place(site: str, log_in: LogIn):
    page = log_in("paul")
    open_page(page, site, "first visit", "Your first acupuncture visit, minute by minute")
    page.fill("#id_summary", "")

    choose(page, "Publish")

    expect(page.get_by_text("Write a summary: one or two sentences for lists and search.").first).to_be_visible()
    expect(page.get_by_text("Clinical review has not approved this text.").first).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("Your first acupuncture visit, minute by minute")
    take_picture(page, "findings-desktop")


def test_article_goes_from_submission_to_the_public(site: str, log_in: LogIn):
    author = log_in("wanda")
    open_page(author, site, "low mood", TITLE)
    choose(author, "Submit to Editorial and clinical review")
    editor = log_in("nora")
    open_page(editor, site, "low mood", TITLE)
    approve(editor)
    clinician = log_in("ravi")
    clinician.get_by_role("link", name=TITLE).first.click()
    clinician.wait_for_load_state("networkidle")
    take_picture(clinician, "sign-off-desktop")

    decide(clinician, "Approve", comment="")

    document = document_of(site, "acupuncture-and-low-mood")
    assert document["title"] == TITLE
    stages = [(given["stage"], given["name"]) for given in document["attestation"]["approvals"]]
    assert stages == [("editorial", None), ("clinical", "Ravi Mockridge")]
    numbers = [reference["number"] for reference in document["references"]]
    assert numbers == list(range(1, len(numbers) + 1))


def test_preview_shows_the_draft_in_the_readers_layout(site: str, log_in: LogIn):
    page = log_in("wanda")
    open_page(page, site, "common", "How common is back pain?")

    page.goto(page.url.replace("/edit/", "/view_draft/"))

    expect(page.get_by_role("heading", level=1, name="How common is back pain?")).to_be_visible()
    expect(page.get_by_text("Preview").first).to_be_visible()
