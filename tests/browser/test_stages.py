"""A reviewer decides: nothing unticked is approved, and a change is asked for at its place."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture
from tests.browser.test_desk import open_page

LogIn = Callable[[str], Page]
TITLE = "Sore knees and stiff fingers"


def open_decision(page: Page, name: str) -> None:
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".modal-content").get_by_role("button", name=name)).to_be_visible()


def test_checklist_has_to_be_ticked(site: str, log_in: LogIn):
    page = log_in("nora")
    page.get_by_role("link", name=TITLE).first.click()
    form = page.locator("form.review-form").filter(has=page.get_by_role("button", name="Approve", exact=True))

    form.get_by_role("button", name="Approve", exact=True).click()

    expect(page.get_by_text("Not ticked: “Every statement of fact").first).to_be_visible()
    expect(page.get_by_text("Nothing was decided.")).to_be_visible()
    page.locator("#decide").scroll_into_view_if_needed()
    take_picture(page, "unticked-desktop")
    page.set_viewport_size(SIZES["phone"])
    take_picture(page, "unticked-phone")


def test_change_is_asked_for_at_a_block(site: str, log_in: LogIn):
    page = log_in("nora")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_page(page, site, "joint pain", TITLE)
    open_decision(page, "Request changes")
    modal = page.locator(".modal-content")
    modal.get_by_role("button", name="Request changes").click()
    expect(modal).to_be_visible()

    modal.get_by_label("About").select_option(index=5)
    modal.get_by_label("What has to change").fill("Say which study found this.")
    take_picture(page, "request-changes-desktop")
    with page.expect_navigation(timeout=60_000):
        modal.get_by_role("button", name="Request changes").click()

    expect(page.get_by_text("went back to its author with your comment")).to_be_visible()
    assert errors == []
