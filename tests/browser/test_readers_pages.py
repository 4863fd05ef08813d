"""The readers' pages on a phone and a desktop: whole, accessible, and without help from other hosts."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import take_picture

PAGES = {
    "home": "/",
    "plain page": "/about/",
    "people": "/team/",
    "person": "/team/anna-exampleton/",
    "article index": "/articles/",
    "article": "/articles/preventing-migraine-attacks/",
    "article with every block": "/articles/is-acupuncture-safe/",
    "topic": "/topics/pain/",
    "service index": "/services/",
    "service": "/services/acupuncture/",
    "condition index": "/conditions/",
    "condition": "/conditions/insomnia/",
    "search": "/search/?q=sleep",
    "search without a hit": "/search/?q=zzzz",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_page_is_whole_and_accessible(site: str, visitor: Page, size: str, path: str):
    answer = visitor.goto(f"{site}{path}")
    visitor.wait_for_load_state("networkidle")

    assert answer is not None
    assert answer.status == 200
    expect(visitor.locator("h1")).to_have_count(1)
    assert visitor.title() != ""
    broken = visitor.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
    assert broken == []
    wide = visitor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the page scrolls sideways"
    violations = Axe().run(visitor).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"][:120]) for found in violations] == []
    take_picture(visitor, f"{(path.strip('/').split('/')[0].split('?')[0] or 'home')}-{size}")


def test_page_that_is_nowhere_says_where_to_go(site: str, visitor: Page):
    answer = visitor.goto(f"{site}/nowhere/")

    assert answer is not None
    assert answer.status == 404
    expect(visitor.get_by_role("link", name="Home page")).to_be_visible()


def test_json_ld_of_an_article_names_its_clinical_reviewer(site: str, visitor: Page):
    visitor.goto(f"{site}/articles/preventing-migraine-attacks/")

    texts = visitor.locator("script[type='application/ld+json']").all_text_contents()
    found = {entry["@type"]: entry for text in texts for entry in _as_list(json.loads(text))}
    assert found["MedicalWebPage"]["reviewedBy"][0]["name"] == "Ravi Mockridge"
    assert found["BreadcrumbList"]["itemListElement"][-1]["position"] == 3


def test_signs_of_danger_come_before_everything_else(site: str, visitor: Page):
    visitor.goto(f"{site}/conditions/insomnia/")

    headings = visitor.locator("main h2").all_inner_texts()
    assert "care" in headings[0].lower()


def test_search_finds_a_condition_from_the_keyboard(site: str, visitor: Page):
    visitor.goto(f"{site}/search/")
    box = visitor.locator("main input[type=search]").first
    box.fill("migraine")
    box.press("Enter")

    expect(visitor.locator("main a[href='/conditions/migraine/']").first).to_be_visible()


def test_api_docs_open_without_other_hosts(site: str, visitor: Page, size: str):
    visitor.goto(f"{site}/api/v1/docs")
    visitor.wait_for_load_state("networkidle")

    expect(visitor.get_by_role("heading", level=1)).to_be_visible()
    expect(visitor.locator("main").get_by_text("/api/v1/articles", exact=True).first).to_be_visible()
    take_picture(visitor, f"api-docs-{size}")


def _as_list(value):
    return value if isinstance(value, list) else [value]
