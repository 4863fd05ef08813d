"""The search box and the search page, by keyboard, by mouse, by touch, as a screen reader tells them, and without scripts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import SIZES, take_picture

SUGGEST = "**/api/v1/search/suggest*"


@pytest.fixture
def scriptless(browser: Browser, size: str) -> Iterator[Page]:
    """A visitor whose browser runs no scripts."""
    context = browser.new_context(viewport=SIZES[size], java_script_enabled=False)
    yield context.new_page()
    context.close()


def box_of(page: Page) -> Locator:
    return page.get_by_role("main").get_by_role("combobox", name="Search this site")


def search_for(page: Page, site: str, words: str) -> Locator:
    """The search page, with ``words`` typed and suggestions open."""
    page.goto(f"{site}/search/")
    box = box_of(page)
    box.press_sequentially(words)
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    return box


def active_option(box: Locator) -> str:
    """What a screen reader says is chosen: the words of the option that the field points at."""
    return str(
        box.evaluate(
            "field => (document.getElementById(field.getAttribute('aria-activedescendant')) || {}).textContent || ''"
        )
    )


def problems_of(page: Page) -> list[tuple[str, str]]:
    # What is still fading in has too little contrast. Some animations never end.
    page.wait_for_function(
        "document.getAnimations().every(one => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)"
    )
    violations = Axe().run(page).response["violations"]
    return [(found["id"], found["nodes"][0]["html"][:120]) for found in violations]


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def test_suggestions_are_walked_with_the_keyboard(site: str, visitor: Page):
    box = search_for(visitor, site, "pain")
    options = visitor.get_by_role("option")
    texts = options.all_text_contents()
    assert len(texts) > 2
    assert (box.get_attribute("aria-expanded"), active_option(box)) == ("true", "")

    walked = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown"):
        box.press(key)
        walked.append(active_option(box))

    assert walked == [texts[0], texts[1], texts[0], "", texts[-1], ""]
    expect(box).to_be_focused()
    box.press("ArrowDown")
    box.press("Home")
    assert active_option(box) == ""


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(site: str, visitor: Page):
    box = search_for(visitor, site, "inso")

    box.press("Escape")

    expect(visitor.get_by_role("listbox")).to_have_count(0)
    expect(box).to_have_value("inso")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("ArrowDown")
    expect(visitor.get_by_role("option", selected=True)).to_have_count(1)
    box.press("Tab")
    expect(visitor.get_by_role("listbox")).to_have_count(0)


def test_enter_opens_the_chosen_suggestion(site: str, visitor: Page):
    box = search_for(visitor, site, "inso")

    box.press("ArrowDown")
    box.press("Enter")

    visitor.wait_for_url(f"{site}/conditions/insomnia/")


def test_enter_without_a_choice_searches(site: str, visitor: Page):
    box = search_for(visitor, site, "inso")

    box.press("Enter")

    visitor.wait_for_url(f"{site}/search/?q=inso")


def test_a_screen_reader_is_told_everything(site: str, visitor: Page, size: str):
    box = search_for(visitor, site, "insomn")
    form = visitor.get_by_role("main").get_by_role("search")
    count = visitor.get_by_role("option").count()
    expect(form.get_by_role("status")).to_have_text(
        f"{count} suggestion{'s' if count > 1 else ''}. Use the down arrow to look through them."
    )

    box.press("ArrowDown")

    told = form.aria_snapshot()
    assert '- combobox "Search this site" [expanded]: insomn' in told
    assert '- listbox "Suggestions":' in told
    assert '- option "Insomnia Condition" [selected]' in told
    assert '- button "Search"' in told
    assert box.get_attribute("aria-controls") == visitor.get_by_role("listbox").get_attribute("id")
    assert box.get_attribute("aria-autocomplete") == "list"
    assert problems_of(visitor) == []
    assert not is_too_wide(visitor)
    take_picture(visitor, f"search-suggestions-{size}")


def test_nothing_to_suggest_is_told_as_well(site: str, visitor: Page):
    visitor.goto(f"{site}/search/")

    box_of(visitor).press_sequentially("zzzzqq")

    expect(visitor.get_by_role("main").get_by_role("search").get_by_role("status")).to_have_text("No suggestions.")
    expect(visitor.get_by_role("listbox")).to_have_count(0)


def test_a_suggestion_is_chosen_with_the_mouse(site: str, visitor: Page):
    search_for(visitor, site, "migr")

    visitor.get_by_role("option", name="Migraine Condition").click()

    visitor.wait_for_url(f"{site}/conditions/migraine/")


def test_a_suggestion_is_chosen_with_a_finger(site: str, browser: Browser):
    context = browser.new_context(viewport=SIZES["phone"], has_touch=True, is_mobile=True)
    page = context.new_page()
    search_for(page, site, "migr")

    option = page.get_by_role("option", name="Migraine Condition")
    height = option.bounding_box()["height"]
    option.tap()

    page.wait_for_url(f"{site}/conditions/migraine/")
    assert height >= 44
    context.close()


def test_every_page_has_the_box(site: str, visitor: Page, size: str):
    visitor.goto(f"{site}/about/")
    if size == "phone":
        visitor.locator(".menu-small summary").click()
    box = visitor.get_by_role("combobox").locator("visible=true")

    box.press_sequentially("acup")

    expect(visitor.get_by_role("option").first).to_be_visible()
    assert not is_too_wide(visitor)
    assert problems_of(visitor) == []
    take_picture(visitor, f"search-everywhere-{size}")
    box.press("Escape")
    expect(box).to_be_visible()


def test_a_late_answer_does_not_replace_a_newer_one(site: str, visitor: Page):
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "q=mi" in route.request.url and "q=mig" not in route.request.url:
            held.append(route)
        else:
            route.continue_()

    visitor.route(SUGGEST, hold_the_first)
    visitor.goto(f"{site}/search/")
    box = box_of(visitor)
    box.press_sequentially("mi")
    visitor.wait_for_function("() => performance.now() > 0")
    expect(box).to_have_value("mi")
    visitor.wait_for_timeout(400)
    assert len(held) == 1
    box.press_sequentially("graine")
    expect(visitor.get_by_role("option", name="Migraine Condition")).to_be_visible()
    held[0].abort()

    expect(visitor.get_by_role("option", name="Migraine Condition")).to_be_visible()


@pytest.mark.parametrize(
    "fail", [lambda route: route.abort(), lambda route: route.fulfill(status=503)], ids=["no network", "an error"]
)
def test_without_suggestions_the_form_still_searches(site: str, visitor: Page, fail: Callable[[Route], Any]):
    visitor.route(SUGGEST, fail)
    visitor.goto(f"{site}/search/")
    box = box_of(visitor)
    with visitor.expect_request(SUGGEST):
        box.press_sequentially("migraine")

    box.press("Enter")

    visitor.wait_for_url(f"{site}/search/?q=migraine")
    expect(visitor.locator("main a[href='/conditions/migraine/']").first).to_be_visible()


def test_without_scripts_it_is_a_plain_form(site: str, scriptless: Page, size: str):
    scriptless.goto(f"{site}/search/")
    box = scriptless.get_by_role("main").get_by_role("searchbox", name="Search this site")

    box.fill("back pain")
    scriptless.get_by_role("main").get_by_role("button", name="Search").click()

    scriptless.wait_for_url(f"{site}/search/?q=back+pain")
    expect(scriptless.locator("main a[href='/conditions/back-pain/']").first).to_be_visible()
    scriptless.get_by_role("navigation", name="Narrow the results").get_by_role(
        "link", name=re.compile("^Article")
    ).click()
    expect(scriptless).to_have_url(f"{site}/search/?q=back+pain&type=article")
    expect(scriptless.locator("main .eyebrow").filter(has_not_text="Article")).to_have_count(0)
    take_picture(scriptless, f"search-without-scripts-{size}")


STATES = {
    "start": ("/search/", "What are you looking for?"),
    "results": ("/search/?q=back+pain", "Narrow the results"),
    "narrowed": ("/search/?q=pain&type=article&service=acupuncture", "Remove all filters"),
    "nothing": ("/search/?q=zzzzqq", "Nothing here by that name"),
    "nothing with filters": ("/search/?q=zzzzqq&type=article", "Nothing with these filters"),
    "emergency": ("/search/?q=chest+pain", "This can be an emergency"),
    "crisis": ("/search/?q=suicide", "Call or text 988"),
    "misspelt": ("/search/?q=migrane", "Search instead for"),
    "too long": (
        "/search/?q=needles+massage+back+pain+sleep+migraine+joint+stress+visit+knee+neck+shoulder",
        "Please search for fewer words",
    ),
}


@pytest.mark.parametrize(("path", "words"), STATES.values(), ids=STATES.keys())
def test_each_state_of_the_page_is_whole_and_accessible(
    site: str, visitor: Page, size: str, path: str, words: str, request: pytest.FixtureRequest
):
    visitor.goto(f"{site}{path}")

    expect(visitor.get_by_role("main")).to_contain_text(words)
    assert problems_of(visitor) == []
    assert not is_too_wide(visitor)
    take_picture(visitor, f"search-{request.node.callspec.id}".replace(" ", "-"), full_page=True)
    if path == STATES["narrowed"][0]:
        take_picture(visitor, f"search-{size}")


def test_filters_are_links_that_come_and_go(site: str, visitor: Page):
    visitor.goto(f"{site}/search/?q=pain")
    narrow = visitor.get_by_role("navigation", name="Narrow the results")
    option = narrow.get_by_role("link", name=re.compile(r"^Condition \d+ pages?$"))
    count = re.findall(r"\d+", option.inner_text())[0]

    option.click()

    expect(visitor.get_by_role("status").filter(has_text="for “pain”")).to_contain_text(f"{count} page")
    visitor.get_by_role("navigation", name="Filters in use").get_by_role(
        "link", name="Remove the filter Condition"
    ).click()
    expect(visitor).to_have_url(f"{site}/search/?q=pain")


def test_the_title_says_how_much_was_found(site: str, visitor: Page):
    visitor.goto(f"{site}/search/?q=zzzzqq")
    nothing = visitor.title()
    visitor.goto(f"{site}/search/?q=insomnia")

    assert nothing == "Search: zzzzqq (no page) | Loehr Health Center"
    assert re.match(r"Search: insomnia \(\d+ pages?\) \| Loehr Health Center", visitor.title())


def test_an_emergency_can_be_called_from_the_results(site: str, visitor: Page):
    visitor.goto(f"{site}/search/?q=Chest+pain!")

    notice = visitor.get_by_role("region", name="This can be an emergency")
    expect(notice.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    colors = notice.get_by_role("link").evaluate(
        "link => [getComputedStyle(link).color, getComputedStyle(link).backgroundColor]"
    )
    assert colors == ["rgb(143, 20, 20)", "rgb(255, 255, 255)"]
    below = visitor.locator(".result-head").bounding_box()
    assert below is not None
    assert notice.bounding_box()["y"] < below["y"]


def test_an_editor_mends_what_nobody_found(site: str, browser: Browser, log_in: Callable[[str], Page]):
    context = browser.new_context(viewport=SIZES["desktop"])
    visitor = context.new_page()
    for _time in range(3):
        visitor.goto(f"{site}/search/?q=flobberwocky")
        expect(visitor.get_by_role("main")).to_contain_text("Nothing here by that name")
    desk = log_in("nora")
    desk.get_by_role("button", name="Site search").click()
    take_picture(desk, "desk-search-menu")

    # Counts are written down twice a minute.
    for _time in range(30):
        desk.goto(f"{site}/admin/search/searches/")
        if desk.get_by_text("flobberwocky", exact=True).count():
            break
        desk.wait_for_timeout(2_000)
    expect(desk.locator("tr", has_text="flobberwocky")).to_contain_text("3 without a result")
    assert problems_of(desk) == []
    take_picture(desk, "desk-searches")
    desk.get_by_role("link", name="Add a synonym for “flobberwocky”").click()
    expect(desk.get_by_role("textbox", name="Phrase")).to_have_value("flobberwocky")
    desk.get_by_role("textbox", name="Means").fill("insomnia")
    assert problems_of(desk) == []
    take_picture(desk, "desk-synonym")
    desk.get_by_role("button", name="Create").click()
    expect(desk.get_by_text("means insomnia")).to_be_visible()
    assert problems_of(desk) == []
    take_picture(desk, "desk-synonyms")

    visitor.goto(f"{site}/search/?q=flobberwocky")

    expect(visitor.locator("main a[href='/conditions/insomnia/']").first).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "address", ["searches/", "synonyms/", "synonyms/new/", "promoted/", "promoted/new/", "notices/"]
)
def test_the_desk_fits_a_phone(site: str, log_in: Callable[[str], Page], address: str):
    desk = log_in("nora")
    desk.set_viewport_size(SIZES["phone"])

    desk.goto(f"{site}/admin/search/{address}")

    assert not is_too_wide(desk)
    assert problems_of(desk) == []
    take_picture(desk, f"desk-{address.strip('/').replace('/', '-')}-phone")
