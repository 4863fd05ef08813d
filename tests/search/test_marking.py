"""Where words stand in a text, beside the regular expression that says the same."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.marking import Marks

# What texts are made of, where words may begin, end, be parted, or hold a sign that does not count.
_PIECES = st.sampled_from(
    ["sleep", "sleeping", "sleeps", "can", "can't", "cant", "o'clock", "clock", "g47.00", "g4700", "g47", "g47.0.0", "head",
     "ache", "head ache", "headache", "cafe", "x", "12", "1.2", "1..2", "s''leep", "s'leep", "can_", "b1'2", " ", "  ", "\n",
     ", ", ". ", "|", "'", "-", "."]
)  # fmt: skip
_WORDS = ("sleep", "sleeping", "sleeps", "can", "cant", "clock", "oclock", "g4700", "g47", "head", "headache", "head ache", "12",
          "b12", "x")  # fmt: skip


@pytest.mark.parametrize(
    ("words", "folded", "found"),
    [
        (["rest"], "rest, arrest, rests, rest", ["rest", "rest"]),
        (["menieres"], "meniere's and menieres", ["meniere's", "menieres"]),
        (["can", "cant"], "i can't, i can", ["can't", "can"]),
        (["g4700", "g47"], "g47.00 is a g47", ["g47.00", "g47"]),
        (["head", "head ache"], "a head ache in the head", ["head ache", "head"]),
        (["sleep", "sleeping"], "sleeping is sleep, sleeper is not", ["sleeping", "sleep"]),
        ([""], "nothing", []),
    ],
)
def test_words_are_found_whole(words: list[str], folded: str, found: list[str]) -> None:
    assert [folded[first:last] for first, last in Marks(words).spans(folded, 0, len(folded))] == found


def test_what_comes_behind_the_end_is_not_there() -> None:
    assert Marks(["rest", "resting"]).spans("a resting rest", 0, 6) == [(2, 6)]


@given(
    pieces=st.lists(_PIECES, max_size=30),
    words=st.sets(st.sampled_from(_WORDS), min_size=1, max_size=6),
    data=st.data(),
)
def test_every_match_is_that_of_one_pattern(pieces: list[str], words: set[str], data: st.DataObject) -> None:
    folded = "".join(pieces)
    start = data.draw(st.integers(0, len(folded)))
    end = data.draw(st.integers(start, len(folded)))

    spans = Marks(words).spans(folded, start, end)

    assert spans == [match.span() for match in _pattern(words).finditer(folded, start, end)]
    whole = _pattern(words).search(folded)
    assert Marks(words).first(folded) == (whole.start() if whole else -1)


def _pattern(words: set[str]) -> re.Pattern[str]:
    one_of = "|".join(_letters(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<![^\W_])(?:{one_of})(?![^\W_])")


def _letters(word: str) -> str:
    return (r"\.?" if any(map(str.isdigit, word)) else "'?").join(map(re.escape, word))
