"""A reviewer decides in the editor's own forms: nothing unticked is approved, and a change is asked for at its place."""

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
    open_page(page, site, "joint pain", TITLE)
    open_decision(page, "Approve")
    modal = page.locator(".modal-content")
    take_picture(page, "checklist-desktop")

    modal.get_by_role("button", name="Approve").click()

    expect(modal.get_by_text("Not ticked: “Every statement of fact")).to_be_visible()
    page.set_viewport_size(SIZES["phone"])
    take_picture(page, "checklist-phone")


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
