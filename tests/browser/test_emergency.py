"""A wrong word is public: one person corrects it at the desk, another one confirms."""

import json
import urllib.request
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, take_picture
from tests.browser.test_desk import document_of, open_page

LogIn = Callable[[str], Page]
REASON = "The summary promised what the text does not."


def test_public_words_are_corrected_and_confirmed(site: str, log_in: LogIn):
    page = log_in("paul")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with urllib.request.urlopen(f"{site}/api/v1/articles?limit=1") as answer:
        article = json.load(answer)["items"][0]
    open_page(page, site, article["title"], article["title"])
    page.goto(page.url.split("/edit/")[0] + "/correct/")
    page.wait_for_load_state("networkidle")
    take_picture(page, "emergency-correct", full_page=True)

    page.fill("#id_summary", "Corrected in an emergency.")
    page.fill("#id_reason", REASON)
    page.get_by_role("button", name="Publish the correction now").click()

    expect(page.get_by_text("is public now.")).to_be_visible()
    document = document_of(site, article["slug"])
    assert document["summary"] == "Corrected in an emergency."
    assert document["body"] != []
    assert document["attestation"]["override"]["reason"] == REASON
    assert errors == []

    second = log_in("admin")
    take_picture(second, "emergency-desk")
    second.get_by_role("link", name=article["title"]).first.click()
    second.set_viewport_size(SIZES["phone"])
    take_picture(second, "emergency-confirm-phone", full_page=True)
    second.get_by_role("button", name="Confirm this publication").click()
    expect(second.get_by_text("Confirmed by")).to_be_visible()
