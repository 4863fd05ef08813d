"""The checks of evidence, language and surroundings: what each finds, where it says so, and what it leaves alone."""

import datetime
import time
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.images import ImageFile
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction

from articles.models import ArticlePage
from cms.accounts.models import User
from cms.media.models import ClinicImage
from cms.pages.references import Reference
from cms.settings import env
from cms.workflow import gate
from cms.workflow.checks import (
    CHECKS,
    claims,
    evidence,
    findings_of,
    language,
    links,
    require_usable_setting,
    surroundings,
)
from cms.workflow.checks.tuning import LIMITS
from cms.workflow.checks.wording import Wording, wording_of

PLAIN_TEXT = "The cat sat on the mat. It was a warm day. We all had tea and a bun. Then we went home to bed. " * 6
HARD_TEXT = (
    "Neurophysiological investigations characterising electroacupuncture-associated neurotransmitter modulation "
    "necessitate considerable methodological sophistication, particularly regarding longitudinal interindividual "
    "variability in heterogeneous multidisciplinary rehabilitation populations. "
) * 6


def found_in(page):
    return [(finding.code, finding.field, finding.block_id) for finding in findings_of(page)]


def codes(check, text):
    return [finding.code for finding in check(None, [Wording(text, text, "body", "block", can_cite=True)])]


def paragraph(html, key="block"):
    return [{"type": "paragraph", "value": html, "id": key}]


def cite(reference):
    return f'<a linktype="reference" id="{reference.pk}">[{reference.short_label}]</a>'


def link(page):
    return f'<a linktype="page" id="{page.pk}">there</a>'


def picture(width, height):
    file = BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    image = ClinicImage(title="Needle", description="A thin needle", file=ImageFile(file, name="needle.png"))
    image.save()
    return image


# --- Figures and claims of effect ------------------------------------------------------------------------------------


def test_a_figure_blocks_until_its_paragraph_or_block_cites(clinic):
    page = clinic.article
    figure = "<p>About 60% of people feel better.</p>"
    page.body = paragraph(figure)
    without = found_in(page)
    page.body = paragraph(f"{figure}<p>So says one review.{cite(clinic.reference)}</p>")

    cited = found_in(page)

    assert without == [("uncited_claim", "body", "block")]
    assert cited == []


def test_a_citation_in_another_block_counts_for_nothing(clinic):
    page = clinic.article
    page.body = [
        *paragraph(f"<p>Spine pain is common.{cite(clinic.reference)}</p>", "one"),
        *paragraph("<p>About 60% of people feel better.</p>", "two"),
    ]

    assert found_in(page) == [("uncited_claim", "body", "two")]


def test_a_summary_may_say_what_the_page_cites(clinic):
    page = clinic.article
    page.summary = "Half of all adults sleep badly at times."
    alone = found_in(page)
    page.body = paragraph(f"<p>Many adults do.{cite(clinic.reference)}</p>")

    assert alone == [("uncited_claim", "summary", "")]
    assert found_in(page) == []


@pytest.mark.parametrize(("has_source", "expected"), [(True, []), (False, [("uncited_claim", "body", "s")])])
def test_a_statistic_needs_its_reference(clinic, has_source, expected):
    reference = clinic.reference.pk if has_source else None
    value = {"figure": "50–80 %", "label": "of people have spine pain", "reference": reference}
    clinic.article.body = [{"type": "statistic", "value": value, "id": "s"}]

    assert found_in(clinic.article) == expected


def test_an_uncited_claim_keeps_an_approved_page_from_the_public(clinic):
    page = clinic.article_draft("claims", body=[("paragraph", "<p>Studies show that it works.</p>")])
    clinic.approve(page)

    with pytest.raises(gate.GateBlocked) as refusal:
        page.get_latest_revision().publish()

    assert [finding.code for finding in refusal.value.decision.blocking] == ["uncited_claim"]
    assert ArticlePage.objects.get(pk=page.pk).live is False


@pytest.mark.parametrize(
    "text",
    [
        "Massage therapy is proven to lower stress.",
        "A 2019 study found that needles ease knee pain.",
        "4 out of 5 people slept better.",
        "Back pain is twice as common in nurses.",
        "It reduced pain by 20 points.",
        "It lowers the risk of falls.",
        "Needling worked for 70 per cent of runners.",
    ],
)
def test_claim_needs_a_reference(text):
    assert codes(evidence.uncited_claims, text) == ["uncited_claim"]


