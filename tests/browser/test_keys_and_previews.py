"""What only a browser shows of keys and previews: copying what is shown once, on a phone too."""

import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture

LogIn = Callable[[str], Page]


def copied(page: Page) -> str:
    """What the button puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_a_key_is_made_copied_and_revoked_on_a_phone(site: str, log_in: LogIn):
    page = log_in("admin")
    page.set_viewport_size(SIZES["phone"])
    page.goto(f"{site}/admin/api_keys/new/")
    page.fill("#id_name", "Website, production")
    page.get_by_label("Read drafts").check()
    page.get_by_role("button", name="Create").click()
    key = copied(page)
    assert_fits(page)
    take_picture(page, "key-made-phone")

    address = f"{site}/api/v1/articles/your-first-visit?status=draft"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})) as answer:
        assert answer.status == 200

    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("content:preview")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="More options for 'Website, production").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Yes, revoke it").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()


def test_an_author_shares_a_preview_from_the_editor_and_closes_it(site: str, log_in: LogIn):
    page = log_in("wanda")
    page.goto(f"{site}/admin/pages/search/?q=common")
    page.get_by_role("link", name="How common is back pain?").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("link", name="Share a preview").last.click()
    page.get_by_label("8 hours").check()
    page.get_by_role("button", name="Make an address").click()
    address = copied(page)
    take_picture(page, "share-preview-desktop")

    assert page.request.get(address).json()["title"].startswith("How common is back pain")

    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("Nobody can see this draft from outside just now.")).to_be_visible()
    assert page.request.get(address).status == 404
