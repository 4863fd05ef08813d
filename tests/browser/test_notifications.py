"""The bell and the list behind it: with a mouse, with keys alone, and on a phone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture
from tests.browser.test_desk import choose, open_page

LogIn = Callable[[str], Page]
TITLE = "How common is back pain?"


def test_reviewer_finds_at_the_bell_what_was_submitted(site: str, log_in: LogIn):
    author, editor = log_in("wanda"), log_in("nora")
    # The demo has a page whose review is overdue; the worker has told of it by now, and other tests may have told more.
    bell = editor.get_by_role("link", name=re.compile(r"Notifications \(\d+\)"))
    expect(bell).to_be_visible()
    before = int(re.findall(r"\d+", bell.inner_text())[-1])
    open_page(author, site, "common", TITLE)

    choose(author, "Resubmit to Editorial review")
    editor.goto(f"{site}/admin/")
    editor.get_by_role("link", name=f"Notifications ({before + 1})").click()
    news = editor.get_by_role("link", name=f"“{TITLE}” waits for editorial review.")
    expect(news).to_be_visible()
    expect(editor.get_by_text("New", exact=True)).to_have_count(before + 1)
    take_picture(editor, "notifications-desktop")

    # On a phone nothing is cut off, and the link is large enough for a thumb.
    editor.set_viewport_size(SIZES["phone"])
    editor.reload(wait_until="networkidle")
    head = editor.get_by_role("heading", name="Notifications", level=1).bounding_box()
    assert head is not None
    assert head["x"] + head["width"] <= SIZES["phone"]["width"]
    width = editor.evaluate("document.documentElement.scrollWidth")
    place = news.bounding_box()
    assert width <= SIZES["phone"]["width"]
    assert place is not None
    assert place["height"] >= 24
    assert place["x"] + place["width"] <= SIZES["phone"]["width"]
    take_picture(editor, "notifications-phone")
    editor.set_viewport_size(SIZES["desktop"])

    # By keys alone: the link leads to the review, the button marks as read.
    news.focus()
    with editor.expect_navigation(url="**/review/**"):
        editor.keyboard.press("Enter")
    expect(editor.get_by_role("heading", name=f"Review of “{TITLE}”")).to_be_visible()
    editor.goto(f"{site}/admin/notifications/")
    editor.get_by_role("button", name="Mark all as read").focus()
    with editor.expect_navigation():
        editor.keyboard.press("Enter")
    expect(editor.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(editor.get_by_role("link", name="Notifications", exact=True).first).to_be_visible()
    expect(news).to_be_visible()


def test_choices_stand_in_the_account(site: str, log_in: LogIn):
    page = log_in("paul")
    page.get_by_role("link", name="Notifications", exact=True).click()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()

    page.goto(f"{site}/admin/account/#tab-notifications")
    page.get_by_label("A page could not be published").select_option(label="In a daily e-mail")
    take_picture(page, "notification-choices-desktop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your account settings have been changed successfully!")).to_be_visible()

    page.goto(f"{site}/admin/account/#tab-notifications")
    expect(page.get_by_label("A page could not be published")).to_have_value("daily")