@pytest.mark.parametrize(
    "text",
    [
        "Our guide tells what studies found.",
        "Apply a 5% lidocaine patch for 12 hours.",
        "Step 2 out of 5: breathe out.",
        "The course has 10 visits of 30 minutes.",
        "No trial has shown that it works.",
        "Rate the pain on a scale: 3 out of 10 is mild.",
        "Do studies show a benefit?",
        "A3 paper, room 12, floor 2 in building 7.",
    ],
)
def test_number_of_everyday_life_needs_none(text):
    assert codes(evidence.uncited_claims, text) == []


# --- References ------------------------------------------------------------------------------------------------------


def test_retracted_source_blocks(clinic):
    Reference.objects.filter(pk=clinic.reference.pk).update(is_retracted=True)
    clinic.article.body = paragraph(f"<p>Spine pain is common.{cite(clinic.reference)}</p>")

    found = findings_of(clinic.article)

    assert [(f.code, f.block_id, f.is_blocking) for f in found] == [("retracted_reference", "block", True)]


def test_source_that_was_deleted_blocks(clinic):
    clinic.article.body = paragraph('<p>Spine pain is common.<a linktype="reference" id="999999">[Gone]</a></p>')

    assert [(f.code, f.is_blocking) for f in findings_of(clinic.article)] == [("lost_reference", True)]


def test_incomplete_source_is_told_with_what_it_lacks(clinic):
    Reference.objects.filter(pk=clinic.reference.pk).update(year=None, source="")
    clinic.article.body = paragraph(f"<p>Spine pain is common.{cite(clinic.reference)}</p>")

    (finding,) = findings_of(clinic.article)

    assert (finding.code, finding.is_blocking, finding.block_id) == ("incomplete_reference", False, "block")
    assert "lacks its year, or the day on which somebody looked at it and its journal or publisher." in finding.message


def test_official_page_without_a_year_is_complete_when_somebody_looked_at_it(clinic):
    source = Reference.objects.create(
        short_label="NCCIH", kind="secondary", title="Acupuncture", source="NCCIH", url="https://example.org",
        accessed=datetime.date(2026, 1, 2),
    )  # fmt: skip
    clinic.article.body = paragraph(f"<p>Needles are thin.{cite(source)}</p>")

    assert findings_of(clinic.article) == []


# --- Links -----------------------------------------------------------------------------------------------------------


def test_link_to_a_public_page_is_fine(clinic):
    clinic.article.body = paragraph(f'<p>Look {link(clinic.insomnia)} or <a href="/articles/">here</a>.</p>')

    assert found_in(clinic.article) == []


def test_link_to_a_draft_is_advice(clinic):
    draft = clinic.article_draft("not-yet")
    clinic.article.body = paragraph(f"<p>Look {link(draft)}.</p>")

    (finding,) = findings_of(clinic.article)

    assert (finding.code, finding.field, finding.block_id, finding.is_blocking) == (
        "link_not_public", "body", "block", False,
    )  # fmt: skip
    assert "“Not yet”" in finding.message


def test_link_to_a_restricted_page_and_to_no_page_at_all_are_found(clinic):
    PageViewRestriction.objects.create(page=clinic.insomnia, restriction_type=PageViewRestriction.LOGIN)
    clinic.article.body = paragraph(f'<p>{link(clinic.insomnia)} <a href="/nowhere/">x</a></p>')

    assert found_in(clinic.article) == [("link_not_public", "body", "block")] * 2


def test_link_that_redirects_is_found(clinic):
    Redirect.objects.create(old_path="/old", redirect_page=clinic.insomnia)
    clinic.article.body = paragraph('<p><a href="/old/">x</a></p>')

    assert found_in(clinic.article) == [("link_redirects", "body", "block")]


def test_button_leads_somewhere(clinic):
    clinic.article.action_label, clinic.article.action_url = "Book", "/nowhere"

    assert found_in(clinic.article) == [("link_not_public", "action_url", "")]


def test_links_to_other_sites_files_and_telephones_are_left_alone(clinic):
    clinic.article.body = paragraph(
        '<p><a href="https://example.org/x">a</a> <a href="tel:911">b</a> <a linktype="document" id="9">c</a></p>'
    )

    assert found_in(clinic.article) == []


# --- Headings, titles, lengths, pictures -----------------------------------------------------------------------------


@pytest.mark.parametrize(("levels", "wrong"), [("23423", []), ("3", ["0"]), ("24", ["1"]), ("2224", ["3"]), ("", [])])
def test_headings_leave_no_level_out(clinic, levels, wrong):
    clinic.article.body = [
        {"type": "heading", "value": {"level": level, "text": "Rest"}, "id": str(number)}
        for number, level in enumerate(levels)
    ] + paragraph("<p>Words.</p>")

    assert found_in(clinic.article) == [("heading_order", "body", number) for number in wrong]


