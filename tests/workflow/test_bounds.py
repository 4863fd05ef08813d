"""Texts of any size: what a check reads is bounded, what is not read is told, and no expression can run away.

Nothing here is timed. An expression whose repetitions are nested, or stand beside each other and can share what they match, takes
the square of a text's length or worse; so the shape of every expression is looked at, and the number of letters it may get.
"""

import re
from re import _constants, _parser

import pytest

from articles.models import ArticlePage
from cms.workflow import checks
from cms.workflow.checks import (
    CHECKS,
    MAX_FINDINGS,
    claims,
    evidence,
    findings_of,
    language,
    leftovers,
    links,
    sources,
    surroundings,
    wording,
)
from cms.workflow.checks.wording import MAX_PAGE, MAX_PIECE, checked_wording

MODULES = (claims, evidence, language, leftovers, links, sources, surroundings, wording)
PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
GROUPS = {_constants.SUBPATTERN, _constants.ASSERT, _constants.ASSERT_NOT}
REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}


def has_endless_repeat_within_another(items, is_within=False):
    """Whether a repetition without end stands inside another one that can repeat as often as it likes."""
    for kind, value in items:
        if kind in REPEATS:
            _least, most, inner = value
            is_endless = most == _constants.MAXREPEAT
            if (is_endless and is_within) or has_endless_repeat_within_another(inner, is_within or is_endless):
                return True
        inside = value[1] if kind == _constants.BRANCH else [value[-1]] if kind in GROUPS else []
        if any(has_endless_repeat_within_another(part, is_within) for part in inside):
            return True
    return False


def page_with(*paragraphs, summary="In short."):
    page = ArticlePage(title="Care", summary=summary)
    page.body = [{"type": "paragraph", "value": f"<p>{text}</p>"} for text in paragraphs]
    return page


def told(page):
    return [
        (found.code, found.is_blocking, found.field) for found in findings_of(page) if found.code.startswith("too_")
    ]


@pytest.mark.parametrize("name", PATTERNS)
def test_no_endless_repetition_stands_in_another(name):
    pattern = PATTERNS[name]

    assert not has_endless_repeat_within_another(_parser.parse(pattern.pattern, pattern.flags))


def test_the_look_at_shapes_sees_what_it_looks_for():
    assert has_endless_repeat_within_another(_parser.parse(r"(?:a+b?)+c"))
    assert has_endless_repeat_within_another(_parser.parse(r"x|(?=(?:\w+\s*)*$)"))
    assert not has_endless_repeat_within_another(_parser.parse(r"(?:\w+\s+){0,2}a+"))
    assert len(PATTERNS) > 20


def test_paragraph_without_end_is_read_so_far_and_blocks(clinic):
    page = page_with("a " * 500_000)

    assert max(len(piece.text) for piece in checked_wording(page)) == MAX_PIECE
    assert told(page) == [("too_long_to_check", True, "body")]


def test_page_like_a_book_is_read_so_far_and_blocks(clinic):
    page = page_with(*["word " * 3900] * 30)

    assert sum(len(piece.text) for piece in checked_wording(page)) <= MAX_PAGE
    assert told(page) == [("too_long_to_check", True, "body")]


def test_what_stands_behind_the_end_is_found_by_nothing_and_yet_keeps_the_page_back(clinic):
    page = page_with(f"{'a ' * MAX_PIECE} Acupuncture cures migraine.")

    assert [found.code for found in findings_of(page) if found.code == "cure_claim"] == []
    assert told(page) == [("too_long_to_check", True, "body")]


def test_page_of_twenty_thousand_words_is_read_to_its_end(clinic):
    page = page_with(*["Rest helps some people to sleep. " * 30] * 110, "Acupuncture cures migraine.")

    found = findings_of(page)

    assert sum(len(piece.text.split()) for piece in checked_wording(page)) > 19_800
    assert "cure_claim" in {finding.code for finding in found}
    assert told(page) == []


def test_spaces_of_a_plain_text_do_not_count(clinic):
    page = page_with("Rest.", summary=f"(source{' ' * 100_000}and so on). Two{chr(10) * 100_000}lines.")

    assert [piece.text for piece in checked_wording(page) if piece.field == "summary"] == [
        "(source and so on). Two\n lines."
    ]
    assert told(page) == []


def test_one_check_says_so_many_things_and_reads_no_further(clinic, monkeypatch):
    read = []
    promises = claims.promises_in
    monkeypatch.setattr(claims, "promises_in", lambda text: read.append(text) or promises(text))

    found = findings_of(page_with(*["It cures everything."] * 500))

    assert sum(finding.code == "cure_claim" for finding in found) == MAX_FINDINGS
    # The title and the summary come first.
    assert len(read) <= MAX_FINDINGS + 2


def test_every_check_gets_the_bounded_words(clinic, monkeypatch):
    given = []
    rules = [type(rule)(_remembering(rule, given), rule.level, rule.may_block) for rule in CHECKS]
    monkeypatch.setattr(checks, "CHECKS", tuple(rules))

    findings_of(page_with("a " * 500_000))

    assert len(given) == len(CHECKS)
    assert {max(len(piece.text) for piece in words) for words in given} == {MAX_PIECE}


def _remembering(rule, given):
    def check(page, words):
        given.append(words)
        return iter(())

    check.__name__ = rule.name
    return check
