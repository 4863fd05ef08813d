"""What makes the checks quick loses nothing: texts in small letters, and texts that need not be read at all."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.workflow.checks.claims import promises_in
from cms.workflow.checks.evidence import claims_in
from cms.workflow.checks.leftovers import BROKEN, broken_in
from cms.workflow.checks.wording import small

_WORDS = ["Ã©", "ã©", "â€™", "Â°", "\ufffd", "em", "br", "o:p", "href", "url", "amp", "https:", "stress"]
_PIECES = [*"<>/[](){}\\=&*_~#'\";-ab9İ \n", *_WORDS]


def test_small_letters_stand_where_the_letters_stood():
    letters = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [letter for letter in letters if len(small(letter)) != 1] == []
    assert small("İſTANBUL") == "istanbul"


@given(st.text())
def test_small_letters_keep_every_text_as_long_as_it_was(text):
    assert len(small(text)) == len(text)


@pytest.mark.parametrize("before", ["", "İİİ. ", "ſo. ", "A\u0307 – ẞ. "])
@pytest.mark.parametrize("claim", ["cures", "CURES", "Cures", "cureſ"])
def test_a_promise_is_quoted_as_it_is_written(before, claim):
    assert promises_in(f"{before}Acupuncture {claim} migraine.") == (claim,)


@pytest.mark.parametrize(
    ("text", "is_claim"),
    [
        ("WHO recommends acupuncture.", True),
        ("who recommends acupuncture?", False),
        ("Ask who recommends it.", False),
        ("The Mayo Clinic RECOMMENDS it.", True),
        ("Nearly half of Americans sleep badly.", True),
        ("Fry half of the onions.", False),
        ("HALF OF ALL PATIENTS SLEEP BADLY.", True),
        ("STUDIES SHOW that it helps.", True),
    ],
)
def test_capitals_count_where_they_tell_words_apart_and_nowhere_else(text, is_claim):
    assert bool(claims_in(text)) is is_claim


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join))
def test_no_text_with_broken_markup_is_left_unread(text):
    assert broken_in(text) == tuple(match.group().strip() for match in BROKEN.finditer(text))
