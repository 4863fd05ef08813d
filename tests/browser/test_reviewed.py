"""A review is due: a clinician finds the page, reads what the public reads, and signs that nothing has to change."""

import json
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture
from tests.browser.test_desk import document_of

LogIn = Callable[[str], Page]


def test_a_review_is_renewed_in_one_step(site: str, log_in: LogIn):
    with urllib.request.urlopen(f"{site}/api/v1/articles?limit=50") as answer:
        articles = json.load(answer)["items"]
    page = log_in("maria")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{site}/admin/reports/reviews-due/?due=all&type=article")
    page.wait_for_load_state("networkidle")
    take_picture(page, "reviews-due")
    page.set_viewport_size(SIZES["phone"])
    take_picture(page, "reviews-due-phone")
    page.set_viewport_size(SIZES["desktop"])
    # Other tests publish in an emergency, which is no review.
    article = next(one for one in articles if one["reviewed_at"])
    before = document_of(site, article["slug"])

    page.get_by_role("link", name=article["title"]).first.click()
    page.wait_for_load_state("networkidle")
    take_picture(page, "renewal", full_page=True)
    expect(page.get_by_text(before["attestation"]["digest"])).to_be_visible()
    for box in page.locator("input[name=points]").all():
        box.focus()
        page.keyboard.press("Space")
    page.get_by_label("I read the whole page").focus()
    page.keyboard.press("Space")
    page.set_viewport_size(SIZES["phone"])
    take_picture(page, "renewal-phone", full_page=True)
    page.get_by_role("button", name="Sign: nothing to change").press("Enter")

    expect(page.get_by_text("You reviewed")).to_be_visible()
    after = document_of(site, article["slug"])
    assert after["reviewed_at"] > before["reviewed_at"]
    assert after["updated_at"] == before["updated_at"]
    assert after["body"] == before["body"]
    assert after["attestation"]["approvals"][1]["name"] == "Maria Sampleworth"
    assert errors == []