def test_second_page_with_a_title_is_told_of_the_first(clinic):
    twin = clinic.article_draft("twin", title="Sleeping better")

    (finding,) = findings_of(twin)

    assert (finding.code, finding.field, finding.is_blocking) == ("same_title", "title", False)
    assert "/sleeping-better/" in finding.message


def test_draft_with_the_same_title_is_no_twin_yet(clinic):
    clinic.article_draft("twin", title="Sleeping better")

    assert found_in(clinic.article) == []


@pytest.mark.parametrize(
    ("field", "most"), [("title", 90), ("seo_title", 65), ("summary", 300), ("search_description", 160)]
)
def test_longer_than_its_place_is_found(clinic, field, most):
    setattr(clinic.article, field, "a" * most)
    fits = found_in(clinic.article)
    setattr(clinic.article, field, "a" * (most + 1))

    assert fits == []
    assert found_in(clinic.article) == [(f"long_{field}", field, "")]


@pytest.mark.parametrize(("size", "is_found"), [((600, 315), False), ((599, 315), True), ((600, 314), True)])
def test_small_picture_is_told_before_it_is_shared(clinic, size, is_found):
    clinic.article.image = picture(*size)

    assert found_in(clinic.article) == ([("small_image", "image", "")] if is_found else [])


def test_picture_for_sharing_stands_in_for_the_small_one(clinic):
    clinic.article.image, clinic.article.og_image = picture(100, 100), picture(1200, 630)

    assert found_in(clinic.article) == []


# --- Reading grade, words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "expected"), [(PLAIN_TEXT, []), (HARD_TEXT, ["reading_grade"])])
def test_hard_text_is_told_of(text, expected):
    assert codes(language.reading_grade, text) == expected


def test_short_text_has_no_grade():
    assert codes(language.reading_grade, HARD_TEXT[:300]) == []


def test_grade_follows_the_formula():
    # 6 words, 6 syllables, one sentence: 0.39 × 6 + 11.8 × 1 − 15.59.
    assert language.grade_of(["The cat sat on the mat."]) == pytest.approx(-1.45)
    assert language.grade_of([]) == 0


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("He committed suicide.", "die by suicide"),
        ("Help for drug addicts", "people with a substance use disorder"),
        ("Diabetics need care.", "people with diabetes"),
        ("He is wheelchair-bound.", "wheelchair user"),
        ("She suffers from migraine.", "have, live with"),
    ],
)
def test_message_names_the_better_word(text, better):
    (finding,) = language.stigmatising_words(None, [Wording(text, text, "body")])

    assert better in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "The National Institute on Drug Abuse has a helpline.",
        "Do not say “addict”.",
        "Alcoholic drinks can bring on a migraine.",
        "Needles are clean and used once.",
        "A diabetic ulcer needs care.",
        "Blind studies are rare.",
    ],
)
def test_name_quotation_or_other_sense_hurts_nobody(text):
    assert codes(language.stigmatising_words, text) == []


# --- Risks, reviewer -------------------------------------------------------------------------------------------------


def test_service_with_benefits_needs_precautions(clinic):
    page = clinic.acupuncture
    page.what_to_expect = paragraph("<p>Acupuncture may ease pain.</p>")
    without = found_in(page)
    page.precautions = paragraph("<p>Tell us about blood thinners.</p>")

    assert without == [("benefit_without_risk", "precautions", "")]
    assert found_in(page) == []


def test_article_with_benefits_needs_a_word_of_risk(clinic):
    clinic.article.body = paragraph("<p>Massage may ease pain.</p>")
    without = found_in(clinic.article)
    clinic.article.body = paragraph("<p>Massage may ease pain. It can leave you sore.</p>")

    assert without == [("benefit_without_risk", "body", "block")]
    assert found_in(clinic.article) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"credentials": ""}, "reviewer_without_credentials"),
        ({"licence_number": ""}, "reviewer_without_credentials"),
        ({"credentials_expire_on": datetime.date(2020, 1, 1)}, "reviewer_credentials_expired"),
    ],
)
def test_reviewer_who_cannot_sign_is_told_of(clinic, changed, code):
    User.objects.filter(pk=clinic.clinician.pk).update(**changed)

    draft = clinic.article_draft()

    assert found_in(draft) == [(code, "clinical_reviewer", "")]


def test_reviewer_without_a_login_is_told_of(clinic):
    clinic.reviewer.user = None
    clinic.article.clinical_reviewer = clinic.reviewer

    assert found_in(clinic.article) == [("reviewer_without_login", "clinical_reviewer", "")]


