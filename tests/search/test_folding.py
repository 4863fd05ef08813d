"""Folding and spelling, beside the plain ways of doing the same."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from search.folding import fold, folded_letters
from search.spelling import distance_between

# Latin letters with and without accents, the sign between parts, and what is beyond them: marks, Greek, Hangul, ligatures.
_TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=0x20, max_codepoint=0x24F),
        st.sampled_from("·’–…éÉßİıǅ\u0301\u0327ΣςΆ각\u1100\u1161ﬁÅẞЙ"),
    ),
    max_size=12,
)


@given(text=_TEXTS)
def test_letters_that_are_folded_one_by_one_are_folded_as_all_together(text: str) -> None:
    plain = text
    for sign, other in (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", " "), ("—", " "), ("‑", "-"), ("\u00a0", " "),
                        ("…", ".")):  # fmt: skip
        plain = plain.replace(sign, other)
    parted = unicodedata.normalize("NFD", plain.lower())
    bare = "".join(letter for letter in parted if not "\u0300" <= letter <= "\u036f")

    assert fold(text) == unicodedata.normalize("NFC", bare)


@given(text=_TEXTS)
def test_places_in_what_is_folded_by_letters_are_places_in_the_text(text: str) -> None:
    assert len(folded_letters(text)) == len(text)


@given(one=st.text("abc", max_size=7), other=st.text("abc", max_size=7))
def test_a_distance_is_the_least_number_of_changes(one: str, other: str) -> None:
    assert distance_between(one, other) == _distance(one, other)


def _distance(one: str, other: str) -> int:
    rows = [list(range(len(other) + 1))]
    for row, letter in enumerate(one, start=1):
        rows.append([row])
        for column, opposite in enumerate(other, start=1):
            ways = [
                rows[row - 1][column] + 1,
                rows[row][column - 1] + 1,
                rows[row - 1][column - 1] + (letter != opposite),
            ]
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == opposite:
                ways.append(rows[row - 2][column - 2] + 1)
            rows[row].append(min(ways))
    return rows[-1][-1]