def test_reviewer_who_began_the_page_is_told_of(clinic):
    draft = clinic.article_draft()
    draft.owner = clinic.clinician

    assert found_in(draft) == [("reviewer_not_independent", "clinical_reviewer", "")]


# --- The setting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "expected"),
    [("off", []), ("advice", [("missing_summary", False)]), ("blocking", [("missing_summary", True)])],
)
def test_check_does_what_the_setting_says(clinic, settings, level, expected):
    settings.CONTENT_CHECKS = {"levels": {"missing_summary": level}}
    clinic.article.summary = ""

    assert [(f.code, f.is_blocking) for f in findings_of(clinic.article)] == expected


def test_limit_is_what_the_setting_says(clinic, settings):
    settings.CONTENT_CHECKS = {"limits": {"summary_characters": "10"}}
    clinic.article.summary = "Eleven long"

    assert found_in(clinic.article) == [("long_summary", "summary", "")]


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"levels": {"spelling": "off"}}, "names the check 'spelling', which does not exist; there are"),
        ({"levels": {"cures": "loud"}}, "sets cures to 'loud'; a check is blocking, advice or off"),
        ({"levels": {"reading_grade": "blocking"}}, "sets reading_grade to blocking; it can only advise or be off"),
        ({"limits": {"words": 3}}, "names the limit 'words', which does not exist; there are"),
        ({"limits": {"summary_characters": "many"}}, "sets the limit summary_characters to 'many'"),
        ({"limits": {"summary_characters": 0}}, "sets the limit summary_characters to 0"),
        ({"level": {}}, "has the part 'level'; its parts are levels and limits"),
    ],
)
def test_setting_that_cannot_be_followed_stops_the_start(settings, setting, reason):
    settings.CONTENT_CHECKS = setting

    with pytest.raises(ImproperlyConfigured, match=f"CONTENT_CHECKS {reason}"):
        require_usable_setting()


def test_setting_may_stay_empty(settings):
    settings.CONTENT_CHECKS = {}

    assert require_usable_setting() is None


def test_environment_gives_pairs(monkeypatch):
    monkeypatch.setenv("CONTENT_CHECK_LEVELS", "links=off, reading_grade = off")

    assert env.pairs("CONTENT_CHECK_LEVELS") == {"links": "off", "reading_grade": "off"}


@pytest.mark.parametrize("value", ["links", "links=", "=off", "a=b,a=c"])
def test_environment_without_pairs_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("CONTENT_CHECK_LEVELS", value)

    with pytest.raises(ImproperlyConfigured, match="CONTENT_CHECK_LEVELS has"):
        env.pairs("CONTENT_CHECK_LEVELS")


def test_the_editors_page_lists_every_check_as_it_is():
    page = (Path(__file__).parents[2] / "docs" / "editing.md").read_text()
    section = page.split("## What is checked before publication")[1].split("\n## ")[0]
    does = {"blocking": "blocks", "advice": "advises"}

    assert [line for line in section.splitlines() if line.startswith("| `")] == [
        f"| `{rule.name}` | {does[rule.level]} | {rule.reason} |" for rule in CHECKS
    ]


def test_the_operators_page_lists_every_limit_as_it_is():
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
    section = page.split("## Checks of content")[1].split("\n## ")[0]

    assert [line for line in section.splitlines() if line.startswith("| `")] == [
        f"| `{name}` | {limit.default} | {limit.unit} | {limit.source} |" for name, limit in LIMITS.items()
    ]


def test_every_check_has_a_name_of_its_own_and_a_reason():
    assert len({rule.name for rule in CHECKS}) == len(CHECKS)
    assert all(len(rule.reason) > 20 for rule in CHECKS)


@pytest.mark.parametrize("check", [evidence.uncited_claims, claims.cures, language.stigmatising_words])
@pytest.mark.parametrize(
    "text",
    ["1 ", "one in ", "5% ", "reduced ", "half of the ", "goodbye ", "the only ", "“a", "a study ", "3,000 ", "lower "],
)
def test_text_of_any_length_is_read_in_no_time(check, text):
    start = time.process_time()

    codes(check, text * (40_000 // len(text)))

    assert time.process_time() - start < 5


def test_risks_and_links_of_a_long_text_are_read_in_no_time(clinic):
    clinic.article.body = paragraph("<p>" + "massage <a " * 4000 + "</p>")
    wording = wording_of(clinic.article)
    start = time.process_time()

    found = [
        *surroundings.benefits_without_risks(clinic.article, wording),
        *links.links(clinic.article, wording),
    ]

    assert found == []
    assert time.process_time() - start < 5
